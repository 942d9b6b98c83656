// The live dashboard: figures and charts of this machine, an alert, a pause, a look back into the log.

import {open} from "../frame.js";
import {el} from "../dom.js";
import {ticketed, token} from "../../rtlab/token.js";
import {History, columns} from "./history.js";
import {plot} from "./plot.js";
import {settings} from "./settings.js";

const LINES = {
  load: [{name: "processor", of: "cpu", colour: "--sse"}, {name: "memory", of: "memory", colour: "--adaptive"}],
  traffic: [{name: "network", of: "network", colour: "--long"}, {name: "disk", of: "disk", colour: "--websocket"}],
  server: [
    {name: "connections", of: "connections", colour: "--quiet"},
    {name: "requests/s", of: "requests", colour: "--short"},
    {name: "events delivered/s", of: "delivered", colour: "--long"},
  ],
};
const FIGURES = [
  ["processor", row => `${Math.round(row.cpu)} %`],
  ["cores, %", row => row.cores.map(Math.round).join(" ")],
  ["memory", row => `${row.memory.toFixed(0)} %`],
  ["network", row => `${row.network.toFixed(0)} kB/s`],
  ["disk", row => `${row.disk.toFixed(0)} kB/s`],
  ["connections", row => row.connections],
  ["requests", row => `${Math.round(row.requests)}/s`],
];
const ALERTS = 50; // that are listed
const id = name => document.getElementById(name);

id("classic").onclick = async clicked => {
  if (!token()) return;
  clicked.preventDefault();
  location.assign(await ticketed(id("classic").href));
};
const history = new History();
const charts = Object.fromEntries(Object.entries(LINES).map(([name, lines]) =>
  [name, plot(id(name), lines, name === "load" ? {most: 100, unit: " %"} : {})]));
const cells = FIGURES.map(([name]) => {
  const cell = el("dd", {}, "–");
  id("figures").append(el("div", {}, el("dt", {}, name), cell));
  return cell;
});
let paused = false, due = null;

const app = open({
  title: "Live dashboard", channel: "dashboard", after: "last",
  onEvent(event) {
    history.add(event);
    alert(event);
    form.follow(event.data.settings);
    if (!paused) draw();
  },
  onGap() { note("gap", "Some samples are missing here: the server has begun a new log, or this page was away for long."); },
});
const form = settings(app);

// Not more often than the screen shows it.
function draw() {
  due ??= requestAnimationFrame(() => {
    due = null;
    if (!history.rows.length) return;
    const span = Number(id("span").value), oldest = Math.min(history.first + span, history.last);
    const to = paused ? oldest + (history.last - oldest) * (id("when").value / 1000) : history.last;
    const rows = history.between(to - span, to);
    for (const [name, lines] of Object.entries(LINES))
      charts[name].draw(columns(rows, lines.map(line => line.of), charts[name].width), to - span, to);
    const row = rows.at(-1);
    if (row) FIGURES.forEach(([, text], n) => (cells[n].textContent = text(row)));
    id("shown").textContent = paused ? `${clock(to)}, ${history.rows.length.toLocaleString("en")} samples kept here` : "";
  });
}

function clock(seconds) {
  return new Date(1000 * seconds).toLocaleTimeString("en-GB");
}

// How the alert stands, and each time that it turned. What is read from the log later is listed in its place.
function alert({time, data: {alert}}) {
  const state = id("alert");
  if (state.dataset.state !== alert.state) {
    state.dataset.state = alert.state;
    state.textContent = {
      calm: "No alert.", pending: "Above the threshold, not yet for long enough.", raised: `Alert: ${alert.rule}.`,
    }[alert.state];
  }
  if (alert.turn) note(alert.turn, `${clock(Date.parse(time) / 1000)} ${alert.turn}: ${alert.rule} (${alert.value})`);
}

function note(kind, text) {
  id("alerts").prepend(el("li", {className: kind}, text));
  while (id("alerts").children.length > ALERTS) id("alerts").lastChild.remove();
}

id("pause").onclick = () => {
  paused = !paused;
  id("pause").setAttribute("aria-pressed", paused);
  id("pause").textContent = paused ? "Go on" : "Pause";
  id("back").hidden = !paused;
  id("when").value = 1000;
  draw();
};
id("when").oninput = id("span").onchange = draw;

// Page by page, by the cursor of each answer, until we are where our own samples begin.
id("older").onclick = async () => {
  id("older").disabled = true;
  let after = "start", found, events = [];
  do {
    found = await app.history({after}).catch(() => null);
    events.push(...(found?.events ?? []));
    after = found?.cursor;
  } while (found?.events.length && Date.parse(found.events.at(-1).time) / 1000 < history.first);
  const added = history.put(events);
  id("shown").textContent = found ? `${added.toLocaleString("en")} older samples read` : "The log cannot be read now: try again.";
  id("older").disabled = false;
  if (found) draw();
};
