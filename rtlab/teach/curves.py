"""A curve that is predicted: points that a student writes down, and the measured curve drawn over them."""

import base64
import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, TypeAlias

from rtlab.teach.card import Block, Card, Table, Words
from rtlab.teach.fields import bundle, form
from rtlab.teach.figures import difference, figure, number_in, within_two

Points: TypeAlias = Mapping[float, float] | Sequence[tuple[float, float]]

ACCENT = "#0072B2"
INK = "#78818b"  # to be read on light and on dark ground: an image does not know its page's colours
_WIDE, _HIGH, _LEFT, _TOP = 380, 150, 12, 14  # px of the picture's frame, and the margins around it


class Curve:
    """A curve that was predicted. Displays itself as its points, or as a field for each place."""

    def __init__(self, label: str, unit: str, x: str, at: Sequence[float] = ()) -> None:
        self.label, self.unit, self.x = label, unit, x
        self.places = tuple(float(place) for place in at)
        self.points: dict[float, float] = {}
        self.result: dict[float, float] = {}
        self.asks = False  # whether the display is a form

    def say(self, points: Points) -> None:
        """Predict points; what was measured for earlier ones is forgotten. Raises ValueError when there are none."""
        self.points, self.result = _sorted(points), {}
        self.places = tuple(self.points)

    def measured(self, points: Points, theory: Points | None = None) -> Card:
        """Draw what was predicted, theory's line and the measured points; compare at the predicted places."""
        self.result = _sorted(points)
        line = {} if theory is None else _sorted(theory)
        table = Table(
            (
                self.x or "at",
                "you said",
                *(["theory"] if line else []),
                f"measured, {self.unit}".rstrip(", "),
                "",
            ),
            tuple(self._row(place, line) for place in self.places or tuple(self.result)),
        )
        blocks: list[Block] = [Picture(self._picture(line)), table, Words(self._sentence())]
        return Card(self.label, tuple(blocks), ACCENT)

    def row(self) -> tuple[str, str, str, str]:
        """Return the line of the summary."""
        said = f"{', '.join(map(figure, self.points.values()))} {self.unit}" if self.points else "nothing yet"
        was = [_at(self.result, place) for place in self.points]
        read = ", ".join("–" if y is None else figure(y) for y in was) if self.result else "not measured"
        return self.label, said.strip(), read, self._worst_words()

    def hit(self) -> bool | None:
        """Tell whether every point was within a factor of two; None while that cannot be said."""
        pairs = self._pairs()
        return all(within_two(said, was) for _, said, was in pairs) if pairs else None

    def __repr__(self) -> str:
        return repr(self._card())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        names = {place: f"{self.unit} at {figure(place, self.x)}" for place in self.places}
        return bundle(self._card(), form(self.label, names, self.points, self._write) if self.asks else None)

    def _write(self, place: float, text: str) -> str:
        number = number_in(text, self.unit)
        if number is None:
            return "a plain number, please, such as 12, 0.5 or 1/3"
        self.points[place], self.result = number, {}
        return f"noted: {figure(number, self.unit)} at {figure(place, self.x)}"

    def _card(self) -> Card:
        said = "; ".join(
            f"{figure(y, self.unit)} at {figure(x, self.x)}" for x, y in sorted(self.points.items())
        )
        return Card(f"Prediction: {self.label}", (Words(f"You say: {said or 'nothing yet'}."),), ACCENT)

    def _row(self, place: float, line: dict[float, float]) -> tuple[str, ...]:
        said, was, theory = self.points.get(place), _at(self.result, place), _at(line, place)
        off = "" if said is None or was is None else difference(said, was, self.unit)
        cells = [said, theory, was] if line else [said, was]
        return (figure(place), *("–" if cell is None else figure(cell) for cell in cells), off)

    def _pairs(self) -> list[tuple[float, float, float]]:
        pairs = ((place, said, _at(self.result, place)) for place, said in self.points.items())
        return [(place, said, was) for place, said, was in pairs if was is not None]

    def _worst_words(self) -> str:
        """Say where the prediction was furthest off, and how far."""
        pairs = self._pairs()
        if not pairs:
            return ""
        place, said, was = max(pairs, key=lambda pair: _apart(pair[1], pair[2]))
        return f"{difference(said, was, self.unit)} at {figure(place, self.x)}"

    def _sentence(self) -> str:
        pairs = self._pairs()
        if not pairs:
            return "You said nothing before the run."
        drawn = _shape([said for _, said, _ in pairs])
        real = _shape([was for _, _, was in pairs])
        shape = (
            f"Your curve {drawn}, and so does the measured one."
            if drawn == real
            else (f"Your curve {drawn}, the measured one {real}.")
        )
        return f"{shape if len(pairs) > 1 else ''} Furthest off: {self._worst_words()}.".strip()

    def _picture(self, line: dict[float, float]) -> str:
        """Draw the three as SVG: the prediction dashed with rings, theory a line, the measurement dots."""
        curves = (self.points, line, self.result)
        xs = [x for curve in curves for x in curve]
        high = max([y for curve in curves for y in curve.values()] + [0.0])
        low = min([y for curve in curves for y in curve.values()] + [0.0])
        spread = math.log10 if min(xs) > 0 and max(xs) >= 20 * min(xs) else float
        left, wide = spread(min(xs)), (spread(max(xs)) - spread(min(xs))) or 1.0

        def place(x: float, y: float) -> tuple[str, str]:
            across = _LEFT + _WIDE * (spread(x) - left) / wide
            return f"{across:.1f}", f"{_TOP + _HIGH * (high - y) / ((high - low) or 1.0):.1f}"

        said, theory, was = ([place(x, y) for x, y in sorted(curve.items())] for curve in curves)
        parts = [
            _path([place(min(xs), low), place(max(xs), low)], INK, ' opacity=".5"'),
            _path(theory, ACCENT, ' stroke-width="2"'),
            _path(said, INK, ' stroke-dasharray="4 4"'),
            *(f'<circle cx="{x}" cy="{y}" r="4" fill="none" stroke="{INK}"/>' for x, y in said),
            *(f'<circle cx="{x}" cy="{y}" r="4" fill="{ACCENT}"/>' for x, y in was),
            _label(_LEFT, _TOP + _HIGH + 18, figure(min(xs))),
            _label(_LEFT + _WIDE, _TOP + _HIGH + 18, figure(max(xs), self.x), "end"),
            _label(_LEFT + _WIDE + 12, _TOP + 4, figure(high, self.unit)),
            _label(_LEFT + _WIDE + 12, _TOP + _HIGH + 4, figure(low)),
            _label(
                _LEFT, _TOP + _HIGH + 36, f"rings: you said{'; line: theory' if line else ''}; dots: measured"
            ),
        ]
        size = f'width="{_WIDE + 140}" height="{_HIGH + 60}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'


class Picture:
    """An SVG in a card, as an image: a page that strips SVG from a stored output leaves no debris of it."""

    def __init__(self, svg: str) -> None:
        self._svg = svg

    def text(self) -> str:
        """Return nothing: the table beside it says the same."""
        return ""

    def html(self) -> str:
        """Return an HTML image with the SVG inside."""
        data = base64.b64encode(self._svg.encode()).decode()
        return f'<img alt="the curve that was predicted, and the measured one" src="data:image/svg+xml;base64,{data}">'


def _path(points: list[tuple[str, str]], colour: str, more: str) -> str:
    joined = " ".join(f"{x},{y}" for x, y in points)
    return f'<polyline points="{joined}" fill="none" stroke="{colour}"{more}/>' if points else ""


def _label(x: float, y: float, words: str, anchor: str = "start") -> str:
    look = f'fill="{INK}" font-size="12" font-family="system-ui,sans-serif" text-anchor="{anchor}"'
    return f'<text x="{x}" y="{y}" {look}>{escape(words)}</text>'


def _sorted(points: Points) -> dict[float, float]:
    pairs = points.items() if isinstance(points, Mapping) else points
    made = {float(x): float(y) for x, y in pairs}
    if not made:
        raise ValueError("no points")
    return dict(sorted(made.items()))


def _at(curve: dict[float, float], place: float) -> float | None:
    """Read a curve at a place, between two points along a straight line; None outside of it."""
    if place in curve:
        return curve[place]
    below, above = [x for x in curve if x < place], [x for x in curve if x > place]
    if not below or not above:
        return None
    low, high = max(below), min(above)
    return curve[low] + (curve[high] - curve[low]) * (place - low) / (high - low)


def _apart(said: float, was: float) -> float:
    """Order differences: the ratio where there is one."""
    if said * was > 0:
        return max(said / was, was / said)
    return 1.0 if said == was else math.inf


def _shape(ys: list[float]) -> str:
    """Say whether values rise, fall, stay or turn; what changes by less than a twentieth stays."""
    slack = 0.05 * max(map(abs, ys))
    rises = any(later - earlier > slack for earlier, later in _steps(ys))
    falls = any(earlier - later > slack for earlier, later in _steps(ys))
    return {
        (True, False): "rises",
        (False, True): "falls",
        (True, True): "turns",
        (False, False): "stays level",
    }[rises, falls]


def _steps(ys: list[float]) -> list[tuple[float, float]]:
    """Pair every value with each later one."""
    return [(ys[i], ys[j]) for i in range(len(ys)) for j in range(i + 1, len(ys))]
