"""Message by message a battery comes to the same as the model does for the whole list."""

import math

import pytest

from rtlab.apps.devices.battery import CELLS_JOULES, Battery, lifetime
from rtlab.measure.energy import LTE, WIFI, energy, mean_power
from rtlab.measure.workload import poisson


@pytest.mark.parametrize("radio", [LTE, WIFI])
@pytest.mark.parametrize("rate", [0.01, 0.1, 5.0])
def test_it_agrees_with_adding_up(radio, rate):
    times = poisson(rate, 300 / rate, seed=4).times
    battery = Battery(radio)
    for at in times:
        battery.message(at)
    assert battery.joules(times[-1] + radio.tail) == pytest.approx(energy(times, radio))


def test_a_tail_that_is_not_over_has_not_been_paid_whole():
    battery = Battery(LTE)
    assert battery.joules(50.0) == 0
    battery.message(100.0)
    assert battery.joules(101.0) == pytest.approx(LTE.promotion * LTE.promotion_power + LTE.tail_power)
    assert battery.joules(500.0) == pytest.approx(energy([100.0], LTE))


def test_two_small_cells_last_hours_on_a_radio_that_never_sleeps_and_weeks_on_one_that_does():
    assert CELLS_JOULES == 21_600
    assert lifetime(mean_power(2.0, LTE)) / 3600 == pytest.approx(5.66, abs=0.01)
    assert lifetime(mean_power(2.0, WIFI)) / 86400 > 7
    assert lifetime(0.0) == math.inf
