"""What makes a measurement less than it seems: said beside the figure, never left to the reader to guess."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from rtlab.measure.deliveries import Deliveries
from rtlab.measure.machine import Between
from rtlab.measure.result import Latency
from rtlab.measure.setup import Setup

FEW_EVENTS = 100
WIDE = 0.05  # half the confidence interval, as a share of the mean
LATE = 0.005  # seconds that the load or the server may be late 99 times of 100,
LATE_SHARE = 0.1  # or this share of the latency that is measured
FULL = 0.8  # of a core: a load generator or a tap in one process that is busier than that measures itself
STOLEN = 0.02  # of the machine's time, taken by its host
OTHERS = 0.15  # of the machine's time, spent on what is not the experiment
BUSY = 0.9  # of the machine's time, spent on anything
CROWD = 50  # clients: the memory of fewer is lost in the server's own


@dataclass(frozen=True)
class Strain:
    """How hard everybody worked while it was counted: seconds, the lags as what 99 of 100 did not exceed.

    `lag`: of the load and the publisher, behind the clock. `append_lag`: of the server, from a publisher's line to
    its append, from where a latency counts.
    """

    lag: float
    append_lag: float
    load_seconds: float
    tap_seconds: float
    state: Between


def doubts(
    setup: Setup, latency: Latency, got: Deliveries, strain: Strain, *, alone: bool
) -> tuple[str, ...]:
    """Return a sentence for each reason to doubt; `alone`: memory and CPU were measured."""
    return (
        *_of_the_events(setup, latency, got, alone),
        *_of_the_load(setup, latency, strain),
        *_of_the_machine(strain.state),
    )


def _of_the_events(setup: Setup, latency: Latency, got: Deliveries, alone: bool) -> Iterator[str]:
    if got.lost or got.repeated or got.out_of_order:
        yield (
            f"{got.lost} events were lost, {got.repeated} came twice, {got.out_of_order} out of order: "
            "the figures are of those that arrived"
        )
    if (events := len(got.latencies)) < FEW_EVENTS:
        yield f"only {events} deliveries: measure longer, or on more channels"
    elif (half := (latency.interval[1] - latency.interval[0]) / 2) > WIDE * latency.mean:
        yield f"the mean is only known to ±{half / latency.mean:.0%}: measure longer, or on more channels"
    if setup.workload == "steady" and setup.technique == "short" and setup.channels == 1:
        yield "one channel of periodic events keeps its phase for the whole run: repeat with other seeds"
    if alone and setup.clients < CROWD:
        yield f"{setup.clients} clients: memory per client is lost in the server's own; take {CROWD} or more"


def _of_the_load(setup: Setup, latency: Latency, strain: Strain) -> Iterator[str]:
    allowed = max(LATE, LATE_SHARE * (0.0 if math.isnan(latency.mean) else latency.mean))
    if strain.lag > allowed:
        yield f"the load generator itself was {strain.lag * 1000:.0f} ms late (p99): take fewer clients"
    if strain.append_lag > allowed:
        yield (
            f"the server appended events {strain.append_lag * 1000:.0f} ms after they were sent (p99), and latency "
            "counts from there: it is at its limit; take fewer clients, or a lower rate"
        )
    for who, seconds in (("load generator", strain.load_seconds), ("tap", strain.tap_seconds)):
        if seconds > FULL * setup.duration:
            yield (
                f"the {who} used {seconds / setup.duration:.0%} of a core: it may be what is measured; "
                "take fewer clients"
            )


def _of_the_machine(state: Between) -> Iterator[str]:
    if state.stolen > STOLEN:
        yield f"the host took {state.stolen:.0%} of this machine's time: measure again"
    if state.others > OTHERS:
        yield f"the machine spent {state.others:.0%} of its time on something else: measure again"
    elif state.busy > BUSY:
        yield f"the machine was busy for {state.busy:.0%} of the time: take fewer clients, or a lower rate"
