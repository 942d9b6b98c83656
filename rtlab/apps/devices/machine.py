"""What a device does, without a network: it obeys, or says why not, and tells how it is."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Protocol


class Machine(Protocol):
    """What all of them can do; `acts` is how long a command takes, `every` how long it is from report to report."""

    acts: float
    every: float

    def obey(self, word: str, value: float | None) -> str:
        """Do as told: words for whoever wants to know. Raises ValueError with the reason why not."""

    def reading(self) -> dict[str, Any]:
        """How it is: a value and its unit."""


class Thermometer:
    """A sensor: a temperature that wanders. `report 5`: tell it every 5 seconds."""

    def __init__(self, seed: str) -> None:
        self.acts, self.every = 0.0, 2.0
        self._chance = random.Random(seed)
        self._degrees = self._chance.uniform(18.0, 23.0)

    def obey(self, word: str, value: float | None) -> str:
        """Report every `value` seconds from now on."""
        self.every = value or self.every
        return f"reports every {self.every:g} s"

    def reading(self) -> dict[str, Any]:
        """How it is."""
        self._degrees += self._chance.gauss(0.0, 0.05) + 0.01 * (20.5 - self._degrees)
        return {"value": round(self._degrees, 2), "unit": "°C"}


class Lamp:
    """An actuator that acts at once."""

    def __init__(self, _seed: str) -> None:
        self.acts, self.every = 0.0, 2.0
        self._on, self._level = False, 100.0

    def obey(self, word: str, value: float | None) -> str:
        """Do as told; raises ValueError for `dim` while it is off."""
        if word == "dim" and not self._on:
            raise ValueError("The lamp is off: switch it on first.")
        self._on = word != "off"
        self._level = value or self._level
        return f"shines at {self._level:g} %" if self._on else "is dark"

    def reading(self) -> dict[str, Any]:
        """How it is."""
        return {"value": self._level if self._on else 0.0, "unit": "%"}


class Valve:
    """An actuator that takes its time: 0.4 s to open or close."""

    def __init__(self, _seed: str) -> None:
        self.acts, self.every = 0.4, 2.0
        self._open = False

    def obey(self, word: str, _value: float | None) -> str:
        """Do as told; raises ValueError where there is nothing to do."""
        if self._open == (word == "open"):
            raise ValueError(f"The valve is {'open' if self._open else 'closed'} already.")
        self._open = word == "open"
        return "is open" if self._open else "is closed"

    def reading(self) -> dict[str, Any]:
        """How it is."""
        return {"value": "open" if self._open else "closed", "unit": ""}


MACHINES: Mapping[str, Callable[[str], Machine]] = {"thermometer": Thermometer, "lamp": Lamp, "valve": Valve}
