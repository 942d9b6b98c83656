"""Joining what the server appended with what the clients got: latencies, and what was lost, repeated, out of order."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rtlab.measure.workload import Floats, Ints

Appends: TypeAlias = dict[str, Ints]  # channel → the moments (ns) of its events, in order of position
ENOUGH_CHANNELS = 20  # from which on their means are batches that do not depend on each other


@dataclass(frozen=True)
class Deliveries:
    """What a group of clients got. `lost`, `repeated`, `out_of_order`: over the whole run, its warm-up too.

    `latencies` (seconds): of the events that were appended while it was counted, in the order of the appends; by
    channel where there are many.
    """

    latencies: Floats = field(repr=False)
    lost: int
    repeated: int
    out_of_order: int


def read_appends(path: Path) -> Appends:
    """Read the server's side file: a line for each append, CHANNEL ID NANOSECONDS."""
    moments: dict[str, list[int]] = {}
    for line in path.read_text(encoding="ascii").splitlines():
        channel, id, at = line.split()
        times = moments.setdefault(channel, [])
        assert int(id.rpartition(".")[2]) == len(times) + 1, "one log for each channel, from its start"
        times.append(int(at))
    return {channel: np.array(times, dtype=np.int64) for channel, times in moments.items()}


def join(
    arrivals: Ints, appends: Appends, channels: list[str], clients: int, begin: int, end: int
) -> Deliveries:
    """Join by position in the log. `arrivals`: rows of client, position, ns, each client's in order of arrival.

    Client n reads channel n modulo their number. Counted are the events appended from `begin` up to `end` (ns).
    """
    none = np.empty(0, dtype=np.int64)
    latencies: list[Floats] = []
    moments: list[Ints] = []
    lost = repeated = out_of_order = 0
    order = np.argsort(arrivals[:, 0], kind="stable")
    by_client = np.split(arrivals[order], np.searchsorted(arrivals[order, 0], np.arange(1, clients)))
    for client, rows in enumerate(by_client):
        appended = appends.get(channels[client % len(channels)], none)
        positions, first = np.unique(rows[:, 1], return_index=True)
        repeated += len(rows) - len(positions)
        out_of_order += int(np.count_nonzero(np.diff(rows[np.sort(first), 1]) < 0))
        lost += len(appended) - len(positions)
        at = appended[positions - 1]
        counted = (at >= begin) & (at < end)
        moments.append(at[counted])
        latencies.append((rows[first, 2][counted] - at[counted]) / 1e9)
    return Deliveries(_ordered(latencies, moments, len(channels)), lost, repeated, out_of_order)


def _ordered(latencies: list[Floats], moments: list[Ints], channels: int) -> Floats:
    """All clients' latencies in the order of the appends; channel by channel where there are many."""
    all_latencies, all_moments = np.concatenate(latencies), np.concatenate(moments)
    channel = np.concatenate([np.full(len(of), n % channels) for n, of in enumerate(moments)])
    keys: tuple[npt.NDArray[np.int64], ...] = (all_moments,)
    if channels >= ENOUGH_CHANNELS:
        keys = (all_moments, channel)
    return np.asarray(all_latencies[np.lexsort(keys)], dtype=np.float64)
