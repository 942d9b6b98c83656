"""One lane of the space-time diagram, drawn: two lines, and all that lies between and beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rtlab.view.arrows import Arrow, draw_arrows
from rtlab.view.layout import Box, Point, TimeAxis, clusters, columns, shorten, together
from rtlab.view.sheet import Sheet
from rtlab.view.strokes import Hold, Lane, Stream, Stroke, Wait, holds, streams, strokes, waits
from rtlab.view.style import PALETTE

SIZE = 9.0  # of all words in a lane, in points
BEYOND = 6.0  # how far the lines of client and server reach beyond the time axis
BAR = 8.0  # from one bar to the next, where there is room
NOTICEABLE = 3.0  # a request that is with the server for fewer points than this is not drawn as held
ROOMY = 170.0  # between the two lines, from which on every arrow is labelled
MANY = 24  # arrows, from which on they are not


@dataclass(frozen=True)
class Place:
    """Where a lane is: its edges and its two lines (points from the left), and the time axis."""

    left: float
    client: float
    server: float
    right: float
    axis: TimeAxis

    @property
    def clip(self) -> Box:
        """Everything that belongs to a moment is drawn inside."""
        return Box(self.left, self.axis.top - BEYOND, self.right, self.axis.bottom + BEYOND)

    def ends(self, stroke: Stroke) -> tuple[Point, Point]:
        """Return the two ends of an arrow."""
        start, tip = (self.client, self.server) if stroke.up else (self.server, self.client)
        return (start, self.axis.y(stroke.left)), (tip, self.axis.y(stroke.arrived))


def draw_lane(sheet: Sheet, place: Place, lane: Lane, appends: Mapping[str, int]) -> set[str]:
    """Draw what `lane` did while its events were appended; return the signs that a legend must explain."""
    axis, colour, tint = place.axis, PALETTE[lane.technique], sheet.theme.tint
    drawn = [stroke for stroke in strokes(lane.messages) if inside(axis, stroke.left, stroke.arrived)]
    opened = [stream for stream in streams(lane.messages) if stream.left <= axis.end]
    events = {event: at for event, at in appends.items() if inside(axis, at, at)}
    signs = {stroke.kind for stroke in drawn}
    signs |= {sign for sign in ("gap", "cut") if any(getattr(stroke, sign) for stroke in drawn)}
    if events:
        signs.add("event")
    if opened:
        signs.add("stream")
        sheet.shapes(
            [_field(place, stream) for stream in opened], colour, alpha=0.09 * tint, clip=place.clip, z=1
        )
    held, taken = _held(place, holds(lane.messages))
    if held:
        signs.add("hold")
        sheet.boxes(held, colour, alpha=0.5 * tint, clip=place.clip)
    if _draw_waits(sheet, place, waits(lane.messages, appends), colour):
        signs.add("wait")
    top, bottom = axis.top - BEYOND, axis.bottom + BEYOND
    sheet.lines([((x, top), (x, bottom)) for x in (place.client, place.server)], sheet.theme.ink, 1.6, z=2.5)
    arrows = [Arrow(stroke.kind, *place.ends(stroke), stroke.cut) for stroke in drawn]
    draw_arrows(sheet, arrows, colour, scale=_finer(axis, len(arrows)), clip=place.clip)
    gaps = [(place.client, axis.y(stroke.arrived)) for stroke in drawn if stroke.gap]
    if gaps:
        sheet.dots(gaps, 3.8, marker="D", fill=sheet.theme.paper, edge=sheet.theme.ink)
    _draw_events(sheet, place, _labelled(lane, appends, events), taken)
    if not lane.messages:
        middle, y = (place.client + place.server) / 2, (axis.top + axis.bottom) / 2
        sheet.text(middle, y, "nothing recorded", size=SIZE, colour=sheet.theme.quiet_text, align="center")
    _draw_words(sheet, place, drawn, {(stream.left, stream.arrived) for stream in opened})
    return signs


def inside(axis: TimeAxis, start: int, end: int) -> bool:
    """Tell whether anything between two moments is in the picture."""
    return end >= axis.start and start <= axis.end


def _finer(axis: TimeAxis, number: int) -> float:
    """Return how much finer arrows and dots are drawn when `number` of them share the axis."""
    return min(1.0, max(0.5, (axis.bottom - axis.top) / (9.0 * max(1, number))))


def _field(place: Place, stream: Stream) -> list[Point]:
    """Return the outline of an open stream: slanted where it opens and where it ends, as news travels."""
    y, beyond = place.axis.y, place.axis.bottom + BEYOND
    server_end = beyond if stream.server_end is None else y(stream.server_end)
    client_end = beyond if stream.client_end is None else y(stream.client_end)
    return [
        (place.server, y(stream.left)),
        (place.server, server_end),
        (place.client, client_end),
        (place.client, y(stream.arrived)),
    ]


def _held(place: Place, found: Iterable[Hold]) -> tuple[list[Box], float]:
    """Return the bars of held requests beside the server, and how far they reach to its right."""
    axis, beyond = place.axis, place.axis.bottom + BEYOND
    spans = [(axis.y(hold.start), beyond if hold.end is None else axis.y(hold.end)) for hold in found]
    spans = [
        (start, end)
        for start, end in spans
        if end - start >= NOTICEABLE and end > axis.top and start < axis.bottom
    ]
    chosen = columns(spans)
    pitch = min(7.0, 0.5 * (place.right - place.server) / (max(chosen, default=0) + 1))
    boxes = []
    for (start, end), column in zip(spans, chosen, strict=True):
        left = place.server + 0.8 + column * pitch
        boxes.append(Box(left, start, left + 0.8 * pitch, end))
    return boxes, max((box.right for box in boxes), default=place.server) - place.server


def _draw_waits(sheet: Sheet, place: Place, found: Iterable[Wait], colour: str) -> bool:
    """Draw beside the client what it did not know, longer bars for longer waits, paler ones without an end."""
    axis, beyond = place.axis, place.axis.bottom + BEYOND
    shown = [wait for wait in found if inside(axis, wait.start, axis.end if wait.end is None else wait.end)]
    spans = [(axis.y(wait.start), beyond if wait.end is None else axis.y(wait.end)) for wait in shown]
    chosen = columns(spans)
    pitch = min(BAR, (place.client - place.left - 4) / (max(chosen, default=0) + 1))
    known: list[Box] = []
    unknown: list[Box] = []
    for wait, (start, end), column in zip(shown, spans, chosen, strict=True):
        right = place.client - 4 - column * pitch
        bar = Box(right - 0.72 * pitch, start, right, max(end, start + 1))
        (unknown if wait.end is None else known).append(bar)
    sheet.boxes(known, colour, alpha=0.42 * sheet.theme.tint, clip=place.clip)
    sheet.boxes(unknown, colour, alpha=0.18 * sheet.theme.tint, clip=place.clip)
    return bool(shown)


def _labelled(lane: Lane, appends: Mapping[str, int], seen: Mapping[str, int]) -> list[tuple[int, str]]:
    """Return the events in the picture as `(ns, label)`: the lane's own labels, or numbers in order."""
    numbers = {event: str(number) for number, event in enumerate(sorted(appends, key=appends.__getitem__), 1)}
    labels = numbers if lane.events is None else lane.events
    return [(at, labels[event]) for event, at in seen.items()]


def _draw_events(sheet: Sheet, place: Place, events: Sequence[tuple[int, str]], taken: float) -> None:
    """Draw the events on the server's line, and their labels to the right of whatever is held there."""
    if not events:
        return
    axis, ink = place.axis, sheet.theme.ink
    points = [(place.server, axis.y(at)) for at, _ in events]
    sheet.dots(points, 4.2 * _finer(axis, len(points)), fill=ink, edge=ink)
    x = place.server + max(taken, 4.0) + 5
    marks = [(axis.y(at), label) for at, label in events if label]
    for y, labels in clusters(marks, gap=SIZE + 2):
        choices = [together(labels), f"{labels[0]}…", labels[0]]
        fitting = [words for words in choices if sheet.measure(words, SIZE) <= place.right - x]
        words = (
            fitting[0]
            if fitting
            else shorten(labels[0], place.right - x, lambda text: sheet.measure(text, SIZE))
        )
        sheet.text(x, y, words, size=SIZE, colour=ink)


def _draw_words(sheet: Sheet, place: Place, drawn: Sequence[Stroke], opened: set[tuple[int, int]]) -> None:
    """Write beside the arrows what they say, as far as there is free room: what opens and what fails first."""
    width = place.server - place.client
    every = width >= ROOMY and len(drawn) <= MANY
    ends = [place.ends(stroke) for stroke in drawn]
    placed: list[Box] = []
    wanted: list[tuple[bool, Stroke, str]] = []
    for stroke in drawn:
        opens = (stroke.left, stroke.arrived) in opened and stroke.label in ("101", "200")
        words = _word(stroke, opens)
        wanted.append((not words, stroke, words or (stroke.label if every else "")))
    for _, stroke, words in sorted(wanted, key=lambda want: want[0]):
        words = shorten(words, width - 16, lambda text: sheet.measure(text, SIZE))
        for box in _spots(place, stroke, sheet.measure(words, SIZE)) if words else ():
            if any(box.meets(other) for other in placed) or any(box.crosses(*line) for line in ends):
                continue
            placed.append(box)
            middle = (box.top + box.bottom) / 2
            sheet.text(box.left, middle, words, size=SIZE, colour=sheet.theme.quiet_text)
            break


def _word(stroke: Stroke, opens: bool) -> str:
    """Return what is worth saying even in a narrow lane: what opens, what fails."""
    if stroke.gap:
        return "gap"
    if stroke.cut:
        return "cut"
    if opens:
        return f"{stroke.label}, open"
    return stroke.label if stroke.kind == "answers" and stroke.label[:1] in ("4", "5") else ""


def _spots(place: Place, stroke: Stroke, width: float) -> Iterable[Box]:
    """Yield where words of this width could stand: above an arrow, from its start on, or below, from its
    tip back.

    Arrows fall, so that what stands ahead of a point and above it, or behind it and below, is clear of the
    arrow.
    """
    (start_x, start_y), (tip_x, tip_y) = place.ends(stroke)
    height = SIZE + 2
    for share, above in ((0.0, True), (1.0, False), (0.25, True), (0.75, False), (0.5, True), (0.5, False)):
        x, y = start_x + (tip_x - start_x) * share, start_y + (tip_y - start_y) * share
        left = x + 8 if stroke.up == above else x - 8 - width
        top = y - height - 1 if above else y + 1
        box = Box(left, top, left + width, top + height)
        if (
            place.client < box.left
            and box.right < place.server
            and place.clip.top <= top <= place.clip.bottom - height
        ):
            yield box
