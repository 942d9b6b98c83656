"""Theory, simulation and measurement for a lesson: lines, bands and dots in ms; and a measurement in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from rtlab.errors import BadInput
from rtlab.measure import simulate
from rtlab.measure.models import Prediction
from rtlab.measure.network import Network
from rtlab.measure.outcome import Simulated
from rtlab.measure.result import Result
from rtlab.measure.setup import Setup
from rtlab.measure.workload import Floats
from rtlab.technique import NAMES
from rtlab.view.chart_parts import Measurement, Part, Simulation, Theory


def line(technique: str, x: Sequence[float], law: Callable[[float], Prediction]) -> Theory:
    """Return a closed form's mean latency in ms over `x`, as a line."""
    return Theory(technique, x, [1e3 * law(value).mean_latency for value in x])


def band(
    technique: str, x: Sequence[float], run: Callable[[float, int], Simulated], runs: int = 60
) -> Simulation:
    """Return where 95 of 100 runs in virtual time have their mean latency in ms, as a band.

    `run(x, number)` simulates one; what it draws it must draw from the number.
    """
    means = [[1e3 * run(value, number).mean_latency for number in range(runs)] for value in x]
    low, high = np.quantile(means, [0.025, 0.975], axis=1).tolist()
    return Simulation(technique, x, low, high)


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


def replayed(setup: Setup, delay: float) -> Floats:
    """Return the latencies (s) that the very events of a setup have in virtual time, over a path of another `delay`.

    What is left between them and the measured ones is not the luck of these events. For techniques without a phase
    of their own: long polling and what is pushed. Raises BadInput for the others.
    """
    if setup.technique not in ("long", "sse", "websocket"):
        raise BadInput(
            f"{NAMES[setup.technique]} has a phase that the measurement drew: only its mean can be compared"
        )
    path, found = Network(delay), []
    for events in setup.workloads():
        if setup.technique == "long":
            run = simulate.long_polling(events, path, hold=setup.hold)
        else:
            run = simulate.push(events, path, technique=setup.technique)
        found.append(run.latencies[events.times >= setup.warm_up])
    return np.concatenate(found)


def agreement(*results: Result, label: Callable[[Setup], str] = lambda setup: "") -> str:
    """Say how each measured mean and its closed form agree: n, interval, percent, and each reason to doubt the figure.

    Inside: the interval holds what theory says. Outside, there is something that chance alone hardly does. `label`
    says before each line what was varied; a doubt that several results share is said once, below.
    """
    counted = Counter(note for result in results for note in result.notes)
    lines = []
    for result in results:
        own = [note for note in result.notes if counted[note] == 1]
        lines.append("\n   but ".join([f"{label(result.setup)} {_agreement(result)}".strip(), *own]))
    for note, times in counted.items():
        if times > 1:
            lines.append(f"{'all' if times == len(results) else times} of them: {note}")
    return "\n".join(lines)


def _agreement(result: Result) -> str:
    """Say it for one result, without the doubts."""
    mean, (low, high) = 1e3 * result.latency.mean, (1e3 * end for end in result.latency.interval)
    theory = 1e3 * result.predicted.mean_latency
    name = NAMES[result.technique]
    if not result.events:
        return f"{name}: nothing arrived"
    share = f"({result.error:+.1%})"
    if math.isnan(low):
        return f"{name}: {mean:.1f} ms, n = {result.events}, too few for an interval; theory {theory:.1f} {share}"
    said = f"{name}: {mean:.1f} ms, 95 % interval {low:.1f} to {high:.1f}, n = {result.events:,}; theory {theory:.1f}, "
    if low <= theory <= high:
        return f"{said}inside {share}"
    return (
        f"{said}outside: measured {abs(mean - theory):.1f} ms {'more' if mean > theory else 'less'} {share}"
    )
