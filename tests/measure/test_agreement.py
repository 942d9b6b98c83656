"""When theory is said to hold; that it does on a quiet machine is seen by `rtlab bench theory`."""

from dataclasses import replace

import numpy as np
import pytest

from rtlab.measure.agreement import Agreement, with_simulation
from rtlab.measure.setup import Setup, counted


@pytest.fixture(scope="module")
def found() -> Agreement:
    pairs = with_simulation(1.0, 8)
    first = next(pairs)
    pairs.close()  # type: ignore[attr-defined]
    return first


def test_it_holds_if_the_whole_interval_is_within_what_is_tolerated(found: Agreement) -> None:
    exact = replace(found, expected=0.165, measured=0.166, low=0.1625, high=0.168, tolerated=0.0033)
    assert exact.holds
    assert not replace(exact, high=0.169).holds
    assert not replace(exact, low=0.161).holds
    assert not replace(exact, low=float("nan"), high=float("nan")).holds


def test_what_is_expected_is_a_simulation_of_the_measured_events(found: Agreement) -> None:
    setup = found.result.setup
    assert (setup.technique, setup.workload, found.figure) == ("short", "bursty", "mean")
    assert found.expected == pytest.approx(0.165, abs=0.03)
    assert found.measured == found.result.latency.mean


def test_simulated_phases_differ_and_their_events_do_not() -> None:
    setup = Setup("short", clients=3, channels=3, workload="bursty", interval=0.25)
    first, other = setup.simulate(0), setup.simulate(1)
    assert [run.events for run in first] == [run.events for run in other]
    assert not np.array_equal(first[0].latencies, other[0].latencies)
    assert sum(map(len, counted(setup, first))) < sum(run.events for run in first)
