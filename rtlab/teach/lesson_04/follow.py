"""Exercise 04.1: a short polling loop, to be changed into a long polling one."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

DELAY = 0.040  # one way, seconds
# Alone, close together, just behind another, and 0.4 s after a hold of 25 s has ended without news.
MOMENTS = (0.50, 0.52, 0.90, 3.00, 3.07, 6.00, 31.50)
ROUNDS = 12
LONGEST = 60.0  # seconds that this server holds a request at most
BARE = "`get` was called without `wait`: the server answered at once, with nothing. Nobody told it to hold the request."


class World:
    """A server, a network and a clock that exist in numbers only: `get` and `sleep` take no real time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.known: dict[int, float] = {}  # event → when the client had it
        self.waits: list[float] = []  # what each request asked for
        self.slept = 0.0

    def get(self, after: str = "start", wait: float = 0.0) -> dict[str, Any]:
        """Ask for the events after a cursor; the server holds the request for up to `wait` seconds."""
        place = 0 if after == "start" else int(str(after).removeprefix("log."))
        self.waits.append(wait)
        reached = self.now + DELAY
        following = MOMENTS[place] if place < len(MOMENTS) else math.inf
        left = min(max(reached, following), reached + min(wait, LONGEST))
        self.now = left + DELAY
        upto = bisect_right(MOMENTS, left)
        for event in range(place, upto):
            self.known.setdefault(event, self.now)
        return {"events": [{"data": event + 1} for event in range(place, upto)], "cursor": f"log.{upto}"}

    def sleep(self, seconds: float) -> None:
        """Let time pass at the client."""
        self.slept += seconds
        self.now += seconds

    def late(self) -> list[float]:
        """Return the latencies that long polling does not have: beyond three transits."""
        found = [at - MOMENTS[event] for event, at in self.known.items()]
        return [latency for latency in found if latency > 3 * DELAY + 1e-9]


def check_follow(follow: Callable[..., Any]) -> None:
    """Let the loop run in a world of numbers; look for what was lost, came twice or came late."""
    world = World()
    got = follow(world.get, world.sleep, ROUNDS)
    did = f"let it ask {ROUNDS} times while {len(MOMENTS)} events came, one-way delay {DELAY * 1e3:.0f} ms"
    if not isinstance(got, list):
        raise Wrong(did, show(got), "a list: the data of the events, in order")
    if got != sorted(set(got)):
        advice = "Events came twice: go on from the cursor of the last answer."
        raise Wrong(did, show(got), "the data of each event, once and in order", advice)
    if len(world.known) < len(MOMENTS):
        wanted = f"all {len(MOMENTS)} events within {ROUNDS} answers"
        advice = "" if any(world.waits) else BARE
        raise Wrong(did, f"{len(world.known)} events, in {len(world.waits)} answers", wanted, advice)
    if len(got) < len(MOMENTS):
        raise Wrong(did, show(got), "the data of every event that an answer brought")
    if late := world.late():
        wanted = "no event later than three transits"
        advice = (
            f"It slept for {world.slept:g} s in all. While the client sleeps, no request waits at the server."
        )
        raise Wrong(
            did, f"an event that came {max(late):.2f} s late", wanted, advice if world.slept else BARE
        )


FOLLOW = '''
def follow(get, sleep, rounds):
    """Ask `rounds` times and return the data of every event, once and in order."""
    seen, after = [], "start"
    for _ in range(rounds):
        answer = get(after=after)
        seen += [event["data"] for event in answer["events"]]
        after = answer["cursor"]
        sleep(1.0)
    return seen
'''


def ask_again_at_once() -> Exercise:
    """Return 04.1: two changes that turn short polling into long polling."""
    held = FOLLOW.replace("after=after", "after=after, wait=25")
    when_empty = held.replace(
        "        sleep(1.0)", "        if not answer['events']:\n            sleep(1.0)"
    )
    right = held.replace("        sleep(1.0)\n", "")
    return Exercise(
        id="04.1",
        title="from short to long (modify)",
        task="This loop polls once a second, and works. Change it into long polling. `get(after=…, wait=…)` sends one "
        "request and returns the answer, a `dict` with `events` and `cursor`; with `wait` the server holds the "
        "request for at most so many seconds. No event may come later than three transits.",
        name="follow",
        stub=FOLLOW,
        reference=right,
        judge=check_follow,
        hints=(
            "Two places change: what is asked for, and when the next question is sent.",
            "Whoever waits now is the server. What is left for the client's clock to do?",
        ),
        wrong=(
            WrongAnswer(held, "While the client sleeps"),
            WrongAnswer(when_empty, "While the client sleeps"),
            WrongAnswer(FOLLOW.replace("        sleep(1.0)\n", ""), "without `wait`"),
            WrongAnswer(
                right.replace("        after = answer['cursor']\n", "").replace(
                    '        after = answer["cursor"]\n', ""
                ),
                "came twice",
            ),
        ),
        why="Long polling is short polling with the waiting moved to the other side: the one who knows when there is "
        "news is the one who waits.",
    )
