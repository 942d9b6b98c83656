// The order book as a chart of how many shares could be traded down to, or up to, each price; and as a table.

import uPlot from "../vendor/uPlot.esm.js";
import {el} from "../dom.js";
import {money} from "./money.js";

const HEIGHT = 220; // pixels
const REACH = 15; // ticks to each side of the middle that the chart shows
const ROWS = 6; // best prices in the table
const SAID = 5000; // milliseconds between two descriptions for who cannot see the chart

export class Depth {
  constructor(place, table) {
    this.place = place;
    this.rows = Array.from({length: ROWS}, () => [el("td"), el("td"), el("td")]);
    table.tBodies[0].append(...this.rows.map(cells => el("tr", {}, ...cells)));
    this.said = -SAID;
    this.middle = 0;
    this.plot = this.chart();
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", "The depth of the book");
    new ResizeObserver(() => this.plot.setSize({width: place.clientWidth, height: HEIGHT})).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.plot.redraw(false));
  }

  chart() {
    const colour = name => () => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = {stroke: colour("--quiet"), grid: {stroke: colour("--hair"), width: 1}, ticks: {show: false}, font: "12px system-ui"};
    const side = (label, ink, align) => ({
      label, stroke: colour(ink), fill: () => colour(ink)() + "33", width: 2, points: {show: false},
      paths: uPlot.paths.stepped({align}), spanGaps: false,
    });
    return new uPlot({
      width: Math.max(this.place.clientWidth, 100), height: HEIGHT, legend: {show: false}, cursor: {show: false},
      scales: {x: {time: false, range: () => [this.middle - REACH, this.middle + REACH]}, y: {range: (_plot, _least, most) => [0, Math.max(most, 10) * 1.1]}},
      axes: [{...axis, values: (_plot, ticks) => ticks.map(tick => Number.isInteger(tick) ? money(tick) : ""), space: 70, incrs: [1, 2, 5, 10]}, {...axis, size: 48}],
      series: [{}, side("to buy", "--ink", -1), side("to sell", "--line", 1)],
      hooks: {draw: [plot => this.label(plot, colour("--quiet")())]},
    }, [[], [], []], this.place);
  }

  label({ctx, bbox}, ink) {
    const size = 12 * devicePixelRatio;
    ctx.save();
    Object.assign(ctx, {fillStyle: ink, font: `${size}px system-ui`, textBaseline: "top", textAlign: "left"});
    ctx.fillText("shares wanted", bbox.left + size / 2, bbox.top);
    ctx.textAlign = "right";
    ctx.fillText("shares offered", bbox.left + bbox.width - size / 2, bbox.top);
    ctx.restore();
  }

  draw({bids, asks, stock}) {
    const wanted = sums(bids).reverse(), offered = sums(asks);
    const best = [...bids.slice(0, 1), ...asks.slice(0, 1)].map(([price]) => price);
    if (best.length) this.middle = (best[0] + best.at(-1)) / 2;
    const prices = [...wanted, ...offered].map(([price]) => price);
    this.plot.setData([
      prices,
      [...wanted.map(([, shares]) => shares), ...offered.map(() => null)],
      [...wanted.map(() => null), ...offered.map(([, shares]) => shares)],
    ]);
    this.rows.forEach(([left, middle, right], row) => {
      // The best sellers stand above the best buyers, as on a ladder.
      const half = ROWS / 2, ask = asks[half - 1 - row], bid = bids[row - half];
      const [price, shares] = (row < half ? ask : bid) ?? [];
      left.textContent = row < half ? "" : (shares ?? "");
      middle.textContent = price === undefined ? "" : money(price);
      right.textContent = row < half ? (shares ?? "") : "";
    });
    if (performance.now() - this.said > SAID) {
      this.said = performance.now();
      const first = orders => (orders.length ? money(orders[0][0]) : "nobody");
      this.place.setAttribute("aria-label", `Depth of ${stock}: best buyer ${first(bids)}, best seller ${first(asks)}`);
    }
  }
}

// How many shares up to each level, the best first.
function sums(levels) {
  let all = 0;
  return levels.map(([price, shares]) => [price, (all += shares)]);
}
