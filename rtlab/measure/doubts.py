"""What makes a measurement less than it seems: said beside the figure, never left to the reader to guess."""

from __future__ import annotations

import math

from rtlab.measure.machine import Between
from rtlab.measure.result import Latency
from rtlab.measure.setup import Setup

FEW_EVENTS = 100
WIDE = 0.05  # half the confidence interval, as a share of the mean
LATE = 0.005  # seconds that the load may be late 99 times of 100,
LATE_SHARE = 0.1  # or this share of the latency that is measured
FULL = 0.8  # of a core: a load generator in one process that is busier than that measures itself
STOLEN = 0.02  # of the machine's time, taken by its host
OTHERS = 0.15  # of the machine's time, spent on what is not the experiment
CROWD = 50  # clients: the memory of fewer is lost in the server's own


def doubts(
    setup: Setup, latency: Latency, events: int, lag: float, load_seconds: float, state: Between
) -> tuple[str, ...]:
    """Return a sentence for each reason to doubt: `lag` (seconds, p99) and `load_seconds` are the load's own."""
    found = []
    if events < FEW_EVENTS:
        found.append(f"only {events} deliveries: measure longer, or on more channels")
    elif (half := (latency.interval[1] - latency.interval[0]) / 2) > WIDE * latency.mean:
        found.append(
            f"the mean is only known to ±{half / latency.mean:.0%}: measure longer, or on more channels"
        )
    if lag > max(LATE, LATE_SHARE * (0.0 if math.isnan(latency.mean) else latency.mean)):
        found.append(f"the load generator itself was {lag * 1000:.0f} ms late (p99): take fewer clients")
    if load_seconds > FULL * setup.duration:
        found.append(
            f"the load generator used {load_seconds / setup.duration:.0%} of a core: "
            "it may be what is measured; take fewer clients"
        )
    if state.stolen > STOLEN:
        found.append(f"the host took {state.stolen:.0%} of this machine's time: measure again")
    if state.others > OTHERS:
        found.append(f"the machine spent {state.others:.0%} of its time on something else: measure again")
    if setup.workload == "steady" and setup.technique == "short" and setup.channels == 1:
        found.append(
            "one channel of periodic events keeps its phase for the whole run: repeat with other seeds"
        )
    return tuple(found)
