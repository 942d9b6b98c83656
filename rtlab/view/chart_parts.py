"""What a chart is made of: quantities, and curves of theory, simulation and measurement; and the words for them.

A curve belongs to a technique and has its colour and name. One that belongs to none, a load or a run, takes a shade of
`style.SHADES` in its place, and needs a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, log10

from rtlab.errors import BadInput
from rtlab.technique import NAMES
from rtlab.view.style import SHADES, known


@dataclass(frozen=True)
class Quantity:
    """What an axis shows: its name, its unit, and whether the scale is logarithmic."""

    name: str
    unit: str = ""
    log: bool = False

    @property
    def label(self) -> str:
        """Name and unit."""
        return f"{self.name}, {self.unit}" if self.unit else self.name


@dataclass(frozen=True)
class Theory:
    """A closed form, drawn as a line. `name` is used in place of the technique's."""

    technique: str
    x: Sequence[float]
    y: Sequence[float]
    name: str | None = None


class Line(Theory):
    """A line that claims nothing: a threshold, a series as it came. Its name is all that is said of it."""


@dataclass(frozen=True)
class Simulation:
    """A simulation, drawn as the band between `low` and `high`: of its runs, or a confidence interval."""

    technique: str
    x: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    name: str | None = None


@dataclass(frozen=True)
class Measurement:
    """What was measured, drawn as dots; with `low` and `high`, with the interval of each."""

    technique: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    name: str | None = None


class Simulated(Measurement):
    """Single values out of a simulation, drawn as dots without a filling, so that nobody takes them for measured."""


Part = Theory | Simulation | Measurement
KINDS: dict[type[Part], str] = {
    Theory: "theory",
    Line: "line",
    Simulation: "simulation",
    Simulated: "in virtual time",
    Measurement: "measurement",
}


def check(part: Part) -> int:
    """Return how many points a part has; raise if they do not belong together."""
    if part.technique not in SHADES:
        known(part.technique)
    elif not part.name:
        raise BadInput(f"a curve in {part.technique!r} belongs to no technique: give it a name")
    lines = {
        "x": part.x,
        "y": getattr(part, "y", None),
        "low": getattr(part, "low", None),
        "high": getattr(part, "high", None),
    }
    lengths = {name: len(line) for name, line in lines.items() if line is not None}
    if len(set(lengths.values())) > 1:
        raise BadInput(f"{KINDS[type(part)]} of {part.technique}: all must be of one length, not {lengths}")
    return len(part.x)


def name_of(part: Part) -> str:
    """Return what the curve is called: the same for its theory, simulation and measurement."""
    return part.name or NAMES[part.technique]


def heights(parts: Sequence[Part]) -> list[float]:
    """Return all finite heights that are drawn."""
    lines = [getattr(part, name, None) for part in parts for name in ("y", "low", "high")]
    return [value for line in lines if line is not None for value in line if isfinite(value)]


def sentences(parts: Sequence[Part], across: Quantity, up: Quantity) -> list[str]:
    """Say what the chart shows, curve by curve."""
    scales = [f"{axis.label}{' on a logarithmic scale' if axis.log else ''}" for axis in (up, across)]
    told = [f"A chart of {scales[0]}, over {scales[1]}."]
    for name in dict.fromkeys(name_of(part) for part in parts):
        said = [_range(part, across, up) for part in parts if name_of(part) == name]
        told.append(f"{name[:1].upper()}{name[1:]}: {'; '.join(said)}.")
    return told


def _range(part: Part, across: Quantity, up: Quantity) -> str:
    """Say where a part begins and ends."""

    def at(index: int) -> str:
        if isinstance(part, Simulation):
            height = f"{_digits(part.low[index])} to {_digits(part.high[index])}"
        else:
            height = _digits(part.y[index])
        return f"{height} {up.unit}".strip() + f" at {_digits(part.x[index])} {across.unit}".rstrip()

    if not len(part.x):  # an array has no truth of its own
        return f"{KINDS[type(part)]} without a point"
    return f"{KINDS[type(part)]} {at(0)}" + (f", {at(-1)}" if len(part.x) > 1 else "")


def _digits(value: float) -> str:
    """Write a number with three significant digits."""
    return (
        f"{value:.3g}"
        if value == 0 or abs(log10(abs(value))) < 4
        else f"{value:,.0f}"
        if abs(value) > 1
        else f"{value:.2g}"
    )
