"""Middleboxes that understand nothing of what passes: what networks do to any bytes."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from rtlab.errors import BadInput
from rtlab.wire.middlebox import SECOND, Act, Box, Cut, Finish, Middlebox, Pass
from rtlab.wire.record import DOWN, UP


def _check(**values: float | None) -> None:
    for name, value in values.items():
        if value is not None and not 0 <= value < math.inf:
            raise BadInput(f"{name}={value!r}: give a number from 0, in seconds or bytes")


@dataclass
class Jitter(Middlebox):
    """A busy wireless network: each piece takes longer by chance, `mean` seconds on average (exponential).

    TCP keeps the order, so a late piece holds up those behind it. The same `seed`, the same delays.
    """

    mean: float
    seed: int = 0
    _numbers: itertools.count[int] = field(default_factory=itertools.count, init=False, repr=False)

    def __post_init__(self) -> None:
        _check(mean=self.mean)

    def open(self, now: int) -> Box:
        """Each connection has chances of its own."""
        return _Late(self.mean, random.Random(self.seed * 1_000_003 + next(self._numbers)))


class _Late(Box):
    def __init__(self, mean: float, chance: random.Random) -> None:
        self.mean, self.chance = mean, chance

    def receive(self, direction: str, data: bytes, now: int) -> Iterable[Act]:
        late = self.chance.expovariate(1 / self.mean) if self.mean else 0.0
        return [Pass(direction, data, round(late * SECOND))]


@dataclass
class LosesPackets(Middlebox):
    """A path that loses a `share` of the packets down, as it looks from above TCP: nothing is missing, all is late.

    Each piece is taken for one packet. One that is lost comes `after` seconds later: when TCP's timer has run out and
    it was sent again (200 ms is Linux's least; RFC 6298 asks for a second), or sooner, where acknowledgements of what
    came behind it tell of it (RFC 8985: about a round trip and a quarter after that). One that is lost again waits
    twice as long the next time. What came behind it waits for it. The same `seed`, the same losses.
    """

    share: float
    after: float = 0.2
    seed: int = 0
    _numbers: itertools.count[int] = field(default_factory=itertools.count, init=False, repr=False)

    def __post_init__(self) -> None:
        _check(after=self.after)
        if not 0 <= self.share < 1:
            raise BadInput(f"share={self.share!r}: give a number from 0 up to, but not, 1")

    def open(self, now: int) -> Box:
        """Each connection has chances of its own."""
        return _SentAgain(self.share, self.after, random.Random(self.seed * 1_000_003 + next(self._numbers)))


class _SentAgain(Box):
    def __init__(self, share: float, after: float, chance: random.Random) -> None:
        self.share, self.after, self.chance = share, after, chance

    def receive(self, direction: str, data: bytes, now: int) -> Iterable[Act]:
        late, timer = 0.0, self.after
        while direction == DOWN and self.chance.random() < self.share:
            late, timer = late + timer, 2 * timer
        return [Pass(direction, data, round(late * SECOND))]


@dataclass
class Bandwidth(Middlebox):
    """A thin line: `bytes_per_second` each way, for each connection."""

    bytes_per_second: float

    def __post_init__(self) -> None:
        if not 0 < self.bytes_per_second < math.inf:
            raise BadInput(f"bytes_per_second={self.bytes_per_second!r}: give a number above 0")

    def open(self, now: int) -> Box:
        """Each connection has the whole line."""
        return _Thin(self.bytes_per_second)


class _Thin(Box):
    PIECE = 1460  # bytes of a segment: the line is free for the next one when it is through

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.free = {UP: 0, DOWN: 0}  # when the line has taken all that came before, ns

    def receive(self, direction: str, data: bytes, now: int) -> Iterable[Act]:
        for start in range(0, len(data), self.PIECE):
            piece = data[start : start + self.PIECE]
            self.free[direction] = max(now, self.free[direction]) + round(len(piece) / self.rate * SECOND)
            yield Pass(direction, piece, self.free[direction] - now)


@dataclass
class CutsAt(Middlebox):
    """A cable that is pulled, a router that restarts: a RST each way.

    After so many `bytes` in `direction`, or after so many `seconds` of a connection, whichever comes first. `times`:
    how many connections it cuts; None: every one.
    """

    bytes: int | None = None
    seconds: float | None = None
    direction: str = DOWN
    times: int | None = None

    def __post_init__(self) -> None:
        _check(bytes=self.bytes, seconds=self.seconds)
        if self.bytes is None and self.seconds is None:
            raise BadInput("CutsAt needs a place: give bytes or seconds")
        self.left = self.times

    def open(self, now: int) -> Box:
        """A connection that will be cut, or one too many that is not."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                return Box()
        return _Pulled(self, now)


class _Pulled(Box):
    def __init__(self, where: CutsAt, now: int) -> None:
        self.where, self.room = where, where.bytes
        if where.seconds is not None:
            self.due = now + round(where.seconds * SECOND)

    def receive(self, direction: str, data: bytes, now: int) -> Iterable[Act]:
        if self.room is None or direction != self.where.direction:
            return [Pass(direction, data)]
        part, self.room = data[: self.room], self.room - len(data)
        if self.room >= 0:
            return [Pass(direction, data)]
        return [Pass(direction, part), Cut()] if part else [Cut()]

    def wake(self, now: int) -> Iterable[Act]:
        return [Cut()]


@dataclass
class Stalls(Middlebox):
    """A tunnel, a hand-over between cells: `after` seconds nothing passes for `seconds`, then all that has waited."""

    after: float
    seconds: float

    def __post_init__(self) -> None:
        _check(after=self.after, seconds=self.seconds)

    def open(self, now: int) -> Box:
        """Each connection stalls once."""
        begin = now + round(self.after * SECOND)
        return _Tunnel(begin, begin + round(self.seconds * SECOND))


class _Tunnel(Box):
    def __init__(self, begin: int, end: int) -> None:
        self.begin, self.end_of_it = begin, end

    def receive(self, direction: str, data: bytes, now: int) -> Iterable[Act]:
        held = self.end_of_it - now if self.begin <= now < self.end_of_it else 0
        return [Pass(direction, data, held)]


@dataclass
class HalfOpen(Middlebox):
    """A laptop that sleeps, a NAT that has forgotten: `after` seconds nothing passes any more, and nobody is told.

    Not even FIN and RST: both ends go on saying "open" until one of them misses a sign of life. `times`: how many
    connections; None: every one.
    """

    after: float
    times: int | None = None

    def __post_init__(self) -> None:
        _check(after=self.after)
        self.left = self.times

    def open(self, now: int) -> Box:
        """A connection that goes silent, or one too many that does not."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                return Box()
        return _Silent(now + round(self.after * SECOND))


class _Silent(Box):
    def __init__(self, since: int) -> None:
        self.since = since

    def receive(self, direction: str, data: bytes, now: int) -> Iterable[Act]:
        return [Pass(direction, data)] if now < self.since else []

    def end(self, direction: str, now: int) -> Iterable[Act]:
        return [Finish(direction)] if now < self.since else []


@dataclass
class EndsIdle(Middlebox):
    """A load balancer or firewall that ends connections on which nothing has passed for `seconds`, either way."""

    seconds: float

    def __post_init__(self) -> None:
        _check(seconds=self.seconds)

    def open(self, now: int) -> Box:
        """The clock starts with the connection."""
        return _Impatient(round(self.seconds * SECOND), now)


class _Impatient(Box):
    def __init__(self, patience: int, now: int) -> None:
        self.patience, self.last = patience, now
        self.due = now + patience

    def receive(self, direction: str, data: bytes, now: int) -> Iterable[Act]:
        self.last = now
        return [Pass(direction, data)]

    def wake(self, now: int) -> Iterable[Act]:
        if now - self.last < self.patience:
            self.due = self.last + self.patience
            return []
        return [Finish(UP), Finish(DOWN)]
