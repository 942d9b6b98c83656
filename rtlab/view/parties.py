"""A space-time diagram of more than two parties: an upright line for each, an arrow for all that crosses.

The vocabulary is that of `rtlab.view.space_time`: a thick arrow carries, a thin one asks or answers, a dotted one hands
over, a tinted field is an open connection, a bar is what somebody holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rtlab.errors import BadInput
from rtlab.view.arrows import LOOKS, Arrow, draw_arrows
from rtlab.view.beside import beside
from rtlab.view.layout import Box, TimeAxis
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.style import DARK, LIGHT, PALETTE, known

MARGIN, SCALE, HEAD = 14.0, 58.0, 40.0  # points: around everything, for the time axis, for the names
ROW = 27.0  # points of height for each crossing, so that there is room for its words
LINE = 15.0  # points from one line of the legend to the next
BAR = 5.0  # points
WORDS = {
    "carries": "carries a message",
    "asks": "asks, answers, acknowledges",
    "sends": "is handed over, outside of push",
    "open": "an open connection",
    "held": "kept for a device that is not there",
}


@dataclass(frozen=True)
class Crossing:
    """Something that went from one party to another; `kind` is one of an arrow's looks. Times in monotonic ns."""

    sender: str
    receiver: str
    kind: str
    left: int
    arrived: int
    label: str = ""


@dataclass(frozen=True)
class Open:
    """A connection between two neighbours that stayed open."""

    one: str
    other: str
    start: int
    end: int


@dataclass(frozen=True)
class Held:
    """What a party kept: a bar beside its line, with `label` at its end. `lost`: it ended in nothing."""

    party: str
    start: int
    end: int
    label: str = ""
    lost: bool = False


def draw_parties(
    names: Sequence[str],
    crossings: Sequence[Crossing],
    opened: Sequence[Open] = (),
    held: Sequence[Held] = (),
    *,
    title: str = "",
    technique: str = "push",
    words: Mapping[str, str] = WORDS,
    dark: bool = False,
) -> Picture:
    """Draw the lines of `names` from left to right, and what crossed between them. Raises BadInput for a stranger.

    `words`: what the legend says of each sign; the default is push's.
    """
    theme, colour = (DARK if dark else LIGHT), PALETTE[known(technique)]
    strangers = {name for one in crossings for name in (one.sender, one.receiver)} - set(names)
    if strangers or not crossings:
        raise BadInput(
            f"draw at least one crossing, between {', '.join(names)} only; not {sorted(strangers)}"
        )
    times = [at for one in crossings for at in (one.left, one.arrived)] + [
        at for h in held for at in (h.start, h.end)
    ]
    sheet = Sheet(172.0 * len(names) + 60, theme)
    top = MARGIN + (26 if title else 0) + HEAD
    axis = TimeAxis(min(times), max(times), top, top + max(340.0, ROW * len(crossings)))
    if title:
        sheet.text(MARGIN, MARGIN + 8, title, size=14, colour=theme.ink)
    places = _draw_lines(sheet, axis, names)
    for field in opened:
        start, end = max(field.start, axis.start), min(field.end, axis.end)
        xs = sorted((places[field.one], places[field.other]))
        box = Box(xs[0], axis.y(start), xs[1], axis.y(end))
        sheet.boxes([box], colour, alpha=0.13 * theme.tint, z=1)
    things = _draw_held(sheet, axis, places, held, colour, theme.text[technique])
    _draw_crossings(sheet, axis, places, crossings, things, colour)
    bottom = _draw_legend(sheet, axis.bottom + 26, crossings, bool(opened), bool(held), colour, words)
    sheet.cut(bottom + MARGIN)
    told = [f"{one.sender} to {one.receiver}: {one.label or one.kind}." for one in crossings]
    return Picture(sheet.figure, f"{title or 'Space-time diagram'}: {', '.join(names)}", told)


def _draw_lines(sheet: Sheet, axis: TimeAxis, names: Sequence[str]) -> dict[str, float]:
    """Draw the time axis and the parties' lines; return where each stands."""
    pitch = (sheet.width - SCALE - 2 * MARGIN) / len(names)
    places = {name: SCALE + MARGIN + pitch * (number + 0.5) for number, name in enumerate(names)}
    first, last = min(places.values()), max(places.values())
    for at, label in axis.ticks():
        sheet.text(SCALE - 8, axis.y(at), label, size=9, colour=sheet.theme.quiet_text, align="right")
        sheet.lines([((first, axis.y(at)), (last, axis.y(at)))], sheet.theme.hair, 0.8, z=0.5)
    sheet.text(
        SCALE - 8, axis.top - 20, f"time, {axis.unit}", size=9, colour=sheet.theme.quiet_text, align="right"
    )
    for name, x in places.items():
        sheet.text(x, axis.top - 20, name, size=11, colour=sheet.theme.ink, bold=True, align="center")
        sheet.lines([((x, axis.top - 8), (x, axis.bottom + 8))], sheet.theme.ink, 1.2, z=2)
    return places


def _draw_held(
    sheet: Sheet, axis: TimeAxis, places: dict[str, float], held: Sequence[Held], colour: str, words: str
) -> list[Box]:
    """Draw bars left of the line, side by side where they overlap; return where they and their words stand."""
    lanes: list[int] = []  # the end of the newest bar in each
    taken: list[Box] = []
    for one in sorted(held, key=lambda one: one.start):
        lane = next((number for number, end in enumerate(lanes) if end <= one.start), len(lanes))
        lanes[lane : lane + 1] = [one.end]
        x = places[one.party] - 7 - lane * (BAR + 3)
        y, end = axis.y(one.start), max(axis.y(one.end), axis.y(one.start) + 3)
        bar = Box(x - BAR, y, x, end)
        sheet.boxes([bar], colour, alpha=0.75, z=2)
        taken.append(bar)
        if one.lost:
            middle, arm = x - BAR / 2, 4.0
            cross = [
                ((middle - arm, end - arm), (middle + arm, end + arm)),
                ((middle - arm, end + arm), (middle + arm, end - arm)),
            ]
            sheet.lines(cross, sheet.theme.ink, 1.6, z=5)
        if one.label:
            width = sheet.measure(one.label, 9)
            # What is lost: on the side where no answer leaves.
            left = places[one.party] + 8 if one.lost else x - BAR - 6 - width
            middle = end if one.lost else (y + end) / 2
            sheet.text(left, middle, one.label, size=9, colour=words)
            taken.append(Box(left, middle - 5, left + width, middle + 5))
    return taken


def _draw_crossings(
    sheet: Sheet,
    axis: TimeAxis,
    places: dict[str, float],
    crossings: Sequence[Crossing],
    things: Sequence[Box],
    colour: str,
) -> None:
    """Draw the arrows, and beside each its words, where they meet no `things` and as few lines as may be."""
    arrows = [
        Arrow(one.kind, (places[one.sender], axis.y(one.left)), (places[one.receiver], axis.y(one.arrived)))
        for one in crossings
    ]
    lines = [(arrow.start, arrow.tip) for arrow in arrows]
    lines += [((x, axis.top), (x, axis.bottom)) for x in places.values()]
    words: list[Box] = []
    for one, arrow in zip(crossings, arrows, strict=True):
        if one.label:
            box = beside(arrow, sheet.measure(one.label, 9), lines, words, things)
            words.append(box)
            middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
            sheet.text(*middle, one.label, size=9, colour=sheet.theme.ink, align="center")
    draw_arrows(sheet, arrows, colour)


def _draw_legend(
    sheet: Sheet,
    top: float,
    crossings: Sequence[Crossing],
    opened: bool,
    held: bool,
    colour: str,
    words: Mapping[str, str],
) -> float:
    """Say what each sign means; return where it ends."""
    kinds = [kind for kind in LOOKS if kind in {one.kind for one in crossings} and kind in words]
    x, y = MARGIN, top
    signs = [*reversed(kinds), *(["open"] * opened), *(["held"] * held)]
    for sign in signs:
        if x + 34 + sheet.measure(words[sign], 9) > sheet.width - MARGIN:
            x, y = MARGIN, y + LINE
        if sign == "open":
            sheet.boxes([Box(x, y - 5, x + 24, y + 5)], colour, alpha=0.2 * sheet.theme.tint, z=1)
        elif sign == "held":
            sheet.boxes([Box(x + 10, y - 6, x + 10 + BAR, y + 6)], colour, alpha=0.75, z=1)
        else:
            draw_arrows(sheet, [Arrow(sign, (x, y), (x + 24, y))], colour)
        sheet.text(x + 30, y, words[sign], size=9, colour=sheet.theme.quiet_text)
        x += 30 + sheet.measure(words[sign], 9) + 20
    return y + LINE / 2
