// The visitor's own orders: from the form to the log (`logged`), and back with the exchange's answer (`answered`).

import {clear, el, refuse} from "../dom.js";
import {outbox} from "../outbox.js";
import {money} from "./money.js";

const SHOWN = 20; // orders in the table
const FIELDS = ["trader", "stock", "side", "quantity", "price"]; // a refusal begins with the name of one
const at = id => document.getElementById(id);

export class Orders {
  constructor(app) {
    this.rows = []; // newest first: {key, data, state, id, logged, answered, …}
    this.early = new Map(); // answers that came before the order's own acknowledgement: id → answer
    const send = (data, key) => app.publish(data, {key});
    this.box = outbox({send, store: "rtlab market", onChange: item => this.changed(item)});
    at("trader").value = localStorage.getItem("rtlab trader") ?? `Guest ${1 + Math.floor(Math.random() * 9999)}`;
    this.choose("ACME");
    at("order").onsubmit = event => {
      event.preventDefault();
      this.place();
    };
    this.ask();
  }

  get trader() {
    return at("trader").value.trim();
  }

  choose(stock) {
    at("stock").value = stock;
    at("price").value = "";
  }

  place() {
    FIELDS.forEach(name => clear(at(name)));
    const quantity = at("quantity").value.trim(), price = at("price").value.trim();
    localStorage.setItem("rtlab trader", this.trader);
    this.box.add({
      kind: "order", trader: this.trader, stock: at("stock").value.trim().toUpperCase(), side: at("side").value,
      quantity: /^-?\d{1,15}$/.test(quantity) ? Number(quantity) : quantity, price: price || null,
    });
  }

  // What waits? For a page that has just come, or has missed something.
  ask() {
    this.box.add({kind: "mine", trader: this.trader});
  }

  // The outbox has news of something that was sent.
  changed(item) {
    const now = performance.now();
    if (item.data.kind === "order") {
      let row = this.rows.find(row => row.key === item.key);
      if (!row) this.rows.unshift((row = {key: item.key, ...item.data, left: item.data.quantity, began: now}));
      row.state = {waiting: "being sent", sent: "in the log", refused: "refused"}[item.state];
      if (item.state === "sent") Object.assign(row, {order: item.id, logged: now - row.began});
      if (this.early.has(item.id)) this.told(item.id, this.early.get(item.id));
    }
    if (item.state === "refused") this.refused(item);
    this.draw();
  }

  refused(item) {
    if (item.data.kind === "order") this.rows = this.rows.filter(row => row.key !== item.key);
    const field = FIELDS.find(name => item.problem.toLowerCase().startsWith(name));
    if (item.data.kind !== "mine") refuse(at(field ?? "stock"), item.problem);
  }

  // The exchange says what became of an order, or which of them wait.
  told(id, told) {
    if (told.trader !== this.trader) return;
    if (told.kind === "account") this.reconcile(told);
    else if (told.status === "refused") this.news(told.why);
    else this.acknowledged(told);
    if (told.shares) this.account(told);
    this.draw();
  }

  acknowledged(told) {
    const row = this.rows.find(row => row.order === told.order);
    if (!row) {
      if (told.of) this.early.set(told.of, told);
      if (this.early.size > SHOWN) this.early.delete(this.early.keys().next().value);
      return;
    }
    this.early.delete(told.of);
    if (told.of === row.order) row.answered ??= performance.now() - row.began;
    Object.assign(row, {state: told.status, left: told.left, ticks: told.price});
    const filled = told.filled ? `, ${told.filled} shares at ${money(told.at)}` : "";
    this.news(told.why ?? `${this.name(row)}: ${told.status}${filled}`);
  }

  // What the exchange has is what counts: an order that it does not know waits no more.
  reconcile({orders}) {
    for (const row of this.rows)
      if (["waiting", "in the log", "in doubt"].includes(row.state) && !orders.some(({order}) => order === row.order)) row.state = "over";
    for (const known of orders) {
      const row = this.rows.find(row => row.order === known.order);
      if (row) Object.assign(row, {left: known.left, state: "waiting"});
      else this.rows.push({...known, key: known.order, ticks: known.price, quantity: known.left, state: "waiting"});
    }
  }

  // Something was missed. After a restart the exchange knows none of the orders.
  doubt(restarted) {
    for (const row of this.rows)
      if (["waiting", "in the log"].includes(row.state)) row.state = restarted ? "gone" : "in doubt";
    this.ask();
    this.draw();
  }

  account({money: cash, shares}) {
    const held = Object.entries(shares).map(([stock, n]) => `${n} ${stock}`).join(", ") || "no shares";
    at("account").textContent = `${this.trader} has ${held}, and ${money(cash)} in money.`;
  }

  news(text) {
    at("news").textContent = text;
  }

  name({side, quantity, stock, ticks, price}) {
    return `${side} ${quantity} ${stock} at ${ticks ? money(ticks) : (price ?? "any price")}`;
  }

  draw() {
    this.rows.splice(SHOWN);
    const body = at("orders").tBodies[0], lines = this.rows.map(row => this.line(row));
    for (const line of [...body.children]) if (!lines.includes(line)) line.remove();
    lines.forEach((line, place) => body.children[place] === line || body.insertBefore(line, body.children[place] ?? null));
  }

  // A row's line in the table, made once, so that whoever is on its button with the keyboard stays there.
  line(row) {
    if (!row.line) {
      row.line = el("tr", {}, ...Array.from({length: 6}, () => el("td")));
      row.cancel = el("button", {type: "button", onclick: () => this.box.add({kind: "cancel", trader: this.trader, order: row.order})}, "cancel");
      row.line.lastChild.append(row.cancel);
    }
    const ms = value => (value === undefined ? "" : `${value.toFixed(1)} ms`);
    [this.name(row), row.left, row.state, ms(row.logged), ms(row.answered)].forEach((text, n) => (row.line.children[n].textContent = text));
    row.cancel.setAttribute("aria-label", `cancel ${this.name(row)}`);
    row.cancel.hidden = row.state !== "waiting";
    row.line.className = ["waiting", "in the log", "being sent"].includes(row.state) ? "" : "over";
    row.line.dataset.state = row.state;
    return row.line;
  }
}
