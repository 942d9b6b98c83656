// The sheet: a textarea in which everybody's letters stand, and over it the carets of the others.
//
// A textarea knows numbers, the copy knows names. So the letters that were last shown are remembered, and what somebody
// types is the difference from those: also when others' letters came into the copy meanwhile, and could not be shown
// because a word was being composed.

import {el} from "../dom.js";
import {LONGEST} from "./replica.js";

const UNFIT = /[^\P{Cc}\n\t]|\p{Cs}/u; // control characters and half letters: no text takes them

export class Sheet {
  constructor(area, mirror, copy, {onEdit, onMove, onFull}) {
    Object.assign(this, {area, mirror, copy, onEdit, onFull});
    this.shown = []; // the letters that stand in the textarea
    this.composing = false;
    area.addEventListener("compositionstart", () => (this.composing = true));
    area.addEventListener("compositionend", () => {
      this.composing = false;
      this.typed();
    });
    area.addEventListener("input", () => this.composing || this.typed());
    document.addEventListener("selectionchange", () => document.activeElement === area && onMove());
  }

  // The id of the letter before the caret; null at the beginning.
  get caret() {
    return this.before(this.area.selectionEnd);
  }

  // The id of the shown letter before a place that the textarea counts in UTF-16 units.
  before(units) {
    return this.shown[[...this.area.value.slice(0, units)].length - 1]?.id ?? null;
  }

  // Somebody has typed, cut or pasted: what differs from what was shown goes into the copy.
  typed() {
    const {area, shown, copy} = this;
    const now = [...area.value].map(letter => (UNFIT.test(letter) ? "\ufffd" : letter));
    const behind = [...area.value.slice(area.selectionEnd)].length; // what stands behind the caret was not typed
    let tail = 0, head = 0;
    while (tail < Math.min(behind, shown.length) && shown.at(-1 - tail).text === now.at(-1 - tail)) tail += 1;
    const most = Math.min(shown.length, now.length) - tail;
    while (head < most && shown[head].text === now[head]) head += 1;
    const gone = shown.slice(head, shown.length - tail).map(letter => letter.id);
    const come = now.slice(head, now.length - tail).join("");
    const after = shown[head - 1]?.id ?? null;
    if (come && Math.max(copy.size, copy.clock) + [...come].length > LONGEST) {
      this.show(after);
      return this.onFull();
    }
    const told = [...copy.delete(gone), ...copy.insert(after, come)];
    const last = come ? told.at(-1) : null;
    this.show(last ? `${copy.clock}@${copy.site}` : after);
    if (told.length) this.onEdit(told);
  }

  // Show the copy as it is now. The caret stays behind its letter, or goes to one that is named.
  show(caret) {
    if (this.composing) return;
    const {area, copy} = this;
    const ends = caret === undefined ? [this.before(area.selectionStart), this.caret] : [caret, caret];
    this.shown = copy.letters;
    const text = this.shown.map(letter => letter.text).join("");
    if (area.value !== text) area.value = text;
    const [start, end] = ends.map(id => this.units(copy.index(id) ?? 0));
    if (document.activeElement === area && (area.selectionStart !== start || area.selectionEnd !== end))
      area.setSelectionRange(start, end, area.selectionDirection);
  }

  // Where a number of letters ends, in UTF-16 units.
  units(letters) {
    return this.shown.slice(0, letters).reduce((all, {text}) => all + text.length, 0);
  }

  // Draw the others' carets, {site, name, after, who}, between the letters of a copy of the text that nobody sees.
  carets(others) {
    const places = others
      .map(other => ({...other, place: this.copy.index(other.after)}))
      .filter(({place}) => place !== null)
      .sort((a, b) => a.place - b.place);
    const parts = [];
    let from = 0;
    for (const {place, name, site, who} of places) {
      parts.push(this.words(from, place), el("span", {className: `caret who-${who}`, "data-name": name, "data-site": site}));
      from = place;
    }
    this.mirror.replaceChildren(...parts, this.words(from), "\u200b"); // so that a last empty line counts
  }

  words(from, to) {
    return this.shown.slice(from, to).map(letter => letter.text).join("");
  }
}
