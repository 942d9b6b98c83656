// The form for an order, and the list of what became of each.

import {clear, el, refuse} from "../dom.js";
import {outbox} from "../outbox.js";

const FIELDS = ["device", "command", "value", "within"];
const KEPT = 30; // orders that are listed
const id = name => document.getElementById(name);
const WORDS = {sending: "is on its way to the server", waiting: "waits for the device", unknown: "the server was restarted and has forgotten it"};

export function orders(app) {
  const list = new Map(); // an order's id, or its key while it has none → its line
  let known = {devices: [], kinds: {}};
  const box = outbox({
    store: "rtlab devices",
    send: (data, key) => app.publish(data, {key, channel: "devices.orders"}),
    onChange({key, data, state, id: order, problem, field}) {
      const command = [data.command, data.value].filter(Boolean).join(" ");
      if (state === "waiting") show(key, {device: data.device, command, outcome: "sending"});
      if (state === "sent") rename(key, order);
      if (state === "refused") {
        list.get(key)?.remove();
        list.delete(key);
        refuse(id(FIELDS.includes(field) ? field : "device"), problem);
      }
    },
  });

  // The answer of the server and the news of the order may come in either order.
  function rename(key, order) {
    const line = list.get(key);
    list.delete(key);
    if (!line) return;
    if (list.has(order)) line.remove();
    else {
      list.set(order, line);
      fill(line, {outcome: "waiting"});
    }
  }

  function fill(line, {outcome, words}) {
    line.dataset.outcome = outcome;
    line.querySelector(".outcome").textContent = outcome;
    line.querySelector(".words").textContent = words || WORDS[outcome] || "";
  }

  function show(order, {device, command, outcome, words}) {
    let line = list.get(order);
    if (!line) {
      line = el("li", {}, el("span", {}, device), el("span", {}, command), el("span", {className: "outcome"}), el("span", {className: "words quiet"}));
      list.set(order, line);
      id("orders").prepend(line);
      while (id("orders").children.length > KEPT) id("orders").lastChild.remove();
    }
    fill(line, {outcome, words});
  }

  function options() {
    const found = known.devices.find(({name}) => name === id("device").value);
    const commands = found ? known.kinds[found.kind].commands : {};
    id("words").replaceChildren(...Object.keys(commands).map(value => el("option", {value})));
    const span = commands[id("command").value];
    id("value-label").textContent = span ? `${span.low} to ${span.high} ${span.unit}` : "number";
    id("hint").textContent = found ? `A ${found.kind} knows ${Object.keys(commands).join(", ")}.` : "";
  }

  id("order").oninput = options;
  id("order").onsubmit = event => {
    event.preventDefault();
    for (const name of FIELDS) clear(id(name));
    box.add(Object.fromEntries(FIELDS.map(name => [name, id(name).value.trim()])));
  };

  return {
    begin(fleet) {
      known = fleet;
      id("known").replaceChildren(...fleet.devices.map(({name}) => el("option", {value: name})));
      options();
    },
    news({order, device, command, outcome, words}) {
      show(order, {device, command, outcome, words});
      if (outcome !== "waiting") id("news").textContent = `${device}: ${command}: ${outcome}. ${words}`;
    },
    // Another server, which knows nothing of what was ordered of the one before.
    forgotten() {
      for (const line of list.values()) if (line.dataset.outcome === "waiting") fill(line, {outcome: "unknown"});
    },
  };
}
