// The page: subscribes at the lab's push service, holds the one connection, and hands what comes to the worker.

import {el} from "../dom.js";
import {forget, fromText, keep, load, newKeys, toText} from "./push.js";

const at = id => document.getElementById(id);
const site = path => new URL(`../..${path}`, location.href);  // a path of the server, also behind a proxy
let stream = null;

async function ask(path, options = {}) {
  const answer = await fetch(typeof path === "string" ? path : path.href, options);
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(problem.detail || `the answer is ${answer.status}`), {status: answer.status});
  }
  return answer;
}

function relations(header) {
  return Object.fromEntries([...header.matchAll(/<([^<>]*)>; rel="([^"]+)"/g)].map(([, target, name]) => [name, target]));
}

async function subscribe() {
  if (await Notification.requestPermission() !== "granted") {
    return say("closed", "The browser may not show notifications for this site: allow them, and subscribe again.");
  }
  const keys = await newKeys();
  const {key} = await (await ask("key")).json();
  const made = await ask(site("/push/subscribe"), {method: "POST", body: JSON.stringify({vapid: key})});
  const links = relations(made.headers.get("Link"));
  const endpoint = site(links["urn:ietf:params:push"]).href;
  await keep({own: made.headers.get("Location"), set: links["urn:ietf:params:push:set"], endpoint, keys});
  // What `PushSubscription.toJSON()` gives: all that an application server may know.
  const subscription = {endpoint, keys: {p256dh: toText(keys.public), auth: toText(keys.auth)}};
  await ask("subscriptions", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(subscription)});
  await listen();
}

async function unsubscribe() {
  const subscription = await load();
  stream?.close();
  await forget();
  await ask(site(subscription.own), {method: "DELETE"}).catch(() => {});
  say("closed", "Not subscribed. The application server will be told when it sends the next time.");
}

// Be awake: one connection for all that this device is subscribed to.
async function listen() {
  const subscription = await load();
  if (!subscription) return say("closed", "Not subscribed.");
  const worker = (await navigator.serviceWorker.ready).active;
  stream?.close();
  const urgency = at("battery").checked ? "high" : "very-low";
  stream = new EventSource(site(`${subscription.set}/stream?urgency=${urgency}`));
  stream.onopen = () => say("open", `Subscribed and awake${urgency === "high" ? "; only what is urgent comes" : ""}.`);
  stream.onmessage = event => worker.postMessage(JSON.parse(event.data).data);
  stream.onerror = async () => {
    if (stream.readyState === EventSource.CONNECTING) return say("waiting", "The push service does not answer; trying again.");
    await forget();
    say("closed", "The push service does not know this device any more: subscribe again.");
  };
}

function say(state, text) {
  at("state").dataset.state = state;
  at("state").textContent = text;
  at("subscribe").disabled = state !== "closed";
  at("unsubscribe").disabled = state === "closed";
}

navigator.serviceWorker.addEventListener("message", ({data}) => {
  const text = data.problem ?? `${data.title}${data.body ? `: ${data.body}` : ""}`;
  const by = data.problem ? "" : ` by ${data.by}`;
  at("shown").prepend(el("li", {}, text, el("small", {className: "quiet"}, by)));
  at("nothing").hidden = true;
});

at("send").addEventListener("submit", async event => {
  event.preventDefault();
  const message = {text: at("text").value, ttl: Number(at("ttl").value), urgency: at("urgency").value, topic: at("topic").value};
  try {
    const headers = {"Content-Type": "application/json"};
    const {results} = await (await ask("send", {method: "POST", headers, body: JSON.stringify(message)})).json();
    at("answer").textContent = results.join(" · ") || "There is nobody to send to: subscribe first.";
  } catch (error) {
    at("answer").textContent = error.message;
  }
});

async function begin() {
  await navigator.serviceWorker.register("worker.js", {type: "module"});
  // Two pages would take the one connection from each other: the second waits until the first is closed.
  navigator.locks.request("rtlab-notify", () => new Promise(() => listen()));
}

const told = action => () => action().catch(error => say("closed", error.message));
at("subscribe").addEventListener("click", told(subscribe));
at("unsubscribe").addEventListener("click", told(unsubscribe));
at("battery").addEventListener("change", told(listen));
if (!("serviceWorker" in navigator)) say("closed", "This page needs service workers: open it as http://127.0.0.1 or https://.");
else begin();
