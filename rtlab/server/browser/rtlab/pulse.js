// Whether an open stream or socket that brings nothing is still there. A laptop that slept, a NAT that has forgotten:
// nobody tells the page. The server's own signs of life (comments, pings) are not shown to pages either, so what
// brings nothing for a heartbeat is held against a poll.

import {Trouble, ask, pause} from "./http.js";

export const PATIENCE = 1500; // milliseconds that a stream may be later than a poll

// Ends with Trouble when a poll finds what the open connection has not brought, or is not answered either.
export async function missing(turn) {
  while (!turn.signal.aborted) {
    const silent = performance.now() - turn.heard;
    if (silent < turn.silence) {
      await pause(turn.silence - silent, turn.signal);
      continue;
    }
    const before = turn.cursor;
    let found;
    try {
      found = await ask(turn.url("events", {limit: 1}), {signal: turn.signal, within: Math.min(8000, turn.silence)});
    } catch (trouble) {
      if (trouble.status || turn.signal.aborted) found = {events: []}; // the server refuses, which is a sign of life
      else throw new Trouble("nothing comes, and a poll is not answered");
    }
    if (found.events.length) {
      await pause(PATIENCE, turn.signal);
      if (turn.cursor === before) throw new Trouble("the connection is dead: a poll finds what it has not brought");
    }
    turn.heard = performance.now();
  }
  await new Promise(() => {}); // never: who ended the turn says why
}
