"""The frontier of lesson 03, run and drawn: every workload, and the student's own policy on it."""

import pytest

from rtlab.clients.pace import AIMD
from rtlab.errors import BadInput
from rtlab.measure.frontier import POLICIES, WORKLOADS
from rtlab.teach.frontier import TITLES, frontier, frontiers


@pytest.mark.parametrize("name", WORKLOADS)
def test_each_workload_has_a_title_and_every_policy(name: str) -> None:
    assert repr(frontier(name)) == ": ".join([TITLES[name], ", ".join(["fixed", *POLICIES])])


def test_ones_own_policy_is_a_star_of_its_own() -> None:
    assert repr(frontier("bursty", AIMD)).endswith(", yours")
    assert "Yours: " in frontier("bursty", AIMD).description


def test_the_switch_has_all_workloads_and_takes_the_policy_along() -> None:
    switch = frontiers(AIMD)
    for name in WORKLOADS:
        assert repr(switch.turn(workload=name)) == repr(frontier(name, AIMD))
    switch.turn(workload="bursty")
    assert repr(switch) == repr(frontier("bursty", AIMD)) == repr(frontiers(AIMD, "bursty"))


def test_an_unknown_workload_is_refused() -> None:
    with pytest.raises(BadInput, match="day and night"):
        frontier("noon")
