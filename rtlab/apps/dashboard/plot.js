// One chart with a few lines over time, in colours that both themes have.

import uPlot from "../vendor/uPlot.esm.js";
import {el} from "../dom.js";

const HEIGHT = 170; // pixels
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// `lines`: {name, colour (a CSS variable), of (the figure)}. `most`: the top of the scale, or none.
export function plot(place, lines, {most = null, unit = ""} = {}) {
  const axis = {stroke: () => css("--quiet"), grid: {stroke: () => css("--hair"), width: 1}, ticks: {show: false}, font: "12px system-ui"};
  const short = tick => (tick >= 1e6 ? `${tick / 1e6} M` : tick >= 1e4 ? `${tick / 1e3} k` : tick);
  const size = () => ({width: Math.max(place.clientWidth, 120), height: HEIGHT});
  let left = 0, right = 1; // seconds, of what is shown
  const chart = new uPlot({
    ...size(),
    legend: {show: false}, cursor: {show: false},
    scales: {x: {range: () => [left, right]}, y: {range: (_chart, _low, high) => [0, most ?? Math.max(high * 1.1, 10)]}},
    axes: [{...axis, size: 26, space: 70, values: (_chart, ticks) => ticks.map(clock)}, {...axis, size: 48, values: (_chart, ticks) => ticks.map(short)}],
    series: [{}, ...lines.map(({colour}) => ({stroke: () => css(colour), width: 1.5, points: {show: false}}))],
  }, [[], ...lines.map(() => [])], place);
  const key = el("div", {className: "key"}, ...lines.map(({name, colour}) => {
    const item = el("span", {}, name);
    item.style.setProperty("--of", `var(${colour})`);
    return item;
  }));
  place.after(key);
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", "Lines over time; none yet");
  new ResizeObserver(() => chart.setSize(size())).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.redraw());
  return {
    get width() { return place.clientWidth; },
    draw(columns, from, to) {
      [left, right] = [from, to];
      chart.setData(columns);
      const said = lines.map(({name}, n) => `${name} ${Math.round(columns[n + 1].at(-1) ?? 0)}${unit}`);
      place.setAttribute("aria-label", `Lines over time; at the right: ${said.join(", ")}`);
    },
  };
}

function clock(seconds) {
  return new Date(1000 * seconds).toLocaleTimeString("en-GB");
}
