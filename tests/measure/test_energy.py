"""The radio's tail: what the closed form says is what adding up the messages gives."""

import numpy as np
import pytest

from rtlab.errors import BadInput
from rtlab.measure import energy
from rtlab.measure.workload import poisson, steady

HOURS = 200 * 3600.0


@pytest.mark.parametrize("per_hour", [12.0, 60.0, 300.0, 310.0, 3600.0])
@pytest.mark.parametrize("radio", [energy.LTE, energy.WIFI])
def test_the_closed_form_agrees_with_adding_up(per_hour: float, radio: energy.Radio) -> None:
    for make, regular in ((steady, True), (poisson, False)):
        times = make(per_hour / 3600, HOURS, seed=2).times
        joules = energy.energy(times, radio) / (HOURS / 3600)
        expected = energy.per_hour(per_hour, radio, regular=regular)
        # Adding up ends with a whole tail, and Poisson numbers vary: a few hundred messages say a few per cent.
        assert joules == pytest.approx(expected, rel=0.002 if regular else 4 / np.sqrt(len(times)))


def test_messages_within_the_tail_prolong_it_and_later_ones_wake_the_radio_again() -> None:
    radio = energy.Radio("round", promotion=1.0, promotion_power=2.0, tail=10.0, tail_power=1.0)
    assert energy.energy([], radio) == 0
    assert energy.energy([5.0], radio) == 12
    assert energy.energy([9.0, 5.0], radio) == 16
    assert energy.energy([5.0, 105.0], radio) == 24


def test_past_the_tail_battery_is_in_the_number_of_wakings_and_within_it_there_is_no_more_to_lose() -> None:
    assert energy.per_hour(120) == pytest.approx(2 * energy.per_hour(60))
    assert energy.per_hour(3600) == energy.per_hour(1800) == pytest.approx(3600 * energy.LTE.tail_power)
    assert energy.per_hour(0) == 0


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(BadInput, match="interval"):
        energy.mean_power(0)
    with pytest.raises(BadInput, match="requests"):
        energy.per_hour(-1)
    with pytest.raises(BadInput, match="times"):
        energy.energy([1.0, float("nan")])
