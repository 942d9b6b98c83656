"""The figures of one technique in a choice, as they are written: the same in a notebook and on the command line."""

from __future__ import annotations

import math

from rtlab.measure.choose import Option

COLUMNS = (
    "latency, s",
    "requests, an event",
    "bytes, an event",
    "CPU, cores",
    "memory, MB",
    "money, a month",
)


def figures(option: Option) -> tuple[str, ...]:
    """Return a figure for each of `COLUMNS`."""
    return (
        "no promise" if math.isnan(option.latency) else f"{option.latency:.3g}",
        _short(option.requests_per_event),
        _short(option.bytes_per_event),
        _short(option.cores.value),
        _short(option.memory.value / 1e6),
        _short(option.money.value),
    )


def _short(value: float) -> str:
    """Write two or three digits, as people do: 0.0085, 1.6, 12,300."""
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.2g}" if value == 0 or value >= 1e-4 else "< 0.0001"
