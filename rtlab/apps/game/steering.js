// Which way the player wants to go: arrow keys, W A S D, or a pointer that is held. One of the rules' moves, or null.

import {MOVES} from "./rules.js";

const KEYS = {
  ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
  KeyW: [0, -1], KeyS: [0, 1], KeyA: [-1, 0], KeyD: [1, 0],
};
const NEAR = 8; // from the pointer: the boat is there

// `begin()` is called when the player starts to steer; `own()` says where the boat is.
export function steering({canvas, place, own, begin}) {
  const held = new Set();
  let goal = null;

  function start(change) {
    const before = steer.move;
    change();
    if (!before && steer.move) begin();
  }

  addEventListener("keydown", event => {
    if (!KEYS[event.code] || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select")) return;
    event.preventDefault(); // the page does not scroll
    start(() => held.add(event.code));
  });
  addEventListener("keyup", event => held.delete(event.code));
  addEventListener("blur", () => held.clear());
  canvas.addEventListener("pointerdown", event => {
    canvas.focus();
    canvas.setPointerCapture(event.pointerId);
    start(() => (goal = place(event)));
  });
  canvas.addEventListener("pointermove", event => {
    if (goal) start(() => (goal = place(event)));
  });
  for (const over of ["pointerup", "pointercancel"]) canvas.addEventListener(over, () => (goal = null));

  const steer = {
    get move() {
      if (goal) {
        const boat = own();
        return boat && Math.hypot(goal.x - boat.x, goal.y - boat.y) > NEAR ? nearest(goal.x - boat.x, goal.y - boat.y) : null;
      }
      const ways = [...held].map(code => KEYS[code]);
      const x = Math.sign(ways.reduce((sum, [dx]) => sum + dx, 0)), y = Math.sign(ways.reduce((sum, [, dy]) => sum + dy, 0));
      return x || y ? nearest(x, y) : null;
    },
  };
  return steer;
}

// The move that goes most in a direction.
function nearest(x, y) {
  const along = ([dx, dy]) => (dx * x + dy * y) / Math.hypot(dx, dy);
  return Object.keys(MOVES).reduce((best, move) => (along(MOVES[move]) > along(MOVES[best]) ? move : best));
}
