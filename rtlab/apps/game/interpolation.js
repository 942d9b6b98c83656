// The others, a little in the past: where each was between two states that are known, instead of a jump at each state.
//
// A state says where a boat was, and the next one is not here yet. So the page draws a moment for which both are: the
// others move smoothly, and are older by that. How much older follows from how far apart states come.

const KEPT = 12; // states
const LEAST = 75, MOST = 3000; // milliseconds behind the newest moment

export class Past {
  constructor() {
    this.states = []; // {at, boats}: when the server said so, milliseconds, oldest first
  }

  add(at, boats) {
    if (this.states.length && at <= this.states.at(-1).at) return;
    this.states.push({at, boats});
    this.heard = performance.now();
    if (this.states.length > KEPT) this.states.shift();
  }

  begin() {
    this.states = [];
  }

  // The moment to draw: so much behind the newest state, and on from there with our own clock.
  get moment() {
    return this.states.length ? this.states.at(-1).at - this.behind + (performance.now() - this.heard) : -Infinity;
  }

  // How far in the past to draw: half as much again as states usually are apart.
  get behind() {
    const gaps = this.states.slice(1).map(({at}, n) => at - this.states[n].at).sort((a, b) => a - b);
    return Math.min(MOST, Math.max(LEAST, 1.5 * (gaps[gaps.length >> 1] ?? 0)));
  }

  // Where the boats were at a moment: {at, boats}, of which `at` is never later than the newest state.
  boats(moment) {
    const next = this.states.findIndex(({at}) => at > moment);
    if (next <= 0) return this.states.at(next) ?? {at: moment, boats: {}};
    const before = this.states[next - 1], after = this.states[next];
    const share = (moment - before.at) / (after.at - before.at);
    const between = ([who, to]) => {
      const from = before.boats[who] ?? to;
      return [who, {...to, x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y)}];
    };
    return {at: moment, boats: Object.fromEntries(Object.entries(after.boats).map(between))};
  }
}
