"""Figures over a quantity: theory a line, simulation a band, measurement dots; a technique's colour throughout.

What was calculated, simulated and measured stands on the same axes, so that a difference between them is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from rtlab.errors import BadInput
from rtlab.view.chart_parts import (
    KINDS,
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
from rtlab.view.style import DARK, FONT, LIGHT, PALETTE

WIDTH, HEIGHT = 612.0, 360.0  # of the whole, in points
LEFT, BOTTOM, TOP = 62.0, 52.0, 44.0  # margins of the plot; with a title, TOP is 26 more
SIZE = 9.5


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
    axes = _axes(sheet, area, across, up)
    for part in sorted(
        parts, key=lambda part: (Simulation, Theory, Simulated, Measurement).index(type(part))
    ):
        _draw(axes, part, sheet.theme.paper)
    axes.autoscale_view()  # now, not when it is drawn: the names of the curves go by it
    if not up.log and min(heights(parts), default=0) >= 0:
        axes.set_ylim(bottom=0)
    if title:
        sheet.text(14, 24, title, size=14, colour=sheet.theme.ink)
    sheet.text(14, top - 18, up.label, size=SIZE, colour=sheet.theme.quiet_text)
    sheet.text(area.right, HEIGHT - 16, across.label, size=SIZE, colour=sheet.theme.quiet_text, align="right")
    _draw_kinds(sheet, area, parts)
    _name_curves(sheet, axes, area, parts)
    summary = f"{title or f'{up.name} over {across.name}'}: {', '.join(names)}"
    return Picture(sheet.figure, summary, sentences(parts, across, up))


def _axes(sheet: Sheet, area: Box, across: Quantity, up: Quantity) -> Axes:
    """Add plain axes: no frame, hair lines, numbers as people write them."""
    theme = sheet.theme
    place = (
        area.left / WIDTH,
        1 - area.bottom / HEIGHT,
        (area.right - area.left) / WIDTH,
        (area.bottom - area.top) / HEIGHT,
    )
    axes = sheet.figure.add_axes(place, facecolor="none")
    axes.set_xscale("log" if across.log else "linear")
    axes.set_yscale("log" if up.log else "linear")
    axes.margins(x=0.02, y=0.06)
    axes.grid(True, which="major", color=theme.hair, linewidth=0.8, linestyle="-")
    axes.grid(False, which="minor")
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set(color=theme.quiet, linewidth=0.8)
    axes.tick_params(
        which="both",
        length=0,
        pad=6,
        labelsize=9,
        labelcolor=theme.quiet_text,
        labelfontfamily=FONT,
        top=False,
        right=False,
        labeltop=False,
        labelright=False,
        labelbottom=True,
        labelleft=True,
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}".replace("-", "−")))
        axis.set_minor_formatter(NullFormatter())
        if axis.get_scale() == "log":
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    return axes


def _draw(axes: Axes, part: Part, paper: str) -> None:
    """Draw one part in its technique's colour."""
    colour = PALETTE[part.technique]
    match part:
        case Theory(x=x, y=y):
            axes.plot(x, y, color=colour, linewidth=2, linestyle="-", marker="none", zorder=3)
        case Simulation(x=x, low=low, high=high):
            axes.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0, zorder=2)
        case Measurement(x=x, y=y, low=low, high=high):
            hollow = isinstance(part, Simulated)
            if low is not None and high is not None:
                axes.vlines(x, low, high, colors=colour, linewidth=1.4, zorder=4)
            axes.plot(
                x,
                y,
                linestyle="none",
                marker="o",
                markersize=6.5,
                markerfacecolor=paper if hollow else colour,
                markeredgecolor=colour if hollow else paper,
                markeredgewidth=1.4 if hollow else 1,
                zorder=5,
            )


def _draw_kinds(sheet: Sheet, area: Box, parts: Sequence[Part]) -> None:
    """Say above the plot, on the right, what line, band and dots are, as far as they are there."""
    grey, x = sheet.theme.quiet_text, area.right
    for kind in (Measurement, Simulated, Simulation, Theory):
        if not any(type(part) is kind for part in parts):
            continue
        y = area.top - 18
        sheet.text(x, y, KINDS[kind], size=SIZE, colour=grey, align="right")
        x -= sheet.measure(KINDS[kind], SIZE) + 6
        if kind is Theory:
            sheet.lines([((x - 20, y), (x, y))], grey, 2)
        elif kind is Simulation:
            sheet.boxes([Box(x - 20, y - 4, x, y + 4)], grey, alpha=0.35)
        else:
            sheet.dots([(x - 5, y)], 3.2, fill=sheet.theme.paper if kind is Simulated else grey, edge=grey)
            x += 8
        x -= 38


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
        sheet.text(area.right + 8, y, name, size=SIZE, colour=sheet.theme.text[technique])
