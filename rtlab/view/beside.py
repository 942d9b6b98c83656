"""Words beside an arrow, where they meet least: other words, other arrows, whatever else stands there.

Arithmetic only; `parties` draws with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rtlab.view.arrows import Arrow
from rtlab.view.layout import Box, Point

HEIGHT = 9.0  # points, of a line of words
GAP = 2.0  # points between the words and their own arrow
STEP = 3.0  # points by which words move down where no place is free
# Along the arrow from its start, nearer to the tip first: an answer begins where the question ends.
SHARES = (0.6, 0.5, 0.7, 0.4, 0.75, 0.25, 0.85, 0.15)


def beside(
    arrow: Arrow,
    width: float,
    lines: Sequence[tuple[Point, Point]],
    words: Sequence[Box],
    things: Sequence[Box] = (),
) -> Box:
    """Choose the place of words `width` points wide, above the arrow if it may be, else below.

    `lines` are all that is drawn, the arrow too; `words` are those already placed, which are never met.
    """
    best = min(_places(arrow, width), key=lambda box: _met(box, lines, words, things))
    while any(best.meets(other) for other in words):
        best = Box(best.left, best.top + STEP, best.right, best.bottom + STEP)
    return best


def _places(arrow: Arrow, width: float) -> Iterator[Box]:
    """Where words could stand: all places above before those below, so that they are preferred."""
    (start_x, start_y), (tip_x, tip_y) = arrow.start, arrow.tip
    slope = abs((tip_y - start_y) / (tip_x - start_x)) if tip_x != start_x else 0.0
    apart = GAP + slope * width / 2  # the arrow is that much higher, or lower, at an end of the words
    for above in (True, False):
        for share in SHARES:
            x, y = start_x + (tip_x - start_x) * share, start_y + (tip_y - start_y) * share
            top = y - apart - HEIGHT if above else y + apart
            yield Box(x - width / 2, top, x + width / 2, top + HEIGHT)


def _met(box: Box, lines: Sequence[tuple[Point, Point]], words: Sequence[Box], things: Sequence[Box]) -> int:
    """How much the place meets: words count most, then what stands there."""
    return (
        9 * sum(box.meets(other) for other in words)
        + 2 * sum(box.meets(other) for other in things)
        + 2 * sum(box.crosses(*line) for line in lines)
    )
