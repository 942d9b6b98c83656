// Devices: orders and what became of them, who is there, what listening costs.

import {open} from "../frame.js";
import {table} from "./fleet.js";
import {orders} from "./orders.js";
import {warmth} from "./warmth.js";

const id = name => document.getElementById(name);
const news = {
  reports: ({reports}) => reports.forEach(report => {
    fleet.report(report);
    if (report.unit === "°C") temperatures.add(report);
  }),
  order: order => list.news(order),
  silent: ({device}) => fleet.silent(device),
  radio: ({device, on}) => fleet.radio(device, on),
};
let known = false;

const app = open({
  title: "Devices", channel: "devices", after: "now",
  onEvent: ({data}) => news[data.kind]?.(data),
  onGap() {
    list.forgotten();
    learn();
  },
  onState({state}) { if (state === "open" && !known) learn(); },
});
const temperatures = warmth(id("warmth"));
const list = orders(app);
const fleet = table({
  body: id("fleet").tBodies[0], radio: id("radio"),
  onSwitch: (device, on) => app.publish({device, on}, {channel: "devices.radio"}).catch(() => {}), // #state says why
});

// Which devices there are is the last event of a channel of its own.
async function learn() {
  const found = await app.history({channel: "devices.fleet", after: "last"}).catch(() => null);
  const last = found?.events.at(-1);
  if (!last) return;
  known = true;
  fleet.begin(last.data.devices);
  list.begin(last.data);
}
