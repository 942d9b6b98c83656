"""Two pictures of paths: which technique gets through which box, and where on a path TLS is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rtlab.errors import BadInput
from rtlab.teach.lesson_10.grid import EVENTS, Passage
from rtlab.technique import NAMES
from rtlab.view.layout import Box
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.style import DARK, LIGHT, PALETTE, Theme

WIDTH, LEFT, RIGHT = 640.0, 164.0, 626.0  # points
TOP, ROW = 74.0, 34.0
GREEN = PALETTE["long"]  # of what gets through
RED = PALETTE["short"]


def grid_map(passages: Sequence[Passage], *, title: str, dark: bool = False) -> Picture:
    """Draw a row for each box, a column for each technique, and in it what became of five events."""
    if not passages:
        raise BadInput("there is nothing to draw: give what `every_way` returned")
    theme = DARK if dark else LIGHT
    boxes = list(dict.fromkeys(each.box for each in passages))
    techniques = list(dict.fromkeys(each.technique for each in passages))
    sheet = Sheet(WIDTH, theme)
    bottom = TOP + ROW * len(boxes)
    sheet.cut(bottom + 40)
    sheet.text(14, 22, title, size=14, colour=theme.ink)
    wide = (RIGHT - LEFT) / len(techniques)
    for number, technique in enumerate(techniques):
        x = LEFT + wide * (number + 0.5)
        sheet.text(x, TOP - 16, NAMES[technique], size=10, colour=theme.text[technique], align="center")
    for number, box in enumerate(boxes):
        sheet.text(14, TOP + ROW * (number + 0.5), box, size=10, colour=theme.ink)
    for each in passages:
        x = LEFT + wide * techniques.index(each.technique)
        y = TOP + ROW * boxes.index(each.box)
        tile = Box(x + 2, y + 2, x + wide - 2, y + ROW - 2)
        if len(each.arrived) == EVENTS:
            sheet.boxes([tile], GREEN, alpha=(0.18 if each.reconnects else 0.38) * theme.tint, z=1)
        else:
            sheet.boxes([tile], RED, alpha=0.35 * theme.tint, z=1)
            corners = tile.corners
            sheet.lines(list(zip(corners, [*corners[1:], corners[0]], strict=True)), RED, 1.6)
        sheet.text(x + wide / 2, y + ROW / 2, each.words, size=9, colour=theme.ink, align="center")
    said = "came again: on another connection, from the cursor; framed: something is missing"
    sheet.text(14, bottom + 20, said, size=9, colour=theme.quiet_text)
    told = [f"{NAMES[each.technique]}, {each.box}: {each.words}." for each in passages]
    return Picture(sheet.figure, title, told)


@dataclass(frozen=True)
class Way:
    """A path from client to server past one box, and what the server said at its end.

    `sealed`: whether TLS covers the part before the box, and the part behind it. `opened`: the box has the keys.
    """

    name: str
    sealed: tuple[bool, bool]
    box: str
    outcome: str
    through: bool
    opened: bool = False


def ways_map(ways: Sequence[Way], *, title: str, dark: bool = False) -> Picture:
    """Draw each path as a line: double where TLS seals it, with the box in the middle and the outcome at the end."""
    if not ways:
        raise BadInput("there is nothing to draw: give at least one way")
    theme, pitch = (DARK if dark else LIGHT), 58.0
    sheet = Sheet(WIDTH, theme)
    bottom = 56 + pitch * len(ways)
    sheet.cut(bottom + 26)
    sheet.text(14, 22, title, size=14, colour=theme.ink)
    for number, way in enumerate(ways):
        _draw_way(sheet, theme, way, 56 + pitch * number + 22)
    _draw_key(sheet, theme, bottom + 6)
    return Picture(sheet.figure, title, [f"{way.name}, {way.box}: {way.outcome}." for way in ways])


CLIENT, MIDDLE, SERVER, SAID = 60.0, 246.0, 432.0, 476.0  # where things stand


def _draw_way(sheet: Sheet, theme: Theme, way: Way, y: float) -> None:
    sheet.text(14, y - 24, way.name, size=10, colour=theme.ink, bold=True)
    half = max(40.0, sheet.measure(way.box, 9) / 2 + 10)
    for (start, end), sealed in zip(
        ((CLIENT, MIDDLE - half), (MIDDLE + half, SERVER)), way.sealed, strict=True
    ):
        if sealed:
            sheet.boxes([Box(start, y - 5, end, y + 5)], PALETTE["sse"], alpha=0.28 * theme.tint, z=1)
            sheet.lines([((start, y - 5), (end, y - 5)), ((start, y + 5), (end, y + 5))], PALETTE["sse"], 1.4)
        sheet.lines([((start, y), (end, y))], theme.ink, 1.2, (4, 3) if sealed else ())
    through = way.sealed == (True, True) and not way.opened
    frame = Box(MIDDLE - half, y - 11, MIDDLE + half, y + 11)
    if through:  # the sealed line goes on behind the box, unseen by it
        sheet.boxes(
            [Box(frame.left, y - 5, frame.right, y + 5)], PALETTE["sse"], alpha=0.28 * theme.tint, z=1
        )
    corners = frame.corners
    sheet.lines(list(zip(corners, [*corners[1:], corners[0]], strict=True)), theme.quiet_text, 1.2)
    sheet.text(MIDDLE, y, way.box, size=9, colour=theme.ink, align="center")
    sheet.text(CLIENT - 6, y, "client", size=9, colour=theme.quiet_text, align="right")
    sheet.text(SERVER + 6, y, "server", size=9, colour=theme.quiet_text)
    sign, colour = ("✓", theme.text["long"]) if way.through else ("✗", theme.text["short"])
    sheet.text(SAID + 10, y, f"{sign} {way.outcome}", size=10, colour=colour)


def _draw_key(sheet: Sheet, theme: Theme, y: float) -> None:
    sheet.lines([((14, y), (44, y))], theme.ink, 1.2)
    sheet.text(50, y, "readable", size=9, colour=theme.quiet_text)
    sheet.boxes([Box(120, y - 5, 150, y + 5)], PALETTE["sse"], alpha=0.28 * theme.tint, z=1)
    sheet.lines([((120, y - 5), (150, y - 5)), ((120, y + 5), (150, y + 5))], PALETTE["sse"], 1.4)
    sheet.lines([((120, y), (150, y))], theme.ink, 1.2, (4, 3))
    sheet.text(156, y, "sealed by TLS", size=9, colour=theme.quiet_text)
