"""Which kinds of devices there are, and what each can be told to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rtlab.apps.fields import number
from rtlab.errors import BadInput, InvalidField
from rtlab.event import NAME
from rtlab.technique import TECHNIQUES


@dataclass(frozen=True)
class Span:
    """What may stand beside a command: a number from `low` to `high`."""

    low: float
    high: float
    unit: str


@dataclass(frozen=True)
class Kind:
    """A kind of device: what it tells of itself, and its commands, each with the number that it needs, if any."""

    tells: str
    commands: Mapping[str, Span | None]


KINDS: Mapping[str, Kind] = {
    "thermometer": Kind("temperature", {"report": Span(1, 60, "seconds")}),
    "lamp": Kind("brightness", {"on": None, "off": None, "dim": Span(1, 100, "per cent")}),
    "valve": Kind("position", {"open": None, "close": None}),
}


@dataclass(frozen=True)
class Device:
    """One device: its name, its kind, and the technique by which it waits for commands."""

    name: str
    kind: str
    technique: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.channel) or self.name in ("orders", "radio", "reports", "fleet"):
            raise BadInput(f"{self.name[:80]!r} is no name for a device: use up to 56 of A-Z a-z 0-9 . _ -")
        if self.kind not in KINDS or self.technique not in TECHNIQUES:
            raise BadInput(
                f"{self.name} is a {self.kind} by {self.technique}: the kinds are {', '.join(KINDS)}, "
                f"the techniques {', '.join(TECHNIQUES)}"
            )

    @property
    def channel(self) -> str:
        """The channel on which it is told what to do."""
        return f"devices.{self.name}"


def household(techniques: tuple[str, ...] = ("short", "long", "websocket"), each: int = 1) -> list[Device]:
    """One device of each kind by each technique, or `each` of them."""
    devices = []
    for place, technique in enumerate(techniques):
        for count in range(place * each + 1, (place + 1) * each + 1):
            devices += [Device(f"{kind}-{count}", kind, technique) for kind in KINDS]
    return devices


@dataclass(frozen=True)
class Command:
    """What a device is told: a word, and a number where the word needs one."""

    device: str
    word: str
    value: float | None

    @classmethod
    def parse(cls, form: Mapping[str, Any], devices: Mapping[str, Device]) -> Command:
        """Read a form. Raises InvalidField for a device, command or number that there is not."""
        name, word = form.get("device"), form.get("command")
        if not isinstance(name, str) or name not in devices:
            raise InvalidField("device", f"There is no device {str(name)[:40]!r}: choose one from the list.")
        commands = KINDS[kind := devices[name].kind].commands
        if not isinstance(word, str) or word not in commands:
            sentence = f"A {kind} cannot do {str(word)[:40]!r}: it knows {', '.join(commands)}."
            raise InvalidField("command", sentence)
        span = commands[word]
        return cls(name, word, number(form, "value", span.low, span.high, span.unit) if span else None)

    def __str__(self) -> str:
        return self.word if self.value is None else f"{self.word} {self.value:g}"
