"""Two pictures over time: requests in each slot, and what the two ends of a connection say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rtlab.errors import BadInput
from rtlab.teach.lesson_10.ends import Span
from rtlab.view.layout import Box
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.style import DARK, LIGHT, PALETTE

WIDTH, LEFT, RIGHT = 640.0, 132.0, 616.0  # points
TOP, DOTS, BAR = 52.0, 24.0, 18.0


def counted(times: Iterable[float], slot: float = 0.010) -> Counter[int]:
    """How many of `times` (seconds) fall into each slot."""
    return Counter(int(at / slot + 1e-9) for at in times if at >= 0)


def arrivals(
    rows: Mapping[str, Sequence[float]],
    *,
    title: str,
    until: float,
    slot: float = 0.010,
    away: float | None = None,
    dark: bool = False,
) -> Picture:
    """Draw how many requests come in each slot, a row for each name; `away`: the server is, until then.

    Each row has a scale of its own, said on the row: what a herd does is seen beside one that does the tenth of it.
    """
    if not rows or not any(len(times) for times in rows.values()):
        raise BadInput("there is nothing to draw: give at least one row of times")
    theme = DARK if dark else LIGHT
    tall, pitch = 62.0, 92.0
    counts = {name: counted((at for at in times if at <= until), slot) for name, times in rows.items()}
    sheet = Sheet(WIDTH, theme)
    bottom = TOP + pitch * len(rows)
    sheet.cut(bottom + 30)
    sheet.text(14, 22, title, size=14, colour=theme.ink)

    def x(at: float) -> float:
        return LEFT + (RIGHT - LEFT) * at / until

    if away is not None:
        sheet.boxes([Box(LEFT, TOP - 6, x(away), bottom - 8)], theme.ink, alpha=0.07 * theme.tint, z=0)
        # Beside the field, which may be narrower than its words.
        said = "← nobody answers · the server is back →"
        sheet.text(x(away) + 4, TOP + 2, said, size=9, colour=theme.quiet_text)
    told = []
    for number, (name, each) in enumerate(counts.items()):
        base = TOP + pitch * (number + 1) - 12
        place, peak = max(each.items(), key=lambda item: item[1], default=(0, 1))
        sheet.lines([((LEFT, base), (RIGHT, base))], theme.quiet, 0.8)
        wide = max(1.2, x(slot) - x(0) - 0.3)
        bars = [
            Box(x(at * slot), base - tall * many / peak, x(at * slot) + wide, base)
            for at, many in each.items()
        ]
        sheet.boxes(bars, theme.ink, alpha=0.8)
        sheet.text(14, base - tall / 2 - 6, name, size=10, colour=theme.ink)
        sheet.text(
            14,
            base - tall / 2 + 8,
            f"top: {peak:,} in {1000 * slot:g} ms",
            size=9,
            colour=theme.quiet_text,
        )
        told.append(f"{name}: at most {peak} requests in {1000 * slot:g} ms, at {place * slot:.2f} s.")
    _seconds(sheet, bottom, until, x(0), x(until), "time since the cut, s")
    return Picture(sheet.figure, f"{title}: {', '.join(rows)}", told)


def _seconds(sheet: Sheet, y: float, until: float, left: float, right: float, label: str) -> None:
    step = next(step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 300, 3600) if until / step <= 9)
    for tick in range(int(until / step + 1e-9) + 1):
        at = left + (right - left) * tick * step / until
        sheet.text(at, y + 2, f"{tick * step:g}", size=9, colour=sheet.theme.quiet_text, align="center")
    sheet.text(right, y + 18, label, size=9, colour=sheet.theme.quiet_text, align="right")


def two_ends(
    client: Sequence[Span],
    server: Sequence[Span],
    *,
    silent: int,
    published: Sequence[int],
    arrived: Sequence[int],
    title: str,
    dark: bool = False,
) -> Picture:
    """Draw what each end says of its connections, what was published, and what arrived. All in monotonic ns.

    `silent`: from when on the first connection passes nothing.
    """
    theme = DARK if dark else LIGHT
    if not [*client, *server]:
        raise BadInput("there is nothing to draw: no end ever said that it was open")
    moments = [at for span in (*client, *server) for at in (span.start, span.end)]
    line = Line(min([*moments, *published]), max([*moments, *published, *arrived]))
    sheet = Sheet(WIDTH, theme)
    sheet.text(14, 22, title, size=14, colour=theme.ink)
    bottom = TOP
    for name, spans in (("client says", client), ("server says", server)):
        bottom = TOP + DOTS if bottom == TOP else bottom
        _draw_spans(sheet, line, name, spans, bottom)
        bottom += BAR * max(1, len(spans)) + 10
    for name, y, times in (("published", TOP, published), ("arrived", bottom, arrived)):
        sheet.text(14, y + 8, name, size=10, colour=theme.ink)
        sheet.dots([(line.x(at), y + 8) for at in times], 3.4, fill=theme.ink, edge=theme.paper)
    bottom += DOTS + 4
    sheet.cut(bottom + 44)
    _draw_silence(sheet, line.x(silent), bottom)
    _seconds(sheet, bottom + 10, (line.end - line.begin) / 1e9, LEFT, RIGHT, "time, s")
    told = [
        f"The client closed {sum(span.ended for span in client)} connections, "
        f"the server {sum(span.ended for span in server)}.",
        f"{len(published)} events were published, {len(arrived)} arrived.",
    ]
    return Picture(sheet.figure, title, told)


@dataclass(frozen=True)
class Line:
    """Maps monotonic ns to points from left to right."""

    begin: int
    end: int

    def x(self, at: int) -> float:
        """Where a moment is."""
        return LEFT + (RIGHT - LEFT) * (at - self.begin) / (self.end - self.begin)


def _draw_spans(sheet: Sheet, line: Line, name: str, spans: Sequence[Span], top: float) -> None:
    """Draw a bar for each connection that an end had."""
    ink = sheet.theme.ink
    sheet.text(14, top + BAR * len(spans) / 2 - 3, name, size=10, colour=ink)
    for number, span in enumerate(spans):
        y, start, end = top + BAR * number, line.x(span.start), line.x(span.end)
        sheet.boxes([Box(start, y, end, y + 12)], PALETTE["websocket"], alpha=0.95)
        words = f"open ({number + 1})"
        if sheet.measure(words, 9) + 8 < end - start:
            sheet.text(start + 5, y + 6.5, words, size=9, colour=LIGHT.ink)  # on the bar, on any ground
        if span.ended:
            sheet.lines([((end, y - 2), (end, y + 14))], ink, 1.6, z=5)
            if end + 5 + sheet.measure("closed", 9) < RIGHT:
                sheet.text(end + 5, y + 6.5, "closed", size=9, colour=ink)


def _draw_silence(sheet: Sheet, x: float, bottom: float) -> None:
    """Shade the time in which the first connection is dead."""
    theme, words = sheet.theme, "from here on the first connection passes nothing"
    sheet.boxes([Box(x, TOP - 8, RIGHT, bottom)], theme.ink, alpha=0.06 * theme.tint, z=0)
    sheet.lines([((x, TOP - 8), (x, bottom))], theme.quiet_text, 1.0, (3, 3))
    sheet.text(x + 4, TOP - 14, words, size=9, colour=theme.quiet_text)
