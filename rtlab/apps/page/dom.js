// Making elements from text, never from markup: what somebody else has written stays text.

// An element with properties, `data-` and `aria-` attributes, and children (elements or text).
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// Say at the field what is wrong with it. The field's label holds, or its form gets, an element for the sentence.
export function refuse(input, sentence) {
  input.setAttribute("aria-invalid", "true");
  problem(input).textContent = sentence;
  input.focus();
}

// Nothing is wrong with it any more.
export function clear(input) {
  input.removeAttribute("aria-invalid");
  problem(input).textContent = "";
}

function problem(input) {
  const id = `${input.id}-problem`;
  let found = document.getElementById(id);
  if (!found) {
    found = el("p", {id, className: "problem", role: "alert"});
    (input.closest(".field") ?? input).append(found);
    if (!found.isConnected) input.after(found);
    input.setAttribute("aria-describedby", id);
  }
  return found;
}
