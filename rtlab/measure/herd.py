"""Clients that act at the same moment, and the line that they make for each other.

Polls: everybody started together, because a page was opened at the full hour or the server came back. Whether
they stay together depends on when each asks again. Reconnections: a server restarts, and everybody's connection
broke at the same moment; what back-off and jitter do then. Times are seconds.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import simpy

from rtlab.errors import BadInput
from rtlab.measure.bounds import not_negative, one_of, positive, whole
from rtlab.measure.queueing import Line
from rtlab.measure.workload import Floats, Ints

Schedule = Literal["fixed", "sleep", "jitter"]
Jitter = Literal["none", "full", "decorrelated"]


@dataclass(frozen=True, eq=False)
class Load:
    """What a server sees in each slot of time: from when, how many requests came, how many were in line at its end."""

    times: Floats
    arrivals: Ints
    waiting: Ints


@dataclass(frozen=True, eq=False)
class Crush:
    """Requests that came to a server: when each arrived, and when its service began (NaN: it was refused).

    The arrays have any shape, one value for each request.
    """

    arrived: Floats = field(repr=False)
    started: Floats = field(repr=False)

    @property
    def waits(self) -> Floats:
        """Seconds in line, in the shape of the requests."""
        return self.started - self.arrived

    def load(self, slot: float = 0.010) -> Load:
        """Count by slots of some seconds: requests per 10 ms, and the line beneath them."""
        positive(slot=slot)
        last = np.nanmax(np.concatenate([self.arrived.ravel(), self.started.ravel()]))
        edges: Floats = slot * np.arange(int(last / slot) + 2, dtype=np.float64)
        arrivals = np.histogram(self.arrived, edges)[0]
        served = ~np.isnan(self.started)
        came = np.histogram(self.arrived[served], edges)[0]
        began = np.histogram(self.started[served], edges)[0]
        return Load(edges[:-1], arrivals, np.cumsum(came - began))


def polls(
    clients: int,
    service: float,
    interval: float,
    rounds: int = 5,
    *,
    schedule: Schedule = "fixed",
    delay: float = 0.0,
    cores: int = 1,
    seed: int = 0,
) -> Crush:
    """Let N clients that start together poll for some rounds; the arrays are rounds × clients.

    `schedule`: "fixed", from the start of one request to the start of the next (never before its answer): they
    stay together for ever. "sleep", an interval after each answer: the line has spread the answers, so the next
    requests come as far apart as the server could serve them, and nobody waits again. "jitter": the first pause
    is uniform up to an interval, and each further one from half to one and a half: spread from the beginning.
    """
    whole(clients=clients, rounds=rounds, cores=cores)
    positive(service=service, interval=interval)
    not_negative(delay=delay)
    one_of(("fixed", "sleep", "jitter"), schedule=schedule)
    rng = np.random.default_rng(seed)
    world = simpy.Environment()
    server = simpy.Resource(world, capacity=cores)
    arrived, started = np.empty((rounds, clients)), np.empty((rounds, clients))

    def client(number: int) -> Generator[Any, Any, None]:
        if schedule == "jitter":
            yield world.timeout(interval * rng.random())
        for round_ in range(rounds):
            sent = world.now
            yield world.timeout(delay)  # the request is on its way
            arrived[round_, number] = world.now
            with server.request() as turn:
                yield turn
                started[round_, number] = world.now
                yield world.timeout(service)
            yield world.timeout(delay)  # the answer is
            if schedule == "sleep":
                yield world.timeout(interval)
            else:
                pause = interval * (0.5 + rng.random()) if schedule == "jitter" else interval
                yield world.timeout(max(0.0, sent + pause - world.now))

    for number in range(clients):
        world.process(client(number))
    world.run()
    return Crush(arrived, started)


@dataclass(frozen=True, eq=False)
class Storm:
    """A server's return: all attempts to connect (refused ones too), and when each client was back, ascending."""

    attempts: Crush
    back: Floats = field(repr=False)

    def back_by(self, share: float) -> float:
        """Return the seconds after the cut by which this share (0 to 1) of the clients is connected again."""
        if not 0 <= share <= 1:
            raise BadInput(f"share must be a number from 0 to 1, not {share!r}")
        return float(self.back[max(0, int(np.ceil(share * len(self.back))) - 1)])


def reconnections(
    clients: int,
    service: float,
    outage: float,
    *,
    jitter: Jitter = "full",
    first: float = 0.1,
    longest: float = 10.0,
    delay: float = 0.0,
    cores: int = 1,
    seed: int = 0,
) -> Storm:
    """Cut N connections at time 0, and let everybody try again until the server is back after `outage` seconds.

    Before attempt n (0, 1, 2 …) a client pauses. With s = min(longest, first · 2^n): jitter "none", s itself, so
    that all stay together; "full", uniform from 0 to s, as rtlab's readers do; "decorrelated", uniform from
    `first` to three times the pause before, and at most `longest` ("Exponential Backoff And Jitter", AWS
    Architecture Blog, 2015). An attempt that comes during the outage is refused at once; after it, `service`
    seconds of a core make a connection, first come first served. Good for a million clients.
    """
    whole(clients=clients, cores=cores)
    positive(service=service, first=first, longest=longest)
    not_negative(outage=outage, delay=delay)
    one_of(("none", "full", "decorrelated"), jitter=jitter)
    rng = np.random.default_rng(seed)
    now, pause = np.zeros(clients), np.full(clients, first)  # of those that are still cut off
    refused: list[Floats] = []
    accepted: list[Floats] = []
    attempt = 0
    while len(now):
        span = min(longest, first * 2.0 ** min(attempt, 60))
        draw = rng.random(len(now))
        if jitter == "none":
            pause = np.full(len(now), span)
        elif jitter == "full":
            pause = span * draw
        else:
            pause = np.minimum(longest, first + draw * (3 * pause - first))
        reached = now + pause + delay
        is_refused = reached < outage
        refused.append(reached[is_refused])
        accepted.append(reached[~is_refused])
        now, pause = reached[is_refused] + delay, pause[is_refused]
        attempt += 1
    reached = np.sort(np.concatenate(accepted))
    started = Line(cores).serve(reached, service)
    failed = np.concatenate(refused)
    attempts = Crush(np.append(failed, reached), np.append(np.full(len(failed), np.nan), started))
    return Storm(attempts, started + service + delay)
