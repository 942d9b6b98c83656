// Falling back by itself when the path to the server does not let a technique through, and climbing again when it does.

import {ANSWER, ask, pause} from "./http.js";
import {PATIENCE} from "./pulse.js";
import {authorization, ticket} from "./token.js";

export const LADDER = ["websocket", "sse", "long", "short"];
const HOLD = 25; // seconds that a question is held for trial, as long as it will be in earnest
const LOOKS = [3000, 6000, 12000, 24000, 48000]; // milliseconds between two looks at a silent stream

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

// Every `retry` milliseconds try the techniques above the reader's rung, the best first, beside its reading. One that
// gets through is climbed to; what the trial itself brings is thrown away, for the reader goes on from its own cursor.
export async function climb(reader, signal) {
  for (;;) {
    await pause(reader.retry, signal);
    for (const [rung, technique] of LADDER.slice(0, reader.rung).entries()) {
      if (signal.aborted) return;
      if (!(await getsThrough(technique, reader.trial(technique, signal)))) continue;
      if (!signal.aborted && rung < reader.rung) reader.climbTo(rung);
      break;
    }
    if (signal.aborted) return;
  }
}

async function getsThrough(technique, trial) {
  const late = setTimeout(() => trial.end(), trial.patience + (technique === "long" ? 1000 * HOLD : 0));
  const passed = await TRIALS[technique](trial).catch(() => false);
  clearTimeout(late);
  trial.end();
  return passed;
}

// One connection each; a promise of whether it carried what it should.
const TRIALS = {
  async websocket(trial) {
    const url = trial.url("socket", {...(await ticket(trial)), after: "now"});
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    const passed = await new Promise(done => {
      socket.onmessage = () => done(true);
      socket.onclose = () => done(false);
      trial.signal.addEventListener("abort", () => done(false));
    });
    socket.close();
    return passed;
  },

  // By `fetch`, which sees the first block: it has no data, and a path that collects what it should pass keeps it.
  async sse(trial) {
    const url = trial.url("stream", {after: "now"});
    const answer = await fetch(url, {cache: "no-store", headers: authorization(url), signal: trial.signal});
    const isStream = answer.ok && answer.headers.get("Content-Type")?.startsWith("text/event-stream");
    return isStream && !(await answer.body.getReader().read()).done;
  },

  async long(trial) {
    const within = ANSWER + 1000 * HOLD;
    await ask(trial.url("events", {after: "now", wait: HOLD}), {signal: trial.signal, within});
    return true;
  },
};
