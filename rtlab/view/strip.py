"""A strip for each technique on one scale of latency: theory a line, simulation a band, the measured mean a dot.

The hair line behind them goes from the fastest event to the slowest; the small mark on it is the 99th percentile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from rtlab.errors import BadInput
from rtlab.technique import NAMES
from rtlab.view.frontier import Scale
from rtlab.view.layout import Box
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.style import DARK, LIGHT, PALETTE, known
from rtlab.view.tally import duration

WIDTH = 612.0  # points
LEFT, RIGHT = 128.0, WIDTH - 24.0  # of the scale
TOP, ROW, BELOW = 62.0, 40.0, 44.0
SIZE = 9.5
KINDS = ("theory", "simulation", "measured mean", "least, p99, most")


@dataclass(frozen=True)
class Strip:
    """One technique's latencies in seconds. `interval` is that of the measured `mean`; `simulated`: a band of means."""

    technique: str
    predicted: float
    simulated: tuple[float, float] | None
    mean: float
    interval: tuple[float, float]
    least: float
    p99: float
    most: float


def strips(rows: Sequence[Strip], *, title: str | None = None, dark: bool = False) -> Picture:
    """Draw the rows below each other. Raises BadInput if there is nothing to draw."""
    if not rows or not all(isfinite(row.mean) and row.least > 0 for row in rows):
        raise BadInput("there is nothing to draw: give at least one technique, each with latencies above 0")
    for row in rows:
        known(row.technique)
    sheet = Sheet(WIDTH, DARK if dark else LIGHT)
    bottom = TOP + ROW * len(rows)
    sheet.cut(bottom + BELOW)
    ends = [value for row in rows for value in (row.least, row.most, row.predicted) if isfinite(value)]
    scale = Scale(min(ends) / 1.15, max(ends) * 1.15, LEFT, RIGHT)
    if title:
        sheet.text(14, 24, title, size=14, colour=sheet.theme.ink)
    _draw_scale(sheet, scale, bottom)
    _draw_key(sheet)
    for number, row in enumerate(rows):
        _draw(sheet, scale, row, TOP + ROW * (number + 0.5))
    names = ", ".join(NAMES[row.technique] for row in rows)
    return Picture(sheet.figure, f"{title or 'Latency'}: {names}", sentences(rows))


def _draw_scale(sheet: Sheet, scale: Scale, bottom: float) -> None:
    """Draw hair lines with their numbers: as many as have room."""
    decades = range(floor(log10(scale.least)), ceil(log10(scale.most)) + 1)
    digits = (1, 2, 5) if scale.most / scale.least < 500 else (1,)
    for tick in (digit * 10.0**exponent for exponent in decades for digit in digits):
        if scale.least <= tick <= scale.most:
            x = scale.at(tick)
            sheet.lines([((x, TOP), (x, bottom))], sheet.theme.hair, 0.8, z=0)
            sheet.text(x, bottom + 12, duration(tick), size=9, colour=sheet.theme.quiet_text, align="center")
    label = "latency, from append to arrival (logarithmic)"
    sheet.text(RIGHT, bottom + 30, label, size=SIZE, colour=sheet.theme.quiet_text, align="right")


def _draw(sheet: Sheet, scale: Scale, row: Strip, y: float) -> None:
    """Draw one row at height `y`."""
    colour, at = PALETTE[row.technique], scale.at
    sheet.text(14, y, NAMES[row.technique], size=10, colour=sheet.theme.text[row.technique])
    sheet.lines([((at(row.least), y), (at(row.most), y))], sheet.theme.faint, 1.2, z=1)
    sheet.lines([((at(row.p99), y - 4), (at(row.p99), y + 4))], sheet.theme.quiet, 1.2, z=1)
    if row.simulated is not None and all(map(isfinite, row.simulated)):
        low, high = (at(value) for value in row.simulated)
        sheet.boxes([Box(min(low, high - 2), y - 9, max(high, low + 2), y + 9)], colour, alpha=0.28)
    if isfinite(row.predicted):
        sheet.lines([((at(row.predicted), y - 13), (at(row.predicted), y + 13))], colour, 2, z=3)
    if all(map(isfinite, row.interval)):
        sheet.lines([((at(row.interval[0]), y), (at(row.interval[1]), y))], colour, 2.4, z=4)
    sheet.dots([(at(row.mean), y)], 4.0, fill=colour, edge=sheet.theme.paper)


def _draw_key(sheet: Sheet) -> None:
    """Say above the strips what line, band, dot and hair line are."""
    grey, x, y = sheet.theme.quiet_text, LEFT, TOP - 14
    for kind in KINDS:
        if kind == "theory":
            sheet.lines([((x + 6, y - 6), (x + 6, y + 6))], grey, 2)
        elif kind == "simulation":
            sheet.boxes([Box(x, y - 5, x + 12, y + 5)], grey, alpha=0.35)
        elif kind == "measured mean":
            sheet.dots([(x + 6, y)], 3.6, fill=grey, edge=sheet.theme.paper)
        else:
            sheet.lines(
                [((x - 4, y), (x + 14, y)), ((x + 10, y - 4), (x + 10, y + 4))], sheet.theme.quiet, 1.2
            )
        sheet.text(x + 18, y, kind, size=SIZE, colour=grey)
        x += 18 + sheet.measure(kind, SIZE) + 20


def sentences(rows: Sequence[Strip]) -> list[str]:
    """Say what the picture shows, row by row."""
    told = ["Latency of each technique from append to arrival, on a logarithmic scale."]
    for row in rows:
        said = f"{NAMES[row.technique]}: measured mean {duration(row.mean)}"
        if isfinite(row.predicted):
            said += f", theory {duration(row.predicted)}"
        if row.simulated is not None and all(map(isfinite, row.simulated)):
            said += f", simulation {duration(row.simulated[0])} to {duration(row.simulated[1])}"
        told.append(
            f"{said}; events from {duration(row.least)} to {duration(row.most)}, p99 {duration(row.p99)}."
        )
    return told
