"""What writing together costs on a real channel: the wait for one's own key, and the bytes of each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Protocol, TypeVar

from rtlab.wire.message import Message

SETTLE = 0.3  # seconds until every long poll is held
PATIENCE = 20.0  # seconds that anything may take
OPTIONS: Mapping[str, Mapping[str, Any]] = {"short": {"interval": 0.2}}
T = TypeVar("T")


class Wire(Protocol):
    """What the tap saw."""

    @property
    def messages(self) -> Sequence[Message]:
        """Every request, response, block and frame so far."""


class Laboratory(Protocol):
    """What is needed of a lab (teach does not import it: no room imports a sibling)."""

    @property
    def wire(self) -> Wire:
        """The tap."""

    def channel(self, name: str) -> str:
        """The URL of a channel."""


class Scribe(Protocol):
    """Somebody who writes: a `Writer` of rtlab.apps.text."""

    @property
    def arrivals(self) -> Mapping[str, int]:
        """When each event came back from the log, monotonic ns."""

    @property
    def published(self) -> Sequence[str]:
        """The ids of the own events."""

    def __enter__(self) -> Scribe:
        """Begin to read."""

    def __exit__(self, *exc_info: object) -> None:
        """Stop."""

    def insert(self, index: int, text: str) -> None:
        """Put text in, as one event."""

    def wait(self, holds: Callable[[], Any], seconds: float) -> Any:
        """Wait until something holds."""


def own_key_delays(
    lab: Laboratory, writer: Callable[..., Scribe], techniques: Iterable[str], keys: int = 3
) -> dict[str, float]:
    """How long each key takes from being pressed until it comes back from the log, on average, in seconds.

    That is what its writer would wait for, if the log's order were all that decides. All techniques at once; a first
    key, which may have to open a connection, does not count.
    """

    def type_and_wait(by: str, channel: str) -> float:
        waits, chance = [], random.Random(by)
        with writer(lab.channel(channel), "ada", by, **OPTIONS.get(by, {})) as ada:
            time.sleep(SETTLE)
            for number in range(1 + keys):
                time.sleep(chance.uniform(0.0, 0.2))  # not in step with anybody's polls
                pressed = time.monotonic_ns()
                ada.insert(number, "x")
                came_back = ada.wait(lambda: ada.arrivals.get(ada.published[-1]), PATIENCE)
                waits.append((came_back - pressed) / 1e9)
        return fmean(waits[1:])

    return _at_once(type_and_wait, techniques, "own-key")


@dataclass(frozen=True)
class KeyCost:
    """What writing a text has cost its writer, who reads along: bytes both ways, for each key."""

    keys: int
    events: int
    up: int  # bytes
    down: int

    @property
    def bytes_per_key(self) -> float:
        """Bytes on the wire for each key, both ways."""
        return (self.up + self.down) / self.keys


def key_costs(
    lab: Laboratory,
    writer: Callable[..., Scribe],
    techniques: Iterable[str],
    text: str,
    *,
    together: int = 1,
    rate: float = 12.0,
) -> dict[str, KeyCost]:
    """Type a text at `rate` keys a second, `together` keys to an event; what that costs by each technique."""

    def type_it(by: str, channel: str) -> KeyCost:
        with writer(lab.channel(channel), "ada", by, **OPTIONS.get(by, {})) as ada:
            time.sleep(SETTLE)
            before = _bytes(lab, channel)
            for start in range(0, len(text), together):
                began = time.monotonic()
                keys = text[start : start + together]
                ada.insert(start, keys)
                time.sleep(max(0.0, began + len(keys) / rate - time.monotonic()))
            ada.wait(lambda: len(ada.arrivals) == len(ada.published), PATIENCE)
            up, down = (after - was for after, was in zip(_bytes(lab, channel), before, strict=True))
            return KeyCost(len(text), len(ada.published), up, down)

    return _at_once(type_it, techniques, f"keys-{together}")


def _bytes(lab: Laboratory, channel: str) -> tuple[int, int]:
    """The bytes that a channel's messages had so far, up and down."""
    seen = [message for message in lab.wire.messages if message.channel == channel]
    up = sum(message.size for message in seen if message.direction == "up")
    return up, sum(message.size for message in seen) - up


def _at_once(work: Callable[[str, str], T], techniques: Iterable[str], name: str) -> dict[str, T]:
    """Do the same by every technique at once, each on a channel of its own."""
    wanted = list(techniques)
    with ThreadPoolExecutor(len(wanted)) as pool:
        stamp = time.monotonic_ns()  # a channel that nobody has written on
        return dict(zip(wanted, pool.map(lambda by: work(by, f"{name}-{by}-{stamp}"), wanted), strict=True))
