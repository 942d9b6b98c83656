// A form that appears when the server wants a token or another one, says what to do, and goes away when it has one.
//
//   const signIn = signInForm(place, () => reader.switchTo(by));     // what to do when there is a token
//   onState: now => signIn.follow(now)

import {setToken} from "./token.js";

const SENTENCES = {
  401: "This server wants a token that is good. Ask whoever runs it for one, and give it here.",
  403: "The token does not allow this. Ask whoever runs the server for another one, and give it here.",
};

export function signInForm(place, again) {
  const make = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const input = make("input", {id: "token", type: "password", autocomplete: "off", required: true});
  const why = make("p", {id: "token-problem", className: "problem", role: "alert"});
  const label = make("label", {className: "field"}, "token", input);
  const form = make("form", {id: "sign-in", className: "row", hidden: true}, label, make("button", {}, "use it"), why);
  input.setAttribute("aria-describedby", why.id);
  let told = null;    // the refusal that stands there; asked again, the server says it again, and not over what we said
  form.onsubmit = submitted => {
    submitted.preventDefault();
    try {
      setToken(input.value);
    } catch (trouble) {
      why.textContent = trouble.message;
      return;
    }
    input.value = "";
    told = null;
    again();
  };
  place.append(form);
  return {
    follow({state, status}) {
      if (state === "open") [form.hidden, told] = [true, null];
      if (!(status in SENTENCES) || status === told) return;
      told = status;
      form.hidden = false;
      why.textContent = SENTENCES[status];
    },
  };
}
