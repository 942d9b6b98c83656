"""The authority: which moves count, and when. Told the time, it has no clock; it decides and never predicts.

What comes may come twice, late, or in one lump: moves are numbered, and one that was heard is not heard again. A boat
makes as many steps as there were ticks, and can save some for a lump after a stall, so a player whose clock is fast,
or whose page has been changed, is not faster than the others by more than `CREDIT`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from rtlab.apps.game.rules import Pond, launch, leave, new_pond, steer

TICK = 0.05  # seconds
CREDIT = 1.25  # steps that a boat earns in a tick: clocks differ
SAVED = 10.0  # steps that it can save
WAITING = 40  # moves of a boat that wait to be applied; what is beyond is heard when it is sent again
SILENT = 6.0  # seconds after which a boat of which nothing is heard has left
BOATS = 12


@dataclass
class Seat:
    """What the referee keeps of a player, besides the boat."""

    heard: int  # number of the last move that was taken
    at: float  # when the player was heard last
    waiting: deque[tuple[int, str]] = field(default_factory=deque)
    credit: float = SAVED


class Referee:
    """Holds the one pond that counts."""

    def __init__(self, seed: int = 1) -> None:
        self.pond: Pond = new_pond(seed)
        self.seats: dict[str, Seat] = {}

    def has_room(self, player: str) -> bool:
        """Whether this player has a boat, or can get one."""
        return player in self.seats or len(self.seats) < BOATS

    def hear(self, player: str, name: str, first: int, moves: Sequence[str], now: float) -> None:
        """A player is there, and makes moves that are numbered from `first` on. Of a full pond nothing is heard."""
        if not self.has_room(player):
            return
        if player not in self.seats:
            self.seats[player] = Seat(first - 1, now)
            self.pond = launch(self.pond, player, name)
        seat = self.seats[player]
        seat.at = now
        boats = self.pond["boats"]
        if boats[player]["name"] != name:
            self.pond = {**self.pond, "boats": {**boats, player: {**boats[player], "name": name}}}
        for number, move in enumerate(moves, first):
            if number > seat.heard and len(seat.waiting) < WAITING:
                seat.waiting.append((number, move))
                seat.heard = number

    def tick(self, now: float) -> Pond:
        """Let everybody who is still there make the steps that they may; the new state."""
        for player, seat in list(self.seats.items()):
            if now - seat.at > SILENT:
                del self.seats[player]
                self.pond = leave(self.pond, player)
                continue
            seat.credit = min(seat.credit + CREDIT, SAVED)
            while seat.waiting and seat.credit >= 1:
                number, move = seat.waiting.popleft()
                seat.credit -= 1
                self.pond = steer(self.pond, player, number, move)
        self.pond = {**self.pond, "tick": self.pond["tick"] + 1}
        return self.pond
