// Falling back by itself: which technique comes next when the path to the server does not let one through.

import {ask, pause} from "./http.js";

export const LADDER = ["websocket", "sse", "long", "short"];
const LOOKS = [3000, 6000, 12000, 24000, 48000]; // milliseconds between two looks at a silent stream
const PATIENCE = 1500; // milliseconds that a stream may be later than a poll

// Whether the server itself answers: then a technique that failed is not let through, and another one may be.
export async function answers(turn) {
  try {
    await ask(turn.url("events", {limit: 1}), {signal: turn.signal});
    return true;
  } catch {
    return false;
  }
}

// Resolves if a poll finds events that the open stream has not brought a little later: something on the path collects
// them. Looks until the stream has brought its first event.
export async function heldBack(turn) {
  for (const wait of LOOKS) {
    await pause(wait, turn.signal);
    if (turn.signal.aborted || turn.proven) break;
    const before = turn.cursor;
    const found = await ask(turn.url("events", {limit: 1}), {signal: turn.signal}).catch(() => null);
    if (!found?.events.length) continue;
    await pause(PATIENCE, turn.signal);
    if (!turn.signal.aborted && turn.cursor === before) return;
  }
  await new Promise(() => {}); // never
}
