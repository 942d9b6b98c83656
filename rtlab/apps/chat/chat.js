import {open} from "../frame.js";
import {el} from "../dom.js";

const said = document.getElementById("said");
open({title: "Chat", channel: "chat", onEvent: ({id, data}) => said.append(el("li", {id}, JSON.stringify(data)))});
