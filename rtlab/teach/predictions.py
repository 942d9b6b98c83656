"""Predictions: what a student writes down before the run, and what it was afterwards.

    predict("empty answers in 10 s", 20, unit="answers")        # a plain call with a value
    predict("empty answers in 10 s", unit="answers")            # a field to write it into
    predict("empty answers in 10 s").measured(19, theory=20)    # side by side, the difference in words

A prediction is found again by its label, in any cell, and a cell may be run again.
"""

from collections.abc import Mapping, Sequence
from typing import Any, overload

from rtlab.errors import BadInput
from rtlab.teach import record
from rtlab.teach.card import Block, Card, Rows, Words
from rtlab.teach.curves import Curve, Points
from rtlab.teach.fields import bundle, form
from rtlab.teach.figures import difference, figure, number_in, within_two

ACCENT = "#0072B2"
NOTHING = "nothing yet"

# As everywhere: what was measured is solid, theory a line; what was said stands back.
_LOOK = {
    "you said": "background:#9aa3ad",
    "theory": f"border:2px solid {ACCENT}",
    "measured": f"background:{ACCENT}",
}


class Prediction:
    """A number that was predicted. Displays itself as that number, or as a field to write it into."""

    def __init__(self, label: str, unit: str) -> None:
        self.label, self.unit = label, unit
        self.value: float | None = None
        self.result: float | None = None
        self.asks = False  # whether the display is a field

    def say(self, value: float) -> None:
        """Predict a value; what was measured for an earlier one is forgotten."""
        self.value, self.result = float(value), None

    def measured(self, value: float, theory: float | None = None) -> Card:
        """Show what was predicted, what theory says and what was measured; keep it for the summary."""
        self.result = float(value)
        named = (("you said", self.value), ("theory", theory), ("measured", self.result))
        known = [(name, number) for name, number in named if number is not None]
        most = max(abs(number) for _, number in known) or 1.0
        rows = tuple((name, figure(number, self.unit)) for name, number in known)
        blocks: list[Block] = [Rows(rows, tuple((abs(number) / most, _LOOK[name]) for name, number in known))]
        if self.value is None:
            blocks.append(Words(f"You said nothing before the run; it was {figure(self.result)}."))
        else:
            off = difference(self.value, self.result, self.unit)
            blocks.append(Words(f"You said {figure(self.value)}, it was {figure(self.result)}: {off}."))
        if theory is not None:
            blocks.append(Words(f"Theory against measurement: {difference(theory, self.result)}."))
        return Card(self.label, tuple(blocks), ACCENT)

    def row(self) -> tuple[str, str, str, str]:
        """Return the line of the summary."""
        said = NOTHING if self.value is None else figure(self.value, self.unit)
        was = "not measured" if self.result is None else figure(self.result, self.unit)
        off = (
            ""
            if self.value is None or self.result is None
            else difference(self.value, self.result, self.unit)
        )
        return self.label, said, was, off

    def hit(self) -> bool | None:
        """Tell whether it was within a factor of two; None while that cannot be said."""
        return None if self.value is None or self.result is None else within_two(self.value, self.result)

    def __repr__(self) -> str:
        return repr(self._card())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        values = {} if self.value is None else {0.0: self.value}
        return bundle(
            self._card(), form(self.label, {0.0: self.unit}, values, self._write) if self.asks else None
        )

    def _write(self, _: float, text: str) -> str:
        number = number_in(text, self.unit)
        if number is None:
            return "a plain number, please, such as 12, 0.5 or 1/3"
        self.say(number)
        return f"noted: {figure(number, self.unit)}"

    def _card(self) -> Card:
        said = NOTHING if self.value is None else figure(self.value, self.unit)
        return Card(f"Prediction: {self.label}", (Words(f"You say: {said}."),), ACCENT)


@overload
def predict(label: str, value: float | None = None, *, unit: str = "") -> Prediction: ...
@overload
def predict(label: str, value: Points, *, unit: str = "", x: str = "") -> Curve: ...
@overload
def predict(label: str, *, at: Sequence[float], unit: str = "", x: str = "") -> Curve: ...
def predict(
    label: str,
    value: float | Points | None = None,
    *,
    unit: str = "",
    at: Sequence[float] = (),
    x: str = "",
) -> Prediction | Curve:
    """Write a prediction down, or find the one of this label; the cell's last line shows it.

    A number with its `unit`; or a curve, as points (x, y), or asked for at the places `at`, with `x` the unit of the
    places. Without a value it is a field to write one into, once more the same when the cell is run again. Raises
    BadInput at a value that is neither a number nor points.
    """
    known = record.predictions.get(label)
    is_curve = bool(at) or (isinstance(value, (Mapping, Sequence)) and not isinstance(value, str))
    if value is None and isinstance(known, Curve if is_curve else (Prediction, Curve)):
        return known
    made: Prediction | Curve = Curve(label, unit, x, at) if is_curve else Prediction(label, unit)
    made.asks = value is None
    if value is not None:
        try:
            made.say(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise BadInput(f"{value!r} is no prediction: give a number, or points (x, y)") from None
    record.predictions[label] = made
    return made
