"""Closed forms: the figures that one can work out by hand, the relations between them, and what is refused.

That they agree with a simulation is tested in test_simulate.py and test_crowd.py.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest

from rtlab.errors import BadInput
from rtlab.measure import models
from rtlab.measure.models import Prediction

D = 0.04
EXAMPLES: dict[str, Prediction] = {
    "short": models.short_polling(1.0, 0.25, D),
    "short, always asking": models.short_polling(1.0, 0.0, D),
    "sleeping": models.sleeping_poll(1.0, 0.25, D),
    "any": models.any_polling([0.5, 1.0, 3.0], 1.0, D, weights=[1, 2, 1]),
    "back-off": models.backoff_polling(1.0, 0.25, 8.0, 2.0, D),
    "long": models.long_polling(1.0, D),
    "long, held 2 s": models.long_polling(1.0, D, hold=2.0),
    "long, TLS": models.long_polling(5.0, D, gap=6 * D),
    "push": models.push(1.0, D),
    "coalesced": models.coalesced_push(1.0, 0.25, D),
    "periodic short": models.periodic_short_polling(0.5, 0.25, D),
    "periodic long": models.periodic_long_polling(0.5, D),
}
examples = pytest.mark.parametrize("prediction", EXAMPLES.values(), ids=EXAMPLES.keys())


@examples
def test_the_distribution_has_the_mean_and_the_worst_of_the_prediction(prediction: Prediction) -> None:
    assert sum(part for part, _, _ in prediction.spread) == pytest.approx(1)
    mean = sum(part * (least + most) / 2 for part, least, most in prediction.spread)
    assert mean == pytest.approx(prediction.mean_latency)
    assert max(most for _, _, most in prediction.spread) == pytest.approx(prediction.max_latency)
    assert prediction.cdf(prediction.max_latency * (1 + 1e-9)) == pytest.approx(1)
    assert prediction.cdf(D * 0.99) == 0


@examples
def test_quantiles_undo_the_distribution(prediction: Prediction) -> None:
    for q in (0.0, 0.1, 0.5, 0.9, 0.99):
        latency = prediction.quantile(q)
        assert prediction.cdf(latency + 1e-9) >= q
        assert prediction.cdf(latency - 1e-9) <= max(q, 1e-6)


def test_short_polling_waits_half_an_interval_and_the_way_down() -> None:
    assert models.short_polling(2.0, 1.0, D) == Prediction(
        0.54, 1.04, 0.5, pytest.approx(math.exp(-2)), spread=((1.0, D, 1.04),)
    )


def test_short_polling_never_asks_before_the_last_answer() -> None:
    assert models.short_polling(1.0, 0.01, D) == models.short_polling(1.0, 2 * D, D)


def test_sleeping_after_the_answer_makes_the_period_longer_by_the_round_trip() -> None:
    assert models.sleeping_poll(1.0, 1.0, D) == models.short_polling(1.0, 1.0 + 2 * D, D)


def test_backoff_has_the_figures_of_the_lesson() -> None:
    backoff = models.backoff_polling(1.0, 0.25, 8.0, 2.0, D)
    fixed = models.fixed_bound(1.0, backoff.requests_per_event, D)
    assert round(backoff.mean_latency, 2) == 0.63
    assert round(fixed.mean_latency, 2) == 0.36


def test_backoff_between_equal_bounds_is_short_polling() -> None:
    backoff, short = models.backoff_polling(3.0, 0.5, 0.5, 2.0, D), models.short_polling(3.0, 0.5, D)
    assert backoff.mean_latency == pytest.approx(short.mean_latency)
    assert backoff.requests_per_event == pytest.approx(short.requests_per_event)
    assert backoff.empty_fraction == pytest.approx(short.empty_fraction)


@pytest.mark.parametrize("rate", [0.01, 0.3, 2.0, 50.0])
@pytest.mark.parametrize("factor", [1.1, 2.0, 10.0])
def test_no_backoff_beats_a_fixed_interval_on_poisson_events(rate: float, factor: float) -> None:
    backoff = models.backoff_polling(rate, 0.25, 8.0, factor, D)
    fixed = models.fixed_bound(rate, backoff.requests_per_event, D)
    assert backoff.mean_latency >= fixed.mean_latency * (1 - 1e-12)
    assert fixed.requests_per_event == pytest.approx(backoff.requests_per_event)


def test_an_empty_answer_and_a_hit_are_all_there_is_to_a_request() -> None:
    # Each event falls into one interval, so requests per event × (1 − empty) is the hits per event: at most 1.
    for prediction in EXAMPLES.values():
        assert prediction.requests_per_event * (1 - prediction.empty_fraction) <= 1 + 1e-12


def test_long_polling_goes_from_one_transit_to_two() -> None:
    assert models.long_polling(0.1, D).mean_latency == pytest.approx(0.0403, abs=5e-5)
    assert models.long_polling(1e-6, D).mean_latency == pytest.approx(D)
    assert models.long_polling(1e6, D).mean_latency == pytest.approx(2 * D, rel=1e-4)
    assert models.long_polling(1.0, D).max_latency == pytest.approx(3 * D)
    assert models.long_polling(1.0, D).empty_fraction == 0


def test_a_long_poll_that_is_never_held_is_short_polling_at_every_gap() -> None:
    held, short = models.long_polling(1.0, D, hold=0.0), models.short_polling(1.0, 2 * D, D)
    assert held.mean_latency == pytest.approx(short.mean_latency)
    assert held.requests_per_event == pytest.approx(short.requests_per_event)
    assert held.empty_fraction == pytest.approx(short.empty_fraction)


def test_a_long_hold_is_as_good_as_one_without_end() -> None:
    endless, long = models.long_polling(1.0, D), models.long_polling(1.0, D, hold=60.0)
    assert long.mean_latency == pytest.approx(endless.mean_latency)
    assert long.empty_fraction == pytest.approx(0, abs=1e-20)


def test_periodic_events_lock_the_phase() -> None:
    locked = models.periodic_short_polling(0.25, 0.25, D)
    assert (locked.lowest_mean, locked.mean_latency, locked.highest_mean) == pytest.approx((D, 0.165, 0.29))
    two_thirds = models.periodic_short_polling(1.0, 1.5, D)  # three waits, half a second apart
    assert (two_thirds.lowest_mean, two_thirds.highest_mean) == pytest.approx((0.54, 1.04))
    golden = models.periodic_short_polling((1 + math.sqrt(5)) / 2, 1.0, D)
    assert golden.lowest_mean == golden.highest_mean == golden.mean_latency


def test_rare_periodic_events_leave_answers_empty_and_dense_ones_do_not() -> None:
    assert models.periodic_short_polling(1.0, 0.25, D).empty_fraction == 0.75
    assert models.periodic_short_polling(0.1, 0.25, D).empty_fraction == 0
    assert models.periodic_short_polling(0.1, 0.25, D).requests_per_event == pytest.approx(0.4)


def test_long_polling_of_periodic_events_has_its_step_where_the_period_is_two_delays() -> None:
    before, behind = (models.periodic_long_polling(0.25, d) for d in (0.124, 0.126))
    assert before.mean_latency == before.lowest_mean == before.highest_mean == 0.124
    assert behind.mean_latency == pytest.approx(2 * 0.126)
    assert models.long_polling(4.0, 0.126).mean_latency / models.long_polling(4.0, 0.124).mean_latency < 1.03


def test_the_distribution_takes_arrays() -> None:
    assert models.short_polling(1.0, 1.0, 0.5).cdf([0.4, 0.5, 1.0, 1.5, 9]) == pytest.approx(
        [0, 0, 0.5, 1, 1]
    )
    jump = models.long_polling(1.0, D)
    assert float(jump.cdf(np.array(D))) == pytest.approx(math.exp(-0.08) / (0.08 + math.exp(-0.08)))


CALLS: list[tuple[str, Callable[[float], object]]] = [
    ("rate", lambda x: models.short_polling(x, 1.0, D)),
    ("rate", lambda x: models.sleeping_poll(x, 1.0, D)),
    ("rate", lambda x: models.any_polling([1.0], x, D)),
    ("rate", lambda x: models.backoff_polling(x, 1.0, 2.0, 2.0, D)),
    ("minimum", lambda x: models.backoff_polling(1.0, x, 2.0, 2.0, D)),
    ("factor", lambda x: models.backoff_polling(1.0, 1.0, 2.0, x, D)),
    ("rate", lambda x: models.long_polling(x, D)),
    ("rate", lambda x: models.push(x, D)),
    ("interval", lambda x: models.coalesced_push(1.0, x, D)),
    ("requests_per_event", lambda x: models.fixed_bound(1.0, x, D)),
    ("period", lambda x: models.periodic_short_polling(x, 1.0, D)),
    ("period", lambda x: models.periodic_long_polling(x, D)),
]


@pytest.mark.parametrize(("name", "call"), CALLS)
@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf, "1", None, 1j])
def test_what_must_be_above_zero_is_refused_otherwise(
    name: str, call: Callable[[object], object], wrong: object
) -> None:
    with pytest.raises(BadInput, match=rf"{name}.* must be a finite number above 0, not"):
        call(wrong)


@pytest.mark.parametrize(
    ("complaint", "call"),
    [
        (
            r"interval \(seconds\) must be a finite number, 0 or more, not -1",
            lambda: models.short_polling(1, -1, D),
        ),
        ("delay", lambda: models.short_polling(1, 1, -D)),
        ("delay", lambda: models.push(1, math.nan)),
        ("both 0", lambda: models.short_polling(1, 0, 0)),
        ("both 0", lambda: models.sleeping_poll(1, 0, 0)),
        ("both 0", lambda: models.periodic_short_polling(1, 0, 0)),
        ("minimum ≤ maximum", lambda: models.backoff_polling(1, 3, 2, 2, D)),
        ("factor above 1", lambda: models.backoff_polling(1, 1, 2, 1, D)),
        ("hold", lambda: models.long_polling(1, D, hold=-1)),
        ("neither a hold nor a gap", lambda: models.long_polling(1, 0, hold=0)),
        ("not all of them 0", lambda: models.any_polling([0, 0], 1, D)),
        ("intervals must be", lambda: models.any_polling([], 1, D)),
        ("intervals must be", lambda: models.any_polling([1, -1], 1, D)),
        ("one for each interval", lambda: models.any_polling([1, 2], 1, D, weights=[1])),
        ("q must be", lambda: models.push(1, D).quantile(1.0)),
    ],
)
def test_other_settings_that_cannot_be_are_refused(complaint: str, call: Callable[[], object]) -> None:
    with pytest.raises(BadInput, match=complaint):
        call()
