"""The missed windows as a still picture: what the draggable one shows, for a page that has no kernel."""

from __future__ import annotations

from rtlab.teach.lesson_04.windows import Scene
from rtlab.view.arrows import Arrow, draw_arrows
from rtlab.view.layout import Box, TimeAxis, columns
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.style import LIGHT, PALETTE

WIDTH, TOP, HEIGHT = 612.0, 70.0, 400.0  # points; HEIGHT is the time axis'
CLIENT, SERVER = 150.0, 390.0  # the two lines
BAR = 9.0  # from one waiting bar to the next
FIELD = 12.0  # the width of holds and windows
MISSED = "#c8102e"  # beside the word "missed", so that it need not be told by its colour
LONG = PALETTE["long"]


def picture(scene: Scene, title: str = "Long polling, and where it is not listening") -> Picture:
    """Draw a scene: time downwards, the client left, the server right, each event with its latency."""
    sheet = Sheet(WIDTH, LIGHT)
    sheet.cut(TOP + HEIGHT + 62)
    axis = TimeAxis(0, round(scene.end * 1e9), TOP, TOP + HEIGHT)
    ink, grey = sheet.theme.ink, sheet.theme.quiet_text
    sheet.text(14, 24, title, size=14, colour=ink)
    sheet.text(CLIENT, TOP - 16, "client", size=9, colour=ink, align="center")
    sheet.text(SERVER, TOP - 16, "server", size=9, colour=ink, align="center")
    sheet.text(SERVER + 34, TOP - 16, "event: latency", size=9, colour=grey)
    sheet.text(
        58, TOP - 16, "time, ms" if axis.unit == "ms" else "time, s", size=9, colour=grey, align="right"
    )
    for at, label in axis.ticks():
        sheet.text(58, axis.y(at), label, size=9, colour=grey, align="right")
        sheet.lines([((CLIENT, axis.y(at)), (SERVER, axis.y(at)))], sheet.theme.hair, 0.8, z=0.5)
    _draw_server(sheet, axis, scene)
    _draw_waits(sheet, axis, scene)
    sheet.lines([((x, TOP), (x, TOP + HEIGHT)) for x in (CLIENT, SERVER)], ink, 1.6, z=2.5)
    clip = Box(0, TOP, WIDTH, TOP + HEIGHT)
    arrows = [
        Arrow(
            "carries" if carries else "asks",
            (CLIENT if up else SERVER, axis.y(round(left * 1e9))),
            (SERVER if up else CLIENT, axis.y(round(arrived * 1e9))),
        )
        for carries, up, left, arrived in scene.arrows
    ]
    draw_arrows(sheet, arrows, LONG, clip=clip)
    _draw_events(sheet, axis, scene)
    _draw_key(sheet, TOP + HEIGHT + 20, scene)
    return Picture(sheet.figure, f"{title}: {scene.words()}", [f"{title}.", scene.words()])


def _draw_server(sheet: Sheet, axis: TimeAxis, scene: Scene) -> None:
    """Draw beside the server when a request is held, and when none is there."""

    def field(start: float, end: float) -> Box:
        top, bottom = axis.y(round(start * 1e9)), axis.y(round(end * 1e9))
        return Box(
            SERVER + 1, min(max(top, TOP), TOP + HEIGHT), SERVER + 1 + FIELD, min(bottom, TOP + HEIGHT)
        )

    sheet.boxes([field(*hold) for hold in scene.holds], LONG, alpha=0.5)
    quiet = [field(window.start, window.end) for window in scene.windows if not window.missed]
    sheet.boxes(quiet, sheet.theme.faint, alpha=0.6)
    missed = [field(window.start, window.end) for window in scene.windows if window.missed]
    sheet.boxes(missed, MISSED, alpha=0.85)


def _draw_waits(sheet: Sheet, axis: TimeAxis, scene: Scene) -> None:
    """Draw beside the client what it does not know yet: each bar is as long as its latency."""
    pairs = sorted(zip(scene.events, scene.latencies, strict=True))
    spans = [(axis.y(round(at * 1e9)), axis.y(round((at + late) * 1e9))) for at, late in pairs]
    for (top, bottom), column in zip(spans, columns(spans), strict=True):
        right = CLIENT - 4 - BAR * column
        sheet.boxes([Box(right - 0.7 * BAR, top, right, bottom)], LONG, alpha=0.4)


def _draw_events(sheet: Sheet, axis: TimeAxis, scene: Scene) -> None:
    """Draw the events on the server's line, and write what became of each."""
    last = 0.0
    for at, late in sorted(zip(scene.events, scene.latencies, strict=True)):
        y = axis.y(round(at * 1e9))
        last = max(y, last + 13)  # labels keep apart
        missed = late > scene.delay + 1e-9
        transits = f" = {late / scene.delay:.1f} d" if scene.delay else ""
        words = f"{1e3 * late:.0f} ms{transits}{', missed' if missed else ''}"
        colour = MISSED if missed else sheet.theme.text["long"]
        sheet.dots([(SERVER, y)], 5, fill=sheet.theme.ink, edge=sheet.theme.ink)
        sheet.text(SERVER + 34, last, words, size=9.5, colour=colour, bold=missed)


def _draw_key(sheet: Sheet, y: float, scene: Scene) -> None:
    """Say what the fields are, and what came out."""
    x = 14.0
    entries = (
        (LONG, 0.5, "held"),
        (sheet.theme.faint, 0.6, "nobody asks: 2d"),
        (MISSED, 0.85, "and an event fell in"),
    )
    for colour, alpha, words in entries:
        sheet.boxes([Box(x, y - 5, x + 10, y + 5)], colour, alpha=alpha)
        sheet.text(x + 16, y, words, size=9, colour=sheet.theme.quiet_text)
        x += 34 + sheet.measure(words, 9)
    sheet.text(14, y + 22, scene.words(), size=9.5, colour=sheet.theme.ink)
