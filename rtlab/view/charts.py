"""Figures over a quantity: theory a line, simulation a band, measurement dots; a technique's colour throughout.

What was calculated, simulated and measured stands on the same axes, so that a difference between them is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from matplotlib.axes import Axes

from rtlab.errors import BadInput
from rtlab.view.chart_axes import SIZE, draw_kinds, draw_part, in_front_last, plain_axes
from rtlab.view.chart_parts import (
    Line,
    Measurement,
    Part,
    Quantity,
    Simulated,
    Simulation,
    Theory,
    check,
    heights,
    name_of,
    sentences,
)
from rtlab.view.layout import Box, spread
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.style import DARK, LIGHT

__all__ = ["Line", "Measurement", "Part", "Quantity", "Simulated", "Simulation", "Theory", "chart"]

WIDTH, HEIGHT = 612.0, 360.0  # of the whole, in points
LEFT, BOTTOM, TOP = 62.0, 52.0, 44.0  # margins of the plot; with a title, TOP is 26 more


def chart(
    parts: Sequence[Part], *, across: Quantity, up: Quantity, title: str | None = None, dark: bool = False
) -> Picture:
    """Draw `parts` on the axes `across` and `up`, each curve named at its right end in its colour.

    Raises BadInput for an unknown technique, for sequences of different lengths, and if there is nothing to draw.
    """
    points = sum(check(part) for part in parts)
    if not points:
        raise BadInput("there is nothing to draw: give at least one part with one point")
    sheet = Sheet(WIDTH, DARK if dark else LIGHT)
    sheet.cut(HEIGHT)
    names = list(dict.fromkeys(name_of(part) for part in parts))
    right = 20 + max(sheet.measure(name, SIZE) for name in names)
    top = TOP + (26 if title else 0)
    area = Box(LEFT, top, WIDTH - right, HEIGHT - BOTTOM)
    axes = plain_axes(sheet, area, across, up)
    for part in in_front_last(parts):
        draw_part(axes, part, sheet.theme)
    axes.autoscale_view()  # now, not when it is drawn: the names of the curves go by it
    if not up.log and min(heights(parts), default=0) >= 0:
        axes.set_ylim(bottom=0)
    if title:
        sheet.text(14, 24, title, size=14, colour=sheet.theme.ink)
    sheet.text(14, top - 18, up.label, size=SIZE, colour=sheet.theme.quiet_text)
    sheet.text(area.right, HEIGHT - 16, across.label, size=SIZE, colour=sheet.theme.quiet_text, align="right")
    draw_kinds(sheet, area.right, top - 18, parts)
    _name_curves(sheet, axes, area, parts)
    summary = f"{title or f'{up.name} over {across.name}'}: {', '.join(names)}"
    return Picture(sheet.figure, summary, sentences(parts, across, up))


def _name_curves(sheet: Sheet, axes: Axes, area: Box, parts: Sequence[Part]) -> None:
    """Write each name at the right end of its curve, apart from each other."""
    ends: dict[str, tuple[float, str]] = {}
    for part in parts:
        line = part.low if isinstance(part, Simulation) else part.y
        finite = [(x, y) for x, y in zip(part.x, line, strict=True) if isfinite(y)]
        if finite and (name_of(part) not in ends or isinstance(part, Theory)):
            height = axes.transData.transform(max(finite))[1]  # at 72 dots an inch a pixel is a point
            ends[name_of(part)] = (min(max(HEIGHT - height, area.top), area.bottom), part.technique)
    ordered = sorted(ends.items(), key=lambda item: item[1][0])
    levels = spread([y for _, (y, _) in ordered], 13.0, area.top, area.bottom)
    for (name, (_, technique)), y in zip(ordered, levels, strict=True):
        sheet.text(area.right + 8, y, name, size=SIZE, colour=sheet.theme.word(technique))
