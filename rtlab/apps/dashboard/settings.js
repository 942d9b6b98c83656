// The form: what holds now, what somebody has typed, and where the server finds fault with it.

import {clear, refuse} from "../dom.js";
import {outbox} from "../outbox.js";

const FIELDS = ["metric", "above", "seconds", "clear", "rate"];
const CHANNEL = "dashboard.settings";

export function settings(app) {
  const form = document.getElementById("settings"), applied = document.getElementById("applied");
  const field = name => form.elements[name];
  let holds = null, typed = false;
  const box = outbox({
    send: (data, key) => app.publish(data, {key, channel: CHANNEL}),
    onChange(item) {
      if (item.state === "waiting") applied.textContent = "Sending …";
      if (item.state === "refused") {
        applied.textContent = "";
        refuse(field(item.field) ?? field("above"), item.problem);
      }
      if (item.state === "sent") {
        typed = false;
        applied.textContent = "Applied.";
      }
    },
  });

  form.oninput = () => {
    typed = true;
    applied.textContent = "";
  };
  form.onsubmit = event => {
    event.preventDefault();
    for (const name of FIELDS) clear(field(name));
    if (box.waiting.length === 0) box.add(Object.fromEntries(FIELDS.map(name => [name, field(name).value.trim()])));
  };

  return {
    // A sample names the settings that it was made by: those that we do not know yet are the last of their channel.
    async follow(id) {
      if (id === holds) return;
      holds = id;
      const found = await app.history({channel: CHANNEL, after: "last"}).catch(() => null);
      const last = found?.events.at(-1);
      if (!last) holds = null;
      else if (!typed) for (const name of FIELDS) field(name).value = last.data[name];
    },
  };
}
