"""What an experiment found, for a lesson: as dots on a chart, and as words with the interval and the doubts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from rtlab.errors import BadInput
from rtlab.measure.result import Result
from rtlab.measure.setup import Setup
from rtlab.view.chart_parts import Measurement, Part, Theory
from rtlab.view.style import NAMES


def dots(
    results: Sequence[Result], across: Callable[[Setup], float], *, name: str | None = None
) -> Measurement:
    """Return the mean latencies of one technique in ms as dots, each with its 95 % interval, placed by `across`."""
    means, low, high = zip(
        *[(1e3 * r.latency.mean, *(1e3 * end for end in r.latency.interval)) for r in results], strict=True
    )
    return Measurement(results[0].technique, [across(r.setup) for r in results], means, low, high, name)


SHARES = (0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)  # at which a distribution is drawn


def distribution(result: Result, longest: float) -> list[Part]:
    """Return a technique's distribution, predicted and measured: what share has arrived within x ms, 0 to `longest`.

    Raises BadInput where there is no closed form of it.
    """
    if not result.predicted.spread:
        raise BadInput(
            "this prediction has no spread: only the closed forms say how latencies are distributed"
        )
    x = np.linspace(0, longest, 1000)
    return [
        Theory(result.technique, x.tolist(), result.predicted.cdf(x / 1e3).tolist()),
        Measurement(result.technique, (1e3 * np.quantile(result.latencies, SHARES)).tolist(), list(SHARES)),
    ]


def agreement(result: Result) -> str:
    """Say how a measured mean and its closed form agree: n, interval, percent, and each reason to doubt the figure.

    Inside: the interval holds what theory says. Outside, there is something that chance alone hardly does.
    """
    mean, (low, high) = 1e3 * result.latency.mean, (1e3 * end for end in result.latency.interval)
    theory = 1e3 * result.predicted.mean_latency
    if not result.events:
        return f"{NAMES[result.technique]}: nothing arrived"
    said = (
        f"{NAMES[result.technique]}: {mean:.1f} ms, 95 % interval {low:.1f} to {high:.1f}, n = {result.events:,}; "
        f"theory {theory:.1f}, "
    )
    if low <= theory <= high:
        said += f"inside ({result.error:+.1%})"
    elif not math.isnan(low):
        side = "more" if mean > theory else "less"
        said += f"outside: measured {abs(mean - theory):.1f} ms {side} ({result.error:+.1%})"
    else:
        said += f"and too few events for an interval ({result.error:+.1%})"
    return "\n   but ".join([said, *result.notes])
