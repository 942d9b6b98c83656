"""Measure techniques on this machine: server, publisher, clients and taps are processes of their own.

    found, = measure(Setup("long", rate=2.0, delay=0.04))
    found.latency.mean, found.predicted.mean_latency, found.notes

Times come from the machine's one monotonic clock: the server notes each append in a side file, the clients note each
arrival, and they are joined by id. Bytes are the tap's. Events come by the clock, whoever is late; each run has a
phase of its own; nothing counts until the warm-up is over.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rtlab.measure import machine
from rtlab.measure.bounds import whole
from rtlab.measure.deliveries import Deliveries, join, read_appends
from rtlab.measure.doubts import Strain, doubts
from rtlab.measure.result import Latency, Result
from rtlab.measure.schedule import Schedule
from rtlab.measure.setup import CHANNELS, Setup, check
from rtlab.measure.stage import Mark, Stage
from rtlab.measure.workload import Floats, Ints
from rtlab.server.limits import Limits

LEAD = 0.2  # seconds from the word to begin until the first event may come
Progress = Callable[[float], None]  # is told the share that is done, 0 to 1


def measure(
    *setups: Setup, limits: Limits | None = None, progress: Progress = lambda share: None
) -> list[Result]:
    """Run the setups together on one server, each with clients and a tap of its own; a result for each.

    Together is quick, and fair for latency, requests and bytes while the machine has time to spare; what a technique
    costs in CPU and memory is only told when it is alone. Takes warm_up + duration, and two seconds or three.
    Raises BadInput for what cannot be, before anything starts, and RtlabError if a process dies.
    """
    given = limits or Limits()
    check(setups, given)
    with Stage(setups, replace(given, channels=CHANNELS), Schedule(setups)) as stage:
        return Run(stage).measure(progress)


def repeat(
    setup: Setup, runs: int, *, limits: Limits | None = None, progress: Progress = lambda share: None
) -> list[Result]:
    """Measure a setup several times, alone, with other events each time: seeds `seed`, `seed` + 1 …

    What stays the same within a run, as a phase, varies from run to run: `spread` sums up their figures.
    """
    whole(runs=runs)
    found: list[Result] = []

    def tell(share: float) -> None:
        progress((len(found) + share) / runs)

    for seed in range(setup.seed, setup.seed + runs):
        found += measure(replace(setup, seed=seed), limits=limits, progress=tell)
    return found


class Run:
    """From the first event to the results, on a stage that is set."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.setups = stage, stage.setups
        self.predicted = [setup.predict() for setup in self.setups]
        self.seconds = self.setups[0].warm_up + self.setups[0].duration

    def measure(self, progress: Progress) -> list[Result]:
        """Publish, wait until everything has arrived, and sum up."""
        stage = self.stage
        self.begin = time.monotonic() + LEAD
        self.counted, self.end = self.begin + self.setups[0].warm_up, self.begin + self.seconds

        def tell() -> None:
            progress(min(1.0, max(0.0, (time.monotonic() - self.begin) / self.seconds)))

        stage.begin(self.begin)
        stage.watch(self.counted, tell)
        first = stage.mark()  # before all else: bytes that cross until then are missing from the run's
        stage.load.ask("lag")
        stage.watch(self.end, tell)
        last = stage.mark()
        lag = stage.load.ask("lag")
        sent_late = stage.publisher.hear()["lag"]
        longest = [p.max_latency for p in self.predicted if not math.isnan(p.max_latency)]
        stage.drain(max(longest, default=0.0))
        progress(1.0)
        deliveries, appended_late = self._deliveries()
        strains = self._strains(first, last, lag, sent_late, appended_late)
        return [
            self._result(n, first, last, got, strain)
            for n, (got, strain) in enumerate(zip(deliveries, strains, strict=True))
        ]

    def _deliveries(self) -> tuple[list[Deliveries], float]:
        """What every setup's clients got, and how late the server appended (seconds, p99)."""
        stage, schedule = self.stage, self.stage.schedule
        appends, arrivals = read_appends(stage.appends()), stage.arrivals()
        window = (round(self.counted * 1e9), round(self.end * 1e9))
        late, found = [np.zeros(1)], []
        for n, (setup, names) in enumerate(zip(self.setups, schedule.channels, strict=True)):
            known = {name: times for name, times in appends.items() if name in names}
            late += [(at - self._ns(schedule.due[name][: len(at)])) / 1e9 for name, at in known.items()]
            if setup.coalesce:  # what waits to be collected has happened already
                known = {name: self._ns(schedule.happen[name][: len(at)]) for name, at in known.items()}
            found.append(join(arrivals[n], known, names, setup.clients, *window))
        return found, float(np.quantile(np.concatenate(late), 0.99))

    def _ns(self, seconds: Floats) -> Ints:
        """Moments of the monotonic clock (ns), of seconds from the beginning."""
        return round(self.begin * 1e9) + np.round(seconds * 1e9).astype(np.int64)

    def _strains(
        self, first: Mark, last: Mark, lag: float, sent_late: float, appended_late: float
    ) -> list[Strain]:
        load = last.load - first.load
        ours = last.server - first.server + load + last.others - first.others
        state = machine.between(first.machine, last.machine, ours)
        taps = [after - before for before, after in zip(first.taps, last.taps, strict=True)]
        return [
            Strain(max(lag, sent_late), max(0.0, appended_late - sent_late), load, tap, state) for tap in taps
        ]

    def _result(self, n: int, first: Mark, last: Mark, got: Deliveries, strain: Strain) -> Result:
        stage, setup = self.stage, self.setups[n]
        alone = len(self.setups) == 1
        latency = Latency.of(got.latencies)
        (requests, empty), (up, down) = (
            [after - before for before, after in zip(a[n], b[n], strict=True)]
            for a, b in ((first.asked, last.asked), (first.bytes, last.bytes))
        )
        before, connected = stage.before, stage.connected
        memory = connected["resident"] - before["resident"] + connected["buffers"]
        return Result(
            setup=setup,
            events=len(got.latencies),
            lost=got.lost,
            repeated=got.repeated,
            out_of_order=got.out_of_order,
            latency=latency,
            requests=requests,
            empty=empty,
            bytes_up=up,
            bytes_down=down,
            server_cpu_seconds=last.server - first.server if alone else math.nan,
            client_cpu_seconds=last.load - first.load if alone else math.nan,
            server_memory_bytes=memory if alone else math.nan,
            socket_buffer_bytes=connected["buffers"],
            connections=stage.connections[n],
            files=connected["files"] - before["files"],
            predicted=self.predicted[n],
            notes=doubts(setup, latency, got, strain, alone=alone),
            latencies=got.latencies,
        )
