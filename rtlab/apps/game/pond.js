// The picture: water, buoys, boats.

import {HEIGHT, RADIUS, WIDTH} from "./rules.js";

const COLOURS = ["--sse", "--short", "--long", "--adaptive", "--websocket"];

// The colour of a boat, by its place in the state: the same on every page.
export function colourOf(boats, player) {
  return COLOURS[Object.keys(boats).indexOf(player) % COLOURS.length];
}

export class PondView {
  constructor(canvas) {
    this.canvas = canvas;
    this.headings = new Map(); // player → {x, y, angle}
    const fit = () => {
      canvas.width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
      canvas.height = Math.round(canvas.width / 2);
    };
    new ResizeObserver(fit).observe(canvas);
    fit();
  }

  // Where on the pond a pointer is.
  place({offsetX, offsetY}) {
    return {x: (offsetX / this.canvas.clientWidth) * WIDTH, y: (offsetY / this.canvas.clientHeight) * HEIGHT};
  }

  // `told`: the own boat as the server last said, to be drawn as an outline. `order`: the boats as the state has them.
  draw({boats, buoys, me, told, order}) {
    const pen = this.canvas.getContext("2d"), scale = this.canvas.width / WIDTH;
    const style = getComputedStyle(document.documentElement);
    this.colour = name => style.getPropertyValue(name).trim();
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    for (const [x, y] of buoys) this.buoy(pen, x, y);
    if (told) {
      pen.setLineDash([4, 4]);
      this.circle(pen, told.x, told.y, RADIUS, {stroke: this.colour("--quiet")});
      pen.setLineDash([]);
    }
    for (const [player, boat] of Object.entries(boats)) this.boat(pen, player, boat, colourOf(order, player), player === me);
  }

  buoy(pen, x, y) {
    this.circle(pen, x, y, 9, {stroke: this.colour("--ink")});
    this.circle(pen, x, y, 3, {fill: this.colour("--ink")});
  }

  boat(pen, player, {x, y, name, score}, colour, mine) {
    const before = this.headings.get(player) ?? {x, y, angle: -Math.PI / 2};
    const moved = Math.hypot(x - before.x, y - before.y) > 1;
    const angle = moved ? Math.atan2(y - before.y, x - before.x) : before.angle;
    this.headings.set(player, moved ? {x, y, angle} : before);
    this.circle(pen, x, y, RADIUS, {fill: this.colour(colour), stroke: mine ? this.colour("--ink") : null});
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + RADIUS * Math.cos(angle), y + RADIUS * Math.sin(angle));
    pen.strokeStyle = this.colour("--paper");
    pen.lineWidth = 3;
    pen.stroke();
    pen.font = `${mine ? "600 " : ""}15px system-ui, sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = this.colour("--ink");
    const label = `${name} ${score}`, half = pen.measureText(label).width / 2 + 6;
    pen.fillText(label, Math.min(Math.max(x, half), WIDTH - half), y < HEIGHT - 45 ? y + RADIUS + 13 : y - RADIUS - 13);
  }

  circle(pen, x, y, radius, {fill, stroke}) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill) Object.assign(pen, {fillStyle: fill}).fill();
    if (stroke) Object.assign(pen, {strokeStyle: stroke, lineWidth: 2}).stroke();
  }
}
