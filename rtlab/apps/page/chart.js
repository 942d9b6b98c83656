// The meter's chart: bytes in each second of the last minute, in the colour of the technique that they went by.

import uPlot from "./vendor/uPlot.esm.js";

const SECONDS = 60;
const NAMES = ["short", "adaptive", "long", "sse", "websocket"];
const HEIGHT = 110; // pixels

export function chart(place) {
  const columns = [[], ...NAMES.map(() => [])]; // seconds ago, then one for each technique
  let before = null; // {technique, bytes, run, at} of the last call
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const bars = uPlot.paths.bars({size: [0.8, 20]});
  const axis = {stroke: () => colour("--quiet"), grid: {stroke: () => colour("--hair"), width: 1}, ticks: {show: false}, font: "12px system-ui"};
  const plot = new uPlot(
    {
      width: Math.max(place.clientWidth, 100), height: HEIGHT,
      legend: {show: false}, cursor: {show: false},
      scales: {x: {time: false, range: [-SECONDS, 1]}, y: {range: (_plot, _least, most) => [0, Math.max(most, 100) * 1.1]}},
      axes: [
        {...axis, size: 24, values: (_plot, ticks) => ticks.map(tick => (tick ? `${tick} s` : "now"))},
        {...axis, size: 52, values: (_plot, ticks) => ticks.map(tick => (tick >= 1000 ? `${tick / 1000} k` : tick))},
      ],
      series: [{}, ...NAMES.map(name => ({paths: bars, points: {show: false}, stroke: () => colour(`--${name}`), fill: () => colour(`--${name}`)}))],
    },
    columns, place);
  place.setAttribute("role", "img");
  new ResizeObserver(() => plot.setSize({width: place.clientWidth, height: HEIGHT})).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw());

  // `bytes`: all so far by this technique; `run`: another one when the page has switched.
  function add(technique, bytes, run) {
    const at = performance.now() / 1000;
    const rate = before?.run === run ? (bytes - before.bytes) / Math.max(at - before.at, 0.5) : null;
    before = {technique, bytes, run, at};
    if (rate === null) return;
    columns[0].push(at);
    NAMES.forEach((name, n) => columns[n + 1].push(name === technique ? rate : null));
    while (columns[0][0] < at - SECONDS) for (const column of columns) column.shift();
    plot.setData([columns[0].map(then => then - at), ...columns.slice(1)]);
    place.setAttribute("aria-label", `Bytes in each second of the last minute; now ${Math.round(rate)}`);
  }
  place.setAttribute("aria-label", "Bytes in each second of the last minute");
  return {add};
}
