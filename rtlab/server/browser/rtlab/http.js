// What all techniques share below their differences: addresses, one question over HTTP, and a pause.

import {authorization} from "./token.js";

const LONGEST = 2 ** 31 - 1; // milliseconds: a browser takes a longer pause for none at all
export const ANSWER = 10_000; // milliseconds that an answer may take, besides the time that it is held

// The milliseconds that a `Retry-After` asks for, be it seconds or a date (RFC 9110, section 10.2.3); 0 if neither.
export function retryAfter(value) {
  if (/^[0-9]+$/.test(value ?? "")) return 1000 * Number(value);
  return Math.max(0, Date.parse(value) - Date.now()) || 0;
}

// Something went wrong. `status`: the HTTP status, 0 where there was no answer; `again`: milliseconds that the server
// asks to wait (RFC 9110, section 10.2.3); `field`: the field of a form that the sentence belongs to, if it is one's;
// `opened`: the technique had been let through.
export class Trouble extends Error {
  constructor(message, {status = 0, again = 0, field = null, opened = false} = {}) {
    super(message);
    Object.assign(this, {name: "Trouble", status, again, field, opened});
  }
}

// The URL of a channel's `events`, `stream` or `socket`. What the channel's own URL has as its query stays in it.
export function address(channelUrl, resource, query = {}) {
  const url = new URL(channelUrl, location.href);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/${resource}`;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

// One question and its answer as JSON, which may take `within` milliseconds: the other end may be gone without a word.
// Raises Trouble with the server's own sentence, if it has one.
export async function ask(url, {within = ANSWER, signal, ...options} = {}) {
  let answer, body;
  const late = new AbortController(), timer = setTimeout(() => late.abort(), within);
  const end = () => late.abort();
  signal?.addEventListener("abort", end);
  if (signal?.aborted) late.abort();
  try {
    // Without `no-store` two tabs that hold the same long poll wait for each other: Chromium lets only one at a
    // time fill its cache for a URL.
    const headers = {...authorization(url), ...options.headers};
    answer = await fetch(url, {cache: "no-store", ...options, headers, signal: late.signal});
    body = await answer.text();
  } catch {
    throw new Trouble(`no answer from ${url.host}`);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
  const found = parsed(body);
  if (answer.ok && found !== null) return found;
  const told = {status: answer.status, again: retryAfter(answer.headers.get("Retry-After")), field: found?.field};
  throw new Trouble(found?.detail ?? `${url.host} answered ${answer.status}`, told);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not from our server, or only half of it
  }
}

// Wait; an aborted `signal` ends it at once.
export function pause(milliseconds, signal) {
  return new Promise(done => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end); // the signal may outlive thousands of pauses
      done();
    };
    const timer = setTimeout(end, Math.min(Math.max(0, milliseconds), LONGEST));
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}
