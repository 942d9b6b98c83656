"""Whether theory and simulation are right about this machine: what each technique should do, and what it did.

Long measurements of many independent events, so that the interval of a mean is narrower than what is tolerated. A
machine that has something else to do is told by the doubts, and its figures mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rtlab.measure.experiment import measure
from rtlab.measure.result import Result
from rtlab.measure.setup import Setup, counted

SHARE, SECONDS = 0.02, 0.001  # how far the mean may be from a closed form: the larger of the two
BURSTY_SHARE = 0.05  # how far mean and p99 may be from a simulation of the same events
PHASES = 20  # simulations of the same events: where in its interval a client begins is chance


@dataclass(frozen=True)
class Agreement:
    """One figure, in seconds: what was expected, what was measured, in which interval, and what is tolerated."""

    result: Result
    figure: str  # mean, p99
    expected: float
    measured: float
    low: float
    high: float
    tolerated: float

    @property
    def holds(self) -> bool:
        """Whether the whole interval is within what is tolerated."""
        return self.expected - self.tolerated <= self.low and self.high <= self.expected + self.tolerated


def with_theory(seconds: float, clients: int) -> Iterator[Agreement]:
    """Compare means with closed forms: d = 40 ms, T = 250 ms, two Poisson events a second for each client.

    What polls is alone, what is pushed shares a server, for a third of the time: there is little that varies.
    """
    for techniques, share in (
        (("short",), 1.0),
        (("adaptive",), 1.0),
        (("long",), 1.0),
        (("sse", "websocket"), 1 / 3),
    ):
        for result in measure(
            *(_setup(technique, "poisson", seconds * share, clients) for technique in techniques)
        ):
            (low, high), expected = result.latency.interval, result.predicted.mean_latency
            tolerated = max(SHARE * expected, SECONDS)
            yield Agreement(result, "mean", expected, result.latency.mean, low, high, tolerated)


def with_simulation(seconds: float, clients: int) -> Iterator[Agreement]:
    """Compare mean and p99 with simulations of the same bursty events, by every technique that asks."""
    for technique in ("short", "adaptive", "long"):
        setup = _setup(technique, "bursty", seconds, clients)
        runs = [np.concatenate(counted(setup, setup.simulate(phase))) for phase in range(PHASES)]
        (result,) = measure(setup)
        low, high = result.latency.interval
        mean, p99 = float(np.concatenate(runs).mean()), float(np.quantile(np.concatenate(runs), 0.99))
        yield Agreement(result, "mean", mean, result.latency.mean, low, high, BURSTY_SHARE * mean)
        found = result.latency.p99
        yield Agreement(result, "p99", p99, found, found, found, BURSTY_SHARE * p99)


def _setup(technique: str, workload: str, seconds: float, clients: int) -> Setup:
    return Setup(
        technique, rate=2.0, interval=0.25, delay=0.04, minimum=0.25, maximum=1.0, clients=clients, channels=clients,
        duration=seconds, warm_up=2.0, workload=workload, load="asyncio",
    )  # fmt: skip
