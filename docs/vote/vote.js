import {el} from "../dom.js";
import {open} from "../frame.js";
import {outbox} from "../outbox.js";

const app = open({title: "Vote", channel: "vote", after: "last", onEvent: ({data}) => show(data)});
const box = outbox({send: (data, key) => app.publish(data, {key, channel: "vote.cast"})});

function show(counts) {
  const rows = Object.entries(counts).map(([choice, count]) =>
    el("li", {className: "row"}, el("button", {value: choice}, choice), el("output", {}, String(count))));
  document.getElementById("choices").replaceChildren(...rows);
}

document.getElementById("choices").onclick = ({target}) => target.value && box.add({choice: target.value});
