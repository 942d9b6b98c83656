"""What the dashboard shows: this machine's metrics, and what the server says of itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from rtlab.apps.sources import machine
from rtlab.server.app import Server

Sample = dict[str, Any]


@dataclass(frozen=True)
class Metric:
    """A figure that an alert can watch: in words, its unit, the most that makes sense, and where it is in a sample."""

    words: str
    unit: str
    highest: float
    read: Callable[[Sample], float]


METRICS = {
    "cpu": Metric("processor", "%", 100, lambda sample: fmean(sample["cpu"])),
    "busiest": Metric("busiest core", "%", 100, lambda sample: max(sample["cpu"])),
    "memory": Metric("memory", "%", 100, lambda sample: sample["memory"]),
    "network": Metric(
        "network", "kB/s", 10_000_000, lambda sample: (sample["received"] + sample["sent"]) / 1000
    ),
    "disk": Metric(
        "disk", "kB/s", 10_000_000, lambda sample: (sample["disk_read"] + sample["disk_written"]) / 1000
    ),
    "connections": Metric("connections", "connections", 1_000_000, lambda s: s["server"]["connections"]),
    "requests": Metric("requests", "requests/s", 1_000_000, lambda s: s["server"]["requests"]),
}


def samples(server: Server) -> Iterator[Sample]:
    """This machine's metrics with the server's own beside them: what is open, and what it does a second."""
    before, then = _counts(server), time.monotonic()
    for measured in machine():
        counts, now = _counts(server), time.monotonic()
        span = max(now - then, 1e-3)
        rates = {name: round((counts[name] - before[name]) / span, 1) for name in counts}
        yield {**measured, "server": {**_open(server), **rates}}
        before, then = counts, now


def _counts(server: Server) -> dict[str, int]:
    """What only grows: requests answered, events delivered."""
    return {"requests": sum(server.requests.values()), "delivered": server.channels.delivered}


def _open(server: Server) -> dict[str, int]:
    """What is there now: connections, streams and sockets, held polls."""
    channels = server.channels.by_name.values()
    return {
        "connections": server.admission.open,
        "readers": sum(len(channel.readers) for channel in channels),
        "held": sum(len(channel.held) for channel in channels),
    }
