"""Where things go: the time axis, bars side by side, labels that meet nothing. Arithmetic only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

Point = tuple[float, float]


@dataclass(frozen=True)
class TimeAxis:
    """Maps ns between `start` and `end` to points between `top` and `bottom`, time downwards."""

    start: int
    end: int
    top: float
    bottom: float

    def y(self, at: int) -> float:
        """Return the height of a moment, in points from the figure's top; it may lie outside the axis."""
        return self.top + (at - self.start) / (self.end - self.start) * (self.bottom - self.top)

    @property
    def unit(self) -> str:
        """The unit of the axis: s, or ms for less than two seconds."""
        return "s" if self.end - self.start >= 2_000_000_000 else "ms"

    def ticks(self, most: int = 9) -> list[tuple[int, str]]:
        """Return at most `most` round moments `(ns, label)`, counted from the axis' start."""
        scale = 1e9 if self.unit == "s" else 1e6
        span = (self.end - self.start) / scale
        step = round_step(span / (most - 1))
        decimals = max(0, -floor(log10(step) + 1e-9))
        times = [step * number for number in range(floor(span / step + 1e-9) + 1)]
        return [(self.start + round(time * scale), f"{time:.{decimals}f}") for time in times]


def round_step(least: float) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, 50 … (or 0.5, 0.2, …) that is not below `least` > 0."""
    power = 10.0 ** floor(log10(least) + 1e-9)
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= least * (1 - 1e-9))


def window(
    moves: Iterable[tuple[int, int]], appends: Iterable[int], since: int | None, until: int | None
) -> tuple[int, int]:
    """Choose the span of the time axis, in ns: what was asked for, else everything that moved.

    Appends long before or after all movement would press it into a corner: they widen the span by a quarter
    at most.
    """
    ends = [at for move in moves for at in move]
    first, last = min(ends, default=None), max(ends, default=None)
    points = sorted(appends)
    if first is None or last is None:
        first, last = (points[0], points[-1]) if points else (since or 0, until or since or 0)
    spare = ceil((last - first) / 4)
    start = since if since is not None else max(first - spare, min([first, *points]))
    end = until if until is not None else min(last + spare, max([last, *points]))
    return start, max(end, start + 1_000_000)


def columns(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Give each bar, in the order of their starts, the first column where it overlaps no earlier one."""
    ends: list[float] = []
    chosen = []
    for start, end in spans:
        column = next((index for index, taken in enumerate(ends) if taken <= start), len(ends))
        ends[column : column + 1] = [end]
        chosen.append(column)
    return chosen


def clusters(marks: Iterable[tuple[float, str]], gap: float) -> list[tuple[float, list[str]]]:
    """Gather the labels of marks that stand closer than `gap`: `(mean height, their labels)`."""
    found: list[list[tuple[float, str]]] = []
    for mark in sorted(marks):
        if found and mark[0] - _mean(found[-1]) < gap:
            found[-1].append(mark)
        else:
            found.append([mark])
    return [(_mean(group), [label for _, label in group]) for group in found]


def _mean(group: Sequence[tuple[float, str]]) -> float:
    return sum(y for y, _ in group) / len(group)


def spread(heights: Sequence[float], gap: float, top: float, bottom: float) -> list[float]:
    """Move ascending heights so that they are `gap` apart, as little as needed, and between `top` and `bottom`."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + gap) if placed else max(height, top))
    floor_ = bottom
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], floor_)
        floor_ = placed[index] - gap
    return placed


def together(labels: Sequence[str]) -> str:
    """Say several labels in one: `3`, `3–7` for numbers, `goal +2` for words."""
    if len(labels) == 1:
        return labels[0]
    if all(label.isdecimal() for label in labels):
        return f"{labels[0]}–{labels[-1]}"
    return f"{labels[0]} +{len(labels) - 1}"


def shorten(text: str, width: float, measure: Callable[[str], float]) -> str:
    """Cut `text` with an ellipsis so that `measure(text)` is at most `width`; empty if too little is left."""
    if measure(text) <= width:
        return text
    while text and measure(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…" if len(text) > 2 else ""


@dataclass(frozen=True)
class Box:
    """A rectangle in points, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """The four corners, around."""
        left, top, right, bottom = self.left, self.top, self.right, self.bottom
        return (left, top), (right, top), (right, bottom), (left, bottom)

    def meets(self, other: Box) -> bool:
        """Tell whether the two rectangles share any area."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)

    def crosses(self, start: Point, end: Point) -> bool:
        """Tell whether the line from `start` to `end` runs through the rectangle (Liang and Barsky)."""
        low, high = 0.0, 1.0
        for at, to, least, most in zip(
            start, end, (self.left, self.top), (self.right, self.bottom), strict=True
        ):
            along = to - at
            if along == 0:
                if not least < at < most:
                    return False
                continue
            enter, leave = sorted(((least - at) / along, (most - at) / along))
            low, high = max(low, enter), min(high, leave)
        return low < high
