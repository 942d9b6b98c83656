// What every application's page has: its title, the switch for the technique, what the connection is doing, the meter.
//
//   const app = open({title: "Chat", channel: "chat.lobby", after: "start", onEvent, onGap, onState});
//   await app.publish({text: "hello"}, {key});       // → {id, ms}; over the socket where the page reads by one
//   app.read("chat.kitchen");                        // another channel, from the start, or from a cursor
//   app.rest();                                      // read nothing until the next `read`
//   const side = app.beside("chat.notes", {after: "last", onEvent});   // a second one, by the same technique
//   const up = app.up("game.moves");   up.publish(data);      // a channel that is written often, and not read
//
// The page's address may choose: ?by=sse (or short, adaptive, long, websocket, auto), ?interval=500 (milliseconds).

import {TECHNIQUES, history, publish, read} from "../rtlab.js";
import {signInForm} from "../rtlab/sign_in.js";
import {el} from "./dom.js";
import {Meter} from "./meter.js";

export const NAMES = {
  short: "short polling",
  adaptive: "adaptive polling",
  long: "long polling",
  sse: "server-sent events",
  websocket: "WebSocket",
};
const base = new URL("../", import.meta.url); // of the server, also below a proxy's path

export function open({title, channel, after = "start", onEvent, onGap, onState}) {
  const query = new URLSearchParams(location.search);
  const {choice, state, signIn: formPlace, meter: place} = build(title);
  const meter = new Meter(place, NAMES);
  const interval = Number(query.get("interval")) || 1000;
  const params = () => ({page: meter.id});
  choice.value = query.get("by") in TECHNIQUES ? query.get("by") : "auto";
  let reader = null;
  const others = [];
  const signIn = signInForm(formPlace, () => [app, ...others].forEach(each => each.again()));

  function show(now) {
    if (now.by !== meter.technique) meter.begin(now.by);
    document.documentElement.dataset.technique = now.by;
    state.dataset.state = now.state;
    state.textContent = `${NAMES[now.by]}: ${now.text}`;
    for (const other of others) other.follow(now.by);
    signIn.follow(now);
    onState?.(now);
  }

  const app = {
    channel,
    get by() { return choice.value; },
    get cursor() { return reader.cursor; },
    read(name, from = after) {
      reader?.close();
      app.channel = name;
      reader = read(at(name), {
        by: choice.value, after: from, interval, params, onGap,
        onEvent(event) {
          meter.event(event);
          onEvent?.(event);
        },
        onState: show,
      });
    },
    rest: () => reader.close(),
    // A second channel, on the same meter. It costs a second connection, and a browser has six for one server.
    beside(name, handlers) {
      const other = beside(name, {...handlers, interval, params}, reader.by, event => meter.event(event));
      others.push(other);
      return other;
    },
    switchTo(by) {
      choice.value = by;
      reader.switchTo(by);
    },
    // A way up for a page that says much on a channel that it does not read: frames of a second socket where it reads
    // by one (whatever others say there comes down on it, unheard), and a POST each by every other technique.
    up(name) {
      const line = wayUp(name, params, reader.by);
      others.push(line);
      return line;
    },
    again: () => reader.switchTo(choice.value),
    // What a channel's log holds after a cursor (or start, last), as far as one answer goes: {events, cursor, gap}.
    history({channel: other = app.channel, after, limit}) {
      return history(at(other), {after, limit, params: params()});
    },
    async publish(data, {key, channel: other = app.channel} = {}) {
      const began = performance.now();
      const sent = other === app.channel ? reader.publish(data, {key}) : publish(at(other), data, {key, params: params()});
      const {id} = await sent;
      reader.wake(); // the server is there
      return {id, ms: performance.now() - began};
    },
  };
  choice.onchange = () => reader.switchTo(choice.value);
  app.read(channel);
  return app;
}

// A reader of a second channel, which changes its technique with the first.
function beside(name, {onEvent, ...options}, by, count) {
  let other = null;
  const made = {
    read(channel) {
      other?.close();
      other = read(at(channel), {
        ...options, by,
        onEvent(event) {
          count(event);
          onEvent(event);
        },
      });
    },
    publish: data => other.publish(data), // over its socket, where there is one
    rest: () => other.close(),
    again: () => other.switchTo(by),
    follow(technique) {
      if (technique === by) return;
      by = technique;
      other.switchTo(by);
    },
  };
  made.read(name);
  return made;
}

// Publishes on a channel, over a socket of its own while the page reads by one.
function wayUp(name, params, by) {
  let socket = null;
  const made = {
    again: () => socket?.switchTo("websocket"),
    follow(technique) {
      if ((technique === "websocket") === (socket !== null)) return;
      socket?.close();
      socket = technique === "websocket" ? read(at(name), {by: technique, after: "now", params}) : null;
    },
    publish: data => (socket ? socket.publish(data) : publish(at(name), data, {params: params()})),
  };
  made.follow(by);
  return made;
}

// A channel's URL.
function at(name) {
  return new URL(`channels/${name}`, base);
}

function build(title) {
  const option = (value, text) => el("option", {value}, text);
  const options = Object.entries(NAMES).map(([value, name]) => option(value, name));
  const choice = el("select", {id: "by"}, option("auto", "automatic"), ...options);
  const state = el("p", {id: "state", role: "status"});
  const signIn = el("div", {});
  const meter = el("section", {id: "meter", "aria-label": "What this page costs"});
  const home = el("a", {href: "../", className: "quiet"}, "rtlab");
  const top = el("div", {className: "row top"},
    el("h1", {}, home, " ", title), el("label", {className: "field"}, "technique", choice));
  document.getElementById("frame").append(top, state, signIn, meter);
  return {choice, state, signIn, meter};
}
