// WebSocket: one connection, both ways, by the browser's own WebSocket. It does not connect again by itself.

import {Trouble} from "./http.js";

const OPENING = 8000; // milliseconds that the handshake and the server's first message may take

export function websocket(turn) {
  return new Promise((_, reject) => {
    const url = turn.url("socket");
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    const unanswered = new Map(); // ref → {resolve, reject} of a publish on its way
    const opening = setTimeout(() => socket.close(), OPENING);
    const answers = {
      open({cursor}) {
        clearTimeout(opening);
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
    socket.onclose = ({code, reason}) => {
      clearTimeout(opening);
      turn.uplink = null;
      const trouble = new Trouble(`the socket closed with ${code}${reason && `: ${reason}`}`);
      for (const {reject} of unanswered.values()) reject(trouble); // sent or not: only the same key can tell
      reject(trouble);
    };
    turn.signal.addEventListener("abort", () => {
      socket.close(1000);
      reject(new Trouble("closed")); // now, for a server that is gone would answer our Close late or never
    });
  });
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
