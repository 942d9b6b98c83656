// The game's page. Moves go up, numbered, and each event repeats all that the server has not seen; states come down,
// of which only the newest counts. What is shown in between is this page's own idea, and can be switched.

import {open} from "../frame.js";
import {el} from "../dom.js";
import {wall} from "../meter.js";
import {newKey} from "../outbox.js";
import {Figures, median, ms} from "./figures.js";
import {Past} from "./interpolation.js";
import {POSSIBLE, Peers} from "./peers.js";
import {PondView, colourOf} from "./pond.js";
import {Prediction} from "./prediction.js";
import {steering} from "./steering.js";

const TICK = 50; // milliseconds, as the server's
const AGAIN = 500, STILL_HERE = 2000; // milliseconds until moves are sent again that wait, or nothing, to be there
const MOST = 40; // moves that may wait: then the server is away
const at = id => document.getElementById(id);
const me = `boat-${newKey().slice(0, 8)}`;
const query = new URLSearchParams(location.search);
const prediction = new Prediction(me), past = new Past(), trips = [];
const view = new PondView(at("pond")), figures = new Figures(at("figures"));
let said = 0, timer = null;

for (const box of ["predict", "reconcile", "interpolate"]) if (query.has(box)) at(box).checked = query.get(box) !== "0";
if ([...at("delay").options].some(({value}) => value === query.get("delay"))) at("delay").value = query.get("delay");
at("name").value = query.get("name")?.slice(0, 16) || `guest ${me.slice(-3)}`;

const app = open({title: "Pond", channel: "game", after: "last", onEvent: event => later(() => told(event)), onGap: gap => later(() => missed(gap))});
const up = app.up("game.moves");
const steer = steering({canvas: at("pond"), place: event => view.place(event), own: mine, begin});
const peers = new Peers({
  me, own: mine, rows: at("peers").tBodies[0],
  send: signal => app.publish(signal, {channel: "game.signals"}),
  listen: after => app.beside("game.signals", {after, onEvent: ({data}) => peers.hear(data)}),
  nameOf: player => prediction.told?.boats[player]?.name ?? player,
});

// The delay that was chosen: as if the server were farther away.
function later(work) {
  const delay = Number(at("delay").value);
  if (delay) setTimeout(work, delay);
  else work();
}

function told({time, data}) {
  const correction = prediction.receive(data, at("reconcile").checked);
  figures.state(at("predict").checked ? correction : 0);
  past.add(Date.parse(time), data.boats);
}

// States that were replaced by newer ones are no loss; another server is another pond.
function missed({missed: count}) {
  if (count !== null) return;
  prediction.begin();
  past.begin();
}

// My boat, as this page shows it.
function mine() {
  return (at("predict").checked ? prediction.shown : prediction.told)?.boats[me];
}

// The player begins to steer: the first step at once, not at the next beat.
function begin() {
  clearInterval(timer);
  timer = setInterval(step, TICK);
  step();
}

function step() {
  const move = steer.move, may = prediction.told?.boats[me] && prediction.waiting.length < MOST;
  if (move && may) figures.moved(prediction.move(move));
  const silent = performance.now() - said;
  if ((move && may) || (prediction.waiting.length && silent > AGAIN) || silent > STILL_HERE) say();
}

function say() {
  said = performance.now();
  const {waiting, number} = prediction;
  const name = at("name").value.trim() || me;
  const data = {player: me, name, first: waiting[0]?.[0] ?? number + 1, moves: waiting.map(([, move]) => move)};
  later(async () => {
    const sent = performance.now();
    try {
      await up.publish(data);
      trips.push(performance.now() - sent);
      if (trips.length > 20) trips.shift();
      at("notice").hidden = true;
    } catch (error) { // what was not heard is sent again
      at("notice").hidden = !error.status;
      at("notice").textContent = error.message;
    }
  });
}

function draw() {
  requestAnimationFrame(draw);
  if (!prediction.told) return;
  const {boats, buoys} = at("predict").checked ? prediction.shown : prediction.told;
  const now = wall();
  const known = past.boats(at("interpolate").checked ? past.moment : Infinity);
  const shown = {}, direct = at("direct").checked ? peers.places : new Map();
  for (const [player, boat] of Object.entries(known.boats)) {
    if (player === me) continue;
    const place = direct.get(player);
    shown[player] = place ? {...boat, x: place.x, y: place.y} : boat;
    figures.add("age", now - (place?.at ?? known.at));
  }
  const own = prediction.told.boats[me];
  if (boats[me]) shown[me] = boats[me];
  view.draw({boats: shown, buoys, me, told: at("predict").checked ? own : null, order: boats});
  if (own) figures.drawn(at("predict").checked ? prediction.number : own.seen);
}

function list() {
  const boats = Object.entries(prediction.told?.boats ?? {}).sort(([, a], [, b]) => b.score - a.score);
  at("here").replaceChildren(...boats.map(([player, {name, score}]) => {
    const line = el("li", {className: player === me ? "mine" : ""}, el("span", {}, name), el("b", {}, String(score)));
    line.style.setProperty("--of", `var(${colourOf(prediction.told.boats, player)})`);
    return line;
  }));
  at("by-server").textContent = trips.length ? `To the server and back: ${ms(median(trips))}, without the delay added here.` : "";
}

for (const box of ["predict", "reconcile", "interpolate", "direct", "delay"]) at(box).addEventListener("change", () => figures.begin());
at("predict").addEventListener("change", () => (at("reconcile").disabled = !at("predict").checked));
at("reconcile").disabled = !at("predict").checked;
if (!POSSIBLE) Object.assign(at("connect"), {disabled: true, textContent: "This browser has no WebRTC"});
at("connect").onclick = () => peers.connect().catch(error => (Object.assign(at("notice"), {hidden: false, textContent: error.message})));
timer = setInterval(step, TICK);
setInterval(list, 500);
say();
draw();
