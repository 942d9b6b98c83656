// The page of the shared text. What is typed is in our own copy at once, and goes out when it may; what others did
// comes in by the channel. First the whole text is read, then what was done since; after a gap again.

import {clear, el, refuse} from "../dom.js";
import {open} from "../frame.js";
import {newKey, outbox} from "../outbox.js";
import {Carets} from "./carets.js";
import {LONGEST, Replica, fold} from "./replica.js";
import {Sheet} from "./sheet.js";

const $ = id => document.getElementById(id);
const TEXT = "text", WHOLE = "text.whole", HERE = "text.here";
const MOST = 500; // operations of one event
const NAMED = 4; // letters on each side of the caret whose names are shown
const SIGNS = {"\n": "↵", " ": "␣", "\t": "⇥"};
const site = newKey().slice(0, 8), copy = new Replica(site);
const DRAFT = "rtlab text draft"; // under which the draft survives a reload, as the outbox does
let draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "[]"); // operations that are not on their way yet
let events = 0, resting = null, waiting = null;
let place = null; // the cursor behind what was read last
let lost = {}; // a cursor that was answered with a gap, and where the log goes on

const sheet = new Sheet($("text"), $("mirror"), copy, {onEdit: edited, onMove: moved, onFull: full});
const app = open({title: "Shared text", channel: WHOLE, after: "last", onEvent: heard, onGap: missed});
const box = outbox({store: "rtlab text", send: (data, key) => app.publish(data, {key, channel: TEXT}), onChange: sent});
const carets = new Carets(site, {tell: here, onChange: draw});
const side = app.beside(HERE, {after: "now", onEvent: ({data}) => carets.hear(data)});
for (const operation of draft) copy.apply(operation); // what it builds on comes with the whole

// Say where our caret is. A good-bye must not wait in a socket that is closed with the page.
function here(caret) {
  return caret.leaves ? app.publish(caret, {channel: HERE}) : side.publish(caret);
}

function heard({id, data}) {
  for (const operation of data.ops) copy.apply(operation);
  if (app.channel === WHOLE) begin(data);
  else {
    events += 1;
    place = id;
  }
  sheet.show();
  draw();
}

// The whole text has been read. Go on behind it; and tell what it lacks and we know, for the server may be a new one.
function begin(whole) {
  const theirs = new Replica("server");
  for (const operation of whole.ops) theirs.apply(operation);
  place = whole.upto === lost.place ? lost.cursor : whole.upto;
  app.read(TEXT, place);
  $("text").disabled = false;
  const ahead = copy.waiting.size ? draft : []; // it stands behind letters that are still to come, and beyond lacks it
  draft = [...copy.beyond(theirs), ...ahead];
  flush();
}

// Operations are gone for good from the log, or it is another one.
function missed({cursor}) {
  if (app.channel === WHOLE) return;
  lost = {place, cursor};
  app.read(WHOLE, "last");
}

function edited(operations) {
  draft.push(...operations);
  const pace = Number($("pace").value);
  if (!pace) return flush(); // which draws
  waiting ??= setTimeout(flush, pace);
  draw();
}

// Let the draft go out, unless something is under way: then it goes with the next, so that a slow path makes longer
// events and no queue. Key by key each operation is an event, however long that takes.
function flush() {
  clearTimeout(waiting);
  waiting = null;
  if (resting !== null || !draft.length) return draw();
  if ($("pace").value === "0") {
    for (const operation of draft.splice(0)) box.add({ops: [operation]});
  } else if (!box.waiting.length) {
    draft = fold(draft);
    box.add({ops: draft.splice(0, MOST)});
  }
  draw();
}

// What becomes of an event of ours. One that waited before the page was loaded again is in no copy yet.
function sent({state, data, problem}) {
  for (const operation of data.ops) copy.apply(operation);
  if (state === "refused") refuse($("text"), problem);
  else if (state === "sent") setTimeout(flush);
  queueMicrotask(draw); // when all of the page is there
}

function full() {
  refuse($("text"), `The text is full: it holds ${LONGEST.toLocaleString("en")} letters, with those that were deleted.`);
}

function moved() {
  carets.move({after: sheet.caret});
  names();
}

// Offline nothing is read and nothing sent; the copy is all that is needed to write.
function offline() {
  const button = $("offline");
  if (resting === null) {
    resting = [app.channel, app.cursor];
    carets.say({leaves: true});
    carets.others.clear();
    app.rest();
    side.rest();
  } else {
    const [channel, cursor] = resting;
    resting = null;
    app.read(channel, cursor);
    side.read(HERE);
    setTimeout(flush);
  }
  carets.quiet = resting !== null;
  $("by").disabled = carets.quiet; // it chooses how to read
  button.setAttribute("aria-pressed", String(carets.quiet));
  button.textContent = carets.quiet ? "Go online" : "Work offline";
  draw();
}

function draw() {
  const letters = sheet.shown.length;
  const unsent = fold([...box.waiting.flatMap(({data}) => data.ops), ...draft]).length;
  const others = [...carets.others.values()];
  sheet.carets(others);
  $("people").replaceChildren(...others.map(({name, who}) => el("li", {className: `who-${who}`}, name)));
  const where = resting === null ? "On the way" : "Kept here until you are online";
  $("kept").textContent = unsent ? `${where}: ${unsent} ${unsent === 1 ? "change" : "changes"}` : "Everybody has what you see.";
  for (const [id, count] of Object.entries({letters, tombstones: copy.size - letters, events}))
    $(id).textContent = count.toLocaleString("en");
  sessionStorage.setItem(DRAFT, JSON.stringify(draft));
  names();
}

// The letters around the caret, with their names.
function names() {
  const all = [...copy], at = sheet.caret;
  const caret = at === null ? 0 : all.findIndex(({id}) => id === at) + 1, from = Math.max(0, caret - NAMED);
  $("names").replaceChildren(...all.slice(from, caret + NAMED).map(({id, text, dead}, n) =>
    el("li", {className: `${dead ? "dead" : ""} ${from + n === caret ? "next" : ""}`},
      el("b", {}, SIGNS[text] ?? text), el("small", {}, id))));
}

$("name").value = `guest ${site.slice(0, 3)}`;
carets.move({name: $("name").value});
$("name").onchange = () => {
  clear($("name"));
  carets.mine.name = $("name").value.trim();
  carets.tell(carets.mine).catch(error => error.field === "name" && refuse($("name"), error.message));
};
$("text").addEventListener("beforeinput", () => clear($("text")));
$("offline").onclick = offline;
