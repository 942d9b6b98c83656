"""Exercise 14.1: who is here, by leases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

LEASE = 12.0
SHORT = 0.25  # of everything: the evening that is played after it, to another room
# (seconds, what happens, who): an empty room, a tunnel, a good-bye, a return, two at the same moment.
EVENING = (
    (0.0, "look", ""),
    (0.0, "renew", "ada"),
    (1.0, "renew", "bob"),
    (4.0, "renew", "ada"),
    (5.0, "look", ""),
    (8.0, "renew", "ada"),
    (12.9, "look", ""),
    (13.0, "look", ""),
    (14.0, "renew", "eve"),
    (15.0, "renew", "bob"),
    (15.5, "look", ""),
    (16.0, "leave", "eve"),
    (16.1, "look", ""),
    (19.9, "look", ""),
    (20.0, "look", ""),
    (26.9, "look", ""),
    (27.0, "look", ""),
    (28.0, "leave", "bob"),
    (28.5, "renew", "ada"),
    (29.0, "look", ""),
)


def right(until: dict[str, float], at: float) -> list[str]:
    """Who is here at a moment: those whose lease is not over."""
    return sorted(name for name, end in until.items() if end > at)


@dataclass(frozen=True)
class Evening:
    """Plays an evening to `Presence`, and looks who it says is here."""

    def __call__(self, presence: Any) -> None:
        """Renew, leave and look at the moments of `EVENING`; then once more, in a room with a shorter lease."""
        for part in (1.0, SHORT):
            self._play(presence, part)

    def _play(self, presence: Any, part: float) -> None:
        lease = part * LEASE
        room, until = presence(lease), dict[str, float]()
        played: list[str] = []
        for moment, what, who in EVENING:
            at = part * moment
            if what == "renew":
                until[who] = at + lease
                room.renew(who, at)
            elif what == "leave":
                until.pop(who, None)
                room.leave(who)
            else:
                after = f"after {'; '.join(played[-4:])}" if played else "in a new room"
                did = f"with a lease of {lease:g} s, {after}: asked who is here at {at:g} s"
                self._look(did, room.here(at), right(until, at), part)
            if who:
                played.append(f"{at:g} s {who} {what}s")

    def _look(self, did: str, got: Any, wanted: list[str], part: float) -> None:
        if isinstance(got, (list, tuple, set)) and sorted(map(str, got)) == wanted:
            return
        advice = self._symptom(got, wanted)
        if part != 1:  # a room with a lease of 12 s was right
            advice += " This is a second room, with a shorter lease than the first: what do the two share?"
        raise Wrong(did, show(got), "the names of those whose lease is not over", advice)

    @staticmethod
    def _symptom(got: Any, wanted: list[str]) -> str:
        if not isinstance(got, (list, tuple, set)):
            return "`here` gives back a list of names."
        if set(map(str, got)) == set(wanted):
            return "A name is there twice: who renews is still one person."
        if set(map(str, got)) - set(wanted):
            return (
                "Somebody is still here who should be gone: a lease that is over, or one that was given back."
            )
        return "Somebody is missing who is here: each renewal begins the lease anew."


STUB = '''
class Presence:
    """Who is here: a name is lent for `lease` seconds, and may be asked for again."""

    def __init__(self, lease):
        self.lease = lease

    def renew(self, name, now):
        ...

    def leave(self, name):
        ...

    def here(self, now):
        """The names of those who are here."""
        ...
'''


def _class(renew: str, leave: str, here: str, begin: str = "self.until = {}") -> str:
    return (
        "class Presence:\n"
        f"    def __init__(self, lease):\n        self.lease = lease\n        {begin}\n"
        f"    def renew(self, name, now):\n        {renew}\n"
        f"    def leave(self, name):\n        {leave}\n"
        f"    def here(self, now):\n        {here}\n"
    )


RENEW, LEAVE = "self.until[name] = now + self.lease", "self.until.pop(name, None)"
HERE = "return [name for name, until in self.until.items() if until > now]"


def who_is_here() -> Exercise:
    """Return 14.1: presence by leases."""
    return Exercise(
        id="14.1",
        title="who is here",
        task="Write `Presence`. `renew(name, now)` lends a name for `lease` seconds from now on, also to somebody who "
        "has it already; `leave(name)` gives it back; `here(now)` says whose lease is not over. Times are seconds of "
        "a steady clock. A lease that ends at 12 s is over at 12 s.",
        name="Presence",
        stub=STUB,
        reference=_class(RENEW, LEAVE, HERE),
        judge=Evening(),
        hints=(
            "Keep for each name the moment at which its lease is over: a `dict` is all that is needed.",
            "Nothing has to happen when a lease ends. `here` compares.",
        ),
        wrong=(
            WrongAnswer(_class(RENEW, LEAVE, "return list(self.until)"), "should be gone"),
            WrongAnswer(
                _class("self.until.setdefault(name, now + self.lease)", LEAVE, HERE), "begins the lease anew"
            ),
            WrongAnswer(_class(RENEW, "pass", HERE), "should be gone"),
            WrongAnswer(_class("self.until[name] = now + 12", LEAVE, HERE), "a shorter lease"),
            WrongAnswer(
                _class(RENEW, LEAVE, HERE, "pass").replace("Presence:\n", "Presence:\n    until = {}\n"),
                "what do the two share",
            ),
            WrongAnswer(
                _class(
                    "self.until.append((name, now + self.lease))",
                    "self.until = [pair for pair in self.until if pair[0] != name]",
                    "return [name for name, until in self.until if until > now]",
                    "self.until = []",
                ),
                "there twice",
            ),
        ),
        why="A lease needs no connection to be right, so it is right for a poller too; and it costs a renewal every "
        "few seconds from everybody, which is more than most people say.",
    )
