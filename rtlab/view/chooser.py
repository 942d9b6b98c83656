"""The chooser's picture: what was chosen, why, and the figures of every technique with those that were ruled out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rtlab.errors import BadInput
from rtlab.view.layout import Box
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.style import DARK, LIGHT, PALETTE, known
from rtlab.view.winner_map import called, technique_of

WIDTH, LEFT = 612.0, 14.0  # points
SIZE, LINE, ROW = 9.5, 15.0, 19.0
NAMES = 186.0  # points that the column of names is wide
NONE = "none"


@dataclass(frozen=True)
class Row:
    """A technique with its figures, as they are to be written; `why_not` says why it was ruled out."""

    key: str
    figures: tuple[str, ...]
    why_not: str = ""


def chooser(
    chosen: str, reasons: Sequence[str], columns: Sequence[str], rows: Sequence[Row], *, dark: bool = False
) -> Picture:
    """Draw the choice (a key such as `sse`, `sse in batches` or `none`), its reasons, and the table behind it.

    Raises BadInput for an unknown technique, and for a row that has not a figure for each column.
    """
    for row in rows:
        known(technique_of(row.key))
        if len(row.figures) != len(columns):
            raise BadInput(f"{row.key}: {len(row.figures)} figures for {len(columns)} columns")
    sheet = Sheet(WIDTH, DARK if dark else LIGHT)
    theme = sheet.theme
    colour = theme.ink if chosen == NONE else theme.text[known(technique_of(chosen))]
    words = "nothing will do" if chosen == NONE else called(chosen)
    sheet.text(LEFT, 26, words, size=17, colour=colour, bold=True)
    y = 52.0
    for reason in reasons:
        for line in _wrapped(sheet, reason):
            sheet.text(LEFT, y, line, size=SIZE, colour=theme.ink)
            y += LINE
    y = _draw_table(sheet, y + 12, chosen, columns, rows)
    sheet.cut(y + 4)
    return Picture(
        sheet.figure, f"The choice: {words}", [f"The choice: {words}.", *reasons, *_sentences(columns, rows)]
    )


def _wrapped(sheet: Sheet, words: str) -> list[str]:
    """Break a sentence into lines that fit."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and sheet.measure(longer, SIZE) > WIDTH - 2 * LEFT:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _draw_table(sheet: Sheet, y: float, chosen: str, columns: Sequence[str], rows: Sequence[Row]) -> float:
    """Draw a head of two lines and a row for each technique; return where it ends."""
    theme, wide = sheet.theme, (WIDTH - LEFT - NAMES - 14) / max(len(columns), 1)
    ends = [LEFT + NAMES + wide * (number + 1) for number in range(len(columns))]
    for words, x in zip(columns, ends, strict=True):
        quantity, _, unit = words.partition(", ")
        sheet.text(x, y, quantity, size=8.5, colour=theme.quiet_text, align="right")
        sheet.text(x, y + 11, unit, size=8.5, colour=theme.quiet_text, align="right")
    y += 27
    for row in rows:
        sheet.lines([((LEFT, y - ROW / 2), (WIDTH - 14, y - ROW / 2))], theme.hair, 0.8, z=1)
        colour = PALETTE[technique_of(row.key)]
        is_chosen = row.key == chosen
        if is_chosen:
            band = Box(LEFT - 6, y - ROW / 2, WIDTH - 8, y + ROW / 2)
            sheet.boxes([band], colour, alpha=0.13 * theme.tint, z=0.5)
        fill = theme.paper if row.why_not else colour
        sheet.dots([(LEFT + 5, y)], 4.0, fill=fill, edge=colour)
        ink = theme.quiet_text if row.why_not else theme.ink
        sheet.text(LEFT + 16, y, called(row.key), size=SIZE, colour=ink, bold=is_chosen)
        if row.why_not:
            y += 13
            sheet.text(LEFT + 16, y, f"no: {row.why_not}", size=8.5, colour=theme.quiet_text)
            y -= 13
        for words, x in zip(row.figures, ends, strict=True):
            sheet.text(x, y, words, size=SIZE, colour=ink, align="right")
        y += ROW + 13 * bool(row.why_not)
    return y


def _sentences(columns: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """Say every figure."""
    told = []
    for row in rows:
        figures = "; ".join(f"{column} {figure}" for column, figure in zip(columns, row.figures, strict=True))
        out = f" Ruled out: {row.why_not}." if row.why_not else ""
        told.append(f"{called(row.key)[:1].upper()}{called(row.key)[1:]}: {figures}.{out}")
    return told
