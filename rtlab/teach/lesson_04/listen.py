"""Many channels at once: enough events for a mean although each channel's are rare.

Sixty channels with an event every two seconds give ninety events in three seconds. One Poisson process of rate nλ, each
event given to one of n channels by chance, is n independent Poisson processes of rate λ.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from rtlab.clients import LongPolling, WebSocket
from rtlab.measure.workload import poisson

PATIENCE = 15.0  # s until everybody has the last event
READERS = {"long": LongPolling, "websocket": WebSocket}


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
class Heard:
    """What the readers of one technique saw, over all channels of one rate (events a second of each channel)."""

    technique: str
    rate: float
    channels: int
    events: int = 0  # published
    latencies: list[float] = field(default_factory=list, repr=False)  # s, one for each event that arrived
    ids: list[str] = field(default_factory=list, repr=False)
    answers: int = 0  # with news: one for each moment at which a reader had something
    connections: int = 0

    @property
    def mean(self) -> float:
        """Mean latency in seconds."""
        return math.fsum(self.latencies) / len(self.latencies)

    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval of the mean, as if the latencies knew nothing of each other."""
        count, mean = len(self.latencies), self.mean
        spread = math.sqrt(math.fsum((late - mean) ** 2 for late in self.latencies) / (count - 1))
        half = 1.96 * spread / math.sqrt(count)
        return mean - half, mean + half


class _Ear(threading.Thread):
    """One reader on one channel, until it has as many events as were published there, or time is up."""

    def __init__(
        self, lab: Laboratory, technique: str, channel: str, open_: threading.Barrier, events: int
    ) -> None:
        super().__init__(name=f"rtlab {technique} {channel}", daemon=True)
        self.reader = READERS[technique](lab.channel(channel))
        self.arrived: list[tuple[str, int]] = []
        self.open_, self.expected = open_, events
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            with self.reader:
                self.open_.wait(PATIENCE)
                for event in self.reader.events(limit=self.expected, timeout=PATIENCE):
                    self.arrived.append((getattr(event, "id", "gap"), time.monotonic_ns()))
        except BaseException as error:
            self.error = error
            self.open_.abort()


def listen(
    lab: Laboratory,
    plan: Sequence[tuple[float, int, Sequence[str]]],
    seconds: float,
    *,
    seed: int = 1,
) -> list[Heard]:
    """Publish for some seconds and listen, all at once. `plan`: (rate of each channel, channels, techniques).

    Returns a `Heard` for each technique of each line of the plan. Raises what a reader ran into.
    """
    due: list[tuple[float, str]] = []
    chance, heard, ears = random.Random(seed), [], []
    names = [[f"many-{seed}-{line}-{number}" for number in range(n)] for line, (_, n, _) in enumerate(plan)]
    for line, (rate, channels, _) in enumerate(plan):
        times = poisson(rate * channels, seconds, seed=seed + line).times.tolist()
        due += [(at, chance.choice(names[line])) for at in times]
    due.sort()
    per_channel = {name: sum(each == name for _, each in due) for line in names for name in line}
    everybody = threading.Barrier(1 + sum(n * len(techniques) for _, n, techniques in plan))
    for line, (rate, channels, techniques) in enumerate(plan):
        for technique in techniques:
            ears.append([_Ear(lab, technique, name, everybody, per_channel[name]) for name in names[line]])
            heard.append(Heard(technique, rate, channels, sum(per_channel[name] for name in names[line])))
    _publish(lab, due, [ear for group in ears for ear in group], everybody)
    appends = lab.appends
    for result, group in zip(heard, ears, strict=True):
        for ear in group:
            if ear.error is not None:
                raise ear.error
            result.latencies += [(at - appends[id]) / 1e9 for id, at in ear.arrived]
            result.ids += [id for id, _ in ear.arrived]
            # The first request only asks where the log stands; from there on each answer brought something.
            result.answers += ear.reader.stats.requests - 1 if ear.arrived else 0
            result.connections += ear.reader.stats.connections
    return heard


def _publish(
    lab: Laboratory, due: Sequence[tuple[float, str]], ears: Sequence[_Ear], everybody: threading.Barrier
) -> None:
    """Let everybody open its ears, publish by the clock, and wait until everybody has heard everything."""
    for ear in ears:
        ear.start()
    try:
        everybody.wait(PATIENCE)
        began = time.monotonic()
        for at, name in due:
            time.sleep(max(0.0, began + at - time.monotonic()))
            lab.publish(name, at)
    except threading.BrokenBarrierError:
        pass  # a reader could not begin; its error is raised below
    for ear in ears:
        ear.join(PATIENCE)
