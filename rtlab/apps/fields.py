"""A form of an application's page: what is refused says at which field, in a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rtlab.errors import BadInput, InvalidField


def number(fields: Mapping[str, Any], field: str, low: float, high: float, unit: str) -> float:
    """The number in a field. Raises InvalidField for what is no number from `low` to `high`."""
    given = fields.get(field)
    try:
        value = math.nan if isinstance(given, bool) or given in (None, "") else float(given)
    except (TypeError, ValueError):
        value = math.nan
    if not low <= value <= high:
        shown = "is empty" if given in (None, "") else f"is {str(given)[:40]!r}"
        raise InvalidField(field, f"This {shown}: give a number of {unit} from {low:g} to {high:g}.")
    return value


def choice(fields: Mapping[str, Any], field: str, choices: Mapping[str, Any], what: str) -> str:
    """The word in a field. Raises InvalidField for one that is not among the choices."""
    given = fields.get(field)
    if not isinstance(given, str) or given not in choices:
        shown = "Nothing is chosen" if given in (None, "") else f"{str(given)[:40]!r} is no {what}"
        raise InvalidField(field, f"{shown}: choose one of {', '.join(choices)}.")
    return given


def form(data: Any) -> Mapping[str, Any]:
    """What a client has published as a form. Raises BadInput for what is none."""
    if not isinstance(data, dict):
        raise BadInput(f"This is no form: publish an object with its fields, not {str(data)[:40]!r}.")
    return data
