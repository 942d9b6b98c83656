"""A clock that can be moved: a day passes in no time, for the push service and for whoever signs by it."""

from __future__ import annotations

import time


class Clock:
    """The wall clock, in seconds since 1970, plus what has been skipped."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return time.time() + self.skipped

    def skip(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.skipped += seconds
