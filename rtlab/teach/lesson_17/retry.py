"""Exercise 17.2: acknowledge, time out, try again: under one key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

# What becomes of each attempt: the order or its answer is lost on the way, or both arrive.
LOST, DEAF, WELL = "the order was lost", "the answer was lost", "all went well"
CASES: tuple[tuple[tuple[str, ...], int], ...] = (
    ((WELL,), 3),
    ((DEAF, WELL), 3),
    ((LOST, WELL), 3),
    ((DEAF, LOST, WELL), 3),
    ((LOST, LOST, LOST, WELL), 3),
)


@dataclass
class Valve:
    """A server that remembers keys, before a valve; `turned` counts what was really done."""

    fates: tuple[str, ...]
    attempts: int = 0
    turned: int = 0
    keys: list[Any] = field(default_factory=list)
    done: dict[Any, str] = field(default_factory=dict)

    def send(self, command: str, key: Any) -> str:
        """One attempt: the acknowledgement, or TimeoutError where none came in time."""
        fate = self.fates[min(self.attempts, len(self.fates) - 1)]
        self.attempts += 1
        self.keys.append(key)
        if self.attempts > 20:
            raise Wrong("let nobody answer", "more than 20 attempts", "at most `tries` of them")
        if fate == LOST:
            raise TimeoutError("no answer in time")
        if key not in self.done:
            self.turned += 1
            self.done[key] = f"{command}: done"
        if fate == DEAF:
            raise TimeoutError("no answer in time")
        return self.done[key]


def check_insist(insist: Callable[..., Any]) -> None:
    """Give an order through every kind of loss; look at what was done, and what the giver was told."""
    seen: list[Any] = []
    for fates, tries in CASES:
        valve, names = Valve(fates), iter(f"key-{len(seen) + n}" for n in range(100))
        did = f"gave one order with {tries} tries; " + ", then ".join(fates[:tries])
        hopeless = WELL not in fates[:tries]
        try:
            got = insist(valve.send, "open", tries, lambda names=names: next(names))
        except TimeoutError:  # the last one, or one of the student's own
            if not hopeless:
                advice = "After one time-out nobody knows whether it was done: try again."
                raise Wrong(did, "`TimeoutError`", "the acknowledgement", advice) from None
            got = None
        else:
            if hopeless:
                advice = "Who gave the order must learn that nobody knows what came of it: raise the last time-out."
                raise Wrong(did, f"{show(got)} returned", "`TimeoutError` after the last try", advice)
        if valve.turned > 1:
            advice = (
                "The valve was turned twice: a second attempt is the *same* order, and says so by its key."
            )
            raise Wrong(
                did, f"{valve.turned} turns of the valve", "one turn, however often it was sent", advice
            )
        if valve.attempts > tries:
            raise Wrong(did, f"{valve.attempts} attempts", f"{tries} at most")
        if len({str(key) for key in valve.keys}) > 1:
            raise Wrong(
                did, f"the keys {show(valve.keys)}", "one key", "A second attempt is the *same* order."
            )
        if not hopeless and got != "open: done":
            raise Wrong(did, show(got), "what `send` returned: the acknowledgement")
        if valve.keys[0] in seen:
            advice = "Another order needs another key, or the server takes it for the first one again."
            raise Wrong(
                "gave a second order", f"the key {show(valve.keys[0])} once more", "a key of its own", advice
            )
        seen.append(valve.keys[0])


INSIST = '''
def insist(send, command, tries, new_key):
    """Give one order, at most `tries` times, and return its acknowledgement.

    `send(command, key)` returns the acknowledgement, or raises TimeoutError. `new_key()` makes a key. When no
    attempt was answered, raise TimeoutError.
    """
    for attempt in range(tries):
        return send(command, new_key())
'''
RIGHT = """
def insist(send, command, tries, new_key):
    key = new_key()
    for attempt in range(tries):
        try:
            return send(command, key)
        except TimeoutError:
            if attempt == tries - 1:
                raise
"""


def one_key() -> Exercise:
    """Return 17.2: one order, one key, several attempts."""
    inside = RIGHT.replace("    key = new_key()\n", "").replace(
        "send(command, key)", "send(command, new_key())"
    )
    return Exercise(
        id="17.2",
        title="one order, several attempts (modify)",
        task="This `insist` gives up at the first time-out. Change it: try up to `tries` times, do the thing *once*, "
        "and say so honestly when nobody has answered. Sometimes the order is lost, sometimes only its "
        "acknowledgement.",
        name="insist",
        stub=INSIST,
        reference=RIGHT,
        judge=check_insist,
        hints=(
            "When the acknowledgement was lost, the order was done. How does the server know that your second "
            "attempt is no second order?",
            "The key belongs to the order, not to the attempt. And the last time-out is for whoever called you.",
        ),
        wrong=(
            WrongAnswer(inside, "turned twice"),
            WrongAnswer(INSIST.replace("new_key()", "'key'"), "try again"),
            WrongAnswer(
                RIGHT.replace(
                    "            if attempt == tries - 1:\n                raise\n", "            pass\n"
                ),
                "nobody knows",
            ),
            WrongAnswer(RIGHT.replace("key = new_key()", "key = 'key'"), "Another order needs another key"),
        ),
        why="At least once on the wire and a key at the other end make exactly once, as far as the server remembers "
        "keys. Where nobody answers at all, `timed out` is the only honest outcome: nobody knows what was done.",
    )
