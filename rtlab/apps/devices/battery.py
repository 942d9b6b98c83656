"""What a device's radio has used so far, message by message, as `rtlab.measure.energy` has it for a whole list."""

from __future__ import annotations

from dataclasses import dataclass, field

from rtlab.measure.energy import Radio

CELLS_JOULES = 2 * 1.2 * 2.5 * 3600  # two alkaline AA cells: 1.2 V on average, 2.5 Ah each


@dataclass
class Battery:
    """Adds up the joules above sleep that short messages cost, at any times in order."""

    radio: Radio
    _until: float = field(default=float("-inf"), init=False)  # when it goes to sleep, if nothing more comes
    _spent: float = field(default=0.0, init=False)

    def message(self, at: float) -> None:
        """Send or receive at a moment (seconds of a steady clock): wakes the radio, or keeps it awake."""
        if at > self._until:
            self._spent += self.radio.promotion * self.radio.promotion_power
            self._until = at
        self._spent += (at + self.radio.tail - self._until) * self.radio.tail_power
        self._until = at + self.radio.tail

    def joules(self, now: float) -> float:
        """What it has used until now: of a tail that has not ended only what is over."""
        return self._spent - max(0.0, self._until - now) * self.radio.tail_power


def lifetime(watts: float, joules: float = CELLS_JOULES) -> float:
    """Seconds that a battery lasts if nothing but this drains it."""
    return joules / watts if watts > 0 else float("inf")
