"""Who is there. A device that is off the air cannot say so: it has a lease, and each report renews it."""

from __future__ import annotations

SPARE = 1.0  # seconds that a report may be late, besides one that may be lost


class Presence:
    """Knows when each device was heard last, in seconds of any steady clock, and for how long that is good."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def heard(self, name: str, every: float, now: float) -> None:
        """A device has reported, and means to do so `every` so many seconds."""
        self._until[name] = now + 2 * every + SPARE

    def fallen_silent(self, now: float) -> list[str]:
        """The devices whose lease has run out since the last call."""
        silent = [name for name, until in self._until.items() if until <= now]
        for name in silent:
            del self._until[name]
        return silent
