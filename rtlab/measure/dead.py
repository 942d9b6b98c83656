"""`rtlab bench dead`: thousands that never read and thousands that are half open, on one server that serves others.

One server, a process of its own. Some readers of every technique read well, and are published to all the time. Then
come the dead: `each` that take no byte after the head, `each` whose machine vanishes. A burst on their channel, which
half of those who read well read too, fills every buffer that it finds. Watched from outside are the server's memory,
its descriptors, and what the kernel holds in its sockets' buffers, until the dead are released; and whether those who
read well have everything, and how late.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from rtlab.errors import BadInput, RtlabError
from rtlab.guardian import temporary_folder
from rtlab.measure.bounds import positive, whole
from rtlab.measure.deliveries import join, read_appends
from rtlab.measure.kernel import socket_memory
from rtlab.measure.process import Process
from rtlab.measure.processes.publisher import line
from rtlab.server.connections import SPARE_FILES, allow_files

CHANNEL, OTHER = "dead", "alive"  # of the dead, and of those whom nothing but the server connects with them
HEALTHY = ("long", "sse", "websocket")
RATE, SIZE = 20.0, 200  # events a second for those who read well, and the bytes of one
BURST, LARGE = 32, 16_000  # events that fill the buffers, and the bytes of one
CALM = 2.0  # seconds before and after, whose latencies are for comparison
EVERY = 0.05  # seconds between two looks at the server
PATIENCE = 60.0  # seconds until the dead must be connected
MANY = 6.0  # heartbeats until a server that does not release them is given up


@dataclass(frozen=True)
class Plan:
    """What to run: `each` dead of both kinds by these techniques in turn, and `healthy` readers of every technique."""

    techniques: tuple[str, ...] = ("sse",)
    each: int = 2000
    healthy: int = 10
    heartbeat: float = 15.0

    def __post_init__(self) -> None:
        whole(each=self.each, healthy=self.healthy)
        positive(heartbeat=self.heartbeat)
        wanted = 2 * self.each + len(HEALTHY) * self.healthy + SPARE_FILES
        if (allowed := allow_files(wanted)) < wanted:
            fewer = max(1, (allowed - wanted) // 2 + self.each)
            raise BadInput(
                f"a process may have {allowed:,} files open here, and the server needs {wanted:,}: "
                f"raise the limit (ulimit -n {wanted}), or give --each {fewer}"
            )


@dataclass(frozen=True)
class Look:
    """The server at one moment: seconds of the clock, bytes resident and in the kernel's buffers, descriptors."""

    at: float
    resident: int
    buffers: int
    files: int


@dataclass(frozen=True)
class Outcome:
    """What one run saw. Heartbeats are counted from the moment at which the dead were dead and the buffers full.

    `before`, `peak` and `after` are the server without the dead, at its worst of each, and at the end. Latencies are
    (median, p99, maximum) in seconds: `calm` without the dead, `late` with them. `lost`, `repeated`, `out_of_order`
    are of those who read well.
    """

    plan: Plan
    before: Look
    peak: Look
    after: Look
    connected: int  # descriptors when all were there
    released: float | None  # heartbeats until the last descriptor was free; None: not in time
    emptied: float | None  # heartbeats until the kernel's buffers were
    calm: tuple[float, float, float]
    late: tuple[float, float, float]
    faults: dict[str, int] = field(default_factory=dict)


class Watch:
    """Looks at a server from outside, again and again, until it is closed."""

    def __init__(self, pid: int, port: int) -> None:
        self.looks: list[Look] = []
        self._process, self._port = psutil.Process(pid), port
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtlab watch", daemon=True)
        self._thread.start()

    def look(self) -> Look:
        """The server now."""
        files = self._process.num_fds() if hasattr(self._process, "num_fds") else 0
        resident = self._process.memory_info().rss
        return Look(time.monotonic(), resident, socket_memory(self._port), files)

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            self.looks.append(self.look())

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()


class Feed:
    """Publishes at a steady rate until closed, and bursts when asked."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._channels = [OTHER]
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtlab feed", daemon=True)
        self._thread.start()

    def burst(self) -> None:
        """Fill all buffers on the channel of the dead, and go on with it."""
        with self._lock:
            self._socket.sendall(line(CHANNEL, LARGE) * BURST)
            self._channels = [OTHER, CHANNEL]

    def _run(self) -> None:
        while not self._ended.wait(1 / RATE):
            with self._lock:
                self._socket.sendall(b"".join(line(channel, SIZE) for channel in self._channels))

    def close(self) -> None:
        """Publish no more."""
        self._ended.set()
        self._thread.join()
        self._socket.close()


def run(plan: Plan) -> Outcome:
    """Run it. Raises RtlabError when a process dies, or one who reads well loses its connection."""
    with ExitStack() as things:
        folder = things.enter_context(temporary_folder("rtlab-"))
        server = things.enter_context(Process("server"))
        limits = {"heartbeat": plan.heartbeat}
        ports = server.start(appends=str(folder / "appends"), limits=limits)
        readers = things.enter_context(Process("load"))
        readers.start(groups=[_group(by, ports["port"], plan.healthy) for by in HEALTHY])
        feed = Feed(ports["feed"])
        things.callback(feed.close)
        watch = Watch(server.pid, ports["port"])
        things.callback(watch.close)
        begin = time.monotonic()
        time.sleep(CALM)
        _await(lambda: min(readers.ask("received")) > 0, "those who read well have nothing")
        before = watch.look()
        dead = [things.enter_context(Process("dead")) for _ in range(2)]
        settings = {"port": ports["port"], "path": f"/channels/{CHANNEL}", "count": plan.each}
        with ThreadPoolExecutor() as both:  # at once, for who is there waits for who is not
            begun = [both.submit(one.start, techniques=list(plan.techniques), **settings) for one in dead]
            for future in begun:
                future.result()
        _await(lambda: server.ask("waiting") >= 2 * plan.each, "the dead are not all there")
        connected = watch.look()
        dead[1].ask("vanish")
        feed.burst()
        full = time.monotonic()
        released = _when(lambda: watch.looks[-1].files <= before.files, full, plan)
        emptied = _when(lambda: watch.looks[-1].buffers <= before.buffers + LARGE, full, plan)
        end = time.monotonic()
        time.sleep(CALM)
        feed.close()
        time.sleep(0.2)  # what was published last is on its way
        server.ask("flush")
        if trouble := readers.ask("trouble"):
            raise RtlabError(f"one who reads well was harmed: {trouble}")
        readers.ask("save", str(folder / "arrivals.npz"))
        calm, late, faults = _deliveries(folder, plan, (begin, before.at, connected.at, end))
        after = watch.look()
        return Outcome(
            plan, before, _worst(watch.looks), after, connected.files, released, emptied, calm, late, faults
        )


def _group(technique: str, port: int, clients: int) -> dict[str, Any]:
    settings = {"interval": 1.0, "period": 1.0, "hold": 25.0, "backoff": (1.0, 1.0, 2.0)}
    return {
        "technique": technique,
        "port": port,
        "channels": [OTHER, CHANNEL],
        "clients": clients,
        **settings,
    }


def _await(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise RtlabError(f"{otherwise} after {PATIENCE:g} s")
        time.sleep(EVERY)


def _when(holds: Callable[[], bool], since: float, plan: Plan) -> float | None:
    """Heartbeats from a moment until something holds; None if that takes too long."""
    while (passed := (time.monotonic() - since) / plan.heartbeat) < MANY:
        if holds():
            return passed
        time.sleep(EVERY)
    return None


def _worst(looks: list[Look]) -> Look:
    return Look(
        looks[-1].at,
        max(look.resident for look in looks),
        max(look.buffers for look in looks),
        max(look.files for look in looks),
    )


def _deliveries(folder: Path, plan: Plan, moments: tuple[float, float, float, float]) -> Any:
    """Latencies of those who read well, between the first two moments and between the last two; what went wrong."""
    begin, before, full, end = (round(moment * 1e9) for moment in moments)
    appends = read_appends(folder / "appends")
    spans: list[list[Any]] = [[], []]
    faults = dict.fromkeys(("lost", "repeated", "out of order"), 0)
    with np.load(folder / "arrivals.npz") as arrivals:
        for group in arrivals.values():
            for span, (first, last) in zip(spans, ((begin, before), (full, end)), strict=True):
                told = join(group, appends, [OTHER, CHANNEL], plan.healthy, first, last)
                span.append(told.latencies)
            for name, number in zip(faults, (told.lost, told.repeated, told.out_of_order), strict=True):
                faults[name] += number
    calm, late = (np.concatenate(span) for span in spans)
    return _summary(calm), _summary(late), faults


def _summary(latencies: Any) -> tuple[float, float, float]:
    return float(np.median(latencies)), float(np.quantile(latencies, 0.99)), float(latencies.max())
