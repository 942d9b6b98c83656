"""The lanes of a race as a picture: what the live view shows, for a page that cannot move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rtlab.technique import NAMES
from rtlab.view.layout import Box, TimeAxis, columns
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.style import DARK, LIGHT, PALETTE
from rtlab.view.tally import count, duration, size

if TYPE_CHECKING:
    from rtlab.view.race_result import Finish, Results, Track
WIDTH, MARGIN = 774.0, 14.0  # points
NAME, FIGURE = 146.0, 78.0  # left and right of the lanes
EVENTS, LANE = 30.0, 42.0  # heights of the server's line and of a technique's
DOT = 4.3  # radius
APART = 7.0  # between two bars of a lane that are under way at the same time
ROWS = (0, 1, -1, 2, -2)  # where they go: the first in the middle
SIZE = 9.0  # of small words
ENOUGH = 500_000_000  # ns shown after the last arrival


def lanes(results: Results, *, dark: bool = False) -> Picture:
    """Draw what became of each event of the first channel, a lane for each technique, time from left to right."""
    sheet = Sheet(WIDTH, DARK if dark else LIGHT)
    axis = _axis(results)
    top = MARGIN + 16
    _draw_heads(sheet, results, top)
    server = top + EVENTS / 2
    bottom = top + EVENTS + LANE * len(results.finishes)
    marks = [axis.y(at) for at in results.appends]
    sheet.lines([((x, server), (x, bottom)) for x in marks], sheet.theme.faint, 0.7, (1.5, 2.5), z=1)
    sheet.lines([((axis.top, server), (axis.bottom, server))], sheet.theme.ink, 1.4)
    sheet.dots([(x, server) for x in marks], DOT, fill=sheet.theme.ink, edge=sheet.theme.ink)
    for number, finish in enumerate(results):
        middle = top + EVENTS + LANE * (number + 0.5)
        _draw_lane(sheet, axis, middle, finish.technique, results.tracks[finish.technique])
        _draw_words(sheet, middle, finish)
    for x, label in ((axis.y(at), label) for at, label in axis.ticks(13)):
        sheet.lines([((x, bottom), (x, bottom + 4))], sheet.theme.quiet, 0.8)
        sheet.text(x, bottom + 12, label, size=SIZE, colour=sheet.theme.quiet_text, align="center")
    sheet.text(axis.bottom + 8, bottom + 12, f"time, {axis.unit}", size=SIZE, colour=sheet.theme.quiet_text)
    _draw_legend(sheet, bottom + 34)
    sheet.cut(bottom + 34 + MARGIN)
    return Picture(sheet.figure, f"{results!r}: the lanes", _sentences(results))


def _axis(results: Results) -> TimeAxis:
    """Span everything, from left to right: `TimeAxis` maps moments to points, whichever way they lie."""
    ends = [at for track in results.tracks.values() for _, at in track.moves]
    last = max([*ends, *results.appends], default=results.end) + ENOUGH
    end = max(min(last, results.end), results.start + ENOUGH)
    return TimeAxis(results.start, end, MARGIN + NAME, WIDTH - MARGIN - FIGURE)


def _draw_heads(sheet: Sheet, results: Results, top: float) -> None:
    """Name the server's line, and the column of figures beside the lanes."""
    quiet, right = sheet.theme.quiet_text, WIDTH - MARGIN
    sheet.text(MARGIN, top + EVENTS / 2, "events at the server", size=10, colour=sheet.theme.ink)
    words = f"median of {count(results.events, 'event')}"
    sheet.text(right, top - 4, words, size=SIZE, colour=quiet, align="right")
    channel = f"one of {len(results.published)} channels; " if len(results.published) > 1 else ""
    words = f"{channel}one-way delay {duration(results.delay)}"
    sheet.text(MARGIN + NAME, top - 4, words, size=SIZE, colour=quiet)


def _draw_lane(sheet: Sheet, axis: TimeAxis, middle: float, technique: str, track: Track) -> None:
    """Draw a bar from each event's append to its arrival, a dot where it arrives, a tick for each empty answer."""
    colour = PALETTE[technique]
    sheet.lines([((axis.top, middle), (axis.bottom, middle))], sheet.theme.hair, 1.0, z=1)
    empties = [axis.y(at) for at in track.empties if axis.start <= at <= axis.end]
    sheet.lines([((x, middle - 5), (x, middle + 5)) for x in empties], sheet.theme.quiet, 1.0)
    spans = [(axis.y(appended), axis.y(arrived)) for appended, arrived in track.moves]
    rows = [middle + APART * ROWS[row % len(ROWS)] for row in columns(spans)]
    ends = list(zip(spans, rows, strict=True))
    sheet.boxes([Box(left, y - 2, right, y + 2) for (left, right), y in ends], colour, alpha=0.38)
    sheet.dots([(right, y) for (_, right), y in ends], DOT, fill=colour, edge=colour)


def _draw_words(sheet: Sheet, middle: float, finish: Finish) -> None:
    """Write the technique's name before its lane and its median latency behind."""
    name, colour = NAMES[finish.technique], sheet.theme.text[finish.technique]
    sheet.text(MARGIN, middle, name, size=11, colour=colour, bold=True)
    median = duration(finish.median) if finish.latencies else "–"
    sheet.text(WIDTH - MARGIN, middle, median, size=11, colour=sheet.theme.ink, bold=True, align="right")


def _draw_legend(sheet: Sheet, y: float) -> None:
    """Explain the signs."""
    quiet, x = sheet.theme.quiet_text, MARGIN + NAME
    sheet.dots([(x + DOT, y)], DOT, fill=sheet.theme.ink, edge=sheet.theme.ink)
    x = _explain(sheet, x + 14, y, "an event happens")
    sheet.boxes([Box(x, y - 2, x + 26, y + 2)], quiet, alpha=0.5)
    sheet.dots([(x + 26, y)], DOT, fill=quiet, edge=quiet)
    x = _explain(sheet, x + 36, y, "under way, and there: the bar is the latency")
    sheet.lines([((x, y - 5), (x, y + 5))], sheet.theme.quiet, 1.0)
    _explain(sheet, x + 7, y, "an empty answer")


def _explain(sheet: Sheet, x: float, y: float, words: str) -> float:
    sheet.text(x, y, words, size=SIZE, colour=sheet.theme.quiet_text)
    return x + sheet.measure(words, SIZE) + 18


def _sentences(results: Results) -> Sequence[str]:
    """Say everything that the picture shows."""
    told = [f"{results!r}; the one-way delay is {duration(results.delay)}; time runs from left to right."]
    for finish in results:
        name = NAMES[finish.technique]
        events = len(finish.latencies)
        found = f"{name[:1].upper()}{name[1:]}: {count(events, 'event')} arrived"
        if events:
            found += f", {duration(finish.median)} after it happened at the median"
        asked = f"{count(finish.requests, 'request')}, {count(finish.empty, 'empty answer')}"
        told.append(f"{found}; {asked}; {size(finish.size)} both ways.")
    return told
