"""Figures in words: how a number is written, and how far a prediction was off."""

import math
from fractions import Fraction

_NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_TIMES = {"seconds", "minutes", "hours", "days", "milliseconds"}


def figure(value: float, unit: str = "") -> str:
    """Write a number with three significant digits (an integer with all of them) and its unit."""
    if not math.isfinite(value):
        text = "endless" if value > 0 else "no number"
    elif float(value).is_integer() and abs(value) < 1e15:
        text = f"{int(value):,}"
    elif abs(value) >= 1_000:
        text = f"{value:,.0f}"
    else:
        # Positional, whatever the size: three digits after the leading zeros.
        text = f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} {unit}".strip() if unit != "%" else f"{text} %"


def difference(said: float, was: float, unit: str = "") -> str:
    """Say in words how far a prediction was off: "right on", "8 % too low", "four times too few"."""
    if math.isclose(said, was, rel_tol=1e-9, abs_tol=1e-12):
        return "right on"
    few, many = ("too few", "too many") if _counted(unit) else ("too low", "too high")
    direction = few if said < was else many
    if was == 0:
        return f"{direction}: there were none" if _counted(unit) else direction
    if said == 0 or (said < 0) != (was < 0):
        return direction
    ratio = max(said / was, was / said)
    if ratio < 1.005:
        return "within 0.5 %"
    if ratio < 1.75:
        return f"{abs(said - was) / abs(was) * 100:.0f} % {direction}"
    return _times(ratio, direction)


def number_in(text: str, unit: str = "") -> float | None:
    """Read a number as people write it, `1,000`, `1/3` or `20 ms`; None when it is none."""
    try:
        return float(Fraction(text.replace(",", "").strip().removesuffix(unit).strip()))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def within_two(said: float, was: float) -> bool:
    """Tell whether a prediction was within a factor of two."""
    if said == was:
        return True
    return said * was > 0 and max(said / was, was / said) <= 2


def _times(ratio: float, direction: str) -> str:
    if ratio > 1_000:
        return f"more than a thousand times {direction}"
    whole = round(ratio / 10) * 10 if ratio > 100 else round(ratio)
    about = "" if math.isclose(ratio, whole, rel_tol=0.01) else "about "
    if whole == 2:
        low = direction in ("too few", "too low")
        return about + ("half of it" if low else "double")
    if whole < len(_NUMBERS):
        return f"{about}{_NUMBERS[whole]} times {direction}"
    return f"{about}{whole:,} times {direction}"


def _counted(unit: str) -> bool:
    """Tell whether a unit is of things that are counted (answers, requests), not measured (ms, bytes/s)."""
    word = unit.partition(" ")[0]
    return len(word) > 2 and word.endswith("s") and word.isalpha() and word not in _TIMES
