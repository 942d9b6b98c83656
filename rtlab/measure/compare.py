"""All techniques on the same workload: what is run, in which order, and what a simulation of the same says.

Each technique is measured alone, so that what it costs in CPU and memory is its own; all have the same events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from rtlab.errors import BadInput
from rtlab.measure.experiment import measure
from rtlab.measure.result import Result
from rtlab.measure.setup import Setup, check, counted
from rtlab.measure.workload import Floats
from rtlab.server.limits import Limits
from rtlab.technique import TECHNIQUES

CHANNELS = 100  # at most: with a channel for each client no two see the same event
WARM_UP = 2.0  # seconds: until adaptive polling has forgotten how it began
RUNS = 10  # of a simulation, for its band
Progress = Callable[[str, float], None]  # is told the technique and the share of it that is done, 0 to 1


@dataclass(frozen=True)
class Plan:
    """What is the same for all techniques; times in seconds.

    `interval` is T of short polling, and adaptive polling goes from T/4 to 4T; `duration` is counted for each
    technique. Raises BadInput for what cannot be.
    """

    rate: float = 1.0
    interval: float = 1.0
    delay: float = 0.04
    clients: int = 100
    duration: float = 5.0
    workload: str = "poisson"
    techniques: Sequence[str] = TECHNIQUES
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.techniques:
            raise BadInput("there is nothing to compare: give at least one technique")
        for setup in self.setups():
            check((setup,), Limits())

    def setups(self) -> tuple[Setup, ...]:
        """One experiment for each technique, in the order in which they are always shown."""
        return tuple(
            Setup(
                technique,
                rate=self.rate,
                interval=self.interval,
                delay=self.delay,
                clients=self.clients,
                channels=max(1, min(self.clients, CHANNELS)),
                duration=self.duration,
                warm_up=WARM_UP,
                workload=self.workload,
                seed=self.seed,
            )
            for technique in sorted(self.techniques, key=_place)
        )


def _place(technique: str) -> int:
    """Where a technique stands among all; an unknown one is refused later, by its name."""
    return TECHNIQUES.index(technique) if technique in TECHNIQUES else len(TECHNIQUES)


def run(plan: Plan, progress: Progress = lambda technique, share: None) -> Iterator[Result]:
    """Measure one technique after the other; each result comes as soon as it is there."""
    for setup in plan.setups():
        progress(setup.technique, 0.0)
        yield from measure(setup, progress=partial(progress, setup.technique))


@dataclass(frozen=True)
class Band:
    """Where the middle 95 % of simulations of a setup lie, each with other events: mean latency, and the shares of
    events that arrive within `within` seconds, at the least and at the most."""

    mean: tuple[float, float]
    within: Floats
    least: Floats
    most: Floats


def simulate(setup: Setup, within: Floats) -> Band:
    """Run a setup several times in virtual time, with other events than the measured ones."""
    means, shares = [], []
    for number in range(RUNS):
        other = replace(setup, seed=setup.seed + 1 + number)
        latencies = np.sort(np.concatenate([np.empty(0), *counted(other, other.simulate())]))
        means.append(float(latencies.mean()) if len(latencies) else np.nan)
        shares.append(np.searchsorted(latencies, within, side="right") / max(1, len(latencies)))
    low, high = np.quantile(means, [0.025, 0.975])
    least, most = np.quantile(shares, [0.025, 0.975], axis=0)
    return Band((float(low), float(high)), within, least, most)
