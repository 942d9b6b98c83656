"""How many events a figure needs: the figures of the lesson, and a simulation that keeps the promise."""

import numpy as np
import pytest

from rtlab.errors import BadInput
from rtlab.measure import models
from rtlab.measure.models import Prediction
from rtlab.measure.sample_size import deviation, events_needed

SHORT = models.short_polling(2.0, 0.25, 0.04)


def test_short_polling_needs_about_1850_events_for_two_per_cent() -> None:
    assert events_needed(SHORT) == pytest.approx(1850, rel=0.02)


def test_half_the_error_takes_four_times_the_events() -> None:
    assert events_needed(SHORT, 0.01) == pytest.approx(4 * events_needed(SHORT, 0.02), rel=0.001)


def test_what_does_not_vary_needs_one() -> None:
    assert deviation(models.push(2.0, 0.04)) == 0
    assert events_needed(models.push(2.0, 0.04)) == 1


def test_a_uniform_wait_deviates_by_its_width_over_the_root_of_twelve() -> None:
    assert deviation(SHORT) == pytest.approx(0.25 / 12**0.5)


@pytest.mark.parametrize("prediction", [SHORT, models.long_polling(10.0, 0.04)])
def test_of_a_hundred_samples_of_that_size_about_95_are_as_close_as_promised(prediction: Prediction) -> None:
    rng = np.random.default_rng(8)
    n, runs = events_needed(prediction), 400
    shares = np.array([part for part, _, _ in prediction.spread])
    chosen = rng.choice(len(shares), size=(runs, n), p=shares / shares.sum())
    low, high = (np.array([share[end] for share in prediction.spread])[chosen] for end in (1, 2))
    means = (low + rng.random((runs, n)) * (high - low)).mean(axis=1)
    close = np.mean(np.abs(means / prediction.mean_latency - 1) <= 0.02)
    assert 0.92 <= close <= 0.98


def test_without_a_spread_there_is_no_answer() -> None:
    with pytest.raises(BadInput, match="no spread"):
        events_needed(Prediction(1.0, 2.0, 1.0, 0.0))
    with pytest.raises(BadInput, match="within"):
        events_needed(SHORT, 0)
