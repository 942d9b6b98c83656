"""Client prediction and reconciliation: show what a move will do, and take the server's word for what it did.

    predicted = the server's newest state + my moves that it had not seen, applied by the same rules

So a key is seen at once, whatever the delay; and once all moves are seen, what is shown is the server's state. Where
others were in the way meanwhile, the boat is put right: the correction. `prediction.js` is the same for the page.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from rtlab.apps.game.rules import Pond, steer

Rule = Callable[[Pond, str, int, str], Pond]


class Prediction:
    """What one player's page believes.

    `told`: the server's newest state; `shown`: that and `waiting`, the moves that it had not seen, numbered. `rule`
    applies one move.
    """

    def __init__(self, player: str, rule: Rule = steer) -> None:
        self.player, self.rule = player, rule
        self.told: Pond | None = None
        self.shown: Pond | None = None
        self.waiting: list[tuple[int, str]] = []
        self.number = 0  # of the last move

    def move(self, move: str) -> int:
        """The player moves: shown at once, if there is a boat; the move's number."""
        self.number += 1
        self.waiting.append((self.number, move))
        if self.shown is not None and self.player in self.shown["boats"]:
            self.shown = self.rule(self.shown, self.player, self.number, move)
        return self.number

    def receive(self, told: Pond) -> float:
        """The server's state has come: forget the moves that it has seen, and do the others again on top of it.

        Returns the correction: how far the own boat was from where it is shown now. An older state changes nothing.
        """
        if self.told is not None and told["tick"] < self.told["tick"]:
            return 0.0
        before = self._boat(self.shown)
        self.told = self.shown = told
        if self._boat(told) is None:
            return 0.0
        seen = told["boats"][self.player]["seen"]
        self.waiting = [(number, move) for number, move in self.waiting if number > seen]
        for number, move in self.waiting:
            self.shown = self.rule(self.shown, self.player, number, move)
        after = self._boat(self.shown)
        return math.dist(before, after) if before is not None and after is not None else 0.0

    def begin(self) -> None:
        """Another server, whose ticks begin anew."""
        self.told = self.shown = None
        self.waiting.clear()

    def _boat(self, pond: Pond | None) -> tuple[int, int] | None:
        """Where the own boat is in a state, if it is there."""
        boat = pond["boats"].get(self.player) if pond else None
        return (boat["x"], boat["y"]) if boat else None
