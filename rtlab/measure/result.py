"""What an experiment found, and how far to trust it; saved as JSON and CSV with the machine that it comes from."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rtlab.errors import BadInput
from rtlab.measure.interval import mean_interval
from rtlab.measure.machine import describe
from rtlab.measure.models import Prediction
from rtlab.measure.setup import Setup
from rtlab.measure.workload import Floats


@dataclass(frozen=True)
class Latency:
    """Seconds from an event's append to its arrival; `interval` is the 95 % confidence interval of the mean."""

    mean: float
    p50: float
    p99: float
    max: float
    interval: tuple[float, float]

    @classmethod
    def of(cls, latencies: Floats) -> Latency:
        """Sum up latencies, which are in the order in which their events were appended; NaN where there are none."""
        if not len(latencies):
            return cls(math.nan, math.nan, math.nan, math.nan, (math.nan, math.nan))
        p50, p99 = (float(np.quantile(latencies, q)) for q in (0.5, 0.99))
        return cls(float(latencies.mean()), p50, p99, float(latencies.max()), mean_interval(latencies))


@dataclass(frozen=True, eq=False)
class Result:
    """What one technique did in one experiment, over the events that were appended while it was counted.

    `events` are deliveries: events × the clients that read them. Requests, empty answers, bytes (both ways, as the
    tap counted them) and CPU seconds are those of the same stretch of time; opening the connections is not in them.
    CPU and memory are NaN where several setups shared a server. `server_memory_bytes` is what the server holds more
    than before these clients came: resident memory, and what the kernel has in socket buffers; `files` is how many
    descriptors more. `notes` say what makes a figure less than it seems.
    """

    setup: Setup
    events: int
    lost: int
    repeated: int
    out_of_order: int
    latency: Latency
    requests: int
    empty: int
    bytes_up: int
    bytes_down: int
    server_cpu_seconds: float
    client_cpu_seconds: float
    server_memory_bytes: float
    socket_buffer_bytes: int
    connections: int
    files: int
    predicted: Prediction
    notes: tuple[str, ...] = ()
    latencies: Floats = field(default_factory=lambda: np.empty(0), repr=False)

    @property
    def technique(self) -> str:
        """Which technique it is."""
        return self.setup.technique

    @property
    def requests_per_event(self) -> float:
        """Requests sent for each event delivered; NaN without events."""
        return self.requests / self.events if self.events else math.nan

    @property
    def empty_fraction(self) -> float:
        """The share of requests that were answered without an event."""
        return self.empty / self.requests if self.requests else 0.0

    @property
    def bytes_per_event(self) -> float:
        """Bytes on the connections, both ways, for each event delivered; NaN without events."""
        return (self.bytes_up + self.bytes_down) / self.events if self.events else math.nan

    @property
    def memory_per_client(self) -> float:
        """Bytes that one client costs the server."""
        return self.server_memory_bytes / self.setup.clients

    @property
    def cpu_per_event(self) -> float:
        """CPU seconds of the server for each event delivered; NaN without events."""
        return self.server_cpu_seconds / self.events if self.events else math.nan

    @property
    def error(self) -> float:
        """How far the measured mean latency is from the predicted one, as a share of that."""
        return self.latency.mean / self.predicted.mean_latency - 1

    def plain(self) -> dict[str, Any]:
        """As JSON has it: an object of numbers, null where there is none."""
        predicted = self.predicted
        document = {
            "technique": self.technique,
            "clients": self.setup.clients,
            "events": self.events,
            "lost": self.lost,
            "repeated": self.repeated,
            "out_of_order": self.out_of_order,
            "latency": asdict(self.latency),
            "requests": self.requests,
            "empty": self.empty,
            "bytes_up": self.bytes_up,
            "bytes_down": self.bytes_down,
            "server_cpu_seconds": self.server_cpu_seconds,
            "client_cpu_seconds": self.client_cpu_seconds,
            "server_memory_bytes": self.server_memory_bytes,
            "socket_buffer_bytes": self.socket_buffer_bytes,
            "connections": self.connections,
            "files": self.files,
            "predicted": {
                "mean_latency": predicted.mean_latency,
                "max_latency": predicted.max_latency,
                "requests_per_event": predicted.requests_per_event,
                "empty_fraction": predicted.empty_fraction,
            },
            "notes": list(self.notes),
            "setup": asdict(self.setup),
        }
        return {name: _without_nan(value) for name, value in document.items()}


def _without_nan(value: Any) -> Any:
    """JSON has no NaN: null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _without_nan(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    return value


def save(results: Iterable[Result], path: str | Path) -> None:
    """Write results to a file, with the machine that they come from: `.json` a list of objects, or `.csv` a row each.

    Raises BadInput for another suffix.
    """
    path = Path(path)
    machine = describe()
    documents = [result.plain() | {"machine": machine} for result in results]
    if path.suffix == ".json":
        path.write_text(json.dumps(documents, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    elif path.suffix == ".csv":
        rows = [_flat(document) for document in documents]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
            writer.writeheader()
            writer.writerows(rows)
    else:
        raise BadInput(f"{path.name} is neither .json nor .csv: give a name that ends with one of them")


def _flat(document: dict[str, Any], before: str = "") -> dict[str, Any]:
    """One row of a table: the names of nested members joined with dots."""
    row: dict[str, Any] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            row |= _flat(value, f"{before}{name}.")
        else:
            row[before + name] = "; ".join(map(str, value)) if isinstance(value, list) else value
    return row


@dataclass(frozen=True)
class Spread:
    """The mean of several runs, and its 95 % confidence interval (Student's t over the runs; NaN for one run)."""

    mean: float
    low: float
    high: float
    runs: int


# Student's t, 97.5 %, for 1, 2, … degrees of freedom
T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


def spread(values: Sequence[float]) -> Spread:
    """Sum up what several runs found: from run to run also what stays the same within one run varies."""
    if not values:
        raise BadInput("there is no run to sum up: give at least one value")
    mean = float(np.mean(values))
    if len(values) == 1:
        return Spread(mean, math.nan, math.nan, 1)
    quantile = T[len(values) - 2] if len(values) - 2 < len(T) else 2.0
    half = quantile * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return Spread(mean, mean - half, mean + half, len(values))
