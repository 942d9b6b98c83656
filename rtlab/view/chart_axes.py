"""The pieces that every chart is made of: axes, the drawing of one part, the key of line, band and dots."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from rtlab.view.chart_parts import KINDS, Line, Measurement, Part, Quantity, Simulated, Simulation, Theory
from rtlab.view.layout import Box
from rtlab.view.sheet import Sheet
from rtlab.view.style import FONT, Theme

SIZE = 9.5  # points, of the words in a chart
MANY = 150  # dots: more than that are drawn small
CROWDED = 75  # filled dots, already: the rims of large ones would cover their neighbours
ORDER = (Simulation, Line, Theory, Simulated, Measurement)  # from the back to the front


def in_front_last(parts: Sequence[Part]) -> list[Part]:
    """Return the parts in the order in which they are to be drawn."""
    return sorted(parts, key=lambda part: ORDER.index(type(part)))


def plain_axes(sheet: Sheet, area: Box, across: Quantity, up: Quantity) -> Axes:
    """Add axes to a sheet that is cut: no frame, hair lines, numbers as people write them."""
    theme = sheet.theme
    width, height = sheet.figure.bbox.size  # points: a sheet has 72 dots an inch
    place = (
        area.left / width,
        1 - area.bottom / height,
        (area.right - area.left) / width,
        (area.bottom - area.top) / height,
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


def draw_part(axes: Axes, part: Part, theme: Theme) -> None:
    """Draw one part in its technique's colour, or in its shade, on the theme's ground."""
    colour, paper = theme.mark(part.technique), theme.paper
    match part:
        case Theory(x=x, y=y):
            axes.plot(x, y, color=colour, linewidth=2, linestyle="-", marker="none", zorder=3)
        case Simulation(x=x, low=low, high=high):
            axes.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0, zorder=2)
        case Measurement(x=x, y=y, low=low, high=high):
            hollow = isinstance(part, Simulated)
            large = len(x) <= (MANY if hollow else CROWDED)
            if low is not None and high is not None:
                axes.vlines(x, low, high, colors=colour, linewidth=1.4, zorder=4)
            axes.plot(
                x,
                y,
                linestyle="none",
                marker="o",
                markersize=6.5 if large else 3.5,
                markerfacecolor=paper if hollow else colour,
                markeredgecolor=colour if hollow else paper,
                markeredgewidth=1.4 if hollow else 1.0 if large else 0.4,
                zorder=5,
                clip_on=False,  # a dot on the baseline is a whole dot
            )


def draw_kinds(sheet: Sheet, right: float, y: float, parts: Sequence[Part]) -> None:
    """Say what line, band and dots are, as far as they are there, in a row that ends at `right`."""
    grey, x = sheet.theme.quiet_text, right
    for kind in (Measurement, Simulated, Simulation, Theory):
        if not any(type(part) is kind for part in parts):
            continue
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
