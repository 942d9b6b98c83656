"""How many events a figure needs: from the spread that theory gives a technique to the size of an experiment."""

from __future__ import annotations

import math

from rtlab.errors import BadInput
from rtlab.measure.bounds import positive
from rtlab.measure.models import Prediction

Z = 1.96  # of 100 means of many independent values, 95 are closer to the true one than so many standard errors


def deviation(predicted: Prediction) -> float:
    """Return the standard deviation of a technique's latency in seconds.

    The spread is a mixture of uniform shares: E[X²] of one from a to b is (a² + ab + b²)/3. Raises BadInput for a
    prediction without a spread.
    """
    if not predicted.spread:
        raise BadInput(
            "this prediction has no spread: only the closed forms say how latencies are distributed"
        )
    square = sum(part * (a * a + a * b + b * b) / 3 for part, a, b in predicted.spread)
    return math.sqrt(max(0.0, square - predicted.mean_latency**2))


def events_needed(predicted: Prediction, within: float = 0.02) -> int:
    """Return how many independent events put the mean within a share `within` of the true one, 95 times of 100.

    The standard error of a mean of n is σ/√n, so n = (1.96 σ / (within · mean))². At least one.
    """
    positive(within=within)
    return max(1, math.ceil((Z * deviation(predicted) / (within * predicted.mean_latency)) ** 2))
