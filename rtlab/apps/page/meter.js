// The cost meter: what reading and publishing has cost this page, by each technique that it has used.
//
// Events and their latency are counted here. Requests and bytes are counted by the server at its sockets, for the id
// that each request carries in its query (`?page=ID`); a page cannot see heads, chunk sizes, comments and pings. Once a
// second it asks for them, past the count.

import {chart} from "./chart.js";
import {el} from "./dom.js";
import {newKey} from "./outbox.js";

const EVERY = 1000; // milliseconds
const RECENT = 50; // latencies of which the median is shown
const COLUMNS = ["technique", "seconds", "events", "requests", "bytes", "bytes per event", "latency"];

export class Meter {
  constructor(element, names) {
    this.element = element;
    this.tab = newKey().slice(0, 12);
    element.dataset.page = this.tab;
    this.names = names;
    this.runs = []; // one for each time that a technique began
    this.clock = {offset: 0, trip: Infinity}; // the server's clock minus ours, and how long it took to ask
    this.body = el("tbody");
    const heads = COLUMNS.map(name => el("th", {scope: "col"}, name));
    const caption = el("caption", {}, "What this page costs");
    const table = el("table", {className: "plain"}, caption, el("thead", {}, el("tr", {}, ...heads)), this.body);
    const place = el("div", {className: "chart"});
    element.append(el("div", {className: "scroll", tabIndex: 0}, table), place);
    element.querySelector(".scroll").setAttribute("role", "region");
    element.querySelector(".scroll").setAttribute("aria-label", "Costs");
    this.chart = chart(place);
    setInterval(() => this.refresh(), EVERY);
  }

  get run() {
    return this.runs.at(-1);
  }

  get technique() {
    return this.run?.technique;
  }

  // What a request carries so that the server knows whose it is.
  get id() {
    return this.run.id;
  }

  // From here on the page uses another technique.
  begin(technique) {
    if (this.run) this.run.ended = performance.now();
    const nothing = {requests: 0, bytes_up: 0, bytes_down: 0};
    const id = `${this.tab}-${this.runs.length}`;
    this.runs.push({id, technique, began: performance.now(), wall: wall(), events: 0, late: [], earlier: nothing, now: nothing});
    this.draw();
    this.refresh();
  }

  event({time}) {
    const run = this.run, sent = Date.parse(time);
    run.events += 1;
    // An event of before is history, and no measure of how fast news comes.
    if (sent + 1 >= run.wall + this.clock.offset) run.late.push(wall() - sent);
    if (run.late.length > RECENT) run.late.shift();
    this.draw();
  }

  // Ask for the counts of each run that may still change: an old one once more, when its last bytes have gone.
  async refresh() {
    for (const run of this.runs.filter(run => !run.settled)) {
      const over = run.ended && performance.now() - run.ended > EVERY;
      const asked = wall();
      const found = await fetch(new URL(`meter/${run.id}`, import.meta.url), {cache: "no-store"}).then(
        answer => (answer.ok ? answer.json() : null), () => null);
      if (!found) return; // the server is away: its counts come when it is back, or are those of another process
      const trip = wall() - asked;
      if (trip <= this.clock.trip) this.clock = {trip, offset: found.now - (asked + trip / 2)};
      if (run.now.since && run.now.since !== found.since) run.earlier = sum(run.earlier, run.now);
      run.now = found;
      run.settled = over;
    }
    this.draw();
    this.chart.add(this.technique, this.total(this.technique).bytes, this.runs.length);
  }

  // All that a technique has cost.
  total(technique) {
    const runs = this.runs.filter(run => run.technique === technique);
    const counted = runs.flatMap(run => [run.earlier, run.now]).reduce(sum);
    const late = runs.flatMap(run => run.late).slice(-RECENT).sort((a, b) => a - b);
    const ended = run => run.ended ?? performance.now();
    return {
      technique,
      seconds: runs.reduce((all, run) => all + ended(run) - run.began, 0) / 1000,
      events: runs.reduce((all, run) => all + run.events, 0),
      requests: counted.requests,
      bytes: counted.bytes_up + counted.bytes_down,
      latency: late.length ? Math.max(0, late[late.length >> 1] + this.clock.offset) : null,
    };
  }

  draw() {
    this.due ??= requestAnimationFrame(() => {
      this.due = null;
      const now = this.total(this.technique);
      Object.assign(this.element.dataset, {
        technique: now.technique, events: now.events, requests: now.requests, bytes: now.bytes,
        latencyMs: now.latency?.toFixed(1) ?? "",
      });
      const used = [...new Set(this.runs.map(run => run.technique))];
      this.body.replaceChildren(...used.map(technique => this.row(this.total(technique))));
    });
  }

  row({technique, seconds, events, requests, bytes, latency}) {
    const figures = [Math.round(seconds), events, requests, bytes, events ? Math.round(bytes / events) : null];
    const cells = [...figures.map(figure => figure?.toLocaleString("en") ?? "–"), latency === null ? "–" : `${latency.toFixed(1)} ms`];
    const name = el("th", {scope: "row", className: "technique", "data-technique": technique}, this.names[technique]);
    return el("tr", {className: technique === this.technique ? "now" : ""}, name, ...cells.map(text => el("td", {}, text)));
  }
}

// Milliseconds of the wall clock, with fractions.
export function wall() {
  return performance.timeOrigin + performance.now();
}

function sum(a, b) {
  const add = name => a[name] + b[name];
  return {requests: add("requests"), bytes_up: add("bytes_up"), bytes_down: add("bytes_down")};
}
