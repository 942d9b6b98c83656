"""The lines under a diagram that say what each sign means, drawn with the signs themselves."""

from __future__ import annotations

from collections.abc import Iterable

from rtlab.view.arrows import LOOKS, Arrow, draw_arrows
from rtlab.view.layout import Box
from rtlab.view.sheet import Sheet

SIZE = 9.0  # of the words, in points
SIGN = 24.0  # the width of a sign
GAP = 6.0  # between a sign and its words
APART = 16.0  # between two entries
LINE = 15.0  # from one line to the next

WORDS = {
    "event": "an event happens",
    "carries": "carries events",
    "asks": "asks",
    "answers": "answers",
    "empty": "empty answer",
    "sends": "the client sends",
    "wait": "not known yet: its length is the latency",
    "hold": "a request is held",
    "stream": "an open stream",
    "beat": "heartbeat",
    "faint": "connects, closes",
    "gap": "events were missed",
    "cut": "cut",
}
"""What each sign is called, in the order of the legend."""

NARROW = {"event": 9.0, "wait": 6.0, "hold": 6.0, "gap": 9.0, "cut": 9.0}


def legend_rows(sheet: Sheet, signs: Iterable[str], width: float) -> list[list[str]]:
    """Break the signs that a picture shows into lines of at most `width` points."""
    shown = set(signs)
    rows: list[list[str]] = [[]]
    for sign in (sign for sign in WORDS if sign in shown):
        if rows[-1] and _row_width(sheet, [*rows[-1], sign]) > width:
            rows.append([])
        rows[-1].append(sign)
    return rows


def draw_legend(sheet: Sheet, rows: list[list[str]], left: float, top: float) -> None:
    """Draw the lines, the first one centred `LINE` / 2 below `top`."""
    for number, row in enumerate(rows):
        x, y = left, top + (number + 0.5) * LINE
        for sign in row:
            _draw_sign(sheet, sign, x, y)
            sheet.text(x + _width(sign) + GAP, y, WORDS[sign], size=SIZE, colour=sheet.theme.quiet_text)
            x += _entry_width(sheet, sign) + APART


def _draw_sign(sheet: Sheet, sign: str, x: float, y: float) -> None:
    """Draw a sign between `x` and `x` + its width, around the height `y`."""
    theme, right = sheet.theme, x + _width(sign)
    middle = (x + right) / 2
    if sign in LOOKS:
        start, tip = ((right, y), (x, y)) if sign in ("carries", "empty", "answers") else ((x, y), (right, y))
        draw_arrows(sheet, [Arrow(sign, start, tip)], theme.quiet_text)
    elif sign == "event":
        sheet.dots([(middle, y)], 4, fill=theme.ink, edge=theme.ink)
    elif sign == "gap":
        sheet.dots([(middle, y)], 4, marker="D", fill=theme.paper, edge=theme.ink)
    elif sign == "cut":
        draw_arrows(
            sheet, [Arrow("faint", (middle - 10.8, y), (middle + 10.8, y), cut=True)], theme.ink, scale=0
        )
    else:
        alpha = {"wait": 0.4, "hold": 0.55, "stream": 0.16}[sign]
        sheet.boxes([Box(x, y - 5, right, y + 5)], theme.quiet_text, alpha=alpha)


def _width(sign: str) -> float:
    return NARROW.get(sign, SIGN)


def _entry_width(sheet: Sheet, sign: str) -> float:
    return _width(sign) + GAP + sheet.measure(WORDS[sign], SIZE)


def _row_width(sheet: Sheet, row: list[str]) -> float:
    return sum(_entry_width(sheet, sign) for sign in row) + APART * (len(row) - 1)
