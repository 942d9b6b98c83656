"""What a tap writes down: connections opened, chunks carried, ends; and the exact counts beside it.

Times are `time.monotonic_ns()`. `left` and `arrived` are the two ends of an arrow in a space-time diagram:
when something left one side and when it was handed to the other.
"""

import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

UP, DOWN = "up", "down"  # client to server, server to client
RECORD_COST = 200  # bytes that a record costs beside its data, near enough to bound the memory
CLOSED_KEPT = 10_000  # closed connections whose byte counts are still known


@dataclass(frozen=True, slots=True)
class Opened:
    """A client connected; at `established`, a round trip later, its side of TCP's handshake would be done."""

    connection: int
    at: int
    established: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes as they were read from one side: TCP is a stream, so where a chunk ends means nothing."""

    connection: int
    direction: str
    left: int
    arrived: int
    data: bytes

    @property
    def size(self) -> int:
        """Bytes of it."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Closed:
    """One direction ended: `how` is "fin" (nothing more this way) or "rst" (the whole connection is gone)."""

    connection: int
    direction: str
    left: int
    arrived: int
    how: str


Record = Opened | Chunk | Closed


class Traffic(NamedTuple):
    """Bytes handed over on one connection, each way."""

    up: int = 0
    down: int = 0


@dataclass(frozen=True)
class Counts:
    """What crossed a tap. Exact, also for what the bounded record no longer holds (`dropped_…`)."""

    up: int = 0
    down: int = 0
    opened: int = 0
    open: int = 0
    dropped_records: int = 0
    dropped_bytes: int = 0


class Tape:
    """The record and the counts.

    Hold `lock` around a send and its `hand_over`: whoever has received the bytes then finds them counted.
    """

    def __init__(self, keep_bytes: int) -> None:
        self.lock = threading.RLock()
        self._keep = keep_bytes
        self._records: deque[Record] = deque()
        self._cost = 0
        self._open: dict[int, list[int]] = {}
        self._closed: dict[int, Traffic] = {}
        self._up = self._down = self._opened = 0
        self._dropped_records = self._dropped_bytes = 0

    def open(self, opened: Opened) -> None:
        """A connection is there."""
        with self.lock:
            self._open[opened.connection] = [0, 0]
            self._opened += 1
            self.add(opened)

    def close(self, connection: int) -> None:
        """A connection is gone, both ways."""
        with self.lock:
            self._closed[connection] = Traffic(*self._open.pop(connection))
            if len(self._closed) > CLOSED_KEPT:
                del self._closed[next(iter(self._closed))]

    def hand_over(self, connection: int, direction: str, size: int) -> None:
        """`size` bytes were handed over."""
        with self.lock:
            if direction == UP:
                self._up += size
                self._open[connection][0] += size
            else:
                self._down += size
                self._open[connection][1] += size

    def add(self, record: Record) -> None:
        """Keep a record; the oldest ones fall out where there is no room."""
        with self.lock:
            self._records.append(record)
            self._cost += _cost(record)
            while self._cost > self._keep:
                oldest = self._records.popleft()
                self._cost -= _cost(oldest)
                self._dropped_records += 1
                self._dropped_bytes += _size(oldest)

    @property
    def records(self) -> list[Record]:
        """A copy of what is kept, in the order of arrival."""
        with self.lock:
            return list(self._records)

    @property
    def counts(self) -> Counts:
        """The totals, all of one moment."""
        with self.lock:
            dropped = (self._dropped_records, self._dropped_bytes)
            return Counts(self._up, self._down, self._opened, len(self._open), *dropped)

    @property
    def connections(self) -> dict[int, Traffic]:
        """Bytes by connection: all that are open and the last 10,000 closed."""
        with self.lock:
            return self._closed | {number: Traffic(*both) for number, both in self._open.items()}

    def clear(self) -> None:
        """Forget the record and count from zero; connections that are open stay open (and known)."""
        with self.lock:
            self._records.clear()
            self._closed.clear()
            self._open = {number: [0, 0] for number in self._open}
            self._cost = self._up = self._down = self._opened = 0
            self._dropped_records = self._dropped_bytes = 0


def _size(record: Record) -> int:
    return len(record.data) if isinstance(record, Chunk) else 0


def _cost(record: Record) -> int:
    return RECORD_COST + _size(record)


def plain(record: Record) -> dict[str, object]:
    """A record as JSON has it: bytes become Latin-1 text, so that heads stay readable and each byte comes back."""
    fields: dict[str, object] = {"record": type(record).__name__, **asdict(record)}
    if isinstance(record, Chunk):
        fields["data"] = record.data.decode("latin-1")
    return fields


def from_plain(fields: dict[str, Any]) -> Record:
    """The record that `plain` took apart."""
    rest = {name: value for name, value in fields.items() if name != "record"}
    if fields["record"] == "Chunk":
        return Chunk(**{**rest, "data": rest["data"].encode("latin-1")})
    return Opened(**rest) if fields["record"] == "Opened" else Closed(**rest)
