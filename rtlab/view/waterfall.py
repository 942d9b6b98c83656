"""The waterfall of bytes: what one message costs by polling and by WebSocket, step by step as more is counted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rtlab.errors import BadInput
from rtlab.view.layout import Box
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.style import DARK, LIGHT, PALETTE

WIDTH, LEFT, RIGHT = 612.0, 150.0, 108.0  # of the whole, of the names, of the ratios; points
TOP, ROW, BAR = 62.0, 44.0, 13.0
ROWS = ("short", "websocket")


def waterfall(
    steps: Sequence[tuple[str, float, float]], *, title: str = "What one message costs", dark: bool = False
) -> Picture:
    """Draw steps (name, bytes by polling, bytes by WebSocket), each with all that was counted before it.

    What a step adds is drawn full, what was there before it pale. Raises BadInput without a step, and where a
    step takes bytes away.
    """
    growing = all(before[1] <= after[1] and before[2] <= after[2] for before, after in pairwise(steps))
    if not steps or not growing:
        raise BadInput("give steps (name, polling bytes, WebSocket bytes) that only grow")
    sheet = Sheet(WIDTH, DARK if dark else LIGHT)
    theme = sheet.theme
    scale = (WIDTH - LEFT - RIGHT) / max(steps[-1][1], steps[-1][2], 1)
    sheet.text(14, 22, title, size=14, colour=theme.ink)
    for x, words, technique in (
        (LEFT, "short polling, bytes", "short"),
        (LEFT + 150, "WebSocket, bytes", "websocket"),
    ):
        sheet.text(x, 46, words, size=9.5, colour=theme.text[technique])
    sheet.text(WIDTH - 14, 46, "ratio", size=9.5, colour=theme.quiet_text, align="right")
    before = (0.0, 0.0)
    for number, (name, *sizes) in enumerate(steps):
        top = TOP + ROW * number
        sheet.text(14, top + BAR, name if number == 0 else f"+ {name}", size=9.5, colour=theme.ink)
        for line, technique in enumerate(ROWS):
            _bar(sheet, top + line * (BAR + 2), scale, before[line], sizes[line], technique)
        ratio = sizes[0] / sizes[1]
        words = f"{ratio:,.1f} : 1"
        sheet.text(WIDTH - 14, top + BAR, words, size=11, colour=theme.ink, align="right")
        before = (sizes[0], sizes[1])
    sheet.cut(TOP + ROW * len(steps) + 4)
    told = [f"{name}: polling {a:,.0f} bytes, WebSocket {b:,.0f}, {a / b:,.3g} to 1." for name, a, b in steps]
    return Picture(sheet.figure, f"{title}: {', '.join(name for name, _, _ in steps)}", [f"{title}.", *told])


def _bar(sheet: Sheet, top: float, scale: float, old: float, new: float, technique: str) -> None:
    """Draw what was there pale, what came full, and the sum behind it."""
    x, end = LEFT + old * scale, max(LEFT + new * scale, LEFT + 0.8)  # two bytes are still seen
    if old:
        sheet.boxes([Box(LEFT, top, x, top + BAR)], PALETTE[technique], alpha=0.35)
    if new > old:
        sheet.boxes([Box(x, top, end, top + BAR)], PALETTE[technique], alpha=1.0)
    sheet.text(end + 5, top + BAR / 2, f"{new:,.0f}", size=9, colour=sheet.theme.text[technique])
