"""Exercise 04.2: how a server holds an answer, by lines to be put in order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

from rtlab.teach.checks import Lines
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

PATIENCE = 2.0  # seconds in which an answer comes that need not wait
LONG = 30.0  # a hold that no scene waits out


class Channel:
    """A channel whose log is somewhere else, as in a database: to read it takes a turn of the loop."""

    def __init__(self, *events: str, meanwhile: str | None = None) -> None:
        self._events = list(events)
        self._meanwhile = meanwhile  # is appended while the first answer of `read` is on its way
        self._waiting: list[asyncio.Future[None]] = []

    def next_append(self) -> asyncio.Future[None]:
        """Return a future that is done when the next event has been appended."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return future

    async def read(self, after: int) -> list[str]:
        """Return the events behind a place in the log, as they were when the log was asked."""
        found = self._events[after:]
        await asyncio.sleep(0)
        if self._meanwhile is not None:
            event, self._meanwhile = self._meanwhile, None
            self.append(event)
        return found

    def append(self, event: str) -> None:
        """Append an event and wake everybody who waits for one."""
        self._events.append(event)
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)


Answer = Callable[[Channel, int, float], Coroutine[Any, Any, Any]]


async def check_answer(answer: Answer) -> None:
    """Play four moments at which an event may come: before, during, after the look, and never."""
    await _expect(answer, Channel("a", "b"), "asked when `b` was already there", ["b"], LONG)
    quiet = Channel("a")
    later = asyncio.get_running_loop().call_later(0.05, quiet.append, "b")
    await _expect(answer, quiet, "asked, and appended `b` a moment later", ["b"], LONG)
    later.cancel()
    await _expect(
        answer,
        Channel("a", meanwhile="b"),
        "asked, and appended `b` while `read` was still on its way",
        ["b"],
        LONG,
        "The event came after the look and before the wait: nothing was there yet when you looked, and it was over "
        "when you began to wait.",
    )
    await _expect(
        answer,
        Channel("a"),
        "asked with a hold of 0.1 s, and appended nothing",
        [],
        0.1,
        "The hold has an end.",
    )


async def _expect(
    answer: Answer, channel: Channel, did: str, wanted: list[str], wait: float, advice: str = ""
) -> None:
    task = asyncio.ensure_future(answer(channel, 1, wait))
    done, _ = await asyncio.wait([task], timeout=PATIENCE)
    if not done:
        task.cancel()
        late = "an answer as soon as there is news, or when the hold ends"
        raise Wrong(
            did, f"no answer for {PATIENCE:g} s", late, advice or "It held on although there was news."
        )
    if (got := task.result()) != wanted:
        raise Wrong(did, show(got), "the events behind the place that was asked for", advice)


ANSWER = """
import asyncio
async def answer(channel, after, wait):
    changed = channel.next_append()
    events = await channel.read(after)
    if not events:
        await asyncio.wait([changed], timeout=wait)
        events = await channel.read(after)
    return events
"""
WHILE, SLEEP = "    while not events:", "        await asyncio.sleep(wait)"


def hold_an_answer(draw: random.Random) -> Exercise:
    """Return 04.2: lines to put in order, two of them to be left out."""
    lines = Lines.shuffled(ANSWER, "answer", draw, (WHILE, SLEEP))

    _, _, register, look, _, held, _, _ = ANSWER.strip().splitlines()
    return Exercise(
        id="04.2",
        title="hold an answer (put in order)",
        task="These lines make the heart of a long polling server, `answer(channel, after, wait)`. "
        "`await channel.read(after)` asks the log, which takes a moment. `channel.next_append()` gives a future that "
        "is done when the next event has been appended, counted from this call. Give the order as a list of numbers, "
        "such as `order = [4, 1, …]`. Two lines are left over.",
        name="order",
        stub="order = []\n",
        reference=lines.order(ANSWER),
        judge=check_answer,
        hints=(
            "Look, wait if there is nothing, look again. Where does the future that you wait for come from, and when?",
            "`read` takes a moment. Suppose that the event comes in this very moment: who is told of it?",
        ),
        wrong=(
            WrongAnswer(
                lines.order(ANSWER.replace(f"{register}\n{look}", f"{look}\n{register}")), "before the wait"
            ),
            WrongAnswer(lines.order(ANSWER.replace(held, SLEEP)), "although there was news"),
            WrongAnswer(lines.order(ANSWER.replace("    if not events:", WHILE)), "The hold has an end"),
        ),
        why="First say that you want to be told, then look: the other way round an event that falls in between wakes "
        "nobody. It is called a lost wake-up, and databases, queues and schedulers all have this order.",
        lines=lines,
        limit=10.0,
    )
