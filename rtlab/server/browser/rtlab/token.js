// The token that a server may want to see (docs/security.md), as a page keeps it: in this tab's own store, in no URL.
//
// A page gets it once: from a person who types it, or from a link that ends in `#token=…`. What stands behind the # is
// sent to nobody, and is taken out of the address bar at once.

import {Trouble, ask} from "./http.js";

const home = new URL("../", import.meta.url); // the server that this file is from, also below a proxy's path
const KEPT = "rtlab token";
const SENDABLE = /^[\x20-\x7e]*$/;
let held = stored() ?? "";

export function token() {
  return held;
}

// Keep a token; none to forget it. Raises Trouble for one that no header can carry (RFC 9110, section 5.5).
export function setToken(text) {
  const given = text.trim();
  if (!SENDABLE.test(given)) throw new Trouble("A token has letters, digits and signs of ASCII only.");
  held = given;
  try {
    sessionStorage.setItem(KEPT, held);
  } catch {
    // a page without a store of its own has it until it is reloaded
  }
}

// The header for a request. The token is for its own server: no other one is shown it.
export function authorization(url) {
  return held && new URL(url, location.href).origin === home.origin ? {Authorization: `Bearer ${held}`} : {};
}

// What goes into the URL of a WebSocket or an EventSource, which can send no header: a ticket, good for one connection.
export function ticket(turn) {
  return got(turn.url("events"), turn.params(), turn.signal);
}

// A URL of the server as a link to go to, which can send no header either: with a ticket, if the page has a token.
export async function ticketed(address) {
  const url = new URL(address, location.href);
  for (const [name, value] of Object.entries(await got(url))) url.searchParams.set(name, value);
  return url;
}

async function got(target, params = {}, signal = undefined) {
  if (!("Authorization" in authorization(target))) return {};
  const url = new URL("tickets", home);
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  try {
    return {ticket: (await ask(url, {method: "POST", signal})).ticket};
  } catch (error) {
    if (error instanceof Trouble && error.status === 404) return {}; // this server wants no token
    throw error;
  }
}

function stored() {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  if (SENDABLE.test(given.trim())) setToken(given); // one that is not is as good as none: the server will say so
  history.replaceState(history.state, "", location.pathname + location.search);
}
