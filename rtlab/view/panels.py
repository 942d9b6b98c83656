"""Charts beside each other on the same scales: what differs between them is what differs in the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from matplotlib.axes import Axes

from rtlab.errors import BadInput
from rtlab.view.chart_axes import SIZE, draw_kinds, draw_part, in_front_last, plain_axes
from rtlab.view.chart_parts import Part, Quantity, check, heights, name_of, sentences
from rtlab.view.layout import Box
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.style import DARK, LIGHT

WIDTH, ROW = 612.0, 226.0  # points: of the whole, and of a row of panels
LEFT, RIGHT, GAP = 62.0, 16.0, 26.0  # margins of a row, and the space between two panels
HEAD, FOOT = 40.0, 22.0  # of the whole: the key above, the name of the axis below
NAME, TICKS = 22.0, 26.0  # of a panel: its name above, its numbers below


def panels(
    charts: Mapping[str, Sequence[Part]],
    *,
    across: Quantity,
    up: Quantity,
    title: str | None = None,
    columns: int = 2,
    dark: bool = False,
) -> Picture:
    """Draw a chart for each name, `columns` in a row, all on the same axes `across` and `up`.

    Raises BadInput as `chart`, and for fewer than one column.
    """
    if columns < 1:
        raise BadInput(f"columns={columns!r}: give 1 or more")
    if not charts or not all(sum(check(part) for part in parts) for parts in charts.values()):
        raise BadInput("there is nothing to draw: give each chart at least one part with one point")
    everything = [part for parts in charts.values() for part in parts]
    top = HEAD + 16 + (26 if title else 0)
    sheet = Sheet(WIDTH, DARK if dark else LIGHT)
    sheet.cut(top + ROW * ceil(len(charts) / columns) + FOOT)
    if title:
        sheet.text(14, 24, title, size=14, colour=sheet.theme.ink)
    _draw_key(sheet, top - 38, up, everything)
    areas = [_area(number, columns, top) for number in range(len(charts))]
    plots = [plain_axes(sheet, area, across, up) for area in areas]
    for (name, parts), area, axes in zip(charts.items(), areas, plots, strict=True):
        sheet.text(area.left, area.top - 11, name, size=10.5, colour=sheet.theme.ink)
        for part in in_front_last(parts):
            draw_part(axes, part, sheet.theme)
        axes.autoscale_view()
    _share_scales(plots, from_zero=not up.log and min(heights(everything), default=0) >= 0)
    for number, axes in enumerate(plots):
        has_below = number + columns < len(plots)
        axes.tick_params(labelleft=number % columns == 0, labelbottom=not has_below)
    foot = sheet.figure.bbox.height - 14
    sheet.text(WIDTH - RIGHT, foot, across.label, size=SIZE, colour=sheet.theme.quiet_text, align="right")
    told = [
        sentence for name, parts in charts.items() for sentence in (f"{name}.", *sentences(parts, across, up))
    ]
    return Picture(sheet.figure, f"{title or up.name}: {', '.join(charts)}", told)


def _area(number: int, columns: int, top: float) -> Box:
    """Return where the plot of a panel stands, counted row by row."""
    row, column = divmod(number, columns)
    width = (WIDTH - LEFT - RIGHT - GAP * (columns - 1)) / columns
    left = LEFT + column * (width + GAP)
    return Box(left, top + row * ROW + NAME, left + width, top + (row + 1) * ROW - TICKS)


def _draw_key(sheet: Sheet, y: float, up: Quantity, parts: Sequence[Part]) -> None:
    """Write the name of the upward axis, what line, band and dots are, and below them each curve in its colour."""
    sheet.text(14, y, up.label, size=SIZE, colour=sheet.theme.quiet_text)
    draw_kinds(sheet, WIDTH - RIGHT, y, parts)
    x = LEFT
    for name, technique in {name_of(part): part.technique for part in parts}.items():
        sheet.text(x, y + 20, name, size=SIZE, colour=sheet.theme.word(technique))
        x += sheet.measure(name, SIZE) + 18


def _share_scales(plots: Sequence[Axes], *, from_zero: bool) -> None:
    """Give all plots the widest limits that any of them needs."""
    across, up = zip(*[(axes.get_xlim(), axes.get_ylim()) for axes in plots], strict=True)
    for axes in plots:
        axes.set_xlim(min(low for low, _ in across), max(high for _, high in across))
        axes.set_ylim(0 if from_zero else min(low for low, _ in up), max(high for _, high in up))
