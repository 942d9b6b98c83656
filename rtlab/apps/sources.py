"""Where events come from: this machine's own metrics at a steady rate, or chance at random moments.

with Source(publish, machine, rate=2.0):
    …                                   # publish({"cpu": 12.5, …}) twice a second
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil

from rtlab.errors import BadInput

HIGHEST_RATE = 1000.0  # events a second; a Python thread keeps up with that


def machine() -> Iterator[dict[str, Any]]:
    """This machine's metrics: CPU load per core and memory in percent, disk and network in bytes a second."""
    before, then = _totals(), time.monotonic()
    psutil.cpu_percent(percpu=True)  # the first call has nothing to compare with
    while True:
        now, totals = time.monotonic(), _totals()
        span = max(now - then, 1e-3)
        rates = {name: round((totals[name] - before[name]) / span) for name in totals}
        cores = psutil.cpu_percent(percpu=True)
        yield {"cpu": cores, "memory": psutil.virtual_memory().percent, **rates}
        before, then = totals, now


def _totals() -> dict[str, int]:
    """Bytes since the machine started; a system may not tell (a container without disks, say): then 0."""
    disk, network = psutil.disk_io_counters(), psutil.net_io_counters()
    return {
        "disk_read": disk.read_bytes if disk else 0,
        "disk_written": disk.write_bytes if disk else 0,
        "received": network.bytes_recv if network else 0,
        "sent": network.bytes_sent if network else 0,
    }


def chance(seed: int | None = None) -> Iterator[dict[str, Any]]:
    """A random walk: a number that goes up or down by a little."""
    walk, value = random.Random(seed), 100.0
    while True:
        value += walk.gauss(0.0, 1.0)
        yield {"value": round(value, 2)}


SOURCES: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {"machine": machine, "random": chance}


class Source:
    """Publishes what `samples` yields, `rate` times a second on average, in a thread of its own until `close()`.

    `poisson`: at random, independent moments instead of a steady beat; with a `seed` the same ones each time.
    `duration`: it ends by itself with the last event that is due within so many seconds; however late the machine
    is, a seed then gives the same number of events. `rate` may be changed while it runs. What `publish` raises ends
    it, and `close()` raises it again.
    """

    def __init__(
        self,
        publish: Callable[[Any], object],
        samples: Iterator[Any],
        rate: float = 1.0,
        *,
        poisson: bool = False,
        seed: int | None = None,
        duration: float = math.inf,
    ) -> None:
        self.published = 0
        self.rate = rate
        self._publish, self._samples, self._poisson, self._duration = publish, samples, poisson, duration
        self._random = random.Random(seed)
        self._stop, self._changed = threading.Event(), threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="rtlab source", daemon=True)
        self._thread.start()

    @property
    def rate(self) -> float:
        """Events a second, on average."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        if not 0 < rate <= HIGHEST_RATE:
            raise BadInput(f"a rate of {rate} events a second: give one above 0, up to {HIGHEST_RATE:g}")
        self._rate = rate
        if hasattr(self, "_changed"):
            self._changed.set()

    @property
    def running(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    def _run(self) -> None:
        due = started = time.monotonic()
        try:
            while not self._stop.is_set():
                due += self._random.expovariate(self._rate) if self._poisson else 1 / self._rate
                if due - started > self._duration:
                    return
                if self._changed.wait(max(0.0, due - time.monotonic())):
                    self._changed.clear()  # stopped, or a new rate: the next wait begins now
                    due = time.monotonic()
                    continue
                self._publish(next(self._samples))
                self.published += 1
        except BaseException as error:
            self._error = error

    def close(self) -> None:
        """Publish no more; raises what publishing raised, once."""
        self._stop.set()
        self._changed.set()
        self._thread.join(5.0)
        error, self._error = self._error, None
        if error is not None and not isinstance(error, StopIteration):
            raise error

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()
