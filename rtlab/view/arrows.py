"""How each kind of arrow looks: thick carries, thin asks, dashed answers empty, dotted sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rtlab.view.layout import Box, Point
from rtlab.view.sheet import Sheet, arrow_head


@dataclass(frozen=True)
class Look:
    """A kind of arrow: line width, length of the head and dashes in points, and where its colour comes from."""

    width: float
    head: float
    dashes: tuple[float, ...] = ()
    colour: str = "quiet"  # "technique", or the name of a colour of the theme


LOOKS = {
    "faint": Look(0.9, 0, colour="faint"),
    "beat": Look(1.1, 0, (0, 2.6), colour="quiet"),
    "empty": Look(1.0, 5.5, (4, 2.5)),
    "answers": Look(1.0, 5.5),
    "asks": Look(1.0, 5.5),
    "sends": Look(1.7, 6.5, (0, 2.9), colour="technique"),
    "carries": Look(2.5, 8, colour="technique"),
}
"""The kinds of `rtlab.view.strokes.Stroke`, the ones that matter most drawn last."""


@dataclass(frozen=True)
class Arrow:
    """A kind of stroke, placed."""

    kind: str
    start: Point
    tip: Point
    cut: bool = False


def draw_arrows(
    sheet: Sheet, arrows: Sequence[Arrow], technique: str, *, scale: float = 1.0, clip: Box | None = None
) -> None:
    """Draw arrows in the colour `technique`; `scale` below 1 makes them finer where there are many."""
    for kind, look in LOOKS.items():
        these = [arrow for arrow in arrows if arrow.kind == kind]
        if not these:
            continue
        colour = technique if look.colour == "technique" else getattr(sheet.theme, look.colour)
        head = look.head * scale
        shafts = [(arrow.start, _short_of(arrow.start, arrow.tip, 0.8 * head)) for arrow in these]
        sheet.lines(shafts, colour, look.width * scale, look.dashes, clip=clip, z=3)
        if head:
            heads = [arrow_head(arrow.start, arrow.tip, head) for arrow in these]
            sheet.shapes(heads, colour, clip=clip, z=3)
    crosses = [stroke for arrow in arrows if arrow.cut for stroke in _cross(arrow.start, arrow.tip)]
    if crosses:
        sheet.lines(crosses, sheet.theme.ink, 1.6, clip=clip, z=5)


def _short_of(start: Point, tip: Point, by: float) -> Point:
    """Return the point `by` before the tip, where a shaft ends so that it does not blunt the head."""
    along = ((tip[0] - start[0]) ** 2 + (tip[1] - start[1]) ** 2) ** 0.5
    share = max(0.0, 1 - by / along) if along else 0.0
    return start[0] + (tip[0] - start[0]) * share, start[1] + (tip[1] - start[1]) * share


def _cross(start: Point, tip: Point, arm: float = 3.6) -> list[tuple[Point, Point]]:
    """Return the two lines of the cross that ends a cut connection, just before the receiver."""
    x, y = _short_of(start, tip, 3 * arm)
    return [((x - arm, y - arm), (x + arm, y + arm)), ((x - arm, y + arm), (x + arm, y - arm))]
