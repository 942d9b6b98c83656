"""Figures with errors: how they are made, and when two of them may be the same."""

import dataclasses
from operator import attrgetter

import pytest

from rtlab.errors import BadInput
from rtlab.measure.unit_costs import EXAMPLE, MONTH, Estimate, Prices


def test_what_is_worked_out_has_an_error_too() -> None:
    one, other = Estimate(2, 1, 3), Estimate.about(10, 0.1)
    total = Estimate.of(lambda pick: 100 * pick(one) + pick(other))
    assert (total.value, total.low, total.high) == (210, 109, 311)


def test_estimates_that_touch_may_be_the_same_figure() -> None:
    assert Estimate(1, 0.9, 1.1).overlaps(Estimate(1.2, 1.1, 1.3))
    assert not Estimate(1, 0.9, 1.1).overlaps(Estimate(1.3, 1.2, 1.4))
    assert not Estimate.exactly(1).overlaps(Estimate.exactly(2))


@pytest.mark.parametrize(
    "ends", [(1, 2, 3), (1, 0.5, 0.7), (1, -1, 2), (float("nan"), 0, 1), (1, 0, float("inf"))]
)
def test_a_figure_outside_its_interval_is_refused(ends: tuple[float, float, float]) -> None:
    with pytest.raises(BadInput, match="low ≤ value ≤ high"):
        Estimate(*ends)


def test_unit_costs_are_estimates() -> None:
    with pytest.raises(BadInput, match="poll must be an Estimate"):
        dataclasses.replace(EXAMPLE, poll=1e-3)
    assert EXAMPLE.memory("adaptive") == EXAMPLE.short_memory
    assert attrgetter("value")(EXAMPLE.write("websocket")) == EXAMPLE.websocket.value


def test_a_month_is_paid_by_core_by_byte_and_by_what_is_held() -> None:
    prices = Prices(core=20, memory=2, traffic=0.1)
    assert prices.month(1.5, 1e9 / MONTH, 3e9) == pytest.approx(30 + 0.1 + 6)
