"""What an experiment is to measure: one technique under one workload, as data; checked before anything starts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rtlab.clients.pace import Backoff
from rtlab.errors import BadInput
from rtlab.measure import models, simulate, workload
from rtlab.measure.bounds import not_negative, one_of, positive, whole
from rtlab.measure.models import Prediction
from rtlab.measure.network import Network
from rtlab.measure.outcome import Simulated
from rtlab.measure.workload import Floats, Workload
from rtlab.server.connections import SPARE_FILES, allow_files
from rtlab.server.limits import Limits
from rtlab.technique import TECHNIQUES

PUSHED = ("sse", "websocket")
WORKLOADS = ("steady", "poisson", "bursty", "day", "recorded")
LOADS = ("auto", "asyncio", "readers")
CHANNELS = 10_000  # that the server of an experiment may have
FEW = 20  # clients up to which the reference readers, a thread each, do not disturb each other


@dataclass(frozen=True)
class Setup:
    """One technique under one workload; times in seconds.

    Each of the `channels` has `rate` events a second of `size` bytes of data, and `clients` are spread over them
    evenly: with as many channels as clients their events are independent, and a short run tells as much as a long one.
    `interval` is T of short polling, `minimum`, `maximum`, `factor` are adaptive polling's back-off (by default
    from T/4 to 4T by 2), `hold` is what a long poll asks for. What happens in the first `warm_up` seconds is
    read but not counted. `seed` is the events'; the clients' phases are new for each run. `load`: the reference
    readers, or one asyncio process for hundreds; auto: by `clients`.
    `coalesce`: push in batches, the fair rival of polling. The publisher keeps what happens, and appends it all at
    every multiple of so many seconds; latency then counts from when an event happened, not from its append.
    """

    technique: str
    rate: float = 1.0
    interval: float = 1.0
    delay: float = 0.04
    clients: int = 20
    channels: int = 20
    duration: float = 10.0
    warm_up: float = 1.0
    workload: str = "poisson"
    size: int = 100
    hold: float = 25.0
    minimum: float | None = None
    maximum: float | None = None
    factor: float = 2.0
    load: str = "auto"
    coalesce: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        one_of(TECHNIQUES, technique=self.technique)
        one_of(WORKLOADS, workload=self.workload)
        one_of(LOADS, load=self.load)
        positive(rate=self.rate, duration=self.duration, interval=self.interval, hold=self.hold)
        not_negative(delay=self.delay, warm_up=self.warm_up, size=self.size, coalesce=self.coalesce)
        whole(clients=self.clients, channels=self.channels)
        if self.channels > self.clients:
            raise BadInput(f"{self.channels} channels and {self.clients} clients: give each channel a client")
        if self.coalesce and self.technique not in PUSHED:
            raise BadInput(
                f"coalesce={self.coalesce:g} with {self.technique}: only push is collected; give {' or '.join(PUSHED)}"
            )
        if self.technique == "adaptive":
            models.backoff_polling(self.rate, *self.backoff, self.delay)

    @property
    def backoff(self) -> tuple[float, float, float]:
        """Adaptive polling's shortest and longest interval and the factor between."""
        shortest = self.interval / 4 if self.minimum is None else self.minimum
        longest = self.interval * 4 if self.maximum is None else self.maximum
        return shortest, longest, self.factor

    def workloads(self) -> list[Workload]:
        """The events of each channel, warm-up included; their seeds follow from `seed`."""
        seconds = self.warm_up + self.duration
        seeds = [self.seed * 100_003 + number for number in range(self.channels)]
        match self.workload:
            case "steady":
                return [workload.steady(self.rate, seconds, seed=s, size=self.size) for s in seeds]
            case "poisson":
                return [workload.poisson(self.rate, seconds, seed=s, size=self.size) for s in seeds]
            case "bursty":
                return [workload.bursty(self.rate, seconds, seed=s, size=self.size) for s in seeds]
            case "day":  # a whole day, in the time of the run
                return [
                    workload.day_night(self.rate, seconds, period=seconds, seed=s, size=self.size)
                    for s in seeds
                ]
        return [workload.excerpt(workload.recorded(rate=self.rate), seconds, seed=s) for s in seeds]

    def predict(self) -> Prediction:
        """What theory says: the closed form where there is one, else a simulation of these very events."""
        match self.technique, self.workload:
            case "sse" | "websocket", workload if self.coalesce and workload != "steady":
                return models.coalesced_push(self.rate, self.coalesce, self.delay)
            case "sse" | "websocket", _ if not self.coalesce:
                return models.push(self.rate, self.delay)
            case "short", "poisson":
                return models.short_polling(self.rate, self.interval, self.delay)
            case "short", "steady":
                return models.periodic_short_polling(1 / self.rate, self.interval, self.delay)
            case "long", "poisson":
                return models.long_polling(self.rate, self.delay, self.hold)
            case "long", "steady" if self.hold > 1 / self.rate:
                return models.periodic_long_polling(1 / self.rate, self.delay)
            case "adaptive", "poisson":
                return models.backoff_polling(self.rate, *self.backoff, self.delay)
        return summed(self, self.simulate())

    def simulate(self, phase: int = 0) -> list[Simulated]:
        """Run these very events in virtual time: one client for each channel; `phase` is a seed for theirs."""
        network, first = Network(self.delay), phase * self.channels
        return [self._simulate(events, network, n) for n, events in enumerate(self.workloads(), first)]

    def _simulate(self, events: Workload, network: Network, seed: int) -> Simulated:
        match self.technique:
            case "short":
                return simulate.short_polling(events, self.interval, network, seed=seed)
            case "long":
                return simulate.long_polling(events, network, hold=self.hold, seed=seed)
            case "adaptive":
                return simulate.adaptive_polling(events, Backoff(*self.backoff), network, seed=seed)
        return simulate.push(events, network, technique=self.technique, interval=self.coalesce, seed=seed)


def counted(setup: Setup, runs: Sequence[Simulated]) -> list[Floats]:
    """The latencies of each channel that an experiment would count: of the events after the warm-up."""
    return [
        run.latencies[events.times >= setup.warm_up]
        for run, events in zip(runs, setup.workloads(), strict=True)
    ]


def summed(setup: Setup, runs: Sequence[Simulated]) -> Prediction:
    """What a client sees on average, of simulations of one client for each channel."""
    latencies = np.concatenate([np.empty(0), *counted(setup, runs)])
    deliveries, requests = sum(run.events for run in runs), sum(run.requests for run in runs)
    if not len(latencies):
        return Prediction(math.nan, math.nan, math.nan, math.nan)
    return Prediction(
        float(latencies.mean()),
        float(latencies.max()),
        requests / deliveries,
        sum(run.empty for run in runs) / requests if requests else 0.0,
    )


def with_readers(setups: Sequence[Setup]) -> bool:
    """Whether the reference readers are the load; otherwise it is the one asyncio process."""
    if wanted := {setup.load for setup in setups} - {"auto"}:
        return wanted == {"readers"}
    return sum(setup.clients for setup in setups) <= FEW


def check(setups: tuple[Setup, ...], limits: Limits) -> None:
    """Raise BadInput for what this machine or the server cannot do, with the limit and the way to raise it."""
    if not setups:
        raise BadInput("there is nothing to measure: give at least one Setup")
    if len({(setup.warm_up, setup.duration) for setup in setups}) > 1:
        raise BadInput("setups that are measured together need the same warm_up and the same duration")
    if len({setup.load for setup in setups} - {"auto"}) > 1:
        raise BadInput(
            "setups that are measured together have one load: all load='readers', or all load='asyncio'"
        )
    for setup in setups:
        if setup.technique == "long" and setup.hold > limits.hold:
            raise BadInput(
                f"hold={setup.hold:g} s, and the server holds a request {limits.hold:g} s at most: "
                f"give a shorter one, or limits=Limits(hold={setup.hold:g})"
            )
    if (channels := sum(setup.channels for setup in setups)) > CHANNELS:
        raise BadInput(f"{channels} channels: give {CHANNELS:,} at most, and more clients to each")
    clients = sum(setup.clients for setup in setups)
    if clients > limits.connections:
        raise BadInput(
            f"{clients} clients, and the server takes {limits.connections} connections: "
            f"give fewer, or limits=Limits(connections={clients})"
        )
    wanted = 2 * clients + SPARE_FILES  # the tap has two connections for each client
    if (files := allow_files(wanted)) < wanted:
        raise BadInput(
            f"{clients} clients need {wanted} open files, and this system allows {files}: give fewer clients, "
            f"or raise the limit with `ulimit -n {wanted}` (the hard limit, as root) and start again"
        )
