"""Unit costs for a lesson: a table of what was measured, each figure with its interval."""

from __future__ import annotations

from rtlab.measure.bench import SCALE, UNITS
from rtlab.measure.calibrate import Calibration
from rtlab.measure.unit_costs import EXAMPLE, Estimate
from rtlab.teach.card import Block, Card, Table, Words

ACCENT = "#0072B2"


def unit_costs(found: Calibration) -> Card:
    """Show this machine's unit costs beside those of the example, and what makes them less than they seem."""
    rows = tuple(
        (
            words,
            f"{_scaled(cost.value, unit)} {unit}",
            _interval(cost, unit),
            _scaled(_example(name).value, unit),
        )
        for name, (words, unit) in UNITS.items()
        for cost in [getattr(found.costs, name)]
    )
    blocks: list[Block] = [Table(("what", "here", "95 % interval", "the example's"), rows)]
    append = found.append
    blocks.append(
        Words(
            f"An append costs {_scaled(append.value, 'µs')} µs ({_interval(append, 'µs')}) once, however many clients "
            "there are; it is in none of the figures above."
        )
    )
    blocks += [Words(f"Note: {note}.") for note in found.notes]
    return Card("What a unit of work costs this server", tuple(blocks), ACCENT)


def _example(name: str) -> Estimate:
    cost: Estimate = getattr(EXAMPLE, name)
    return cost


def _interval(cost: Estimate, unit: str) -> str:
    return "exact" if cost.low == cost.high else f"{_scaled(cost.low, unit)} to {_scaled(cost.high, unit)}"


def _scaled(value: float, unit: str) -> str:
    number = value * SCALE[unit]
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
