// The market's page. Two channels: on `market` every event counts (orders up; trades and answers down), on
// `market.ACME` only the newest one does, for each is the whole book.

import {open} from "../frame.js";
import {el} from "../dom.js";
import {Depth} from "./depth.js";
import {Folding} from "./folding.js";
import {money} from "./money.js";
import {Orders} from "./orders.js";

const TRADES = 12; // that are shown
const at = id => document.getElementById(id);
const folding = new Folding(at("folding"), at("pace"));
const depth = new Depth(at("depth"), at("ladder"));
const name = location.pathname.split("/").at(-2); // of the application, and of its channels
let stock = "ACME", trades = [];

const app = open({title: document.title.split(" · ")[0], channel: name, after: "now", onEvent, onGap});
const book = app.beside(`${name}.${stock}`, {after: "last", onEvent: ({time, data}) => folding.received(data, time)});
const orders = new Orders(app);
folding.draw = draw;

function onEvent({id, data}) {
  if (data.kind === "trade") {
    trades = [data, ...trades].slice(0, TRADES);
    folding.stir();
  } else if (data.kind === "ack" || data.kind === "account") orders.told(id, data);
}

function onGap({missed}) {
  const restarted = missed === null;
  say(restarted
    ? "The exchange was started again: its books are new, accounts are empty, and orders that waited are gone."
    : `${missed} events were missed: trades are not shown, and your orders are asked for.`);
  orders.doubt(restarted);
}

function draw(state) {
  if (state) {
    ticker(state.prices);
    depth.draw(state);
    at("book-heading").textContent = `Order book of ${state.stock}${state.day ? `: the rate of ${state.day}, European Central Bank` : ""}`;
  }
  const row = ({stock, quantity, price, side}) => el("tr", {className: side}, ...[stock, quantity, money(price)].map(text => el("td", {}, String(text))));
  at("trades").tBodies[0].replaceChildren(...trades.map(row));
}

function ticker(prices) {
  const place = at("stocks");
  if (!place.children.length)
    for (const symbol of Object.keys(prices)) {
      const button = el("button", {type: "button", "data-stock": symbol, onclick: () => choose(symbol)}, el("b", {}, symbol), el("span"));
      place.append(button);
      at("listed").append(el("option", {value: symbol}));
    }
  for (const button of place.children) {
    button.lastChild.textContent = money(prices[button.dataset.stock]);
    button.setAttribute("aria-pressed", button.dataset.stock === stock);
  }
}

function choose(symbol) {
  stock = symbol;
  folding.begin();
  book.read(`${name}.${symbol}`);
  orders.choose(symbol);
}

function say(text) {
  at("notice").hidden = false;
  at("notice").textContent = text;
}
