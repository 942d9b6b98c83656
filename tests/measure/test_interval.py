"""A confidence interval holds what it promises, also where neighbours are alike."""

import math

import numpy as np

from rtlab.measure.interval import mean_interval


def covered(values_of: object) -> float:
    """How often of 400 times the interval holds the true mean of 0."""
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(400):
        low, high = mean_interval(values_of(rng))  # type: ignore[operator]
        hits += low <= 0 <= high
    return hits / 400


def test_it_holds_the_mean_95_times_of_100() -> None:
    assert 0.92 <= covered(lambda rng: rng.standard_normal(1000)) <= 0.98


def test_it_does_so_where_neighbours_are_alike() -> None:
    def walk(rng: np.random.Generator) -> np.ndarray:
        noise = rng.standard_normal(4000)
        return np.convolve(noise, 0.8 ** np.arange(20), mode="valid")

    assert covered(walk) >= 0.9


def test_too_few_values_have_none() -> None:
    assert all(map(math.isnan, mean_interval(np.ones(99))))
