"""Counting a crowd's polls: round by round, and all the rounds at once that are like the last one."""

import math

import numpy as np

from rtlab.measure.outcome import Simulated
from rtlab.measure.workload import Floats, Ints, Workload

SAMPLE = 4_000_000  # latencies that are kept one by one


class Tally:
    """What a crowd's polls have brought so far; of every so many polls the latencies are kept one by one.

    All arrays have one value for each client, in the order in which their polls are read.
    """

    def __init__(self, technique: str, workload: Workload, clients: int) -> None:
        self.technique, self.workload, self.clients = technique, workload, clients
        self.stride = max(1, clients * len(workload) // SAMPLE)
        self._sums = np.append(0.0, np.cumsum(workload.times))  # of the first 0, 1, 2 … times
        self._firsts = np.append(workload.times, math.inf)  # the first event that is not among those
        self._delivered = self._requests = self._empty = 0
        self._total, self._worst = 0.0, 0.0  # seconds
        self._skip = 0  # polls until the next one whose latencies are kept
        self._latencies: list[Floats] = []

    def add_round(self, sent: Floats, known: Ints, upto: Ints, arrived: Floats) -> None:
        """Add a poll of each of some clients: it was sent, found the events from `known` up to `upto`, and arrived."""
        during, hit, count = sent < self.workload.duration, upto > known, upto - known
        self._requests += int(np.count_nonzero(during))
        self._empty += int(np.count_nonzero(during & ~hit))
        self._delivered += int(count.sum())
        self._total += float(count @ arrived - (self._sums[upto] - self._sums[known]).sum())
        longest = arrived - self._firsts[known]
        self._worst = float(longest.max(where=hit, initial=self._worst))
        s = slice(self._skip, None, self.stride)
        self._skip = (self._skip - len(sent)) % self.stride
        self._latencies.append(carried(self.workload.times, known[s], upto[s], arrived[s]))

    def add_repetitions(self, period: float, sent: Floats, read: Floats, arrived: Floats) -> None:
        """Add the polls 1, 2, 3 … periods after these ones (which `add_round` has), until all events have arrived.

        The poll n of client j is read at r_j + nP. An event at time t lies m whole periods and x more after the
        first client's poll; the i clients that are read before x have it with poll m + 1, the others with poll
        m, and where m is 0 they have it already. So an event costs one look-up, however many clients there are.
        """
        times = self.workload.times[self.workload.times > read[0]]
        m, x = np.divmod(times - read[0], period)
        i = np.asarray(np.searchsorted(read - read[0], x, side="left"))
        self._add_latencies(period, arrived, times, m, i)
        self._count_polls(period, sent, read, times, m, i)
        s = slice(None, None, self.stride)
        polls = np.ceil((times[:, None] - read[s]) / period)
        latencies = arrived[s] + polls * period - times[:, None]
        self._latencies.append(latencies[polls > 0])

    def _add_latencies(self, period: float, arrived: Floats, times: Floats, m: Floats, i: Ints) -> None:
        """Sum the latencies of all clients, event by event, by the running sum of when the polls arrive."""
        sums = np.append(0.0, np.cumsum(arrived))
        others = (self.clients - i) * (m > 0)
        early = sums[i] + i * ((m + 1) * period - times)
        late = (sums[-1] - sums[i]) * (m > 0) + others * (m * period - times)
        self._delivered += int((i + others).sum())
        self._total += float((early + late).sum())
        latest_early = np.where(i > 0, arrived[i - 1] + (m + 1) * period - times, 0.0)
        latest_other = np.where(others > 0, arrived[-1] + m * period - times, 0.0)
        self._worst = max([self._worst, *latest_early.tolist(), *latest_other.tolist()])

    def _count_polls(
        self, period: float, sent: Floats, read: Floats, times: Floats, m: Floats, i: Ints
    ) -> None:
        """Count the polls that were sent during the run, and those that found nothing.

        An event makes a poll a hit unless the event before it is in the same poll: for all clients if m grew
        by two or more; for all but the i' − i between them if by one; for i − i' of them if not at all.
        """
        step, moved = np.diff(m, prepend=0.0), np.diff(i, prepend=0)
        hits = np.where(
            step >= 2, self.clients, np.where(step == 1, self.clients + np.minimum(moved, 0), moved)
        )
        left = np.maximum(
            1, np.ceil((self.workload.duration - sent) / period)
        )  # the first poll after the run
        late_hits = np.count_nonzero(times[-1] > read + (left - 1) * period) if len(times) else 0
        requests = int((left - 1).sum())
        self._requests += requests
        self._empty += requests - int(hits.sum()) + int(late_hits)

    def result(self, clients: int, service: float) -> Simulated:
        """Return all that was counted, scaled to so many clients; `service`: core seconds that each poll took."""
        scale = clients / self.clients
        return Simulated(
            self.technique,
            clients=clients,
            events=round(self._delivered * scale),
            requests=round(self._requests * scale),
            empty=round(self._empty * scale),
            mean_latency=self._total / self._delivered if self._delivered else math.nan,
            max_latency=self._worst if self._delivered else math.nan,
            latencies=np.concatenate([np.empty(0), *self._latencies]),
            server_seconds=self._requests * scale * service,
        )


def carried(times: Floats, known: Ints, upto: Ints, arrived: Floats) -> Floats:
    """Return the latency of each event in each answer, where answer j carries the events known_j … upto_j − 1."""
    count = upto - known
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)  # within its answer
    latencies: Floats = np.repeat(arrived, count) - times[np.repeat(known, count) + place]
    return latencies


def followed_of(workload: Workload, clients: int) -> int:
    """Return how many clients are followed: all, unless that would be too many latencies to keep."""
    return max(1, min(clients, 10_000, SAMPLE // max(1, len(workload))))


def scaled(
    technique: str,
    workload: Workload,
    clients: int,
    latencies: Floats,
    requests: float = 0.0,
    empty: float = 0.0,
    service: float = 0.0,
) -> Simulated:
    """Return the result of a crowd of whom some were followed."""
    return Simulated(
        technique,
        clients=clients,
        events=clients * len(workload),
        requests=round(requests),
        empty=round(empty),
        mean_latency=float(latencies.mean()) if len(latencies) else math.nan,
        max_latency=float(latencies.max()) if len(latencies) else math.nan,
        latencies=latencies,
        server_seconds=service,
    )
