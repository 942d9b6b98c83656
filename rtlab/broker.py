"""What a server asks of the engine that keeps its channels' logs, when that is not the server's own memory.

A broker (Redis, Kafka) keeps the logs for many servers. A server is a mirror: it follows each channel that
somebody reads with one `tail`, whoever reads it, and asks with `read` for what is older than what it has seen.
Positions are the broker's own names for a place in a log, and so are the cursors that readers get: a cursor of
one server is good on every other, and after a restart.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from rtlab.event import Cursor

WORDS = ("start", "last", "now")  # places that are not cursors
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0  # seconds between attempts to reach a broker that is away


class Record(NamedTuple):
    """An event as a broker keeps it: its cursor, wall-clock time (RFC 3339), and JSON data."""

    id: str
    time: str
    data: bytes


class Page(NamedTuple):
    """Records that follow each other, of one log.

    `after` is the cursor before the first of them. `missed`: events between the place that was asked for and
    `after` that the broker no longer has; None if it cannot tell how many; 0 if there are none. A channel that
    has no log yet has a page whose `log` is None.
    """

    log: str | None
    after: str
    records: list[Record]
    missed: int | None = 0

    @property
    def end(self) -> str:
        """The cursor behind the last record."""
        return self.records[-1].id if self.records else self.after


class Appended(NamedTuple):
    """The event that an append made, or, if it is not `fresh`, the one that its key has made before."""

    record: Record
    fresh: bool


class Overview(NamedTuple):
    """A channel as its broker has it: its newest cursor, how many events it keeps, and in how many bytes."""

    name: str
    cursor: str
    events: int
    bytes: int


class Broker(Protocol):
    """An engine that keeps logs. Its methods belong to one event loop; those that ask it raise `Unavailable`."""

    address: str  # for people: without a password

    @property
    def trouble(self) -> str | None:
        """Why it cannot be used now; None while it can."""

    @property
    def failures(self) -> int:
        """Times that it was lost since the start."""

    async def check(self) -> None:
        """Ask once whether it can be used. Raises Unavailable, which says what to do."""

    async def start(self) -> None:
        """Begin to keep in touch. Does not fail: a broker that is away may come back."""

    async def append(self, channel: str, data: bytes, key: str | None = None) -> Appended:
        """Add an event of JSON `data`; with a `key` that the log still knows, find that event instead.

        Raises KeyReused (same key, other data) and Unavailable: then only a repeat with a key is safe.
        """

    async def read(self, channel: str, after: str, limit: int) -> Page:
        """At most `limit` records after `start`, `last` (the newest first), `now` (none) or a cursor."""

    def tail(self, channel: str, after: str) -> AsyncIterator[Page]:
        """What comes after a cursor, as it comes, until the broker is closed; waits while it is away."""

    async def channels(self) -> list[Overview]:
        """Every channel that has a log, by name."""

    async def close(self) -> None:
        """Hang up, and end every tail."""


def order(cursor: str) -> tuple[int, ...]:
    """What a cursor's position is to be compared by, with others of the same log."""
    return tuple(map(int, str(Cursor.parse(cursor).position).split(".")))


def before(cursor: str, events: int = 1) -> str:
    """A place of the same log, no more than so many events before that one."""
    head, _, last = cursor.rpartition(".")
    return f"{head}.{max(0, int(last) - events)}"


def later(place: str, other: str) -> str:
    """The later of two places; the first, if the other is none of the same log."""
    if other in WORDS or Cursor.parse(other).log != Cursor.parse(place).log:
        return place
    at, there = order(place), order(other)
    return other if there[:-1] == at[:-1] and there > at else place


def pause(failures: int) -> float:
    """Seconds before another attempt, after so many in a row that failed."""
    return min(FIRST_PAUSE * 2.0 ** min(failures, 20), LONGEST_PAUSE)
