"""Each reason to doubt a figure is said, and a sound measurement has none."""

import math
from dataclasses import replace

import numpy as np
import pytest

from rtlab.measure.deliveries import Deliveries
from rtlab.measure.doubts import Strain, doubts
from rtlab.measure.machine import Between
from rtlab.measure.result import Latency
from rtlab.measure.setup import Setup

SETUP = Setup("short", clients=100, channels=100)
GOT = Deliveries(np.ones(1000), lost=0, repeated=0, out_of_order=0)
LATENCY = Latency(0.5, 0.5, 1.0, 1.1, (0.49, 0.51))
CALM = Strain(lag=0.001, append_lag=0.001, load_seconds=2.0, tap_seconds=2.0, state=Between(0.5, 0.0, 0.05))


def said(**changes: object) -> str:
    settings = {"setup": SETUP, "latency": LATENCY, "got": GOT, "strain": CALM, "alone": True} | changes
    return "; ".join(doubts(**settings))  # type: ignore[arg-type]


def test_a_sound_measurement_has_none() -> None:
    assert said() == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"got": replace(GOT, latencies=np.ones(99))}, "only 99 deliveries"),
        ({"got": replace(GOT, lost=3)}, "3 events were lost, 0 came twice, 0 out of order"),
        ({"got": replace(GOT, out_of_order=1)}, "1 out of order"),
        ({"latency": replace(LATENCY, interval=(0.4, 0.6))}, "only known to ±20%"),
        ({"setup": replace(SETUP, workload="steady", channels=1)}, "keeps its phase"),
        ({"setup": replace(SETUP, clients=10, channels=10)}, "memory per client is lost"),
        ({"strain": replace(CALM, lag=0.06)}, "the load generator itself was 60 ms late"),
        ({"strain": replace(CALM, append_lag=0.06)}, "the server appended events 60 ms after"),
        ({"strain": replace(CALM, load_seconds=9.0)}, "the load generator used 90% of a core"),
        ({"strain": replace(CALM, tap_seconds=9.0)}, "the tap used 90% of a core"),
        ({"strain": replace(CALM, state=Between(0.5, 0.05, 0.0))}, "the host took 5%"),
        ({"strain": replace(CALM, state=Between(0.9, 0.0, 0.3))}, "30% of its time on something else"),
        ({"strain": replace(CALM, state=Between(0.95, 0.0, 0.1))}, "busy for 95% of the time"),
    ],
)
def test_a_reason_to_doubt_is_said(changes: dict[str, object], says: str) -> None:
    assert says in said(**changes)


def test_nothing_delivered_is_said_without_a_mean() -> None:
    nothing = Latency(math.nan, math.nan, math.nan, math.nan, (math.nan, math.nan))
    assert (
        said(latency=nothing, got=replace(GOT, latencies=np.empty(0)))
        == "only 0 deliveries: measure longer, or on more channels"
    )


def test_memory_is_no_matter_where_it_is_not_measured() -> None:
    assert said(setup=replace(SETUP, clients=10, channels=10), alone=False) == ""
