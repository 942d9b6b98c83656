"""The space-time diagram: who knew what, when, and what it took to tell them.

Time runs downwards. Client and server are two upright lines, and whatever crosses between them is an arrow
from the moment it left to the moment it arrived: its slope is the delay. Techniques stand side by side on
one time axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rtlab.view.lane_view import BEYOND, Place, draw_lane
from rtlab.view.layout import TimeAxis, shorten, window
from rtlab.view.legend import LINE, draw_legend, legend_rows
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.strokes import Lane, strokes
from rtlab.view.style import DARK, LIGHT, Theme
from rtlab.view.tally import Tally, count, duration, size, tally

MARGIN = 14.0  # around everything, in points
SCALE = 50.0  # left of the lanes, for the labels of the time axis
FIGURES = 14.0  # from one line of figures to the next
NOTHING = "Nothing crossed the wire yet, and no event was appended."
REMEDY = "Let a reader follow a channel through the tap, publish something, and draw again."
WIDTHS = {1: 540.0, 2: 612.0, 3: 684.0, 4: 774.0, 5: 864.0}  # of the whole, by the number of lanes


def space_time(
    lanes: Sequence[Lane],
    appends: Mapping[str, int],
    *,
    title: str | None = None,
    since: int | None = None,
    until: int | None = None,
    delay: float | None = None,
    dark: bool = False,
) -> Picture:
    """Draw what crossed between client and server, a lane for each technique, on one time axis.

    `appends` says when the server appended each event, `{id: ns}`. The picture spans everything that moved,
    or from `since` to `until` (ns of the same monotonic clock); its axis counts from its beginning. `delay`
    is the one-way delay in seconds, if it was set, to be named beside the title.
    """
    theme = DARK if dark else LIGHT
    of_lane = [_concerning(lane, appends) for lane in lanes]
    moves = [(message.left, message.arrived) for lane in lanes for message in lane.messages]
    times = window(moves, [at for events in of_lane for at in events.values()], since, until)
    summary = f"{title or 'Space-time diagram'}: {', '.join(lane.title for lane in lanes) or 'nothing'}"
    if not moves and not any(of_lane):
        return Picture(_note(title, theme).figure, summary, [f"{summary}.", NOTHING])
    figures = [_count(lane, events, times) for lane, events in zip(lanes, of_lane, strict=True)]
    sheet = Sheet(WIDTHS.get(len(lanes), 172.0 * len(lanes)), theme)
    top = _draw_heading(sheet, title, delay)
    busiest = max(len(lane.messages) for lane in lanes)
    axis = TimeAxis(*times, top=top + 46, bottom=top + 46 + min(500, max(320, 3 * busiest)))
    places = _places(sheet.width, len(lanes), axis)
    _draw_axis(sheet, places)
    signs: set[str] = set()
    for place, lane, events, figure in zip(places, lanes, of_lane, figures, strict=True):
        _draw_head(sheet, place, lane)
        signs |= draw_lane(sheet, place, lane, events)
        _draw_figures(sheet, place, figure)
    rows = legend_rows(sheet, signs, sheet.width - 2 * MARGIN)
    under = axis.bottom + BEYOND + 5 * FIGURES + 8
    draw_legend(sheet, rows, MARGIN, under)
    sheet.cut(under + len(rows) * LINE + MARGIN - 2)
    told = [_about(lane, figure) for lane, figure in zip(lanes, figures, strict=True)]
    return Picture(sheet.figure, summary, [_overview(title, times, delay), *told])


def _concerning(lane: Lane, appends: Mapping[str, int]) -> dict[str, int]:
    """Return the appends that the lane is about."""
    return {event: at for event, at in appends.items() if lane.events is None or event in lane.events}


def _count(lane: Lane, appends: Mapping[str, int], times: tuple[int, int]) -> Tally:
    """Count what is in the picture."""
    start, end = times
    return tally([m for m in lane.messages if m.arrived >= start and m.left <= end], appends)


def _places(width: float, number: int, axis: TimeAxis) -> list[Place]:
    """Divide the width: in each lane room for bars, the two lines, room for the events' labels."""
    pitch = (width - SCALE - MARGIN) / number
    bars, labels = min(56.0, 0.26 * pitch), min(56.0, 0.24 * pitch)
    lefts = [SCALE + pitch * lane for lane in range(number)]
    return [Place(left, left + bars, left + pitch - labels, left + pitch - 2, axis) for left in lefts]


def _draw_heading(sheet: Sheet, title: str | None, delay: float | None) -> float:
    """Write the title and the delay; return where they end."""
    named = f"one-way delay {duration(delay)}" if delay is not None else ""
    if not title and not named:
        return MARGIN - 4
    x = MARGIN
    if title:
        words = shorten(title, sheet.width - 2 * MARGIN, lambda text: sheet.measure(text, 14))
        sheet.text(x, MARGIN + 8, words, size=14, colour=sheet.theme.ink)
        x += sheet.measure(words, 14) + 14
    room = x + sheet.measure(named, 10) <= sheet.width - MARGIN
    line = MARGIN + (9 if room else 26)
    sheet.text(x if room else MARGIN, line, named, size=10, colour=sheet.theme.quiet_text)
    return line + 18


def _draw_head(sheet: Sheet, place: Place, lane: Lane) -> None:
    """Name the lane and its two lines."""
    top, middle = place.axis.top, (place.client + place.server) / 2
    name = shorten(lane.title, place.right - place.left, lambda text: sheet.measure(text, 12, bold=True))
    half = sheet.measure(name, 12, bold=True) / 2
    x = min(max(middle, place.left + half), place.right - half)
    sheet.text(x, top - 36, name, size=12, colour=sheet.theme.text[lane.technique], bold=True, align="center")
    for x, end in ((place.client, "client"), (place.server, "server")):
        sheet.text(x, top - 15, end, size=9, colour=sheet.theme.ink, align="center")


def _draw_axis(sheet: Sheet, places: Sequence[Place]) -> None:
    """Draw the time axis: a label for each tick, and a hair line through all lanes."""
    axis, right = places[0].axis, SCALE - 8
    ticks = [(axis.y(at), label) for at, label in axis.ticks()]
    for y, label in ticks:
        sheet.text(right, y, label, size=9, colour=sheet.theme.quiet_text, align="right")
    sheet.text(
        right, axis.top - 15, f"time, {axis.unit}", size=9, colour=sheet.theme.quiet_text, align="right"
    )
    hairs = [((place.client, y), (place.server, y)) for place in places for y, _ in ticks]
    sheet.lines(hairs, sheet.theme.hair, 0.8, z=0.5)


def _draw_figures(sheet: Sheet, place: Place, figure: Tally) -> None:
    """Write the figures under the lane that they belong to."""
    x = (place.client + place.server) / 2
    for number, line in enumerate(figure.lines()):
        y = place.axis.bottom + BEYOND + (number + 1.2) * FIGURES
        sheet.text(x, y, line, size=9.5, colour=sheet.theme.ink, align="center")


def _note(title: str | None, theme: Theme) -> Sheet:
    """Say that there is nothing to draw."""
    sheet = Sheet(WIDTHS[1], theme)
    top = _draw_heading(sheet, title, None)
    sheet.text(MARGIN, top + 12, NOTHING, size=10.5, colour=theme.ink)
    sheet.text(MARGIN, top + 30, REMEDY, size=10.5, colour=theme.quiet_text)
    sheet.cut(top + 30 + 10 + MARGIN)
    return sheet


def _overview(title: str | None, times: tuple[int, int], delay: float | None) -> str:
    """Say what kind of picture this is."""
    span = duration((times[1] - times[0]) / 1e9)
    named = f" The one-way delay is {duration(delay)}." if delay is not None else ""
    start = f"{title}: a space-time" if title else "A space-time"
    return f"{start} diagram of {span}; time runs downwards, client left and server right.{named}"


def _about(lane: Lane, figure: Tally) -> str:
    """Say what happened in a lane."""
    drawn = strokes(lane.messages)
    cuts, gaps = sum(stroke.cut for stroke in drawn), sum(stroke.gap for stroke in drawn)
    latency = "" if figure.latency is None else f" after {duration(figure.latency)} on average"
    parts = [
        count(figure.events, "event") + f" arrived{latency}",
        count(figure.requests, "request"),
        count(figure.empty, "empty answer"),
        f"{size(figure.size)} both ways",
    ]
    parts += [count(cuts, "cut connection")] if cuts else []
    parts += [count(gaps, "gap")] if gaps else []
    return f"{lane.title[:1].upper()}{lane.title[1:]}: {', '.join(parts)}."
