"""What one unit of work costs a server, each figure with the interval that it lies in, and what such work is sold for.

A figure without its error says less than it seems: two techniques whose costs overlap within their errors are
equally dear as far as anybody knows. So every unit cost is an `Estimate`, and whatever is worked out from them
is one too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter

from rtlab.errors import BadInput
from rtlab.measure.bounds import not_negative, positive

Pick = Callable[["Estimate"], float]  # one of the three figures of an estimate
MONTH = 30 * 86_400.0  # seconds


@dataclass(frozen=True)
class Estimate:
    """A figure as measured, in the interval from `low` to `high`. Raises BadInput where it is not in it."""

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.high) and 0 <= self.low <= self.value <= self.high):
            raise BadInput(f"an estimate needs 0 ≤ low ≤ value ≤ high, finite, not {self}")

    @classmethod
    def exactly(cls, value: float) -> Estimate:
        """Return a figure without an error, such as a number of bytes."""
        return cls(value, value, value)

    @classmethod
    def about(cls, value: float, error: float) -> Estimate:
        """Return a figure that may be wrong by the share `error` (0.1: a tenth) either way."""
        not_negative(value=value, error=error)
        return cls(value, max(0.0, value * (1 - error)), value * (1 + error))

    @classmethod
    def of(cls, work: Callable[[Pick], float]) -> Estimate:
        """Work something out three times: with all values, with all lows, with all highs.

        Right where the result rises with each unit cost. That all of them are off the same way is the worst
        case, so the interval is a wide one.
        """
        value, low, high = (work(attrgetter(end)) for end in ("value", "low", "high"))
        return cls(value, min(low, value), max(high, value))

    def overlaps(self, other: Estimate) -> bool:
        """Whether both may be the same figure."""
        return self.low <= other.high and other.low <= self.high


@dataclass(frozen=True)
class Costs:
    """The unit costs of one server, measured: CPU seconds, bytes on the connection, bytes of memory.

    A `poll` is an exchange whatever it carries; `item` each event in an answer, and each event of a batch after
    its first; `held` an exchange of a long poll with its waking up; `sse` and `websocket` a write with one event.
    `request`, `empty` and `answer` are what those messages have besides events, `event` an event in an answer,
    `sse_overhead` and `websocket_overhead` what a stream's block or a frame has more than that, `heartbeat` a
    sign of life, sent after `heartbeat_every` seconds. The memories are those of one connected client.
    """

    poll: Estimate
    item: Estimate
    held: Estimate
    sse: Estimate
    websocket: Estimate
    request: Estimate
    empty: Estimate
    answer: Estimate
    event: Estimate
    sse_overhead: Estimate
    websocket_overhead: Estimate
    heartbeat: Estimate
    short_memory: Estimate
    long_memory: Estimate
    sse_memory: Estimate
    websocket_memory: Estimate
    heartbeat_every: float = 15.0

    def __post_init__(self) -> None:
        positive(heartbeat_every=self.heartbeat_every)
        for each in fields(self)[:-1]:
            if not isinstance(getattr(self, each.name), Estimate):
                raise BadInput(f"{each.name} must be an Estimate, such as Estimate.about(120e-6, 0.1)")

    def write(self, technique: str) -> Estimate:
        """Return the CPU seconds of a push with one event; `technique`: sse or websocket."""
        return self.sse if technique == "sse" else self.websocket

    def memory(self, technique: str) -> Estimate:
        """Return the bytes that a connected client holds. An adaptive poll's connection is a short poll's."""
        name = "short" if technique == "adaptive" else technique
        memory: Estimate = getattr(self, f"{name}_memory")
        return memory


@dataclass(frozen=True)
class Prices:
    """What is paid: for a core and for a gigabyte of memory, a month each, and for a gigabyte that is sent.

    The defaults are round numbers of the size that large public clouds ask for, in dollars. They are assumptions:
    put your own contract's in their place.
    """

    core: float = 25.0
    memory: float = 3.0
    traffic: float = 0.05

    def __post_init__(self) -> None:
        not_negative(core=self.core, memory=self.memory, traffic=self.traffic)

    def month(self, cores: float, bytes_a_second: float, bytes_held: float) -> float:
        """Return the money for a month of 30 days."""
        return (
            cores * self.core + bytes_a_second * MONTH / 1e9 * self.traffic + bytes_held / 1e9 * self.memory
        )


EXAMPLE = Costs(
    poll=Estimate.about(650e-6, 0.15),
    item=Estimate.about(3.5e-6, 0.4),
    held=Estimate.about(630e-6, 0.1),
    sse=Estimate.about(15.5e-6, 0.1),
    websocket=Estimate.about(17e-6, 0.1),
    request=Estimate(170, 169, 181),
    empty=Estimate.exactly(236),
    answer=Estimate.exactly(249),
    event=Estimate.exactly(161),
    sse_overhead=Estimate.exactly(29),
    websocket_overhead=Estimate.exactly(18),
    heartbeat=Estimate(4, 2, 8),
    short_memory=Estimate.about(8_300, 0.05),
    long_memory=Estimate.about(15_900, 0.05),
    sse_memory=Estimate.about(14_400, 0.05),
    websocket_memory=Estimate.about(15_400, 0.05),
)
"""rtlab's own server on one slow core, events of 100 bytes, 200 clients: an example, for where nothing can be measured.

`calibrate.calibrate()`, or `rtlab bench costs`, measures those of the machine at hand.
"""
