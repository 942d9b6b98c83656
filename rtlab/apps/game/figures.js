// What is measured on the page: from key to picture, corrections, how old the others are, the way to the server.

import {el} from "../dom.js";

const RECENT = 40; // values of which the median is shown
const SHOWN = {
  delay: ["from key to picture", ms],
  corrections: ["corrections", (count, {states}) => `${count.toLocaleString("en")} of ${states.toLocaleString("en")}`],
  far: ["how far, at the median", units => (units === null ? "–" : `${units.toFixed(0)} (a boat is 32)`)],
  age: ["age of the others", ms],
};

export class Figures {
  constructor(place) {
    this.place = place;
    this.fields = {};
    for (const [name, [text]] of Object.entries(SHOWN)) {
      this.fields[name] = el("dd", {}, "–");
      place.append(el("div", {}, el("dt", {}, text), this.fields[name]));
    }
    this.begin();
    setInterval(() => this.show(), 500);
  }

  // Something was switched: what was measured before belongs to something else.
  begin() {
    this.recent = {delay: [], far: [], age: []};
    this.counts = {corrections: 0, states: 0};
    this.made = new Map(); // a move's number → when it was made
  }

  moved(number) {
    this.made.set(number, performance.now());
  }

  // A picture shows the moves up to this one.
  drawn(number) {
    for (const [made, at] of this.made) {
      if (made > number) break;
      this.add("delay", performance.now() - at);
      this.made.delete(made);
    }
  }

  state(correction) {
    this.counts.states += 1;
    if (correction < 0.5) return;
    this.counts.corrections += 1;
    this.add("far", correction);
  }

  add(name, value) {
    this.recent[name].push(value);
    if (this.recent[name].length > RECENT) this.recent[name].shift();
  }

  show() {
    const values = {corrections: this.counts.corrections};
    for (const name of Object.keys(this.recent)) values[name] = median(this.recent[name]);
    for (const [name, [, words]] of Object.entries(SHOWN)) {
      this.fields[name].textContent = words(values[name], this.counts);
      this.place.dataset[name] = values[name] === null ? "" : values[name].toFixed(1);
    }
    this.place.dataset.states = this.counts.states;
  }
}

export function median(values) {
  return values.length ? [...values].sort((a, b) => a - b)[values.length >> 1] : null;
}

export function ms(value) {
  return value === null || value === undefined ? "–" : `${Math.max(0, value).toFixed(0)} ms`;
}
