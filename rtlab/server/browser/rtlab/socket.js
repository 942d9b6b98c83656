// WebSocket: one connection, both ways, by the browser's own WebSocket. It does not connect again by itself.

import {Trouble, ask} from "./http.js";
import {ticket} from "./token.js";

const EXPIRED = 4401; // the close code for a token whose time is over

export async function websocket(turn) {
  const url = turn.url("socket", await ticket(turn));
  url.protocol = url.protocol.replace("http", "ws");
  await new Promise((_, reject) => {
    if (turn.signal.aborted) return reject(new Trouble("closed"));
    const socket = new WebSocket(url);
    const unanswered = new Map(); // ref → {resolve, reject} of a publish on its way
    const opening = setTimeout(() => socket.close(), turn.patience);
    let opened = false;
    const answers = {
      open({cursor}) {
        clearTimeout(opening);
        opened = true;
        turn.prove();
        turn.take([], cursor);
        turn.say("open", "the socket is open");
        turn.uplink = (data, key) => send(socket, unanswered, data, key);
      },
      event: ({id, time, data}) => turn.take([{id, time, data}]),
      gap: ({missed, cursor}) => turn.take([], undefined, {missed, cursor}),
      published: ({ref, id}) => settle(unanswered, ref)?.resolve({id}),
      error: ({ref, problem}) =>
        settle(unanswered, ref)?.reject(new Trouble(problem.detail, problem)),
    };
    socket.onmessage = ({data}) => {
      const message = JSON.parse(data);
      answers[message.type]?.(message); // a type that a later server knows is none of ours
    };
    socket.onclose = async ({code, reason}) => {
      clearTimeout(opening);
      turn.uplink = null;
      const status = code === EXPIRED ? 401 : 0;
      const trouble = new Trouble(`the socket closed with ${code}${reason && `: ${reason}`}`, {status});
      for (const {reject} of unanswered.values()) reject(trouble); // sent or not: only the same key can tell
      reject((!opened && (await refusal(turn))) || trouble);
    };
    turn.signal.addEventListener("abort", () => {
      socket.close(1000);
      reject(new Trouble("closed")); // now, for a server that is gone would answer our Close late or never
    });
  });
}

// Why the server lets us in nowhere, if it does not: a page is never told what answered its handshake.
function refusal(turn) {
  const asked = ask(turn.url("events", {limit: 1}), {signal: turn.signal});
  return asked.then(() => null, error => ([401, 403].includes(error.status) ? error : null));
}

// Publish on the open socket; a promise of the event's id.
function send(socket, unanswered, data, key) {
  return new Promise((resolve, reject) => {
    const ref = crypto.getRandomValues(new Uint32Array(1))[0];
    unanswered.set(ref, {resolve, reject});
    socket.send(JSON.stringify({type: "publish", data, ref, ...(key && {key})}));
  });
}

function settle(unanswered, ref) {
  const found = unanswered.get(ref);
  unanswered.delete(ref);
  return found;
}
