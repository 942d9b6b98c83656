"""The pictures of a comparison: each technique's latency as a strip, and its distribution beside the predicted one."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from rtlab.measure.compare import Band, simulate
from rtlab.measure.result import Result
from rtlab.measure.workload import Floats
from rtlab.view.chart_parts import Measurement, Part, Quantity, Simulation, Theory
from rtlab.view.charts import chart
from rtlab.view.picture import Picture
from rtlab.view.strip import Strip, strips

POINTS = 400  # of a theoretical curve
DOTS = np.array([0.01, 0.05, *np.arange(0.1, 0.95, 0.1), 0.95, 0.99])  # shares at which a latency is drawn
LATENCY = Quantity("latency", "ms", log=True)
ARRIVED = Quantity("share of the events that have arrived")


class Pictures:
    """What can be drawn of these results: those without a delivery are left out. Simulates each once."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.results = [result for result in results if result.events and isfinite(result.latency.mean)]
        within = _scale(self.results)
        self._bands: list[Band] = [simulate(result.setup, within) for result in self.results]

    def latency(self, *, dark: bool) -> Picture:
        """Mean, p99 and range of each technique, beside theory and simulation."""
        rows = [
            Strip(
                result.technique,
                predicted=result.predicted.mean_latency,
                simulated=band.mean,
                mean=result.latency.mean,
                interval=result.latency.interval,
                least=float(result.latencies.min()),
                p99=result.latency.p99,
                most=result.latency.max,
            )
            for result, band in zip(self.results, self._bands, strict=True)
        ]
        return strips(rows, title="Latency: theory, simulation, measurement", dark=dark)

    def distribution(self, *, dark: bool) -> Picture:
        """How many of each technique's events have arrived after how long, beside theory and simulation."""
        parts: list[Part] = []
        for result, band in zip(self.results, self._bands, strict=True):
            x = list(band.within * 1e3)
            parts.append(Simulation(result.technique, x, list(band.least), list(band.most)))
            if result.predicted.spread:
                parts.append(Theory(result.technique, x, list(result.predicted.cdf(band.within))))
            dots = np.quantile(result.latencies, DOTS) * 1e3
            parts.append(Measurement(result.technique, list(dots), list(DOTS)))
        return chart(
            parts, across=LATENCY, up=ARRIVED, title="How many have arrived after how long", dark=dark
        )


def _scale(results: Sequence[Result]) -> Floats:
    """Latencies at which the curves are worked out: as far as anything goes that was measured."""
    if not results:
        return np.empty(0)
    least = min(float(result.latencies.min()) for result in results)
    return np.geomspace(least * 0.9, max(result.latency.max for result in results) * 1.1, POINTS)
