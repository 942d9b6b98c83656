// Conflation, seen from the reader: of many states only the newest is worth drawing.
//
// Each book says as `n` how often it has changed so far. What lies between two books that arrive was replaced before it
// left the server; what lies between two that are drawn, and had arrived, was replaced here. Nothing is queued anywhere.

import {el} from "../dom.js";
import {wall} from "../meter.js";

const RECENT = 50; // ages of which the median is shown

export class Folding {
  constructor(place, pace) {
    this.place = place;
    this.pace = pace;
    this.draw = () => {};
    this.fields = {};
    for (const [name, text] of [["changes", "changes of the book"], ["server", "replaced before they left"], ["page", "replaced before drawn"], ["drawn", "drawn"], ["age", "age when drawn"]]) {
      this.fields[name] = el("dd", {}, "–");
      place.append(el("div", {}, el("dt", {}, text), this.fields[name]));
    }
    this.begin();
    setInterval(() => this.show(), 500);
  }

  // Another book, or the same one anew.
  begin() {
    this.counts = {changes: 0, server: 0, page: 0, drawn: 0};
    this.ages = [];
    this.newest = this.waiting = null;
  }

  received(state, time) {
    if (this.newest && state.n > this.newest.n) {
      this.counts.changes += state.n - this.newest.n;
      this.counts.server += state.n - this.newest.n - 1;
    }
    if (this.waiting) this.counts.page += 1;
    this.newest = state;
    this.waiting = {state, time};
    this.stir();
  }

  // There is something new to draw: at the next frame, or when the chosen pace allows it.
  stir() {
    if (this.due) return;
    this.due = true;
    const wait = Number(this.pace.value);
    if (wait) setTimeout(() => this.frame(), wait);
    else requestAnimationFrame(() => this.frame());
  }

  frame() {
    this.due = false;
    const {state, time} = this.waiting ?? {};
    this.waiting = null;
    if (state) {
      this.counts.drawn += 1;
      this.ages.push(wall() - Date.parse(time));
      if (this.ages.length > RECENT) this.ages.shift();
    }
    this.draw(state);
  }

  show() {
    for (const [name, count] of Object.entries(this.counts)) {
      this.fields[name].textContent = count.toLocaleString("en");
      this.place.dataset[name] = count;
    }
    const age = [...this.ages].sort((a, b) => a - b)[this.ages.length >> 1];
    this.fields.age.textContent = age === undefined ? "–" : `${Math.max(0, age).toFixed(0)} ms`;
    this.place.dataset.age = age?.toFixed(1) ?? "";
  }
}
