"""Measure techniques on this machine: server, publisher, clients and taps are processes of their own.

    found, = measure(Setup("long", rate=2.0, delay=0.04))
    found.latency.mean, found.predicted.mean_latency, found.notes

Times come from the machine's one monotonic clock: the server notes each append in a side file, the clients note each
arrival, and they are joined by id. Bytes are the tap's. Events come by the clock, whoever is late; each run has a
phase of its own; nothing counts until the warm-up is over.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
import psutil

from rtlab.errors import RtlabError
from rtlab.measure import machine
from rtlab.measure.deliveries import join, read_appends
from rtlab.measure.doubts import doubts
from rtlab.measure.process import Process
from rtlab.measure.result import Latency, Result
from rtlab.measure.setup import Setup, check
from rtlab.server.limits import Limits
from rtlab.wire.process import TapProcess

CHANNELS = 10_000  # that the server of an experiment may have
TAP_KEEPS = 1 << 16  # bytes of record: only the counts are wanted
LEAD = 0.2  # seconds from the word to begin until the first event may come
REST = 0.2  # seconds after the last client came, for the server to be done with it
Progress = Callable[[float], None]  # is told the share that is done, 0 to 1


class Mark(NamedTuple):
    """All counters at one moment."""

    server: dict[str, int]
    load: dict[str, Any]
    bytes: list[tuple[int, int]]  # up and down, for each setup
    machine: machine.Moment
    tap_seconds: float


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
    with Stage(setups, replace(given, channels=CHANNELS)) as stage:
        return stage.run(progress)


class Stage:
    """The processes of one experiment, from the first to the last."""

    def __init__(self, setups: tuple[Setup, ...], limits: Limits) -> None:
        self.setups, self.limits = setups, limits
        self.seconds = setups[0].warm_up + setups[0].duration
        self.channels = [[f"c{g}-{n}" for n in range(s.channels)] for g, s in enumerate(setups)]
        self._open = ExitStack()

    def __enter__(self) -> Stage:
        try:
            self._start()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _start(self) -> None:
        """Start everybody; the clients come last, so that what they cost the server is known."""
        self.folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="rtlab-")))
        self.server = self._process(
            "server", appends=str(self.folder / "appends"), limits=asdict(self.limits)
        )
        self._write_schedule()
        port = self.server.start().ready["port"]
        self.publisher = self._process(
            "publisher", feed=self.server.ready["feed"], schedule=str(self.folder / "schedule.npz")
        )
        self.taps = [
            self._open.enter_context(TapProcess(("127.0.0.1", port), delay=s.delay, keep_bytes=TAP_KEEPS))
            for s in self.setups
        ]
        self.publisher.start()
        self._pin()
        self.before = self.server.ask("usage")
        by = "readers" if all(setup.with_readers for setup in self.setups) else "load"
        self.load = self._process(by, groups=self._groups(), seed=self.setups[0].seed)
        self.load.pin(self._cores(1))
        self.load.start()
        time.sleep(REST)
        self.connected = self.server.ask("usage")

    def _process(self, role: str, **settings: Any) -> Process:
        return self._open.enter_context(Process(role, **settings))

    def _groups(self) -> list[dict[str, Any]]:
        return [
            {
                "technique": setup.technique,
                "port": tap.address[1],
                "channels": channels,
                "clients": setup.clients,
                "interval": setup.interval,
                "period": max(setup.interval, 2 * setup.delay),
                "hold": setup.hold,
                "backoff": setup.backoff,
            }
            for setup, tap, channels in zip(self.setups, self.taps, self.channels, strict=True)
        ]

    def _cores(self, role: int) -> list[int]:
        """The cores of a role: the server has one of its own where there are two, the load another."""
        cores = machine.cores()
        if len(cores) < 3:
            return cores[:1] if role == 0 else cores[-1:] if role == 1 else cores
        return [cores[role]] if role < 2 else cores[2:]

    def _pin(self) -> None:
        self.server.pin(self._cores(0))
        self.publisher.pin(self._cores(2))

    def _write_schedule(self) -> None:
        """All events of all channels in the order of their times."""
        rows = [
            (float(at), channel, int(size))
            for setup, names in zip(self.setups, self.channels, strict=True)
            for channel, events in zip(names, setup.workloads(), strict=True)
            for at, size in zip(events.times, events.sizes, strict=True)
        ]
        rows.sort()
        times, channels, sizes = ([row[n] for row in rows] for n in range(3))
        np.savez(
            self.folder / "schedule.npz", times=times, channels=np.array(channels, dtype=str), sizes=sizes
        )
        self.deliveries = [
            sum(len(events) * len(range(n, s.clients, s.channels)) for n, events in enumerate(s.workloads()))
            for s in self.setups
        ]

    def run(self, progress: Progress) -> list[Result]:
        """Publish, wait until everything has arrived, and sum up."""
        begin = time.monotonic() + LEAD
        self.publisher.tell(begin)
        counted = begin + self.setups[0].warm_up
        end = begin + self.seconds
        self._watch(begin, counted, progress)
        self.load.ask("lag")
        first = self._mark()
        self._watch(begin, end, progress)
        last = self._mark()
        lag = max(self.load.ask("lag"), self.publisher.hear()["lag"])
        self._drain()
        progress(1.0)
        return self._results(first, last, int(counted * 1e9), int(end * 1e9), lag)

    def _watch(self, begin: float, until: float, progress: Progress) -> None:
        """Wait, and see that everybody is alive."""
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(0.25, left))
            progress(max(0.0, 1 - (begin + self.seconds - time.monotonic()) / self.seconds))
            self._check()

    def _check(self) -> None:
        for process in (self.server, self.publisher, self.load):
            process.check()

    def _mark(self) -> Mark:
        counts = [tap.counts for tap in self.taps]
        return Mark(
            self.server.ask("usage"),
            self.load.ask("mark"),
            [(count.up, count.down) for count in counts],
            machine.moment(),
            sum(sum(psutil.Process(tap.pid).cpu_times()[:2]) for tap in self.taps),
        )

    def _drain(self) -> None:
        """Wait until every event has arrived, or nothing comes any more."""
        patience = 3.0 + max(2 * setup.predict().max_latency for setup in self.setups)
        seen: list[int] = []
        deadline = time.monotonic() + patience
        while (received := self.load.ask("received")) != self.deliveries and time.monotonic() < deadline:
            if received != seen:
                seen, deadline = received, time.monotonic() + patience
            if trouble := self.load.ask("trouble"):
                raise RtlabError(trouble)
            time.sleep(0.02)

    def _results(self, first: Mark, last: Mark, begin: int, end: int, lag: float) -> list[Result]:
        self.server.ask("flush")
        self.load.ask("save", str(self.folder / "arrivals.npz"))
        appends = read_appends(self.folder / "appends")
        with np.load(self.folder / "arrivals.npz") as file:
            arrivals = [file[f"arr_{n}"] for n in range(len(self.setups))]
        server = (last.server["cpu"] - first.server["cpu"]) / 1e9
        load = (last.load["cpu"] - first.load["cpu"]) / 1e9
        ours = server + load + last.tap_seconds - first.tap_seconds
        state = machine.between(first.machine, last.machine, ours)
        alone = len(self.setups) == 1
        results = []
        for n, setup in enumerate(self.setups):
            got = join(arrivals[n], appends, self.channels[n], setup.clients, begin, end)
            latency, predicted = Latency.of(got.latencies), setup.predict()
            requests, empty = (
                b - a for a, b in zip(first.load["groups"][n], last.load["groups"][n], strict=True)
            )
            buffers = last.server["buffers"]
            grown = self.connected["resident"] - self.before["resident"] + buffers
            results.append(
                Result(
                    setup=setup,
                    events=len(got.latencies),
                    lost=got.lost,
                    repeated=got.repeated,
                    out_of_order=got.out_of_order,
                    latency=latency,
                    requests=requests,
                    empty=empty,
                    bytes_up=last.bytes[n][0] - first.bytes[n][0],
                    bytes_down=last.bytes[n][1] - first.bytes[n][1],
                    server_cpu_seconds=server if alone else math.nan,
                    client_cpu_seconds=load if alone else math.nan,
                    server_memory_bytes=grown,
                    socket_buffer_bytes=buffers,
                    connections=self.connected["connections"] - self.before["connections"],
                    files=self.connected["files"] - self.before["files"],
                    predicted=predicted,
                    notes=doubts(setup, latency, len(got.latencies), lag, load, state),
                    latencies=got.latencies,
                )
            )
        return results
