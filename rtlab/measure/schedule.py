"""All events of an experiment in the order of their times: what the publisher does, and what the clients must get."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rtlab.measure.setup import Setup
from rtlab.measure.workload import Floats, Ints


class Schedule:
    """The events of the setups, channel by channel and put together.

    `channels`: the names of each setup's. `happen`: when each event of a channel happens, seconds from the beginning;
    `due`: when the publisher appends it, which is later where it collects. `deliveries`: how many each setup must have.
    """

    def __init__(self, setups: Sequence[Setup]) -> None:
        self.channels = [[f"c{g}-{n}" for n in range(s.channels)] for g, s in enumerate(setups)]
        self.happen: dict[str, Floats] = {}
        self.due: dict[str, Floats] = {}
        self._sizes: dict[str, Ints] = {}
        self.deliveries = [self._add(s, names) for s, names in zip(setups, self.channels, strict=True)]

    def _add(self, setup: Setup, names: list[str]) -> int:
        """Add a setup's events; returns how many deliveries they are."""
        readers = [len(range(n, setup.clients, setup.channels)) for n in range(setup.channels)]
        for number, (name, events) in enumerate(zip(names, setup.workloads(), strict=True)):
            self.happen[name] = self.due[name] = events.times
            self._sizes[name] = events.sizes
            if setup.coalesce:  # the channels' moments apart, or all of them would be written at once
                self.due[name] = collected(events.times, setup.coalesce, number / setup.channels)
        return sum(len(self.happen[name]) * count for name, count in zip(names, readers, strict=True))

    def save(self, path: str | Path) -> None:
        """Write it for the publisher: times (seconds), channels and sizes, in the order of the times."""
        channel = np.array([name for name, due in self.due.items() for _ in range(len(due))], dtype=str)
        times = np.concatenate([np.empty(0), *self.due.values()])
        sizes = np.concatenate([np.empty(0, dtype=np.int64), *self._sizes.values()])
        order = np.argsort(times, kind="stable")
        np.savez(path, times=times[order], channels=channel[order], sizes=sizes[order])


def collected(times: Floats, interval: float, phase: float) -> Floats:
    """Move each time to the next multiple of `interval`, the multiples shifted by a share `phase` (0 up to 1) of it."""
    shift = phase * interval
    moved: Floats = np.ceil((times - shift) / interval) * interval + shift
    return np.maximum(moved, times)  # rounding must not make an event known before it has happened
