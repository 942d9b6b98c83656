"""The scores as a feed tells them: what a reader knows is the sum of the events that it has read, and of nothing else.

    board = Board()
    board.take(event)                   # {"kind": "goal", "match": "1", "side": "home", "minute": 12, "player": "Ito"}
    board.take(correction)              # {"kind": "amend", "of": the event's id, "to": null, "why": "offside"}
    board.scores["1"]                   # → (0, 0)

A correction does not change the past: it is an event like any other, that names an earlier one and says what is to be
thought of it now (`to`: its new data, or null if it did not happen). The score is not told, it follows. So a reader
who saw the goal at once and one who came after the correction agree, and neither has to ask again.
"""

from __future__ import annotations

from typing import Any

Data = dict[str, Any]


class Board:
    """What one reader of the feed knows: of each event of this round what is now to be thought of it."""

    def __init__(self) -> None:
        self.round: str | None = None  # the id of the event that began it
        self.matches: dict[str, Data] = {}  # of this round, by their id
        self.facts: dict[str, Data] = {}  # event id → its data, as amended
        self.amended: dict[str, str] = {}  # event id → why

    def take(self, id: str, data: Data) -> None:
        """Add what an event says. One that a reader gets twice changes nothing the second time."""
        match data:
            case {"kind": "round", "matches": matches} if id != self.round:
                self.round = id
                self.matches = {each["match"]: each for each in matches}
                self.facts.clear()
                self.amended.clear()
            case {"kind": "amend", "of": earlier, "to": to, "why": why}:
                if earlier in self.facts:  # if not, it is of a round that is over
                    self.facts[earlier] = to or {**self.facts[earlier], "void": True}
                    self.amended[earlier] = why
            case {"match": _} if id not in self.facts:
                self.facts[id] = data

    @property
    def scores(self) -> dict[str, tuple[int, int]]:
        """Goals of home and away in each match, as far as is known now."""
        goals = dict.fromkeys(self.matches, (0, 0))
        for fact in self.facts.values():
            if fact["kind"] == "goal" and not fact.get("void") and fact["match"] in goals:
                home, away = goals[fact["match"]]
                goals[fact["match"]] = (home + 1, away) if fact["side"] == "home" else (home, away + 1)
        return goals
