// The scores' page: a board, and the feed that it follows from.

import {open} from "../frame.js";
import {el} from "../dom.js";
import {Board} from "./board.js";

const SHOWN = 60; // entries of the feed
const FRESH = 4000; // milliseconds that a new score is marked
const at = id => document.getElementById(id);
const board = new Board();
const entries = new Map(); // event id → its entry in the feed
const changed = new Map(); // match → when its score last changed
let due = null;

open({title: "Scores", channel: "scores", after: "start", onEvent, onGap});
setInterval(draw, 1000); // the clocks go on

function onEvent(event) {
  const before = new Map(board.matches.map(({match}) => [match, String(board.score(match))]));
  board.take(event);
  for (const each of board.matches)
    if (before.has(each.match) && before.get(each.match) !== String(board.score(each.match))) news(each, event);
  if (event.data.kind === "round") entries.clear();
  due ??= requestAnimationFrame(draw);
}

function onGap({missed}) {
  at("notice").hidden = false;
  at("notice").textContent = missed === null
    ? "The server was started again: a new match day begins, and the one before is over."
    : `${missed} events were missed: what is shown follows from those that came.`;
}

// A new score is said aloud, if it is one of now and not of the history that a page reads when it opens.
function news({match, home, away}, {time, data}) {
  if (Date.now() - Date.parse(time) > FRESH) return;
  changed.set(match, performance.now());
  const what = data.kind === "amend" ? "Corrected" : "Goal";
  at("goal").textContent = `${what}: ${home} ${board.score(match).join(", ")} ${away}`;
}

function draw() {
  due = null;
  at("matches").replaceChildren(...board.matches.map(line));
  const shown = [...board.facts].slice(-SHOWN).reverse();
  at("feed").replaceChildren(...shown.map(([id, fact]) => entry(id, fact)));
}

function line({match, home, away}) {
  const fresh = performance.now() - (changed.get(match) ?? -FRESH) < FRESH;
  const [one, other] = board.score(match);
  const made = el("li", {className: fresh ? "news" : ""},
    el("span", {}, home), el("span", {className: "score"}, `${one} : ${other}`), el("span", {className: "away"}, away),
    el("small", {className: "quiet"}, board.clock(match, Date.now())));
  made.dataset.match = match;
  return made;
}

function entry(id, fact) {
  const known = entries.get(id);
  if (known?.fact === fact) return known.made;
  const {home, away} = board.matches.find(({match}) => match === fact.match);
  const team = {home, away}[fact.side];
  const told = {
    "kick-off": `${home} against ${away}: kick-off`, end: `${home} against ${away}: the end`,
    goal: `Goal for ${team}: ${fact.player}`, card: `Yellow card: ${fact.player}, ${team}`,
  }[fact.kind];
  const first = fact.was && (fact.void ? told : `Goal for ${team}: ${fact.was.player}`);
  const text = first ? [el("del", {}, first), " ", fact.void ? "" : `${told} `, el("span", {className: "why"}, fact.why)] : [told];
  const minute = fact.minute ? `${fact.minute}′` : "";
  const made = el("li", {id: `event-${id}`}, el("span", {className: "quiet"}, minute), el("span", {}, ...text));
  made.dataset.kind = fact.kind;
  entries.set(id, {fact, made});
  return made;
}
