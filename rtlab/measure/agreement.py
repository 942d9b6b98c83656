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
PHASES = 10  # simulations of the same events: where in its interval a client begins is chance


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
    """Compare means with closed forms, of Poisson events: the interval within 2 % or 1 ms.

    d = 40 ms, T = 250 ms, back-off from 250 ms to 1 s. What polls is alone and has five events a second for each
    client; long polling one, since more bring it nearer to a poll every 2d, and so it has more clients, for longer.
    What is pushed shares a server, for a short time: there is little that varies.
    """
    for setups in (
        [_setup("short", "poisson", 5.0, seconds, clients)],
        [_setup("adaptive", "poisson", 5.0, seconds, clients)],
        [_setup("long", "poisson", 1.0, seconds * 4 / 3, 2 * clients)],
        [_setup(technique, "poisson", 5.0, seconds / 3, clients) for technique in ("sse", "websocket")],
    ):
        for result in measure(*setups):
            (low, high), expected = result.latency.interval, result.predicted.mean_latency
            tolerated = max(SHARE * expected, SECONDS)
            yield Agreement(result, "mean", expected, result.latency.mean, low, high, tolerated)


def with_simulation(seconds: float, clients: int) -> Iterator[Agreement]:
    """Compare mean and p99 with simulations of the same bursty events, by every technique that asks.

    The events are the same, so what varies from one choice of them to the next is no error here.
    """
    for technique in ("short", "adaptive", "long"):
        setup = _setup(technique, "bursty", 5.0, seconds, clients)
        (result,) = measure(setup)
        runs = [np.concatenate(counted(setup, setup.simulate(phase))) for phase in range(PHASES)]
        simulated = np.concatenate(runs)
        for figure, expected, found in (
            ("mean", float(simulated.mean()), result.latency.mean),
            ("p99", float(np.quantile(simulated, 0.99)), result.latency.p99),
        ):
            yield Agreement(result, figure, expected, found, found, found, BURSTY_SHARE * expected)


def _setup(technique: str, workload: str, rate: float, seconds: float, clients: int) -> Setup:
    return Setup(
        technique, rate=rate, interval=0.25, delay=0.04, minimum=0.25, maximum=1.0, clients=clients, channels=clients,
        duration=seconds, warm_up=2.0, workload=workload, load="asyncio",
    )  # fmt: skip
