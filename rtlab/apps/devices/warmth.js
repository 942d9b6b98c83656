// The temperatures of the last two minutes, one line for each thermometer. In the order of their names they listen by
// short polling, long polling and WebSocket, and have these techniques' colours, as in the table.

import uPlot from "../vendor/uPlot.esm.js";
import {el} from "../dom.js";

const SECONDS = 120, HEIGHT = 170;
const COLOURS = ["--short", "--long", "--websocket", "--sse", "--adaptive"];
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function warmth(place) {
  const lines = new Map(); // a device's name → [[seconds, degrees]…]
  const size = () => ({width: Math.max(place.clientWidth, 120), height: HEIGHT});
  const axis = {stroke: () => css("--quiet"), grid: {stroke: () => css("--hair"), width: 1}, ticks: {show: false}, font: "12px system-ui"};
  const key = el("div", {className: "key"});
  let chart = null, due = null;
  place.after(key);
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", "Temperatures of two minutes; none yet");

  function build() {
    chart?.destroy();
    const names = [...lines.keys()], colour = n => COLOURS[n % COLOURS.length];
    chart = new uPlot({
      ...size(), legend: {show: false}, cursor: {show: false},
      scales: {x: {range: () => [Date.now() / 1000 - SECONDS, Date.now() / 1000]}},
      axes: [{...axis, size: 26, space: 70, values: (_chart, ticks) => ticks.map(clock)}, {...axis, size: 48}],
      series: [{}, ...names.map((_, n) => ({stroke: () => css(colour(n)), width: 1.5, spanGaps: true, points: {show: false}}))],
    }, [[], ...names.map(() => [])], place);
    key.replaceChildren(...names.map((name, n) => {
      const item = el("span", {}, name);
      item.style.setProperty("--of", `var(${colour(n)})`);
      return item;
    }));
  }

  function draw() {
    due = null;
    const tables = [...lines.values()].map(points => [points.map(([at]) => at), points.map(([, degrees]) => degrees)]);
    chart.setData(uPlot.join(tables));
    place.setAttribute("aria-label", `Temperatures of two minutes; now ${[...lines].map(([name, points]) => `${name} ${points.at(-1)[1]} °C`).join(", ")}`);
  }

  new ResizeObserver(() => chart?.setSize(size())).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart?.redraw());
  return {
    add({device, value}) {
      if (!lines.has(device)) {
        if (lines.size >= COLOURS.length) return; // more lines than colours tell nothing
        const known = [...lines, [device, []]].sort(([one], [other]) => one.localeCompare(other, "en", {numeric: true}));
        lines.clear();
        known.forEach(([name, points]) => lines.set(name, points));
        build();
      }
      const now = Date.now() / 1000, points = lines.get(device);
      points.push([now, value]);
      while (points[0][0] < now - SECONDS) points.shift();
      due ??= requestAnimationFrame(draw);
    },
  };
}

function clock(seconds) {
  return new Date(1000 * seconds).toLocaleTimeString("en-GB");
}
