// Our own lease on a name: taken once, renewed for as long as the page is there (leases.py has the other half).

import {newKey} from "../outbox.js";

const RENEW = 4000; // milliseconds; the lease lasts three times as long
const SETTLE = 500; // that changes are collected for
const PAUSE = 3000; // after the last key that counts as typing

export function lease(send, onRefused) {
  const tab = newKey();
  const now = {tab, typing: false, seen: null};
  let renewing = null, settling = null, resting = null;

  async function renew() {
    clearTimeout(settling);
    settling = null;
    try {
      await send(now);
    } catch (error) {
      if (error.field === "name") {
        clearInterval(renewing);
        renewing = null;
        onRefused(error);
      } // anything else passes: the next renewal comes soon
    }
  }

  function update(changes) {
    Object.assign(now, changes);
    if (renewing !== null) settling ??= setTimeout(renew, SETTLE);
  }

  // Give the name back at once when the page is left; where that is lost, the lease runs out.
  addEventListener("pagehide", () => renewing !== null && send({...now, leaves: true}).catch(() => {}));
  return {
    update,
    // Take a name in a room. Raises what the server says against it.
    async begin(wanted) {
      await send({...now, ...wanted});
      Object.assign(now, wanted);
      clearInterval(renewing);
      renewing = setInterval(renew, RENEW);
    },
    // A key was pressed.
    typing() {
      clearTimeout(resting);
      resting = setTimeout(() => update({typing: false}), PAUSE);
      if (!now.typing) update({typing: true});
    },
  };
}
