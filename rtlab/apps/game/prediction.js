// Client prediction and reconciliation, as in prediction.py:
//
//   predicted = the server's newest state + my moves that it had not seen, applied by the same rules

import {steer} from "./rules.js";

export class Prediction {
  constructor(player) {
    this.player = player;
    this.told = this.shown = null; // the server's newest state; that, and the moves that wait
    this.waiting = []; // [number, move] that the server has not seen
    this.number = 0; // of the last move
  }

  // The player moves: shown at once, if there is a boat. The move's number.
  move(move) {
    this.number += 1;
    this.waiting.push([this.number, move]);
    if (this.shown?.boats[this.player]) this.shown = steer(this.shown, this.player, this.number, move);
    return this.number;
  }

  // The server's state has come: forget the moves that it has seen, and do the others again on top of it. With
  // `again` false they are not done again: the boat jumps back to where it was when the state left. The correction.
  receive(told, again = true) {
    if (this.told && told.tick < this.told.tick) return 0;
    const before = this.shown?.boats[this.player];
    this.told = this.shown = told;
    const own = told.boats[this.player];
    if (!own) return 0;
    this.waiting = this.waiting.filter(([number]) => number > own.seen);
    if (again) for (const [number, move] of this.waiting) this.shown = steer(this.shown, this.player, number, move);
    const after = this.shown.boats[this.player];
    return before ? Math.hypot(before.x - after.x, before.y - after.y) : 0;
  }

  // Another server, whose ticks begin anew.
  begin() {
    this.told = this.shown = null;
    this.waiting = [];
  }
}
