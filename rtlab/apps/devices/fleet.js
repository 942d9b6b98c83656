// The table of the devices: who is there, what each tells, and what listening costs it.

import {el} from "../dom.js";

const CELLS_JOULES = 21_600; // two alkaline AA cells, as in battery.py
const NAMES = {short: "short polling", adaptive: "adaptive polling", long: "long polling", sse: "server-sent events", websocket: "WebSocket"};
const STATES = {unheard: "not heard yet", on: "there", silent: "silent"};

export function table({body, radio, onSwitch}) {
  const rows = new Map(); // a device's name → its row

  function add({name, technique}) {
    const cell = className => el("td", {className});
    const parts = {state: cell("state"), tells: cell("tells"), requests: cell(""), bytes: cell(""), watts: cell(""), lasts: cell("")};
    const button = el("button", {type: "button"}, "Switch off");
    const by = el("td", {className: "by", "data-technique": technique}, NAMES[technique]);
    const row = el("tr", {"data-device": name}, el("th", {scope: "row"}, name), by, ...Object.values(parts), el("td", {}, button));
    Object.assign(parts, {row, button, on: true});
    button.setAttribute("aria-label", `Switch the radio of ${name} off`);
    button.onclick = () => onSwitch(name, !parts.on);
    rows.set(name, parts);
    body.append(row);
    state(name, "unheard");
  }

  function state(name, now) {
    const parts = rows.get(name);
    if (!parts || parts.row.dataset.state === now) return;
    parts.row.dataset.state = now;
    parts.state.textContent = STATES[now];
  }

  function costs(parts) {
    const report = parts.report;
    if (!report) return;
    const minutes = Math.max(report.seconds, 1) / 60, watts = report[radio.value] / 1000;
    parts.requests.textContent = (report.requests / minutes).toFixed(1);
    parts.bytes.textContent = Math.round(report.bytes / minutes).toLocaleString("en");
    parts.watts.textContent = (1000 * watts).toFixed(1);
    parts.lasts.textContent = watts ? lasting(CELLS_JOULES / watts) : "–";
  }

  radio.onchange = () => rows.forEach(costs);
  return {
    begin(devices) {
      body.replaceChildren();
      rows.clear();
      devices.forEach(add);
    },
    report(report) {
      const parts = rows.get(report.device);
      if (!parts) return;
      state(report.device, "on");
      parts.report = report;
      parts.tells.textContent = `${report.value}${report.unit && ` ${report.unit}`}`;
      costs(parts);
    },
    silent: name => state(name, "silent"),
    radio(name, on) {
      const parts = rows.get(name);
      if (!parts) return;
      parts.on = on;
      parts.button.textContent = on ? "Switch off" : "Switch on";
      parts.button.setAttribute("aria-label", `Switch the radio of ${name} ${on ? "off" : "on"}`);
    },
  };
}

function lasting(seconds) {
  const hours = seconds / 3600;
  return hours < 48 ? `${hours.toFixed(1)} hours` : `${Math.round(hours / 24)} days`;
}
