"""What a setting may be: every model, workload and simulation asks here before it starts."""

import math
from numbers import Real

from rtlab.errors import BadInput

UNITS = {"rate": "events per second"} | dict.fromkeys(
    ("duration", "interval", "delay", "hold", "gap", "period", "minimum", "maximum", "service", "seconds"),
    "seconds",
)


def positive(**settings: float) -> None:
    """Raise BadInput unless every setting is a finite number above 0."""
    for name, value in settings.items():
        _require(name, value, _is_finite(value) and value > 0, "a finite number above 0")


def not_negative(**settings: float) -> None:
    """Raise BadInput unless every setting is a finite number, 0 or more."""
    for name, value in settings.items():
        _require(name, value, _is_finite(value) and value >= 0, "a finite number, 0 or more")


def fraction(**settings: float) -> None:
    """Raise BadInput unless every setting is at least 0 and below 1."""
    for name, value in settings.items():
        _require(name, value, _is_finite(value) and 0 <= value < 1, "a number from 0 up to, but not, 1")


def whole(**settings: int) -> None:
    """Raise BadInput unless every setting is a whole number, 1 or more."""
    for name, value in settings.items():
        _require(name, value, _is_finite(value) and value >= 1 and value == int(value), "1, 2, 3 …")


def one_of(choices: tuple[str, ...], **settings: str) -> None:
    """Raise BadInput unless every setting is one of the choices."""
    for name, value in settings.items():
        _require(name, value, value in choices, f"one of {', '.join(choices)}")


def _is_finite(value: object) -> bool:
    return isinstance(value, Real) and math.isfinite(value)


def _require(name: str, value: object, fits: bool, wanted: str) -> None:
    if not fits:
        unit = f" ({UNITS[name]})" if name in UNITS else ""
        raise BadInput(f"{name}{unit} must be {wanted}, not {value!r}")
