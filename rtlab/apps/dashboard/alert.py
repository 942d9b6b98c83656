"""An alert that neither flaps nor cries at every spike: a threshold, how long, and where it ends.

           above, not yet for `seconds`          … for `seconds`
    calm ───────────────────────────▶ pending ──────────────────▶ raised
      ▲                                  │                           │
      └───────── at or below `above` ────┘                           │
      └───────────────────────────── below `clear` ──────────────────┘

The gap between `above` and `clear` is the hysteresis: a value that trembles about one threshold raises one alert,
not twenty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rtlab.apps.dashboard.metrics import METRICS
from rtlab.apps.fields import choice, number
from rtlab.errors import InvalidField

State = Literal["calm", "pending", "raised"]
LONGEST = 600.0  # seconds that a value may have to stay above before anybody is told
BLIND = 3.0  # seconds without a sample after which nobody knows what was in between


@dataclass(frozen=True)
class Rule:
    """When to raise an alert: `metric` above `above` for `seconds` on end; over once it is below `clear`."""

    metric: str = "cpu"
    above: float = 90.0
    clear: float = 70.0
    seconds: float = 3.0

    @classmethod
    def parse(cls, form: Mapping[str, Any]) -> Rule:
        """Read a form. Raises InvalidField with the field and what would be right there."""
        metric = METRICS[name := choice(form, "metric", METRICS, "metric")]
        above = number(form, "above", 0, metric.highest, metric.unit)
        clear = number(form, "clear", 0, metric.highest, metric.unit)
        if clear > above:
            raise InvalidField(
                "clear", f"This is above {above:g}, where the alert begins: give a number up to {above:g}."
            )
        return cls(name, above, clear, number(form, "seconds", 0, LONGEST, "seconds"))

    def __str__(self) -> str:
        metric = METRICS[self.metric]
        return f"{metric.words} above {self.above:g} {metric.unit} for {self.seconds:g} s"


class Alarm:
    """Watches one metric by a rule. Give it every sample's time (seconds of any steady clock) and value."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.state: State = "calm"
        self._since = 0.0  # when the value rose above the threshold
        self._seen: float | None = None

    def see(self, at: float, value: float) -> Literal["raised", "cleared"] | None:
        """Take a sample; what it changes for whoever wants to be told, or None.

        A pause in the samples proves nothing: what was pending then begins anew.
        """
        blind = self._seen is None or at - self._seen > BLIND
        self._seen = at
        if self.state == "raised":
            if value < self.rule.clear or value == self.rule.clear == 0:
                self.state = "calm"
                return "cleared"
            return None
        if value <= self.rule.above:
            self.state = "calm"
            return None
        if self.state == "calm" or blind:
            self.state, self._since = "pending", at
        if at - self._since < self.rule.seconds:
            return None
        self.state = "raised"
        return "raised"
