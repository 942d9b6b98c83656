"""Server CPU for a lesson: what was measured, as dots with their intervals; and who is dearer than whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rtlab.measure import cost
from rtlab.measure.unit_costs import Costs, Estimate
from rtlab.view.charts import Measurement, Theory

LEAST = 0.2  # of a value: lower no interval is drawn, since a scale of ratios has no place for 0
EACH, BATCHES = "a push for each event", "push in batches, at most"


def cost_dots(
    technique: str, found: Sequence[tuple[float, Estimate]], name: str | None = None
) -> Measurement:
    """Return measured costs as dots, each `(across, cost)`, with its interval as a logarithmic scale can show it."""
    return Measurement(
        technique,
        [across for across, _ in found],
        [each.value for _, each in found],
        [max(each.low, LEAST * each.value) for _, each in found],
        [each.high for _, each in found],
        name,
    )


def how_dear(one: Estimate, other: Estimate) -> Estimate:
    """Return how many times `other` the cost `one` is: at least low to high, at most high to low.

    An interval of `other` that comes down to 0 would make the most infinite: it counts from a fifth of the value.
    """
    return Estimate(
        one.value / other.value,
        one.low / other.high,
        one.high / max(other.low, LEAST * other.value),
    )


def push_to_polling(costs: Costs, events: Sequence[float]) -> list[Theory]:
    """Return lines: the CPU of push, of push in batches, and of polling, polling = 1, over `events` in one interval.

    One client and one interval, since neither matters. A batch is charged as if it were made for each client.
    """
    poll, item = costs.poll.value, costs.item.value
    pulled = np.array([cost.polling_cpu(1, 1.0, number, poll, item) for number in events])
    each = [cost.push_cpu(1, number, costs.websocket.value) for number in events]
    alone = max(0.0, costs.sse.value - item)  # a write has its first event within its price
    batches = [cost.push_cpu(1, number, alone, 1.0, item) for number in events]
    return [
        Theory("websocket", events, (each / pulled).tolist(), EACH),
        Theory("sse", events, (batches / pulled).tolist(), BATCHES),
        Theory("short", events, [1.0] * len(events), "polling"),
    ]
