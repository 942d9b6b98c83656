"""The frontier: how many requests a polling policy makes against how late it is, beside the curve of fixed intervals.

Both axes are logarithmic, so that equal ratios are equal distances. Below the curve is better than fixed polling:
earlier with the same requests, or as early with fewer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from math import ceil, floor, isfinite, log

from rtlab.errors import BadInput
from rtlab.view.layout import Box, Point
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.style import DARK, LIGHT, PALETTE

Spots = Sequence[tuple[float, float]]  # (requests per event, mean latency in seconds)

WIDTH, HEIGHT = 612.0, 400.0  # of the whole, in points
AREA = Box(62.0, 70.0, WIDTH - 22.0, HEIGHT - 52.0)
SIZE = 9.5
MARKERS = ("o", "s", "^", "D", "v", "P")
RADIUS, STAR = 4.2, 8.5
GAP = 16.0  # between two names of the key
ACROSS, UP = "requests per event", "mean latency, s"
YOURS = "yours"


@dataclass(frozen=True)
class Scale:
    """A logarithmic axis: values from `least` to `most` lie between the places `start` and `end`, in points."""

    least: float
    most: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the place of a value."""
        return self.start + (self.end - self.start) * log(value / self.least) / log(self.most / self.least)

    def ticks(self) -> list[float]:
        """Return 1, 2 and 5 times the powers of ten that lie on the axis."""
        exponents = range(floor(log(self.least, 10)), ceil(log(self.most, 10)) + 1)
        every = [digit * 10.0**exponent for exponent in exponents for digit in (1, 2, 5)]
        return [tick for tick in every if self.least <= tick <= self.most]


def frontier(
    curve: Spots,
    policies: Mapping[str, Spots],
    *,
    yours: Spots = (),
    frame: Spots = (),
    title: str | None = None,
    dark: bool = False,
) -> Picture:
    """Draw fixed polling's `curve`, ascending in requests, and the spots of each policy; `yours` are stars.

    The axes span everything, and `frame`, so that several pictures can have the same axes. Raises BadInput for a
    curve of fewer than two spots, and for a spot that is not above nought.
    """
    everything = [*curve, *yours, *frame, *(spot for spots in policies.values() for spot in spots)]
    if len(curve) < 2:
        raise BadInput("a curve needs two spots or more")
    if not all(isfinite(value) and value > 0 for spot in everything for value in spot):
        raise BadInput("requests per event and latency must be finite numbers above 0")
    sheet = Sheet(WIDTH, DARK if dark else LIGHT)
    sheet.cut(HEIGHT)
    across, up = _scales(everything)

    def places(spots: Spots) -> list[Point]:
        return [(across.at(requests), up.at(latency)) for requests, latency in spots]

    _draw_axes(sheet, across, up)
    _draw_curve(sheet, places(curve))
    marked = dict(zip([name for name in policies if policies[name]], cycle(MARKERS), strict=False))
    for name, marker in marked.items():
        there = places(policies[name])
        sheet.lines(list(pairwise(there)), PALETTE["adaptive"], 1.0, z=3)
        sheet.dots(there, RADIUS, marker=marker, fill=PALETTE["adaptive"], edge=sheet.theme.paper)
    sheet.dots(places(yours), STAR, marker="*", fill=PALETTE["sse"], edge=sheet.theme.paper)
    _draw_key(sheet, marked, bool(yours))
    if title:
        sheet.text(14, 24, title, size=14, colour=sheet.theme.ink)
    names = ["fixed", *marked, *([YOURS] if yours else [])]
    return Picture(
        sheet.figure, f"{title or 'The frontier'}: {', '.join(names)}", _sentences(curve, policies, yours)
    )


def _scales(spots: Spots) -> tuple[Scale, Scale]:
    """Return the two axes, a little longer than the spots need."""
    requests, latencies = [spot[0] for spot in spots], [spot[1] for spot in spots]
    return (
        Scale(min(requests) / 1.12, max(requests) * 1.12, AREA.left, AREA.right),
        Scale(min(latencies) / 1.25, max(latencies) * 1.15, AREA.bottom, AREA.top),
    )


def _draw_axes(sheet: Sheet, across: Scale, up: Scale) -> None:
    """Draw hair lines with their numbers, and say what they count."""
    quiet = sheet.theme.quiet_text
    for tick in across.ticks():
        x = across.at(tick)
        sheet.lines([((x, AREA.top), (x, AREA.bottom))], sheet.theme.hair, 0.8, z=1)
        sheet.text(x, AREA.bottom + 13, f"{tick:g}", size=9, colour=quiet, align="center")
    for tick in up.ticks():
        y = up.at(tick)
        sheet.lines([((AREA.left, y), (AREA.right, y))], sheet.theme.hair, 0.8, z=1)
        sheet.text(AREA.left - 8, y, f"{tick:g}", size=9, colour=quiet, align="right")
    sheet.text(14, AREA.top - 18, UP, size=SIZE, colour=quiet)
    sheet.text(AREA.right, HEIGHT - 14, ACROSS, size=SIZE, colour=quiet, align="right")


def _draw_curve(sheet: Sheet, curve: Sequence[Point]) -> None:
    """Draw fixed polling, tint what lies below it, and say what below and above mean."""
    theme, colour = sheet.theme, PALETTE["short"]
    (left, _), (right, _) = curve[0], curve[-1]
    below = [*curve, (right, AREA.bottom), (left, AREA.bottom)]
    sheet.shapes([below], PALETTE["long"], alpha=0.07 * theme.tint, clip=AREA, z=0.5)
    sheet.lines(list(pairwise(curve)), colour, 2.2, clip=AREA, z=3)
    sheet.text(
        AREA.left + 10, AREA.bottom - 14, "below: better than fixed", size=SIZE, colour=theme.text["long"]
    )
    sheet.text(
        AREA.right - 8,
        AREA.top + 12,
        "above: worse than fixed",
        size=SIZE,
        colour=theme.quiet_text,
        align="right",
    )


def _draw_key(sheet: Sheet, marked: Mapping[str, str], yours: bool) -> None:
    """Say above the plot, from right to left, whose each marker is."""
    y, x = AREA.top - 18, AREA.right
    if yours:
        x = _key(sheet, x, y, YOURS, sheet.theme.text["sse"])
        sheet.dots([(x, y)], STAR * 0.75, marker="*", fill=PALETTE["sse"], edge=sheet.theme.paper)
        x -= GAP
    for name, marker in reversed(list(marked.items())):
        x = _key(sheet, x, y, name, sheet.theme.text["adaptive"])
        sheet.dots([(x, y)], RADIUS, marker=marker, fill=PALETTE["adaptive"], edge=sheet.theme.paper)
        x -= GAP
    x = _key(sheet, x, y, "fixed", sheet.theme.text["short"])
    sheet.lines([((x - 13, y), (x + 4, y))], PALETTE["short"], 2.2)


def _key(sheet: Sheet, right: float, y: float, name: str, colour: str) -> float:
    """Write a name that ends at `right`; return where its marker goes."""
    sheet.text(right, y, name, size=SIZE, colour=colour, align="right")
    return right - sheet.measure(name, SIZE) - 9


def _sentences(curve: Spots, policies: Mapping[str, Spots], yours: Spots) -> list[str]:
    """Say where everything stands."""

    def told(spots: Spots) -> str:
        return ", ".join(f"{latency:.3g} s at {requests:.3g}" for requests, latency in spots)

    said = [f"A chart of {UP}, over {ACROSS}, both on logarithmic scales."]
    said.append(f"Fixed intervals are a curve from {told(curve[:1])} to {told(curve[-1:])}.")
    said += [f"{name[:1].upper()}{name[1:]}: {told(spots)}." for name, spots in policies.items() if spots]
    return [*said, f"Yours: {told(yours)}."] if yours else said
