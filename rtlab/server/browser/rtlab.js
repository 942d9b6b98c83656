// Read a channel in a page, by any technique, from a cursor; and publish to it.
//
//   import {read, publish} from "/rtlab.js";
//   const reader = read("/channels/news", {by: "sse", after: "start", onEvent: event => console.log(event.data)});
//   await publish("/channels/news", {headline: "hello"}, {key: crypto.randomUUID()});
//   reader.switchTo("websocket");       // goes on where it was
//   reader.close();
//
// A channel is a log, and a reader is a cursor and a way of asking for what is behind it. The cursor moves with whole
// events only, so a connection may break anywhere: nothing is lost and nothing comes twice. One technique's way is in
// `rtlab/polling.js`, `rtlab/stream.js` or `rtlab/socket.js`; what all of them do alike is here.

import {Trouble, address, ask, pause} from "./rtlab/http.js";
import {adaptive, long, short} from "./rtlab/polling.js";
import {sse} from "./rtlab/stream.js";
import {websocket} from "./rtlab/socket.js";
import {LADDER, answers, climb, heldBack} from "./rtlab/ladder.js";
import {missing} from "./rtlab/pulse.js";
import {setToken} from "./rtlab/token.js";

export {Trouble, setToken};
export const TECHNIQUES = {short, adaptive, long, sse, websocket};
const PATIENCE = 8000;
const SILENCE = 15_000;
const RETRY = 60_000; // milliseconds until `auto` tries the better techniques again
const worked = new Map(); // server → the rung of the ladder on which this page's last reader stood
const FIRST_PAUSE = 100, LONGEST_PAUSE = 10_000; // milliseconds, bounds of the pause before another attempt

// Append one event to a channel with a POST; a promise of {id}. With a `key` the same may be sent again and is
// appended once. Raises Trouble: with a status the server has refused it, and its message says why; without one
// nobody knows whether it arrived.
export function publish(channelUrl, data, {key, params = {}} = {}) {
  const headers = {"Content-Type": "application/json", ...(key && {"Idempotency-Key": key})};
  return ask(address(channelUrl, "events", params), {method: "POST", headers, body: JSON.stringify(data)});
}

// What the log holds after a cursor (or start, last) now, as far as one answer goes: a promise of {events, cursor, gap}.
export function history(channelUrl, {after, limit, params = {}}) {
  return ask(address(channelUrl, "events", {...params, after, ...(limit && {limit})}));
}

// Read for as long as the page lives. `by`: short, adaptive, long, sse, websocket, or auto, which takes the first of
// websocket, sse, long and short that the path lets through, and tries the better ones again every `retry` milliseconds.
// `after`: now, start, last, or a cursor.
//   onEvent({id, time, data})      each event once, in order
//   onGap({missed, cursor})        events that are gone for good: how many, null if nobody knows
//   onState({by, state, text, status})     state: connecting, open, waiting (to try again), closed; `status`: the HTTP
//                                  status of a refusal. 401 and 403: the server wants another token (`setToken`)
// `interval`: milliseconds between short polls. `patience`: milliseconds until a socket or a trial must have opened.
// `silence`: milliseconds without anything after which a stream or socket is held against a poll: a heartbeat of the
// server, so that a dead one is found within two. `params()`: what to add to each request's query.
export function read(channelUrl, options = {}) {
  const reader = new Reader(channelUrl, options);
  reader.run();
  return {
    get cursor() { return reader.cursor; },
    get by() { return reader.technique; },
    close: () => reader.close(),
    switchTo: by => reader.switchTo(by),
    // The server has been reached some other way: try again now, if the reader waits to try again.
    wake: () => reader.wake(),
    // As `publish`, over the socket where there is one.
    publish: (data, {key} = {}) =>
      reader.turn?.uplink?.(data, key) ??
      publish(channelUrl, data, {key, params: reader.params()}).then(told => (reader.wake(), told)),
  };
}

class Reader {
  constructor(channelUrl, options) {
    const {by = "auto", after = "now", interval = 1000, patience = PATIENCE, retry = RETRY, silence = SILENCE} = options;
    this.channelUrl = channelUrl;
    this.server = new URL(channelUrl, location.href).origin;
    this.cursor = after;
    this.interval = interval;
    this.patience = patience;
    this.retry = retry;
    this.silence = silence;
    this.params = options.params ?? (() => ({}));
    this.handlers = options;
    this.closed = false;
    this.again = 0; // milliseconds that the server has asked to wait
    this.choose(by);
  }

  get technique() {
    return this.by === "auto" ? LADDER[this.rung] : this.by;
  }

  choose(by) {
    if (by !== "auto" && !(by in TECHNIQUES))
      throw new RangeError(`${by} is no technique: use ${Object.keys(TECHNIQUES).join(", ")} or auto`);
    this.by = by;
    this.rung = worked.get(this.server) ?? 0; // of the ladder, where `auto` stands
    this.strikes = 0; // times that this rung failed although the server answers
    this.failures = 0; // in a row, of whatever cause
    this.climbing?.abort();
    this.climbing = new AbortController();
    if (by === "auto") climb(this, this.climbing.signal);
  }

  // Go on by a better technique, from the cursor.
  climbTo(rung) {
    this.rung = rung;
    this.strikes = this.failures = 0;
    this.turn?.end();
    this.breathing?.abort();
  }

  // A connection beside the reading, to see what gets through.
  trial(technique, signal) {
    const trial = new Turn(this, technique), end = () => trial.end();
    signal.addEventListener("abort", end);
    trial.signal.addEventListener("abort", () => signal.removeEventListener("abort", end)); // it outlives the trial
    return trial;
  }

  switchTo(by) {
    this.choose(by);
    this.turn?.end();
    this.breathing?.abort();
  }

  close() {
    this.closed = true;
    this.climbing.abort();
    this.turn?.end();
    this.breathing?.abort();
    this.say("closed", "closed");
  }

  wake() {
    if (this.again) return; // the server has said when
    this.failures = 0;
    this.breathing?.abort();
  }

  say(state, text, status = 0) {
    const said = `${this.technique} ${state} ${text}`;
    if (said !== this.said) this.handlers.onState?.({by: this.technique, state, text, status});
    this.said = said;
  }

  // Let the technique read until it breaks, breathe, go on from the cursor.
  async run() {
    while (!this.closed) {
      const turn = (this.turn = new Turn(this));
      this.say("connecting", `connecting by ${this.technique}`);
      const attempts = [TECHNIQUES[this.technique](turn)];
      if (this.by === "auto" && this.technique === "sse") attempts.push(heldBack(turn));
      if (["sse", "websocket"].includes(this.technique)) attempts.push(missing(turn));
      const trouble = await Promise.race(attempts).catch(error => error);
      const ended = turn.signal.aborted; // by a switch or a close: no failure
      if (!ended) await this.recover(turn, trouble);
      turn.end();
    }
  }

  async recover(turn, trouble) {
    const open = turn.proven || trouble?.opened; // it was let through, and broke
    const fallible = this.by === "auto" && !open && this.rung < LADDER.length - 1;
    // Twice, for a server that has just come back refuses the one and answers the other. That a stream is held back
    // (no trouble, but nothing comes) is proof enough.
    if (!trouble) this.strikes = 1;
    if (fallible && (await answers(turn)) && !turn.signal.aborted && ++this.strikes === 2) {
      this.rung += 1;
      this.strikes = 0;
      return;
    }
    if (turn.signal.aborted) return;
    // Full jitter over a growing, capped span: a thousand pages do not come back all at once.
    const span = Math.min(FIRST_PAUSE * 2 ** Math.min(this.failures, 30), LONGEST_PAUSE);
    this.failures += 1;
    const why = trouble?.message ?? "nothing comes through";
    const refused = [401, 403].includes(trouble?.status); // a person has to do something
    this.say("waiting", refused ? why : `${why}; trying again`, trouble?.status);
    this.again = trouble?.again ?? 0;
    this.breathing = new AbortController();
    await pause(this.again + Math.random() * span, this.breathing.signal);
  }
}

// One attempt of one technique. After its end nothing that still arrives is taken.
class Turn {
  #over = new AbortController();
  uplink = null; // (data, key) → promise of {id}, while there is a socket to send on
  proven = false;

  constructor(reader, technique = reader.technique) {
    this.reader = reader;
    this.interval = reader.interval;
    this.patience = reader.patience;
    this.silence = reader.silence;
    this.heard = performance.now(); // when anything came last
    this.signal = this.#over.signal;
    this.technique = technique;
  }

  get cursor() {
    return this.reader.cursor;
  }

  url(resource, query = {}) {
    return address(this.reader.channelUrl, resource, {...this.params(), after: this.cursor, ...query});
  }

  params() {
    return this.reader.params();
  }

  say(state, text) {
    if (!this.signal.aborted) this.reader.say(state, text);
  }

  // The server answers.
  well() {
    this.heard = performance.now();
    this.reader.failures = 0;
  }

  // The technique itself has brought something: the path lets it through.
  prove() {
    this.proven = true;
    if (this.reader.by === "auto") worked.set(this.reader.server, this.reader.rung);
    this.reader.strikes = 0;
    this.well();
  }

  // Whole events have arrived, and `cursor` is behind them.
  take(events, cursor, gap) {
    const {reader} = this;
    if (this.signal.aborted) return;
    this.heard = performance.now();
    if (gap) {
      reader.cursor = gap.cursor;
      tell(reader.handlers.onGap, gap);
    }
    for (const event of events) {
      if (this.signal.aborted) return; // the page has switched in the middle of a batch
      reader.cursor = event.id;
      tell(reader.handlers.onEvent, event);
    }
    if (cursor && !this.signal.aborted) reader.cursor = cursor;
  }

  end() {
    this.#over.abort();
  }
}

// A handler that fails is the page's own mistake: it is reported, and reading goes on.
function tell(handler, item) {
  try {
    handler?.(item);
  } catch (error) {
    reportError(error);
  }
}
