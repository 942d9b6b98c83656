"""What writing together costs on a real channel: the wait for one's own key, and the bytes of each."""

from __future__ import annotations

import random
import threading
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
K = TypeVar("K")
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
    lab: Laboratory, writer: Callable[..., Scribe], techniques: Iterable[str], keys: int = 3, writers: int = 2
) -> dict[str, float]:
    """How long each key takes from being pressed until it comes back from the log, on average, in seconds.

    That is what its writer would wait for, if the log's order were all that decides. Several writers by each technique,
    all at once; the first key of each, which may have to open a connection, does not count.
    """

    def type_and_wait(kind: tuple[str, int], channel: str) -> list[float]:
        by, _ = kind
        waits, chance = [], random.Random(str(kind))
        with writer(lab.channel(channel), "ada", by, **OPTIONS.get(by, {})) as ada:
            time.sleep(SETTLE)
            for number in range(1 + keys):
                time.sleep(chance.uniform(0.0, 0.2))  # not in step with anybody's polls
                pressed = time.monotonic_ns()
                ada.insert(number, "x")
                came_back = ada.wait(lambda: ada.arrivals.get(ada.published[-1]), PATIENCE)
                waits.append((came_back - pressed) / 1e9)
        return waits[1:]

    found: dict[str, list[float]] = {by: [] for by in techniques}
    kinds = [(by, number) for by in found for number in range(writers)]
    for (by, _), (_, waits) in _at_once(type_and_wait, kinds, "own-key").items():
        found[by] += waits
    return {by: fmean(waits) for by, waits in found.items()}


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
    together: Sequence[int] = (1,),
    rate: float = 12.0,
) -> dict[int, dict[str, KeyCost]]:
    """Type a text at `rate` keys a second; what that costs, by the keys in one event and by the technique.

    All at once, each on a channel of its own.
    """
    kinds = [(keys, by) for keys in together for by in techniques]
    counted: list[Bytes] = []  # before and after, when all are at that point
    point = threading.Barrier(len(kinds), action=lambda: counted.append(_bytes(lab)))

    def type_it(kind: tuple[int, str], channel: str) -> int:
        keys, by = kind
        with writer(lab.channel(channel), "ada", by, **OPTIONS.get(by, {})) as ada:
            time.sleep(SETTLE)
            point.wait(PATIENCE)
            for start in range(0, len(text), keys):
                began = time.monotonic()
                ada.insert(start, text[start : start + keys])
                time.sleep(max(0.0, began + keys / rate - time.monotonic()))
            ada.wait(lambda: len(ada.arrivals) == len(ada.published), PATIENCE)
            point.wait(PATIENCE)
            return len(ada.published)

    costs: dict[int, dict[str, KeyCost]] = {keys: {} for keys in together}
    for (keys, by), (channel, events) in _at_once(type_it, kinds, "keys").items():
        up, down = (
            after - was for was, after in zip(*(at.get(channel, (0, 0)) for at in counted), strict=True)
        )
        costs[keys][by] = KeyCost(len(text), events, up, down)
    return costs


Bytes = dict[str, tuple[int, int]]


def _bytes(lab: Laboratory) -> Bytes:
    """The bytes of each channel's messages so far, up and down."""
    counted: Bytes = {}
    for message in lab.wire.messages:
        if message.channel is not None:
            up, down = counted.get(message.channel, (0, 0))
            more = (message.size, 0) if message.direction == "up" else (0, message.size)
            counted[message.channel] = (up + more[0], down + more[1])
    return counted


def _at_once(work: Callable[[K, str], T], kinds: Iterable[K], name: str) -> dict[K, tuple[str, T]]:
    """Do the work of every kind at once, each on a channel of its own; by its kind, that channel and what came out."""
    wanted, stamp = list(kinds), time.monotonic_ns()  # channels that nobody has written on
    channels = [f"{name}-{number}-{stamp}" for number in range(len(wanted))]
    with ThreadPoolExecutor(len(wanted)) as pool:
        return dict(zip(wanted, zip(channels, pool.map(work, wanted, channels), strict=True), strict=True))
