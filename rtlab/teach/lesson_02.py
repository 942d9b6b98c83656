"""The exercises of lesson 02, short polling: the loop, the interval, the bill."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtlab.log import Log
from rtlab.teach.checks import Number
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

Poll = Callable[[str], dict[str, Any]]

# How many events are published before each poll; more come than one answer holds, and often none.
ROUNDS = (2, 0, 1, 0, 0, 7, 1, 0, 3, 0, 0, 0)
MOST = 4  # events in one answer


@dataclass(frozen=True)
class LoopCheck:
    """Holds `follow(poll, rounds)` against a channel on which events come between polls, several at once, or none."""

    def __call__(self, follow: Callable[[Poll, int], list[Any]]) -> None:
        """Publish before each poll what `ROUNDS` says; look whether each event was returned once and in order."""
        log = Log()
        published: list[int] = []
        asked: list[str] = []
        rounds = iter(ROUNDS)

        def poll(after: str) -> dict[str, Any]:
            for _ in range(next(rounds, 0)):
                published.append(len(published) + 1)
                log.append(published[-1])
            asked.append(after)
            batch = log.read(after, limit=MOST)
            return {
                "events": [vars(event).copy() for event in batch.events],
                "cursor": batch.cursor,
                "gap": None,
            }

        got = follow(poll, len(ROUNDS))
        did = (
            f"let it poll {len(ROUNDS)} times while {len(published)} events came, at most {MOST} in an answer"
        )
        if not isinstance(got, list):
            raise Wrong(did, show(got), "a list: the data of the events, in order")
        if got != published:
            raise Wrong(
                did,
                show(got),
                "the data of each event, once and in order",
                self._symptom(got, published, asked),
            )
        if len(asked) != len(ROUNDS):
            raise Wrong(did, f"{len(asked)} polls", f"as many polls as `rounds` says: {len(ROUNDS)}")

    @staticmethod
    def _symptom(got: list[Any], published: list[int], asked: list[str]) -> str:
        if any(isinstance(item, dict) for item in got):
            return "These are whole events: wanted is what each carries, `event['data']`."
        if len(got) > len(set(map(str, got))):
            return "Events came twice: you asked again from a place that you had already read."
        if "now" in asked[1:]:
            return "Events were lost: `now` skips whatever happened since your last question."
        return "Events were lost: an answer may hold several, and all of them count."


FOLLOW = '''
def follow(poll, rounds):
    """Poll `rounds` times and return the data of every event, once and in order."""
    seen, after = [], "start"
    for _ in range(rounds):
        answer = poll(after)
        ...
    return seen
'''


def _follow(*body: str, start: str = "start") -> str:
    lines = "".join(f"        {line}\n" for line in body)
    head = f'def follow(poll, rounds):\n    seen, after = [], "{start}"\n    for _ in range(rounds):\n'
    return f"{head}{lines}    return seen\n"


def the_loop() -> Exercise:
    """Return 02.1: the poll loop."""
    take = "seen += [event['data'] for event in answer['events']]"
    return Exercise(
        id="02.1",
        title="a right poll loop",
        task="Complete `follow(poll, rounds)`. `poll(after)` asks the server once and returns its answer, a `dict` "
        "with `events` (a list of `{'id', 'time', 'data'}`), `cursor` and `gap`. Between two polls several events may "
        "come, or none; one answer holds at most a few.",
        name="follow",
        stub=FOLLOW,
        reference=_follow("answer = poll(after)", take, "after = answer['cursor']"),
        judge=LoopCheck(),
        hints=(
            "Two lines are missing: one that takes what the answer brings, one that remembers where to go on.",
            "The answer itself says where it ends, also when it is empty.",
        ),
        wrong=(
            WrongAnswer(_follow("answer = poll(after)", take), "came twice"),
            WrongAnswer(
                _follow("answer = poll(after)", take, "after = 'now'"),
                "`now` skips whatever happened",
            ),
            WrongAnswer(
                _follow(
                    "answer = poll(after)",
                    "if answer['events']:",
                    "    seen.append(answer['events'][0]['data'])",
                    "after = answer['cursor']",
                ),
                "may hold several",
            ),
            WrongAnswer(
                _follow("answer = poll(after)", "seen += answer['events']", "after = answer['cursor']"),
                "whole events",
            ),
        ),
        why="With the cursor of the last answer nothing is lost and nothing comes twice, however slowly you ask.",
    )


def the_interval() -> Exercise:
    """Return 02.2: the longest interval that keeps two promises."""
    return Exercise(
        id="02.2",
        title="the longest interval that will do",
        task="A dashboard polls over a path with a one-way delay of 40 ms. It promises that a change is seen after "
        "half a second on average, and after 0.9 s at the latest. Requests cost money: what is the longest "
        "interval T, in seconds, that keeps both promises? (Events come at any time; requests are sent every T.)",
        name="T",
        stub="T = ...\n",
        reference="T = min(2 * (0.5 - 0.040), 0.9 - 0.040)\n",
        judge=Number(
            0.86,
            "seconds",
            "the longest T for which the mean is at most 0.5 s and the worst case at most 0.9 s",
            within=0.001,
            slips={
                0.92: "On average this keeps the promise. What of an event that just misses a poll?",
                0.9: "The answer itself is under way for a while.",
                1.0: "T/2 is not all: the answer is under way for a while.",
                0.46: "That would be right if an event waited a whole interval on average.",
                0.82: "The request's own way costs no latency: what happens while it is under way is in the answer.",
            },
        ),
        hints=(
            "Write down the mean and the worst latency of short polling, each as a formula of T and d.",
            "Solve both for T. The stricter one decides.",
        ),
        wrong=(
            WrongAnswer("T = 2 * (0.5 - 0.040)\n", "just misses a poll"),
            WrongAnswer("T = 0.5 - 0.040\n", "a whole interval on average"),
            WrongAnswer("T = 0.9 - 2 * 0.040\n", "request's own way"),
        ),
        why="A mean and a worst case are two promises, and the stricter one sets the interval.",
    )


def the_bill() -> Exercise:
    """Return 02.3: what nothing costs in a day."""
    return Exercise(
        id="02.3",
        title="a day without news",
        task="10,000 clients poll every 5 seconds, all day, and nothing happens. A request has 180 bytes, an empty "
        "answer 250 (heads and bodies, without TCP/IP). How many gigabytes (10⁹ bytes) cross the servers' connections "
        "in that day?",
        name="gigabytes",
        stub="gigabytes = ...\n",
        reference="gigabytes = 10_000 * (24 * 3600 / 5) * (180 + 250) / 1e9\n",
        judge=Number(
            74.304,
            "gigabytes",
            "clients × polls in a day × bytes of a request and its answer",
            slips={
                0.0074304: "That is one client's day.",
                43.2: "Those are the answers alone; the requests cross the wire too.",
                31.104: "Those are the requests alone.",
                594.432: "Those are gigabits.",
                371.52: "That is a poll a second: they ask every five.",
                3.096: "That is an hour.",
                69.2: "Divide by 10⁹, not by 2³⁰.",
            },
        ),
        hints=(
            "How many polls does one client make in 24 × 3600 seconds?",
            "Each poll is a request and an answer.",
        ),
        wrong=(
            WrongAnswer("gigabytes = 10_000 * 17_280 * 250 / 1e9\n", "answers alone"),
            WrongAnswer(
                "gigabytes = 17_280 * 430 / 1e9\n",
                "one client's day",
            ),
            WrongAnswer("gigabytes = 10_000 * 86_400 * 430 / 1e9\n", "poll a second"),
        ),
        why="The bill depends on your clock and your clients, not on what happens in the world.",
    )


def exercises(_draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; they are the same for everybody."""
    return the_loop(), the_interval(), the_bill()
