// Server-sent events: one open answer, read by the browser's own EventSource (WHATWG HTML, "Server-sent events").

import {Trouble} from "./http.js";
import {once} from "./polling.js";
import {ticket} from "./token.js";

// EventSource connects again by itself, with Last-Event-ID, when a connection breaks. After any answer but a 200 with
// an event stream it gives up for good and does not say why: then this ends, and who called it makes another.
export async function sse(turn) {
  // The block that says where we are has no data, so EventSource shows it to nobody: a poll has to ask. It also tells
  // what an EventSource that gave up cannot: what the server answers, and what has come since.
  await once(turn);
  const shown = await ticket(turn); // good for one connection, so the browser's second attempt would be refused
  await new Promise((_, reject) => {
    if (turn.signal.aborted) return reject(new Trouble("closed"));
    const source = new EventSource(turn.url("stream", shown));
    let opened = false;
    source.onopen = () => {
      opened = true;
      turn.well();
      turn.say("open", "the event stream is open");
    };
    source.onmessage = ({data}) => {
      turn.prove();
      turn.take([JSON.parse(data)]);
    };
    source.addEventListener("gap", ({data}) => turn.take([], undefined, JSON.parse(data)));
    source.onerror = () => {
      if (opened && shown.ticket) {
        source.close(); // or the browser would come back by itself, with the used ticket
        reject(new Trouble("the stream broke", {opened}));
      } else if (source.readyState === EventSource.CLOSED) reject(new Trouble("what answers is no event stream"));
      else turn.say("waiting", "the stream broke; the browser connects again by itself");
    };
    turn.signal.addEventListener("abort", () => (source.close(), reject(new Trouble("closed"))));
  });
}
