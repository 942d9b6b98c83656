// The list of messages: those of the log in its order, and behind them those of ours that are not in it yet.

import {el} from "../dom.js";

// What became of a message of ours: a sign, and what it means.
const TICKS = {
  waiting: ["…", "on its way"],
  refused: ["!", "refused"],
  kept: ["✓", "in the log"],
  seen: ["✓✓", "seen by all who are here"],
};

export class Messages {
  constructor(list) {
    this.list = list;
    this.clear();
  }

  clear() {
    this.order = new Map(); // id → number, of the messages in the log
    this.mine = new Map(); // ref → its row, of our messages
    this.list.replaceChildren();
  }

  // A message of the log has arrived. Ours moves from the end of the list to its place.
  add(id, time, {name, text, ref}) {
    this.order.set(id, this.order.size);
    const row = this.mine.get(ref) ?? this.row(name, text);
    Object.assign(row.dataset, {id});
    row.classList.remove("waiting");
    row.querySelector("time").textContent = new Date(time).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"});
    this.insert(row);
    if (this.mine.has(ref)) tick(row, "kept");
  }

  // One of ours was written, or is in the log now, or was refused.
  sent({key, data, state}) {
    if (state === "waiting" && !this.mine.has(key)) {
      const row = this.row(data.name, data.text, "mine waiting");
      this.mine.set(key, row);
      this.list.append(row);
      this.scroll();
    }
    const row = this.mine.get(key);
    if (state === "refused") row?.remove();
    else if (row && !row.dataset.id) tick(row, state === "sent" ? "kept" : "waiting");
  }

  // Up to where those who are here have seen; with nobody else here nothing of ours is seen.
  seen(ids, others) {
    const least = others ? Math.min(...ids.map(id => this.order.get(id) ?? -1)) : -1;
    for (const row of this.mine.values())
      if (row.dataset.id && this.order.get(row.dataset.id) <= least) tick(row, "seen");
  }

  gap({missed}) {
    const lost = missed === null ? "Some messages" : missed === 1 ? "1 message" : `${missed} messages`;
    this.insert(el("li", {className: "gap"}, `${lost} of before cannot be shown: the server does not have them any more.`));
  }

  // Behind all of the log, before what is not in it yet.
  insert(row) {
    this.list.insertBefore(row, this.list.querySelector(".waiting"));
    this.scroll();
  }

  scroll() {
    const scroller = this.list.parentElement;
    scroller.scrollTop = scroller.scrollHeight;
  }

  row(name, text, className = "") {
    return el("li", {className}, el("b", {}, name), el("span", {}, text),
      el("small", {}, el("time"), el("span", {className: "tick"})));
  }
}

function tick(row, state) {
  const [sign, meaning] = TICKS[state];
  const place = row.querySelector(".tick");
  place.textContent = sign;
  place.title = meaning;
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", meaning);
}
