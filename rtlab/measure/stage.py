"""The processes of one experiment: started, pinned apart, watched, asked, and ended, whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from rtlab.errors import RtlabError
from rtlab.guardian import temporary_folder
from rtlab.measure import machine
from rtlab.measure.process import Process
from rtlab.measure.schedule import Schedule
from rtlab.measure.setup import Setup, with_readers
from rtlab.measure.workload import Ints
from rtlab.server.limits import Limits
from rtlab.wire.process import TapProcess

TAP_KEEPS = 1 << 16  # bytes of record: only the counts are wanted
LOOK = 0.25  # seconds between two looks at whether everybody is alive
REST = 0.2  # seconds, and four delays, after the last client came: the server is done with it, a long poll is held
PATIENCE = 3.0  # seconds beside the longest latency until nothing more is waited for


class Mark(NamedTuple):
    """All counters at one moment: seconds of CPU, requests and empty answers, bytes up and down of each setup."""

    server: float
    load: float
    others: float  # taps, publisher, and who asks
    taps: list[float]
    asked: list[tuple[int, int]]
    bytes: list[tuple[int, int]]
    machine: machine.Moment


class Stage:
    """Everybody who takes part, for as long as the block lasts: server, publisher, a tap for each setup, load."""

    def __init__(self, setups: tuple[Setup, ...], limits: Limits, schedule: Schedule) -> None:
        self.setups, self.limits, self.schedule = setups, limits, schedule
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
        self.folder = self._open.enter_context(temporary_folder("rtlab-"))
        by = "readers" if with_readers(self.setups) else "load"
        self.server, self.publisher, self.load = (
            self._open.enter_context(Process(role)) for role in ("server", "publisher", by)
        )
        appends, times = str(self.folder / "appends"), str(self.folder / "schedule.npz")
        self.schedule.save(times)
        ports = self.server.start(appends=appends, limits=asdict(self.limits))
        upstream = ("127.0.0.1", ports["port"])
        self.taps = [
            self._open.enter_context(TapProcess(upstream, delay=s.delay, keep_bytes=TAP_KEEPS))
            for s in self.setups
        ]
        self.publisher.start(feed=ports["feed"], schedule=times)
        self._pin()
        self.before = self.server.ask("usage")
        self.load.start(groups=self._groups())
        time.sleep(REST + 4 * max(setup.delay for setup in self.setups))
        self.connected = self.server.ask("usage")
        self.connections = [tap.counts.open for tap in self.taps]

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
            for setup, tap, channels in zip(self.setups, self.taps, self.schedule.channels, strict=True)
        ]

    def _pin(self) -> None:
        machine.pin(self.server.pid, _cores(0))
        machine.pin(self.load.pid, _cores(1))
        for pid in [self.publisher.pid, *(tap.pid for tap in self.taps)]:
            machine.pin(pid, _cores(2))

    def begin(self, moment: float) -> None:
        """Let the publisher begin at a moment of `time.monotonic()`."""
        self.publisher.tell(moment)

    def watch(self, until: float, progress: Callable[[], None]) -> None:
        """Wait, and see that everybody is alive. Raises RtlabError, with the reason, as soon as somebody is not."""
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(LOOK, left))
            progress()
            self.check()

    def check(self) -> None:
        """Raise RtlabError if a process has died or a client cannot go on."""
        for process in (self.server, self.publisher, self.load):
            process.check()
        if not all(tap.is_running for tap in self.taps):
            raise RtlabError("the experiment has ended: its tap died; its last words, if any, are above")
        if trouble := self.load.ask("trouble"):
            raise RtlabError(trouble)

    def mark(self) -> Mark:
        """Look at all counters now."""
        counts, load = [tap.counts for tap in self.taps], self.load.ask("mark")
        taps = [machine.cpu_seconds(tap.pid) for tap in self.taps]
        return Mark(
            server=self.server.ask("cpu") / 1e9,
            load=load["cpu"] / 1e9,
            others=sum(taps) + machine.cpu_seconds(self.publisher.pid) + time.process_time(),
            taps=taps,
            asked=[(requests, empty) for requests, empty in load["groups"]],
            bytes=[(count.up, count.down) for count in counts],
            machine=machine.moment(),
        )

    def drain(self, longest: float) -> None:
        """Wait until every event has arrived, or until nothing has come for far more than the longest latency."""
        patience = PATIENCE + 2 * longest
        seen: list[int] = []
        deadline = time.monotonic() + patience
        while (received := self.load.ask("received")) != self.schedule.deliveries:
            if received != seen:
                seen, deadline = received, time.monotonic() + patience
            if time.monotonic() > deadline:
                break
            self.check()
            time.sleep(0.02)

    def arrivals(self) -> list[Ints]:
        """What arrived at the clients of each setup: rows of client, position of the event, nanoseconds."""
        path = self.folder / "arrivals.npz"
        self.load.ask("save", str(path))
        with np.load(path) as file:
            return [file[f"arr_{n}"] for n in range(len(self.setups))]

    def appends(self) -> Path:
        """The server's side file, whole."""
        self.server.ask("flush")
        return self.folder / "appends"


def _cores(role: int) -> list[int]:
    """The cores of a role: 0, the server, has one of its own where there are two; 1, the load, another."""
    cores = machine.cores()
    if len(cores) < 3:
        return cores[:1] if role == 0 else cores[-1:] if role == 1 else cores
    return [cores[role]] if role < 2 else cores[2:]
