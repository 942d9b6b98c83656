"""A day of polling and of push: counted, and held against the radio's closed forms."""

import math

import numpy as np
import pytest

from rtlab.errors import BadInput
from rtlab.measure.day import DAY, polls, pushes
from rtlab.measure.energy import LTE, energy, mean_power


def test_polling_every_minute_is_1440_times_a_day_for_each_application():
    assert [len(polls(n, 60)) for n in (0, 1, 20)] == [0, 1440, 28_800]
    assert np.allclose(np.diff(polls(1, 60)), 60)


def test_one_that_polls_every_minute_costs_what_the_closed_form_says():
    assert math.isclose(energy(polls(1, 60)), DAY * mean_power(60), rel_tol=1e-3)


def test_twenty_that_poll_apart_never_let_the_radio_sleep_and_twenty_together_cost_as_much_as_one():
    assert math.isclose(energy(polls(20, 60)), DAY * LTE.tail_power, rel_tol=0.01)
    assert math.isclose(energy(polls(20, 60, together=True)), energy(polls(1, 60)), rel_tol=1e-9)


def test_a_push_connection_costs_its_heartbeats_and_its_messages_whoever_they_are_for():
    assert len(pushes(20, 0)) == 96
    assert math.isclose(energy(pushes(20, 0)), DAY * mean_power(900), rel_tol=0.02)
    assert len(pushes(1, 100, seed=3)) == len(pushes(20, 5, seed=3))
    counts = [len(pushes(20, 5, seed=seed)) - 96 for seed in range(300)]
    assert abs(np.mean(counts) - 100) < 3


@pytest.mark.parametrize(
    "call",
    [lambda: polls(-1, 60), lambda: polls(1, 0), lambda: pushes(1, -1), lambda: pushes(1, math.nan)],
)
def test_slips_are_told(call):
    with pytest.raises(BadInput):
        call()
