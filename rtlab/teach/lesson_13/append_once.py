"""Exercise 13.2: an append that may be repeated, by lines to be put in order."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable

from rtlab.teach.checks import Lines
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show


class Log:
    """A log at a broker: each call takes a turn of the loop, in which others may call as well."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.full = False  # then nothing can be added
        self._keys: dict[str, int] = {}
        self._lock = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """As long as the block lasts nobody else gets into such a block."""
        async with self._lock:
            yield

    async def find(self, key: str) -> int | None:
        """The number of the entry that was remembered with a key."""
        await asyncio.sleep(0)
        return self._keys.get(key)

    async def add(self, data: str) -> int:
        """Add an entry; its number. Raises OSError when the disk is full."""
        await asyncio.sleep(0)
        if self.full:
            raise OSError("the disk is full")
        self.entries.append(data)
        return len(self.entries)

    async def remember(self, key: str, number: int) -> None:
        """Remember which entry a key made."""
        await asyncio.sleep(0)
        self._keys[key] = number

    def next_number(self) -> int:
        """The number that the next entry will have."""
        return len(self.entries) + 1


Append = Callable[[Log, str, str], Awaitable[int]]


async def check_append(append: Append) -> None:
    """Append, repeat, repeat at the same moment, and repeat after a failure."""
    log = Log()
    first = await append(log, "k1", "a")
    did = "appended `a` with the key `k1`"
    if log.entries != ["a"] or first != 1:
        raise Wrong(did, f"{show(log.entries)}, and {show(first)} returned", "one entry, and its number: 1")
    again = await append(log, "k1", "a")
    if log.entries != ["a"] or again != 1:
        advice = (
            "The second call did not find what the first one did. Who tells the log about the key, and when?"
        )
        got = f"{show(log.entries)}, and {show(again)} returned"
        raise Wrong("appended `a` again, with the same key", got, "still one entry, and its number", advice)
    await asyncio.gather(append(log, "k2", "b"), append(log, "k2", "b"))
    if log.entries != ["a", "b"]:
        advice = "Both looked before either of them had remembered the key."
        did = "appended `b` twice at the same moment, with one key, as two processes would"
        raise Wrong(did, show(log.entries), "`b` once", advice)
    log.full = True
    with contextlib.suppress(OSError):
        await append(log, "k3", "c")
    log.full = False
    await append(log, "k3", "c")
    if log.entries != ["a", "b", "c"]:
        advice = (
            "The key was remembered for an entry that was never added, and so the repeat took it for done."
        )
        did = "appended `c` while the disk was full, and again, with the same key, when it was not"
        raise Wrong(did, show(log.entries), "`c` once", advice)


ANSWER = """
async def append(log, key, data):
    async with log.alone():
        number = await log.find(key)
        if number is None:
            number = await log.add(data)
            await log.remember(key, number)
        return number
"""
TOGETHER, EARLY = "    if True:", "            await log.remember(key, log.next_number())"


def append_once(draw: random.Random) -> Exercise:
    """Return 13.2: lines to put in order, two of them to be left out."""
    lines = Lines.shuffled(ANSWER, "append", draw, (TOGETHER, EARLY))

    _, alone, _, _, add, remember, back = ANSWER.strip("\n").splitlines()
    return Exercise(
        id="13.2",
        title="append once (put in order)",
        task="A publisher that got no answer sends its event again, with the same key, and perhaps to another process. "
        "`append(log, key, data)` adds the event once and returns its number, every time. `await log.find(key)` gives "
        "the number that was remembered with a key, or `None`; `async with log.alone():` keeps all others out of "
        "such a block meanwhile. Give the order as a list of numbers, such as `order = [4, 1, …]`. Two lines are "
        "left over.",
        name="order",
        stub="order = []\n",
        reference=lines.order(ANSWER),
        judge=check_append,
        hints=(
            "Look for the key; only if it is not there, add, and then remember.",
            "Two processes may do this at the same moment. Which of the steps must nobody come between?",
        ),
        wrong=(
            WrongAnswer(lines.order(ANSWER.replace(alone, TOGETHER)), "Both looked"),
            WrongAnswer(lines.order(ANSWER.replace(f"{add}\n{remember}", f"{EARLY}\n{add}")), "never added"),
            WrongAnswer(
                lines.order(ANSWER.replace(f"{remember}\n{back}", f"{back}")),
                "Who tells the log about the key",
            ),
        ),
        why="Look, add and remember have to be one step for everybody else. In Redis a script is such a step, since "
        "one thread does one command after the other; rtlab's is in `rtlab/brokers/redis.py`, 25 lines of Lua.",
        lines=lines,
    )
