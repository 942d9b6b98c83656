// What has been written and is not yet known to be in the log. It is sent in order, one at a time, and again with the
// same idempotency key until the server has answered: a message survives a cut in either direction and is never twice.
//
//   const box = outbox({send: (data, key) => app.publish(data, {key}), onChange: item => show(item)});
//   box.add({text: "hello"});          // → {key, data, state, id, problem, ms}
//
// `state` is waiting (to be sent, or sent and not answered), sent (in the log, as `id`), or refused (`problem` says
// why; sending it again would not help). With a `store`, a name, what waits survives a reload of the page.

const FIRST_PAUSE = 200, LONGEST_PAUSE = 5000; // milliseconds between two attempts
const LATER = [0, 429, 502, 503, 504]; // no answer, or one that another attempt may change

export function outbox({send, onChange = () => {}, store = null}) {
  const waiting = store ? JSON.parse(sessionStorage.getItem(store) ?? "[]") : [];
  let busy = false;

  function keep() {
    if (store) sessionStorage.setItem(store, JSON.stringify(waiting));
  }

  async function work() {
    if (busy) return;
    busy = true;
    for (let pause = FIRST_PAUSE; waiting.length; ) {
      const item = waiting[0];
      try {
        Object.assign(item, await send(item.data, item.key), {state: "sent"});
      } catch (error) {
        if (LATER.includes(error.status)) {
          await new Promise(done => setTimeout(done, pause * (0.5 + Math.random())));
          pause = Math.min(2 * pause, LONGEST_PAUSE);
          continue;
        }
        Object.assign(item, {state: "refused", problem: error.message, field: error.field});
      }
      pause = FIRST_PAUSE;
      waiting.shift();
      keep();
      onChange(item);
    }
    busy = false;
  }

  for (const item of waiting) onChange(item);
  work();
  return {
    get waiting() { return [...waiting]; },
    add(data) {
      const item = {key: newKey(), data, state: "waiting"};
      waiting.push(item);
      keep();
      onChange(item);
      work();
      return item;
    },
  };
}

// 128 random bits. (crypto.randomUUID is not there on a page of plain http from another machine.)
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, "0")).join("");
}
