"""What a server knows of one partition of a topic: its newest records by channel, and the keys that they came with.

Order holds in a partition, and every record of a channel goes to the same one. A record whose key came before, in
the same channel, is one that was sent twice: every mirror reads the same records in the same order, so every
mirror drops the same ones.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from itertools import islice
from typing import NamedTuple

from rtlab.broker import Overview, Page, Record
from rtlab.event import NEW, Cursor


class Keep(NamedTuple):
    """How much of a partition a server keeps, and reads back when it starts: events, and bytes of their data."""

    records: int = 100_000
    bytes: int = 32 << 20


KEEP = Keep()  # unless an address says more


class Stored(NamedTuple):
    """An event: the offset behind its record, the record, and its idempotency key."""

    behind: int
    record: Record
    key: str


class Hole(NamedTuple):
    """Offsets whose records could not be read: the first, and the one behind the last."""

    begin: int
    behind: int


class PartitionLog:
    """The records of partition `number` of the log `log`, from the offset `start` on, as many as are to be kept."""

    def __init__(self, log: str, number: int, start: int, keep: Keep = KEEP) -> None:
        self.log, self.number, self.keep = log, number, keep
        self.start = self.end = start  # offsets: of the first record that is known, and of the next to come
        self.bytes = 0
        self._channels: dict[str, deque[Stored]] = {}
        self._order: deque[str] = deque()  # the channel of each event that is kept, the oldest first
        self._keys: dict[tuple[str, str], Stored] = {}
        self._holes: deque[Hole] = deque()

    def cursor(self, behind: int) -> str:
        """The cursor of the place before an offset."""
        return f"{self.log}.{self.number}.{behind}"

    def add(self, offset: int, channel: str, time: str, data: bytes, key: str) -> Record | None:
        """Take the next record; returns the event that it is, None for one that was sent twice."""
        self.end = offset + 1
        if key and (channel, key) in self._keys:
            return None
        record = Record(self.cursor(self.end), time, data)
        stored = Stored(self.end, record, key)
        self._channels.setdefault(channel, deque()).append(stored)
        self._order.append(channel)
        self.bytes += len(data)
        if key:
            self._keys[channel, key] = stored
        while len(self._order) > self.keep.records or self.bytes > self.keep.bytes:
            self._forget_oldest()
        return record

    def lose(self, behind: int) -> bool:
        """Know that what comes next, up to an offset, cannot be read; True if what was before it could be."""
        goes_on = bool(self._holes) and self._holes[-1].behind == self.end
        begin = self._holes.pop().begin if goes_on else self.end
        self._holes.append(Hole(begin, behind))
        self.end = behind
        return not goes_on

    def _forget_oldest(self) -> None:
        channel = self._order.popleft()
        stored = self._channels[channel].popleft()
        if not self._channels[channel]:
            del self._channels[channel]
        self.start = stored.behind
        self.bytes -= len(stored.record.data)
        self._keys.pop((channel, stored.key), None)
        while self._holes and self._holes[0].behind <= self.start:
            self._holes.popleft()

    def known(self, channel: str, key: str) -> Record | None:
        """The event that a key stands for."""
        stored = self._keys.get((channel, key))
        return stored.record if stored is not None else None

    def read(self, channel: str, after: str, limit: int) -> Page:
        """As `Broker.read`."""
        events = self._channels.get(channel)
        if not events:
            known = after in ("start", "last", "now", NEW)
            return Page(None, NEW, [], 0 if known else None)
        if after == "now":
            return Page(self.log, events[-1].record.id, [])
        if after == "last":
            return Page(self.log, self.cursor(events[-1].behind - 1), [events[-1].record])
        place, missed = (
            (events[0].behind - 1, 0) if after == "start" else self._locate(after, events[0].behind - 1)
        )
        found = self._behind(events, place, limit)
        for hole in self._holes:
            if not found or hole.behind <= place:
                continue
            if found[0].behind <= hole.begin:  # up to there; whoever goes on from it is told
                found = [event for event in found if event.behind <= hole.begin]
                break
            place, missed = hole.behind, None
        return Page(self.log, self.cursor(place), [event.record for event in found], missed)

    def _behind(self, events: deque[Stored], place: int, limit: int) -> list[Stored]:
        first = bisect_right(events, place, key=lambda event: event.behind)
        return list(islice(events, first, first + limit))

    def _locate(self, after: str, first: int) -> tuple[int, int | None]:
        """The offset to read from, and what was missed: nothing, or how much cannot be known."""
        log, position = Cursor.parse(after)
        if log == "new":
            return first, None if self.start else 0
        number, _, behind = str(position).partition(".")
        if log != self.log or number != str(self.number) or not behind or int(behind) > self.end:
            return first, None
        return (int(behind), 0) if int(behind) >= self.start else (first, None)

    def overviews(self) -> list[Overview]:
        """Every channel that has events here."""
        return [
            Overview(name, events[-1].record.id, len(events), sum(len(event.record.data) for event in events))
            for name, events in self._channels.items()
        ]
