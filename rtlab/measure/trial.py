"""One technique alone on a server, slice by slice: what each unit of its work costs, with an interval.

The server keeps a diary: its CPU and its own counts of one moment together, ten times a second. So a slice's cost is
divided by just the work that was done in it, however late the clients are; and from slice to slice one sees how far
the figure may be trusted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rtlab.errors import RtlabError
from rtlab.measure.experiment import Progress, Run
from rtlab.measure.result import Result, spread
from rtlab.measure.schedule import Schedule
from rtlab.measure.setup import CHANNELS, Setup, check
from rtlab.measure.stage import Stage
from rtlab.measure.unit_costs import Estimate
from rtlab.server.limits import Limits

SHORT = 0.05  # seconds: a slice shorter than that says nothing; nor is anything done long after the end


@dataclass(frozen=True)
class Slice:
    """What the server did in some `seconds`: `cpu` seconds, requests answered, events, deliveries and writes.

    Deliveries and writes are those of streams and sockets; what a poll's answers carry is not among them.
    """

    seconds: float
    cpu: float
    requests: int
    events: int
    deliveries: int
    writes: int


@dataclass(frozen=True, eq=False)
class Trial:
    """What one technique did alone on a server: the experiment's result, and the slices of its time."""

    result: Result
    slices: tuple[Slice, ...]

    @property
    def setup(self) -> Setup:
        """What was tried."""
        return self.result.setup

    @property
    def cores(self) -> Estimate:
        """Seconds of CPU that the server needed in a second."""
        return self.each(lambda part: part.seconds)

    @property
    def work(self) -> float:
        """Writes to streams and sockets in a second; of a technique that asks, its requests."""
        return self.rate(lambda part: part.writes or part.requests)

    def rate(self, count: Callable[[Slice], float]) -> float:
        """How many of something there were in a second."""
        return sum(map(count, self.slices)) / sum(part.seconds for part in self.slices)

    def each(
        self, count: Callable[[Slice], float], known: Callable[[Slice], Estimate] | None = None
    ) -> Estimate:
        """CPU seconds for each of what `count` counts, once what is `known` to cost something else is taken off.

        The interval is Student's, 95 %, over the slices, wider by the interval of what is known.
        """
        parts = [part for part in self.slices if count(part)]
        if not parts:
            raise RtlabError("there was nothing to divide by: let the trial take longer")
        off = [known(part) if known else Estimate.exactly(0.0) for part in parts]
        number = sum(map(count, parts))
        value = sum(part.cpu - less.value for part, less in zip(parts, off, strict=True)) / number
        over = spread([(p.cpu - less.value) / count(p) for p, less in zip(parts, off, strict=True)])
        half = over.high - over.mean if over.runs > 1 else abs(value)  # a single slice: anything may be
        up = half + sum(less.value - less.low for less in off) / number
        down = half + sum(less.high - less.value for less in off) / number
        value = max(value, 0.0)
        return Estimate(value, max(0.0, value - down), value + up)


def trial(setup: Setup, *, progress: Progress = lambda share: None) -> Trial:
    """Measure one setup as `experiment.measure` does, and take the server's diary along. Raises as that does."""
    limits = Limits()
    check((setup,), limits)
    with Stage((setup,), replace(limits, channels=CHANNELS), Schedule((setup,))) as stage:
        run = Run(stage)
        (result,) = run.measure(progress)
        diary = stage.server.ask("diary")
    within = [entry for entry in diary if run.counted <= entry["clock"] / 1e9 <= run.end + SHORT]
    return Trial(result, tuple(_slices(within)))


def _slices(seen: list[dict[str, int]]) -> list[Slice]:
    slices = []
    for n in range(1, len(seen)):
        more = {name: seen[n][name] - seen[n - 1][name] for name in seen[n]}
        if more["clock"] / 1e9 >= SHORT:
            counts = (more[name] for name in ("requests", "events", "deliveries", "writes"))
            slices.append(Slice(more["clock"] / 1e9, more["cpu"] / 1e9, *counts))
    return slices
