"""How far a mean may be trusted: its 95 % confidence interval, by the means of batches."""

import math

import numpy as np

from rtlab.measure.workload import Floats

BATCHES = 20
T_QUANTILE = 2.093  # Student's t, 19 degrees of freedom, 97.5 %


def mean_interval(values: Floats) -> tuple[float, float]:
    """Return the 95 % confidence interval of the mean, by the means of 20 batches of neighbours.

    Latencies that follow each other are alike, so single ones would promise too much; the means of long
    stretches hardly depend on each other. NaN with fewer than 5 values to a batch.
    """
    if len(values) < 5 * BATCHES:
        return math.nan, math.nan
    means = [batch.mean() for batch in np.array_split(values, BATCHES)]
    half = T_QUANTILE * float(np.std(means, ddof=1)) / math.sqrt(BATCHES)
    middle = float(values.mean())
    return middle - half, middle + half
