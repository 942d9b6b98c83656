"""A blank figure to draw on, measured in points from its top left corner.

Nothing here goes through pyplot: a figure belongs to whoever holds it, is freed with it, and may be drawn
in any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.transforms import Bbox, TransformedBbox

from rtlab.view.layout import Box, Point
from rtlab.view.style import FONT, Theme


class Sheet:
    """A figure `width` points wide in the colours of `theme`; y grows downwards. Draw, then `cut` it to length."""

    def __init__(self, width: float, theme: Theme) -> None:
        self.width, self.theme = width, theme
        self.figure = Figure((width / 72, 1), dpi=72, facecolor=theme.paper)
        self.figure.set_layout_engine("none")
        self._canvas: Any = FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, width))
        self.axes.set_axis_off()
        self.axes.set_autoscale_on(False)

    def cut(self, height: float) -> None:
        """Give the figure its height in points."""
        self.figure.set_size_inches(self.width / 72, height / 72)
        self.axes.set_ylim(height, 0)

    def lines(
        self,
        segments: Sequence[tuple[Point, Point]],
        colour: str,
        width: float,
        dashes: tuple[float, ...] = (),
        *,
        clip: Box | None = None,
        z: float = 2,
    ) -> None:
        """Draw straight lines; `dashes` are lengths on and off in points, a zero makes round dots."""
        style = (0.0, [max(length, 0.01) / width for length in dashes]) if dashes else "solid"
        cap = "round" if dashes and dashes[0] == 0 else "butt"
        drawn = LineCollection(
            segments, colors=colour, linewidths=width, linestyles=[style], capstyle=cap, zorder=z
        )
        self._add(drawn, clip)

    def shapes(
        self,
        outlines: Sequence[Sequence[Point]],
        colour: str,
        *,
        alpha: float = 1.0,
        clip: Box | None = None,
        z: float = 2,
    ) -> None:
        """Fill polygons."""
        self._add(PolyCollection(outlines, facecolors=colour, edgecolors="none", alpha=alpha, zorder=z), clip)

    def boxes(
        self, boxes: Sequence[Box], colour: str, *, alpha: float, clip: Box | None = None, z: float = 2
    ) -> None:
        """Fill rectangles."""
        self.shapes([box.corners for box in boxes], colour, alpha=alpha, clip=clip, z=z)

    def dots(
        self, points: Sequence[Point], radius: float, *, marker: str = "o", fill: str, edge: str
    ) -> None:
        """Draw markers of the given radius in points."""
        self.axes.plot(
            [x for x, _ in points],
            [y for _, y in points],
            linestyle="none",
            marker=marker,
            markersize=2 * radius,
            markerfacecolor=fill,
            markeredgecolor=edge,
            markeredgewidth=1.2,
            zorder=5,
            clip_on=False,
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float,
        colour: str,
        bold: bool = False,
        align: str = "left",
    ) -> None:
        """Write `words` with their middle at height `y`; `align` is which end `x` gives: left, center, right."""
        self.axes.text(
            x,
            y,
            drawable(words),
            fontsize=size,
            color=colour,
            fontfamily=FONT,
            fontweight="bold" if bold else "normal",
            horizontalalignment=align,
            verticalalignment="center_baseline",
            parse_math=False,
            usetex=False,
            zorder=6,
        )

    def measure(self, words: str, size: float, bold: bool = False) -> float:
        """Return how wide `words` will be, in points."""
        renderer = self._canvas.get_renderer()  # at 72 dots an inch a pixel is a point
        width, _, _ = renderer.get_text_width_height_descent(drawable(words), _font(size, bold), ismath=False)
        return float(width)

    def _add(self, drawn: Any, clip: Box | None) -> None:
        self.axes.add_collection(drawn, autolim=False)
        if clip is not None:
            area = Bbox.from_extents(clip.left, clip.top, clip.right, clip.bottom)
            drawn.set_clip_box(TransformedBbox(area, self.axes.transData))


def arrow_head(start: Point, tip: Point, length: float) -> tuple[Point, Point, Point]:
    """Return the triangle at the end of an arrow: its tip and the two corners behind."""
    along_x, along_y = tip[0] - start[0], tip[1] - start[1]
    scale = length / ((along_x**2 + along_y**2) ** 0.5 or 1.0)
    back_x, back_y = tip[0] - along_x * scale, tip[1] - along_y * scale
    side_x, side_y = -along_y * scale * 0.36, along_x * scale * 0.36
    return tip, (back_x + side_x, back_y + side_y), (back_x - side_x, back_y - side_y)


def drawable(words: str) -> str:
    """Replace what the font has no shape for, and anything that would break the line."""
    return "".join(character if _has_shape(character) else "▯" for character in " ".join(words.split()))


@cache
def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(family=FONT, size=size, weight="bold" if bold else "normal")


@cache
def _has_shape(character: str) -> bool:
    return bool(get_font(findfont(_font(10, False))).get_char_index(ord(character)))
