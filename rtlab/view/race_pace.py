"""How the two clients of a race that ask on a timer choose their moments, at equal cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rtlab.clients.pace import Pace
from rtlab.errors import BadInput

SOONER, LATER = 0.5, 1.5  # times the mean interval: after an answer with news, and after an empty one
MOST = 2.0  # mean intervals that can be saved


@dataclass
class SameBudget:
    """Adaptive polling that makes as many requests as short polling does: one every `mean` seconds.

    After news it asks sooner, after an empty answer later. What it waits longer than the mean it saves, and it asks
    sooner only as long as there are savings: so the number of requests is never more than short polling's, and two
    fewer at most. `mean` may be changed at any time and holds from the next answer on.
    """

    mean: float
    interval: float = field(init=False)
    saved: float = field(init=False, default=0.0, repr=False)  # seconds

    def __post_init__(self) -> None:
        if not self.mean > 0:
            raise BadInput(f"an interval of {self.mean!r} s: give seconds above 0")
        self.interval = self.mean

    def next(self, events: int, elapsed: float, hint: float | None = None) -> float:
        """Spend or save; see `rtlab.clients.pace.Pace`."""
        self.saved = min(max(self.saved + elapsed - self.mean, 0.0), MOST * self.mean)
        wish = self.mean * (SOONER if events else LATER)
        self.interval = min(max(wish, self.mean - self.saved), self.mean * (1 + MOST) - self.saved)
        return self.interval


class Noted:
    """A pace as it is, which also calls `empty()` at each answer without news."""

    def __init__(self, pace: Pace, empty: Callable[[], None]) -> None:
        self.pace, self.interval = pace, pace.interval
        self._empty = empty

    def next(self, events: int, elapsed: float, hint: float | None = None) -> float:
        """Note an empty answer, and ask the pace."""
        if not events:
            self._empty()
        self.interval = self.pace.next(events, elapsed, hint)
        return self.interval
