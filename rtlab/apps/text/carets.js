// Where everybody is: each page says where its own caret stands, when it has moved and every few seconds; and takes for
// gone who has said nothing for three times as long. No server keeps a list.

const RENEW = 4000, LASTS = 3 * RENEW; // milliseconds
const SETTLE = 250; // that moves are collected for
const COLOURS = 5;

export class Carets {
  // `tell(caret)` publishes {site, name, after}; `onChange()` is called when others have come, moved or gone.
  constructor(site, {tell, onChange}) {
    Object.assign(this, {site, tell, onChange});
    this.others = new Map(); // site → {site, name, after, who, until}
    this.mine = {site, name: null, after: null};
    this.quiet = false; // while the page works offline
    setInterval(() => this.say(), RENEW);
    setInterval(() => this.expire(), 500);
    addEventListener("pagehide", () => this.say({leaves: true}));
  }

  // Our own caret has moved, or has a name now.
  move(changes) {
    if (Object.entries(changes).every(([name, value]) => this.mine[name] === value)) return;
    Object.assign(this.mine, changes);
    this.due ??= setTimeout(() => this.say(), SETTLE);
  }

  say(more = {}) {
    clearTimeout(this.due);
    this.due = null;
    if (!this.quiet && this.mine.name) this.tell({...this.mine, ...more}).catch(() => {}); // the next comes soon
  }

  hear({site, name, after, leaves}) {
    if (site === this.site) return;
    const known = this.others.get(site);
    if (leaves) this.others.delete(site);
    else this.others.set(site, {site, name, after, who: known?.who ?? this.free(), until: performance.now() + LASTS});
    if (!known && !leaves) this.due ??= setTimeout(() => this.say(), SETTLE); // somebody new wants to know of us
    this.onChange();
  }

  expire() {
    const over = [...this.others.values()].filter(({until}) => until <= performance.now());
    for (const {site} of over) this.others.delete(site);
    if (over.length) this.onChange();
  }

  // A colour that nobody has, or the one that fewest have.
  free() {
    const used = [...this.others.values()].map(({who}) => who);
    const count = colour => used.filter(who => who === colour).length;
    return [...Array(COLOURS).keys()].sort((a, b) => count(a) - count(b))[0];
  }
}
