"""A crowd of long polls: everybody's request waits at the server, and one event answers them all."""

import math

import numpy as np

from rtlab.measure.bounds import positive
from rtlab.measure.network import Network
from rtlab.measure.outcome import Simulated
from rtlab.measure.queueing import Line, Server
from rtlab.measure.tally import carried, followed_of, scaled
from rtlab.measure.workload import Floats, Ints, Workload


class HeldCrowd:
    """The clients of a long poll: for each one when its request is at the server, and what it knows."""

    def __init__(
        self, workload: Workload, clients: int, network: Network, server: Server, hold: float, seed: int
    ) -> None:
        if hold != math.inf:
            positive(hold=hold)
        self.workload, self.clients, self.network, self.hold = workload, clients, network, hold
        self.followed = followed_of(workload, clients)
        self.cost, many = server.service, clients / self.followed  # each followed one stands for so many
        self.service = self.cost * many  # of all of them,
        self.turn = self.cost * (many + 1) / 2  # and until the one in the middle of them is served
        self.line, self.rng = Line(server.cores), np.random.default_rng(seed)
        self.reached = np.zeros(self.followed)
        self.known = np.zeros(self.followed, dtype=np.int64)
        self.latencies: list[Floats] = []
        self.requests, self.empty = self.followed, 0

    def time_out(self, before: float) -> None:
        """Answer those who have been held for long enough, and again if they are held long enough once more."""
        while len(who := np.flatnonzero(self.reached + self.hold < before)):
            self.answer(self.reached + self.hold, who)

    def answer(self, due: Floats, who: Ints) -> None:
        """Answer these clients in the order in which their answers are due, and let them ask again."""
        who = who[np.argsort(due[who], kind="stable")]
        read = self.line.serve(due[who], self.service) if self.service else due[who]
        upto, known = np.searchsorted(self.workload.times, read, side="right"), self.known[who]
        arrived = read + self.turn + self.network.transits(self.rng, len(who))
        self.latencies.append(carried(self.workload.times, known, upto, arrived))
        self.empty += int(np.count_nonzero(upto == known))
        self.requests += int(np.count_nonzero(arrived < self.workload.duration))
        self.known[who] = upto
        self.reached[who] = arrived + self.network.transits(self.rng, len(who))

    def result(self) -> Simulated:
        """Return what the followed clients saw, scaled to all."""
        scale, latencies = self.clients / self.followed, np.concatenate([np.empty(0), *self.latencies])
        requests, empty = self.requests * scale, self.empty * scale
        return scaled(
            "long", self.workload, self.clients, latencies, requests, empty, service=requests * self.cost
        )
