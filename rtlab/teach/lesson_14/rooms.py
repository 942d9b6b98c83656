"""What a chat's rooms cost by each technique: many quiet rooms at once, for a single one would keep us for minutes."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, Protocol

from rtlab.clients import READERS
from rtlab.clients.pace import Backoff
from rtlab.event import encode_data
from rtlab.measure import models
from rtlab.measure.models import Prediction
from rtlab.measure.weigh import Weights

LEAST, MOST, FACTOR = (
    0.25,
    4.0,
    2.0,
)  # seconds between two questions of adaptive polling, and how it backs off
PATIENCE = 20.0  # seconds until everybody has the last message
SETTLE = 0.5  # seconds until every long poll is held


class Laboratory(Protocol):
    """What is needed of a lab (teach does not import it: no room imports a sibling)."""

    @property
    def appends(self) -> dict[str, int]:
        """When the server appended each event, monotonic ns."""

    def channel(self, name: str) -> str:
        """The URL of a channel."""

    def publish(self, name: str, data: Any) -> str:
        """Append an event."""


@dataclass
class Cost:
    """What one technique cost over all its rooms in the seconds in which somebody spoke."""

    technique: str
    messages: int = 0
    requests: int = 0
    size: int = 0  # bytes, both ways, heads and frames included
    latencies: list[float] = field(default_factory=list, repr=False)  # seconds
    ids: list[str] = field(default_factory=list, repr=False)

    @property
    def bytes_per_message(self) -> float:
        """Bytes on the connection for each message that arrived."""
        return self.size / self.messages

    @property
    def latency(self) -> float:
        """Mean latency, seconds."""
        return fmean(self.latencies)


def measure(lab: Laboratory, rate: float, rooms: int = 8, seconds: float = 6.0, seed: int = 14) -> list[Cost]:
    """Let somebody say something in each room at random moments, `rate` messages a second on average.

    Each technique reads all rooms, a reader for each. Opening the connections is not counted.
    """
    names = [f"chat.room.quiet-{number}" for number in range(rooms)]
    chance = random.Random(seed)
    # So many events at independent moments: a Poisson process of which the number is known.
    due = sorted(chance.uniform(0.0, seconds) for _ in range(round(rate * rooms * seconds)))
    said = [(at, chance.choice(names)) for at in due]
    expected = {name: sum(room == name for _, room in said) for name in names}
    ears = [Ear(technique, lab.channel(name), expected[name]) for technique in READERS for name in names]
    try:
        together(Ear.start, ears)
        time.sleep(SETTLE)
        for ear in ears:
            ear.begin()
        began = time.monotonic()
        for number, (at, name) in enumerate(said):
            time.sleep(max(0.0, began + at - time.monotonic()))
            lab.publish(name, message(number))
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        for ear in ears:
            ear.take_down()
        together(Ear.wait, ears)
    finally:
        together(Ear.close, ears)
    return [_cost(technique, ears, lab.appends) for technique in READERS]


def together(call: Callable[[Ear], None], ears: Sequence[Ear]) -> None:
    """Do something with all ears at once: each has to wait for a few transits. Raises what the first one raises."""
    with ThreadPoolExecutor(len(ears)) as pool:
        list(pool.map(call, ears))


def message(number: int) -> dict[str, str]:
    """What is said: as long as people's messages are, all of the same length."""
    return {"kind": "message", "name": "ada", "text": f"message {number:3}: " + 40 * "x"}


SIZE = len(encode_data(message(0)))  # bytes


class Ear(threading.Thread):
    """One reader in one room."""

    def __init__(self, technique: str, channel: str, expected: int) -> None:
        super().__init__(name=f"rtlab {technique}", daemon=True)
        self.technique, self.expected = technique, expected
        # A pace of its own for each: it remembers how many answers in a row were empty.
        options = {"pace": Backoff(LEAST, MOST, FACTOR)} if technique == "adaptive" else {}
        self.reader = READERS[technique](channel, **options)
        self.arrived: list[tuple[str, int]] = []
        self.before = self.spent = (0, 0)  # requests and bytes, when it began and when it was taken down
        self._enough = threading.Event()

    def start(self) -> None:
        """Open the connection and listen."""
        self.reader.__enter__()
        super().start()

    def begin(self) -> None:
        """Count from here."""
        self.before = self._stats()

    def _stats(self) -> tuple[int, int]:
        stats = self.reader.stats
        return stats.requests, stats.bytes_up + stats.bytes_down

    def take_down(self) -> None:
        """Note what it has cost so far."""
        self.spent = self._stats()

    def run(self) -> None:
        """Listen until the reader is closed."""
        for event in self.reader.events():
            self.arrived.append((getattr(event, "id", "gap"), time.monotonic_ns()))
            if len(self.arrived) >= self.expected:
                self._enough.set()

    def wait(self) -> None:
        """Wait for the last message."""
        if self.expected:
            self._enough.wait(PATIENCE)

    def close(self) -> None:
        """Leave, also where it was interrupted."""
        self.reader.close()
        if self.ident is not None:
            self.join(5.0)


def _cost(technique: str, ears: Sequence[Ear], appends: dict[str, int]) -> Cost:
    cost = Cost(technique)
    for ear in ears:
        if ear.technique == technique:
            cost.messages += len(ear.arrived)
            cost.requests += ear.spent[0] - ear.before[0]
            cost.size += ear.spent[1] - ear.before[1]
            cost.ids += [id for id, _ in ear.arrived]
            cost.latencies += [(at - appends[id]) / 1e9 for id, at in ear.arrived]
    return cost


def predicted(technique: str, rate: float, delay: float) -> Prediction:
    """What theory says of a reader of `measure`, for messages at random moments."""
    if technique == "short":
        return models.short_polling(rate, 1.0, delay)
    if technique == "adaptive":
        return models.backoff_polling(rate, LEAST, MOST, FACTOR, delay)
    return models.long_polling(rate, delay, 25.0) if technique == "long" else models.push(rate, delay)


def predicted_bytes(technique: str, rate: float, delay: float, weights: Weights) -> float:
    """Bytes for each message, both ways, in the long run: what is asked, answered, and the message itself."""
    if technique in ("sse", "websocket"):
        return weights.block if technique == "sse" else weights.frame
    found = predicted(technique, rate, delay)
    request = weights.long_request if technique == "long" else weights.request
    answer = weights.answer + (weights.empty - weights.answer) * found.empty_fraction
    return found.requests_per_event * (request + answer) + weights.event
