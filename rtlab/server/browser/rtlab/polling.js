// Short, adaptive and long polling: one question after another. They differ in when they ask, and whether the answer
// may wait.

import {ANSWER, ask, pause} from "./http.js";

const HOLD = 25; // seconds that the server may hold a question: less than the half minute after which proxies give up
const LEAST = 250, MOST = 8000; // milliseconds, bounds of the adaptive interval

// GET …/events?after=CURSOR after a fixed interval.
export function short(turn) {
  return every(turn, () => turn.interval);
}

// The same after an interval that doubles with each empty answer, and is short again after one with events.
export function adaptive(turn) {
  let interval = LEAST;
  return every(turn, events => (interval = events ? LEAST : Math.min(2 * interval, MOST)));
}

// GET …/events?after=CURSOR&wait=25: the answer waits for the next event.
export async function long(turn) {
  await once(turn); // not held, so that we know the place behind `now` before we wait there
  turn.say("open", "the server holds the question until there is an answer");
  while (!turn.signal.aborted) {
    await once(turn, {wait: HOLD});
    turn.prove();
  }
}

// An interval is from the start of one question to the start of the next.
async function every(turn, next) {
  for (let due = performance.now(); !turn.signal.aborted; ) {
    const events = await once(turn);
    turn.prove();
    turn.say("open", "asking again and again");
    due = Math.max(due + next(events), performance.now());
    await pause(due - performance.now(), turn.signal);
  }
}

// One question; how many events its answer brought.
export async function once(turn, query = {}) {
  const within = ANSWER + 1000 * (query.wait ?? 0);
  const found = await ask(turn.url("events", query), {signal: turn.signal, within});
  turn.take(found.events, found.cursor, found.gap);
  return found.events.length;
}
