"""What a polling policy buys: requests per event against mean latency, beside the curve of all fixed intervals.

One run of a policy on a workload is one spot in that plane. Fixed polling has a whole curve there, one spot for each
interval, and the curve is the bar: below it a policy is earlier than fixed polling with the same requests.
All in virtual time, so a spot is the same on every machine.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np

from rtlab.clients.pace import AIMD, Backoff, FollowRate, Pace, ServerHint
from rtlab.errors import BadInput
from rtlab.measure.bounds import positive
from rtlab.measure.simulate import adaptive_polling, short_polling
from rtlab.measure.workload import Workload, bursty, day_night, poisson, recorded

RATE = 0.3  # events per second, of every workload here
ENOUGH = 3_000  # events to average over: a shorter workload is run several times, at other phases
PHASES = 8  # of fixed polling, evenly spread, to average over

WORKLOADS: Mapping[str, Callable[[], Workload]] = {
    "poisson": lambda: poisson(RATE, 20_000, seed=1),
    "bursty": lambda: bursty(RATE, 20_000, branching=0.95, decay=0.3, seed=1),
    "day and night": lambda: day_night(RATE, 20_000, period=10_000, seed=1),
    "recorded": lambda: recorded(rate=RATE),
}
"""Four patterns of one mean rate; a day of `day and night` lasts 10,000 s, so that two of them are soon simulated."""


class Spot(NamedTuple):
    """Where a policy stands: requests for each event, and seconds from an event to the client's knowing it."""

    requests_per_event: float
    mean_latency: float


@dataclass
class Told:
    """`ServerHint` with its server: `says(now)` is the hint in seconds that an answer at the time `now` carries."""

    says: Callable[[float], float]
    pace: Pace = field(default_factory=lambda: ServerHint(1.0, 0.25, 16.0))
    now: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.interval = self.pace.interval
        self.now = (
            -self.interval
        )  # the first request comes within the first interval: never ahead of the server's time

    def next(self, events: int, elapsed: float, hint: float | None = None) -> float:
        """Ask the server, and do as it says."""
        self.now += elapsed
        self.interval = self.pace.next(events, elapsed, self.says(self.now))
        return self.interval


def looks_back(workload: Workload, scale: float, memory: float = 10.0) -> Callable[[float], float]:
    """Return what a server says that counts the events of its log's last `memory` seconds: scale / √rate.

    The square root, because of all intervals that follow a known rate λ(t) those with I ∝ 1/√λ have the least mean
    latency ∫λ I/2 for their requests ∫1/I (put the derivative of their sum to nought). A third of an event is added,
    so that an empty memory is not taken for a rate of nought.
    """
    positive(scale=scale, memory=memory)
    times = workload.times.tolist()

    def says(now: float) -> float:
        recent = bisect_right(times, now) - bisect_left(times, now - memory)
        return scale / math.sqrt((recent + 1 / 3) / memory)

    return says


Maker: TypeAlias = Callable[
    [Workload], Pace
]  # a fresh policy, which may know the server's side of the workload


def _alone(make: Callable[..., Pace], *settings: float) -> Maker:
    """Return the maker of a policy that knows only what its answers bring."""
    return lambda _: make(*settings)


def _told(scale: float) -> Maker:
    return lambda workload: Told(looks_back(workload, scale))


POLICIES: Mapping[str, tuple[Maker, ...]] = {
    "back-off": tuple(_alone(Backoff, least, 16 * least, 2.0) for least in (0.25, 0.5, 1.0)),
    "AIMD": tuple(_alone(AIMD, least, 32 * least, least) for least in (0.25, 0.5, 1.0)),
    "follow the rate": tuple(_alone(FollowRate, 0.25, 16.0, target, 30.0) for target in (0.5, 1.0, 2.0)),
    "told by the server": tuple(_told(scale) for scale in (0.5, 1.0, 2.0)),
}
"""The four policies that adapt, each in three settings from eager to lazy; the fifth, fixed, is the curve."""


def workload(name: str) -> Workload:
    """Return one of `WORKLOADS` by its name. Raises BadInput, with the names that there are."""
    if name not in WORKLOADS:
        raise BadInput(f"there is no workload {name!r}: there are {', '.join(WORKLOADS)}")
    return WORKLOADS[name]()


def spot(events: Workload, make: Callable[[], Pace]) -> Spot:
    """Run a policy on a workload; `make` returns a fresh one for each run, such as the class itself."""
    _check(events)
    runs = [adaptive_polling(events, make(), seed=seed) for seed in range(math.ceil(ENOUGH / len(events)))]
    return Spot(
        float(np.mean([run.requests_per_event for run in runs])),
        float(np.mean([run.mean_latency for run in runs])),
    )


def fixed(events: Workload, requests_per_event: float) -> Spot:
    """Return where fixed polling stands with so many requests, on the mean over its phases."""
    _check(events)
    positive(requests_per_event=requests_per_event)
    interval = events.duration / (requests_per_event * len(events))
    phases = [(phase + 0.5) / PHASES for phase in range(PHASES)]
    latencies = [short_polling(events, interval, phase=phase).mean_latency for phase in phases]
    return Spot(requests_per_event, float(np.mean(latencies)))


def gain(events: Workload, where: Spot) -> float:
    """Return how many times later fixed polling is with the same requests: above 1 a policy lies below the curve."""
    return fixed(events, where.requests_per_event).mean_latency / where.mean_latency


def curve(events: Workload, least: float, most: float, points: int = 24) -> list[Spot]:
    """Return fixed polling from `least` to `most` requests per event, as spots at equal ratios."""
    return [fixed(events, float(requests)) for requests in np.geomspace(least, most, points)]


def spots(events: Workload) -> dict[str, list[Spot]]:
    """Run every policy of `POLICIES` in every setting."""
    return {
        name: [spot(events, partial(make, events)) for make in makers] for name, makers in POLICIES.items()
    }


def _check(events: Workload) -> None:
    if not len(events):
        raise BadInput("a workload without events has no latency: give one with events")
