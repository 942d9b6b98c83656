// The chat's page. What a room says is read from its channel; messages go out through an outbox, so that they survive a
// cut; a lease says every few seconds that we are here (leases.py).

import {clear, el, refuse} from "../dom.js";
import {open} from "../frame.js";
import {newKey, outbox} from "../outbox.js";
import {lease} from "./lease.js";
import {Messages} from "./messages.js";

const $ = id => document.getElementById(id);
const messages = new Messages($("said"));
const me = {name: null, room: new URLSearchParams(location.search).get("room") ?? "lobby"};

const app = open({title: "Chat", channel: `chat.room.${me.room}`, onEvent: heard, onGap: gap => messages.gap(gap)});
const here = lease(data => app.publish(data, {channel: "chat.here"}), refusedName);
const box = outbox({
  store: "rtlab chat",
  send: ({room, ...data}, key) => app.publish({...data, ref: key}, {key, channel: `chat.room.${room}`}),
  onChange: sent,
});

function heard({id, time, data}) {
  if (data.kind === "message") {
    messages.add(id, time, data);
    here.update({seen: id});
  } else if (data.kind === "people") {
    const others = name => name !== me.name;
    const typing = data.typing.filter(others);
    messages.seen(data.seen, data.people.some(others));
    $("people").replaceChildren(...data.people.map(name => el("li", {className: others(name) ? "" : "me"}, name)));
    $("typing").textContent = typing.length ? `${typing.join(", ")} ${typing.length > 1 ? "are" : "is"} typing …` : "";
    $("rooms").replaceChildren(...Object.keys(data.rooms).map(value => el("option", {value})));
  }
}

async function join(submitted) {
  submitted.preventDefault();
  const wanted = {name: $("name").value.trim(), room: $("room").value.trim()};
  [$("name"), $("room")].forEach(clear);
  try {
    await here.begin(wanted);
  } catch (error) {
    return refuse($(error.field ?? "name"), error.message);
  }
  Object.assign(me, {name: wanted.name});
  if (wanted.room !== me.room) {
    me.room = wanted.room;
    messages.clear();
    app.read(`chat.room.${me.room}`);
    for (const item of box.waiting) sent(item);
  }
  $("text").focus();
}

// Another page has our name, since our lease ran out while we were away.
function refusedName(error) {
  me.name = null;
  refuse($("name"), error.message);
}

function say(submitted) {
  submitted.preventDefault();
  clear($("text"));
  if (me.name === null) return refuse($("name"), "Say who you are first.");
  box.add({kind: "message", name: me.name, text: $("text").value, room: me.room});
  $("text").value = "";
  here.update({typing: false});
}

// What becomes of a message of ours. One that is refused goes back to its field, to be mended.
function sent(item) {
  if (item.data.room === me.room) messages.sent(item);
  if (item.state !== "refused") return;
  if (!$("text").value) $("text").value = item.data.text;
  refuse($("text"), item.problem);
}

$("room").value = me.room;
$("who").onsubmit = join;
$("say").onsubmit = say;
$("text").oninput = () => {
  clear($("text"));
  here.typing();
};
