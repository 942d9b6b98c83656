"""The server as a queue: what waiting in line adds, by closed form, and the line itself played customer by customer.

A model is named by arrivals/service/servers: M is memoryless (Poisson arrivals, exponential service times), D is
deterministic (evenly spaced, always equal). Which one fits is an assumption, so it is always named: N clients
with phases of their own are between D and M, a herd is worse than both. Rates are requests per second, times
are seconds, ρ is the utilisation: the share of the time that a core is busy.
"""

import heapq
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rtlab.errors import BadInput
from rtlab.measure.bounds import not_negative, one_of, positive, whole
from rtlab.measure.workload import Floats

Model = Literal["M/M/1", "M/D/1", "D/D/1"]
MODELS = ("M/M/1", "M/D/1", "D/D/1")


@dataclass(frozen=True)
class Queue:
    """A line in its steady state. From ρ = 1 on it has none: the waits grow without end and are inf here."""

    model: str
    utilisation: float
    mean_wait: float  # in line, before the service
    mean_sojourn: float  # with the service


def utilisation(clients: int, interval: float, service: float, cores: int = 1) -> float:
    """Return ρ = (N/T) c / cores of a server whom N clients ask every T, each request taking c of one core."""
    whole(clients=clients, cores=cores)
    positive(interval=interval, service=service)
    return clients / interval * service / cores


def mm1(rate: float, service: float) -> Queue:
    """Poisson arrivals, exponential service times: sojourn c/(1 − ρ).

    An arrival finds ρ/(1 − ρ) customers on average, each of whom needs c, and then needs c itself (Kleinrock,
    Queueing Systems I, §3.2).
    """
    positive(rate=rate, service=service)
    rho = rate * service
    return _queue("M/M/1", rho, service * rho / (1 - rho) if rho < 1 else math.inf, service)


def md1(rate: float, service: float) -> Queue:
    """Poisson arrivals, equal service times: wait cρ/(2(1 − ρ)), half of M/M/1's.

    Pollaczek and Khinchine: the wait is λE[S²]/(2(1 − ρ)), and E[S²] is c² here, 2c² if exponential.
    """
    positive(rate=rate, service=service)
    rho = rate * service
    return _queue("M/D/1", rho, service * rho / (2 * (1 - rho)) if rho < 1 else math.inf, service)


def mmk(rate: float, service: float, cores: int) -> Queue:
    """Poisson arrivals, exponential service times, several cores and one line (Erlang C).

    With a = λc, the work offered, Erlang's B of k cores is B_k = a B_{k−1} / (k + a B_{k−1}), B_0 = 1; an arrival
    finds all cores busy with C = B / (1 − ρ(1 − B)) and then waits c / (k(1 − ρ)) on average.
    """
    positive(rate=rate, service=service)
    whole(cores=cores)
    work, b = rate * service, 1.0
    for k in range(1, cores + 1):
        b = work * b / (k + work * b)
    rho = work / cores
    busy = b / (1 - rho * (1 - b))
    return _queue(f"M/M/{cores}", rho, busy * service / (cores * (1 - rho)) if rho < 1 else math.inf, service)


def polling_latency(clients: int, interval: float, delay: float, service: float, model: Model) -> float:
    """Return the mean latency in seconds of N clients that poll every T from a server that needs c for each.

    M/M/1 and M/D/1: the log is read when a request comes, and the answer waits in line, T/2 + d + sojourn.
    D/D/1: the requests come evenly spaced and the log is read when the request's turn comes, as in a server of
    one event loop. Then a constant wait in line makes nothing older, and T/2 + c + d holds until the server is
    full; from there each client is served once every N c, however often it asks: max(T, N c)/2 + c + d.
    """
    one_of(MODELS, model=model)
    not_negative(delay=delay)
    rho = utilisation(clients, interval, service)
    if model == "D/D/1":
        return max(interval, clients * service, 2 * delay + service) / 2 + service + delay
    rate = rho / service
    line = mm1(rate, service) if model == "M/M/1" else md1(rate, service)
    return max(interval, 2 * delay) / 2 + delay + line.mean_sojourn


@dataclass(frozen=True)
class Knee:
    """Where asking more often stops to help: the interval in seconds, and the server's utilisation there."""

    model: str
    interval: float
    utilisation: float


def knee(clients: int, service: float, model: Model) -> Knee:
    """Return the interval of the least mean latency: a shorter one costs more in line than it saves in waiting.

    With T = N c/ρ the latency is N c/(2ρ) + sojourn. Its derivative is 0 where ((1 − ρ)/ρ)² = 2/N for M/M/1 and
    1/N for M/D/1. Evenly spaced requests (D/D/1) wait for nobody below ρ = 1, which is their knee.
    """
    whole(clients=clients)
    positive(service=service)
    one_of(MODELS, model=model)
    squared = {"M/M/1": 2 / clients, "M/D/1": 1 / clients, "D/D/1": 0.0}[model]
    rho = 1 / (1 + math.sqrt(squared))
    return Knee(model, clients * service / rho, rho)


@dataclass(frozen=True)
class HerdWait:
    """What N requests that arrive together wait in line, and how long the server is busy with them; seconds."""

    mean_wait: float
    max_wait: float
    busy: float


def herd(clients: int, service: float, cores: int = 1) -> HerdWait:
    """Requests that arrive at the same moment: the i-th of a line of one core waits i·c, i = 0 … N − 1.

    So (N − 1)c/2 on average, (N − 1)c at worst, and the same again every round if they stay together. With k
    cores, k of them go at a time.
    """
    whole(clients=clients, cores=cores)
    positive(service=service)
    turns, rest = divmod(clients, cores)  # full turns of all cores, and how many are left for the last
    total = service * (cores * turns * (turns - 1) / 2 + rest * turns)
    last = math.ceil(clients / cores)
    return HerdWait(total / clients, (last - 1) * service, last * service)


@dataclass(frozen=True)
class Server:
    """What answers: each request, or each write of a push, takes `service` seconds of one of its cores.

    Requests wait in one line. The log is read when a request's turn comes, as in a server of one event loop.
    """

    service: float = 0.0
    cores: int = 1

    def __post_init__(self) -> None:
        not_negative(service=self.service)
        whole(cores=self.cores)


class Line:
    """One line before k cores, first come first served; remembers when each core will be free."""

    def __init__(self, cores: int = 1) -> None:
        whole(cores=cores)
        self.free = np.zeros(cores)  # seconds, ascending

    def serve(self, arrivals: Floats, service: float | Floats) -> Floats:
        """Return when each arrival's service starts; `arrivals` ascend, and later calls bring later ones.

        A customer starts when it has arrived and the one k places before it is done (k cores, equal service
        times): s_i = max(a_i, s_{i−k} + c). Without the time that others have served, j c for the j-th of a
        core, that is a running maximum: s_j − j c = max(a_j − j c, s_{j−1} − (j − 1)c).
        """
        if np.any(np.diff(arrivals) < 0):
            raise BadInput("arrivals must be in ascending order: sort them")
        cores = len(self.free)
        each = np.broadcast_to(np.asarray(service, dtype=np.float64), arrivals.shape)
        if cores > 1 and np.ndim(service):
            return self._serve_one_by_one(arrivals, each)
        starts = np.empty_like(arrivals)
        for core in range(min(cores, len(arrivals))):
            turns, costs = np.maximum(arrivals[core::cores], self.free[core]), each[core::cores]
            before = np.cumsum(costs) - costs  # service that this core has done by then
            starts[core::cores] = np.maximum.accumulate(turns - before) + before
        self.free = np.sort(np.concatenate([self.free, starts[-cores:] + each[-cores:]]))[-cores:]
        return starts

    def _serve_one_by_one(self, arrivals: Floats, service: Floats) -> Floats:
        """Service times that differ, several cores: the next customer goes to the core that is free first."""
        free, starts = self.free.tolist(), np.empty_like(arrivals)
        for i, (arrival, cost) in enumerate(zip(arrivals.tolist(), service.tolist(), strict=True)):
            starts[i] = max(arrival, free[0])
            heapq.heapreplace(free, starts[i] + cost)
        self.free = np.sort(free)
        return starts


def _queue(model: str, rho: float, wait: float, service: float) -> Queue:
    return Queue(model, rho, wait, wait + service)
