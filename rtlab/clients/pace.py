"""When to ask again: the interval policies of adaptive polling.

A policy has no clock and no socket. After each answer it is told how many events the answer brought and how
much time the answer covers, and says how long the next interval is, from the start of one request to the
start of the next. So the same objects pace a reader on the network and a simulation in virtual time.

    pace = Backoff(minimum=0.25, maximum=8.0)
    pace.interval                      # 0.25: before the first answer
    pace.next(events=0, elapsed=0.25)  # 0.5: nothing came, so ask later
    pace.next(events=3, elapsed=0.5)   # 0.25: something did

A policy remembers: give each reader one of its own.
"""

import math
from dataclasses import dataclass, field
from typing import Protocol

from rtlab.errors import BadInput


class Pace(Protocol):
    """What a reader or a simulation needs of a policy; write your own by having these two."""

    interval: float  # seconds, the current one

    def next(self, events: int, elapsed: float, hint: float | None = None) -> float:
        """The next interval in seconds, which `interval` is from now on.

        `events`: how many the answer brought. `elapsed`: seconds from the start of the request before this
        one to the start of this one. `hint`: seconds until it makes sense to ask again, where the server says so.
        """
        ...


@dataclass
class Fixed:
    """I = `interval`, whatever comes. On Poisson events nothing beats it at the same number of requests."""

    interval: float = 1.0

    def __post_init__(self) -> None:
        _check(self.interval, self.interval)

    def next(self, events: int, elapsed: float, hint: float | None = None) -> float:
        """The same again."""
        return self.interval


@dataclass
class Backoff:
    """Multiplicative back-off: after the k-th empty answer in a row I = min(minimum · factor^k, maximum).

    An answer with events: k = 0.
    """

    minimum: float = 0.25
    maximum: float = 8.0
    factor: float = 2.0
    interval: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check(self.minimum, self.maximum)
        _check_factor(self.factor)
        self.interval = self.minimum

    def next(self, events: int, elapsed: float, hint: float | None = None) -> float:
        """Back to the minimum, or `factor` times longer."""
        self.interval = self.minimum if events else min(self.interval * self.factor, self.maximum)
        return self.interval


@dataclass
class AIMD:
    """Additive increase, multiplicative decrease of the interval: the two halves of TCP's congestion control.

    Empty answer: I = min(I + step, maximum). Answer with events: I = max(I / factor, minimum).
    """

    minimum: float = 0.25
    maximum: float = 8.0
    step: float = 0.25
    factor: float = 2.0
    interval: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check(self.minimum, self.maximum)
        _check(self.step, math.inf)
        _check_factor(self.factor)
        self.interval = self.minimum

    def next(self, events: int, elapsed: float, hint: float | None = None) -> float:
        """A step longer, or `factor` times shorter."""
        longer, shorter = (
            min(self.interval + self.step, self.maximum),
            max(self.interval / self.factor, self.minimum),
        )
        self.interval = shorter if events else longer
        return self.interval


@dataclass
class FollowRate:
    """Follows the rate of events, so that an answer brings `target` of them on average.

    The rate is an average that forgets: with Δ = `elapsed` and n = `events`,
    λ = λ e^(−Δ/memory) + (1 − e^(−Δ/memory)) n/Δ, and I = target / λ, between minimum and maximum.
    It begins with I = minimum.
    """

    minimum: float = 0.25
    maximum: float = 8.0
    target: float = 1.0
    memory: float = 10.0
    interval: float = field(init=False, repr=False)
    rate: float = field(init=False, repr=False)  # λ: events per second, as far as is known

    def __post_init__(self) -> None:
        _check(self.minimum, self.maximum)
        _check(self.target, math.inf)
        _check(self.memory, math.inf)
        self.interval = self.minimum
        self.rate = self.target / self.minimum

    def next(self, events: int, elapsed: float, hint: float | None = None) -> float:
        """Update the rate, and ask when `target` events are due."""
        if elapsed > 0:
            kept = math.exp(-elapsed / self.memory)
            self.rate = kept * self.rate + (1 - kept) * events / elapsed
        wanted = self.target / self.rate if self.rate > 0 else math.inf
        self.interval = min(max(wanted, self.minimum), self.maximum)
        return self.interval


@dataclass
class ServerHint:
    """I = what the server said (`Cache-Control: max-age` or `Retry-After`), between minimum and maximum.

    Where it says nothing: I = `default`.
    """

    default: float = 1.0
    minimum: float = 0.1
    maximum: float = 60.0
    interval: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check(self.minimum, self.maximum)
        _check(self.default, math.inf)
        self.interval = self.default

    def next(self, events: int, elapsed: float, hint: float | None = None) -> float:
        """As told."""
        self.interval = self.default if hint is None else min(max(hint, self.minimum), self.maximum)
        return self.interval


def _check(minimum: float, maximum: float) -> None:
    if not 0 < minimum <= maximum:
        raise BadInput(f"from {minimum!r} to {maximum!r} seconds: give 0 < minimum ≤ maximum")


def _check_factor(factor: float) -> None:
    if not factor > 1:
        raise BadInput(f"factor {factor!r}: give one above 1, or the interval never grows")
