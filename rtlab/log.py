"""A channel is an append-only log of events, and every technique is a way of reading it from a cursor.

    log = Log()
    first = log.append({"headline": "hello"})
    log.append({"headline": "again"})
    log.read(first.id).events          # what came after the first

A cursor is the place between two events: the id of an event is the cursor just behind it. The log keeps
a bounded window. Who comes back with a cursor that has fallen out of it, or that belongs to another log,
is told so by a `Gap`: a loss is never silent.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from rtlab.errors import KeyReused, LimitExceeded
from rtlab.event import NEW, Cursor, Event, Gap, encode_data, now

Encode = Callable[["Kept"], bytes]  # an event as it is kept → the same event in a wire format

__all__ = ["NEW", "Batch", "Cursor", "Event", "Gap", "Log"]


class Batch(NamedTuple):
    """What a read gives: the events, the cursor behind them, and the gap before them, if there is one."""

    events: list[Event]
    cursor: str
    gap: Gap | None


class Kept(NamedTuple):
    """An event in the window: its JSON, its idempotency key, and its encodings so far."""

    id: str
    json: bytes
    key: str | None
    encodings: dict[Encode, bytes]

    @property
    def event(self) -> Event:
        """The event as it was appended: what became of the caller's own data since then is not in it."""
        return Event(**json.loads(self.json))

    def encoded(self, encode: Encode) -> bytes:
        """The event in a wire format: `encode` runs once for each event, however many read it."""
        if encode not in self.encodings:
            self.encodings[encode] = encode(self)
        return self.encodings[encode]


def element(id: str, time: str, data: bytes) -> bytes:
    """An event's JSON, from its id, its time and the JSON of its data."""
    return b'{"id":"%b","time":"%b","data":%b}' % (id.encode(), time.encode(), data)


class Log:
    """An append-only log with a window of at most `max_events` events and `max_bytes` bytes of their JSON."""

    def __init__(self, max_events: int = 10_000, max_bytes: int = 16 << 20) -> None:
        self.id = secrets.token_hex(4)  # the epoch: a log made anew has another one
        self.max_events, self.max_bytes = max_events, max_bytes
        self.first = self.end = 0  # the window holds the events first + 1 … end
        self.bytes = 0  # of JSON in the window
        self._window: dict[int, Kept] = {}
        self._keys: dict[str, int] = {}  # idempotency key → position of its event
        self._subscribers: list[Callable[[], None]] = []
        self._grown = threading.Condition()  # held while the window changes, or is read

    def append(self, data: Any, key: str | None = None) -> Event:
        """Add an event and tell the subscribers; with a `key` that the window still knows, return that event.

        Raises InvalidData, LimitExceeded (larger than the window), KeyReused (same key, other data).
        """
        encoded = encode_data(data)
        with self._grown:
            if key is not None and key in self._keys:
                earlier = self._window[self._keys[key]]
                if not earlier.json.endswith(b',"data":%b}' % encoded):
                    raise KeyReused(key)
                return earlier.event
            event = Event(self.cursor(self.end + 1), now(), data)
            self._keep(Kept(event.id, element(event.id, event.time, encoded), key, {}))
            self._grown.notify_all()
        for wake in list(self._subscribers):
            wake()
        return event

    def _keep(self, kept: Kept) -> None:
        """Put an event at the end of the window, and let go of what no longer fits."""
        if (size := len(kept.json)) > self.max_bytes:
            raise LimitExceeded("bytes", self.max_bytes, f"{size} bytes: at most {self.max_bytes} fit")
        self.end += 1
        self.bytes += size
        self._window[self.end] = kept
        if kept.key is not None:
            self._keys[kept.key] = self.end
        while self.end - self.first > self.max_events or self.bytes > self.max_bytes:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        self.first += 1
        kept = self._window.pop(self.first)
        self.bytes -= len(kept.json)
        if kept.key is not None:
            del self._keys[kept.key]

    def locate(self, after: str) -> tuple[int, Gap | None]:
        """The position to read from for `start`, `last`, `now` or a cursor, and the gap before it."""
        if after in ("start", "last", "now"):
            return {"start": self.first, "last": max(self.first, self.end - 1), "now": self.end}[after], None
        log, position = Cursor.parse(after)
        if log not in (self.id, "new") or not isinstance(position, int) or position > self.end:
            return self.first, Gap(None, self.cursor(self.first))
        return max(position, self.first), self.gap(position)

    def gap(self, position: int) -> Gap | None:
        """What somebody at a position has missed: what has fallen out of the window since."""
        return Gap(self.first - position, self.cursor(self.first)) if position < self.first else None

    def cursor(self, position: int) -> str:
        """The cursor of a position in this log."""
        return f"{self.id}.{position}"

    def read(self, after: str = "start", limit: int | None = None) -> Batch:
        """The events after a cursor, at most `limit` of them. Raises InvalidCursor."""
        with self._grown:
            start, gap = self.locate(after)
            end = self.end if limit is None else min(self.end, start + limit)
            return Batch([self._window[n].event for n in range(start + 1, end + 1)], self.cursor(end), gap)

    def encoded(self, start: int, encode: Encode, room: int, limit: int = 0) -> tuple[list[bytes], int]:
        """The events after position `start` in a wire format, and the position behind the last of them.

        As many as `room` bytes and `limit` (0: none) allow, but one at least where there is one.
        """
        parts: list[bytes] = []
        for position in range(start + 1, min(self.end, start + limit if limit else self.end) + 1):
            part = self._window[position].encoded(encode)
            room -= len(part)
            if room < 0 and parts:
                break
            parts.append(part)
        return parts, start + len(parts)

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Have `wake()` called at each append; returns the function that ends it."""
        self._subscribers.append(wake)
        return lambda: self._subscribers.remove(wake) if wake in self._subscribers else None

    def find(self, id: str) -> int | None:
        """The position of an event in the window, by its id."""
        position = Cursor.parse(id).position
        kept = self._window.get(position) if isinstance(position, int) else None
        return position if kept is not None and kept.id == id and isinstance(position, int) else None

    def wait(self, after: str, timeout: float) -> bool:
        """Block the calling thread until there is something after the cursor, at most `timeout` seconds."""
        with self._grown:
            cursor = self.read(after, limit=0).cursor  # "now" is where it stands now
            return self._grown.wait_for(lambda: bool(self.read(cursor, limit=1).events), timeout)
