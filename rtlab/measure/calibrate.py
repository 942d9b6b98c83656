"""Unit costs measured here: what a poll, an event, a write and a held connection cost this machine's server.

Six experiments, one after the other, each with one technique alone on a server of its own. The first tells what an
append costs; each further one tells one unit more, once what is known already is taken off:

append      events for a single WebSocket
sse, websocket   many events for many clients: a write
short       many polls, few events: an exchange
dense       few polls, many events: an event in an answer
long        few events, each of which wakes everybody: a held exchange

Bytes are weighed one by one. Memory is what the server and the kernel hold once everybody is connected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from rtlab.measure.bounds import positive
from rtlab.measure.experiment import Progress
from rtlab.measure.setup import Setup
from rtlab.measure.trial import Slice, Trial, trial
from rtlab.measure.unit_costs import EXAMPLE, Costs, Estimate
from rtlab.measure.weigh import Weights, weigh
from rtlab.server.limits import Limits

LEAST_ERROR = (
    0.05  # of a CPU cost: by so much two runs of one server differ, which the slices of one do not show
)
ARENA = 1 << 20  # bytes: a step in which the server's resident memory grows
WARM_UP = 0.3  # seconds
CLIENTS = 400  # so many that an arena more or less is little for each

Trials = Mapping[str, Trial]
Known = Callable[[Slice], Estimate]


def setups(seconds: float) -> dict[str, Setup]:
    """The experiments: one channel for all clients, no delay."""
    common = Setup("short", channels=1, delay=0.0, warm_up=WARM_UP, duration=seconds, load="asyncio")
    sparse = replace(common, rate=2.0, interval=0.5, clients=CLIENTS)
    steady = replace(sparse, rate=50.0, workload="steady")
    return {
        "append": replace(steady, technique="websocket", rate=400.0, clients=1),
        "sse": replace(steady, technique="sse"),
        "websocket": replace(steady, technique="websocket"),
        "short": sparse,
        # Warmed up for an interval: until then no answer carries a whole one.
        "dense": replace(steady, rate=200.0, clients=100, interval=2.0, warm_up=2.0 + WARM_UP),
        "long": replace(sparse, technique="long", workload="steady"),
    }


@dataclass(frozen=True, eq=False)
class Calibration:
    """This machine's unit costs, and where they come from. `append` is CPU seconds of an event before any delivery."""

    costs: Costs
    append: Estimate
    trials: Trials
    weights: Weights

    def per_interval(self, tried: Trial, interval: float) -> Estimate:
        """Return the CPU seconds that a trial's server spent on one client in `interval` seconds.

        Without the appends, which every technique pays alike. A polling client's `interval` is its own.
        """
        known, setup = _appended(self.append), tried.setup
        if setup.technique == "short":
            return tried.each(_requests, known)
        return _times(setup.rate * interval / setup.clients, tried.each(_events, known))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the machine did meanwhile that makes the costs less than they seem: of each kind the worst."""
        told = sorted(
            note for each in self.trials.values() for note in each.result.notes if "machine" in note
        )
        return tuple({re.sub(r"\d+", "", note): note for note in told}.values())


def calibrate(*, seconds: float = 1.5, progress: Progress = lambda share: None) -> Calibration:
    """Measure this machine's unit costs; six times `seconds` and two or three more.

    Raises as `experiment.measure`: too few descriptors, a process that dies.
    """
    positive(seconds=seconds)
    tried: dict[str, Trial] = {}
    planned = setups(seconds)
    for name, setup in planned.items():
        tried[name] = trial(setup, progress=lambda share: progress((len(tried) + share) / len(planned)))
    return _calibration(tried, weigh())


def _calibration(tried: Trials, weights: Weights) -> Calibration:
    """Work out one unit after the other."""
    append, write = _append_and_write(tried)
    poll, item = _poll_and_item(tried, append)
    costs = Costs(
        poll=poll,
        item=item,
        held=_sure(tried["long"].each(_requests, _carried(tried["long"], append, item))),
        sse=_sure(tried["sse"].each(_writes, _appended(append))),
        websocket=write,
        request=Estimate(weights.request, weights.request, max(weights.request, weights.long_request)),
        empty=Estimate.exactly(weights.empty),
        answer=Estimate.exactly(weights.answer),
        event=Estimate.exactly(weights.event),
        sse_overhead=Estimate.exactly(weights.block - weights.event),
        websocket_overhead=Estimate.exactly(weights.frame - weights.event),
        heartbeat=EXAMPLE.heartbeat,
        **{f"{name}_memory": _memory(tried[name]) for name in ("short", "long", "sse", "websocket")},
        heartbeat_every=Limits().heartbeat,
    )
    return Calibration(costs, append, tried, weights)


def _append_and_write(tried: Trials) -> tuple[Estimate, Estimate]:
    """Each is in the other's experiment, a little: twice round is enough."""
    append = write = Estimate.exactly(0.0)
    for _ in range(2):
        append = _sure(tried["append"].each(_events, _written(write)))
        write = _sure(tried["websocket"].each(_writes, _appended(append)))
    return append, write


def _poll_and_item(tried: Trials, append: Estimate) -> tuple[Estimate, Estimate]:
    """The same once more."""
    dense, item = tried["dense"], Estimate.exactly(0.0)

    def items(part: Slice) -> int:
        return part.events * dense.setup.clients

    for _ in range(2):
        poll = _sure(tried["short"].each(_requests, _carried(tried["short"], append, item)))
        item = dense.each(items, _exchanged(append, poll))
    return poll, item


def _appended(append: Estimate) -> Known:
    return lambda part: _times(part.events, append)


def _written(write: Estimate) -> Known:
    return lambda part: _times(part.writes, write)


def _exchanged(append: Estimate, poll: Estimate) -> Known:
    return lambda part: _sum(_times(part.events, append), _times(part.requests, poll))


def _carried(tried: Trial, append: Estimate, item: Estimate) -> Known:
    """What the events cost in a slice of polls: each is appended once, and is in an answer to every client."""
    return lambda part: _sum(_times(part.events, append), _times(part.events * tried.setup.clients, item))


def _events(part: Slice) -> int:
    return part.events


def _requests(part: Slice) -> int:
    return part.requests


def _writes(part: Slice) -> int:
    return part.writes


def _memory(tried: Trial) -> Estimate:
    value, step = max(0.0, tried.result.memory_per_client), ARENA / tried.setup.clients
    return Estimate(value, max(0.0, value - step), value + step)


def _sure(cost: Estimate) -> Estimate:
    """Widen an interval to what two runs differ by."""
    least = LEAST_ERROR * cost.value
    return Estimate(cost.value, min(cost.low, cost.value - least), max(cost.high, cost.value + least))


def _times(number: float, cost: Estimate) -> Estimate:
    return Estimate(number * cost.value, number * cost.low, number * cost.high)


def _sum(one: Estimate, other: Estimate) -> Estimate:
    return Estimate(one.value + other.value, one.low + other.low, one.high + other.high)
