// The server's own page: any channel, read live by any technique, and a field to publish from.

import {publish, read} from "../rtlab.js";
import {ask} from "./http.js";
import {signInForm} from "./sign_in.js";

const $ = id => document.getElementById(id);
const base = new URL("../", import.meta.url); // also below a proxy's path
let reader = null;

function channel() {
  return new URL(`channels/${$("channel").value}`, base);
}

function say(text) {
  $("state").textContent = text;
}

function show(when, text, kind = "") {
  const row = document.createElement("li"), time = document.createElement("time"), data = document.createElement("span");
  row.className = kind;
  time.textContent = when;
  data.textContent = text;
  row.append(time, data);
  $("events").prepend(row);
  while ($("events").children.length > 200) $("events").lastChild.remove();
}

function colour() {
  document.documentElement.style.setProperty("--accent", $("by").selectedOptions[0].dataset.colour);
}

function start() {
  reader?.close();
  colour();
  $("events").replaceChildren();
  if (!$("channel").checkValidity()) return;
  reader = read(channel(), {
    by: $("by").value,
    after: "start",
    onEvent: ({time, data}) => show(time.slice(11, 23), JSON.stringify(data)),
    onGap: ({missed}) => show("gap", `${missed ?? "an unknown number of"} events were missed`, "gap"),
    onState(now) {
      say(now.text);
      signIn.follow(now);
    },
  });
}

async function names() {
  const {channels} = await ask(new URL("channels", base));
  const options = channels.map(({name}) => Object.assign(document.createElement("option"), {value: name}));
  $("channels").replaceChildren(...options);
  return channels.map(({name}) => name);
}

async function begin() {
  const found = await names().catch(() => []);
  if (found.length && !found.includes("news")) $("channel").value = found[0];
  start();
}

async function send(submitted) {
  submitted.preventDefault();
  try {
    await publish(channel(), JSON.parse($("data").value));
  } catch (error) {
    say(error instanceof SyntaxError ? `this is not JSON: ${error.message}` : error.message);
  }
}

$("by").onchange = () => {
  colour();
  reader?.switchTo($("by").value);
};
$("channel").onchange = start;
$("ask").onsubmit = send;
const signIn = signInForm($("sign-in-place"), begin);
await begin();
