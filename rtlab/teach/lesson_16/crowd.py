"""Readers of every technique at once on one channel, each in a thread of its own: the same events for all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from rtlab.clients import READERS
from rtlab.clients.reader import Reader, Stats
from rtlab.event import Event

PATIENCE = 15.0  # s that anything may take


class Laboratory(Protocol):
    """What is needed of a lab (teach does not import it: no room imports a sibling)."""

    @property
    def appends(self) -> dict[str, int]:
        """When the server appended each event, monotonic ns."""

    def channel(self, name: str) -> str:
        """The URL of a channel."""


@dataclass
class Reading:
    """What one reader got in some seconds, and what it cost."""

    technique: str
    stats: Stats
    seconds: float
    latencies: list[float] = field(default_factory=list, repr=False)  # s
    missed: int = 0  # events that had been replaced or had fallen out of the window

    @property
    def mean(self) -> float:
        """Mean latency in seconds; 0 if nothing came."""
        return sum(self.latencies) / max(1, len(self.latencies))

    def per_second(self) -> tuple[float, float, float]:
        """Events, requests and bytes (both ways) in a second."""
        stats, seconds = self.stats, self.seconds
        return (
            stats.events / seconds,
            stats.requests / seconds,
            (stats.bytes_up + stats.bytes_down) / seconds,
        )


class Follower(threading.Thread):
    """One reader that follows a channel until it is closed, and notes when each event came.

    `interval`: seconds between two short polls.
    """

    def __init__(self, technique: str, url: str, after: str = "now", interval: float = 1.0) -> None:
        super().__init__(name=f"rtlab {technique}", daemon=True)
        self.technique = technique
        options: dict[str, Any] = {"interval": interval} if technique == "short" else {}
        self.reader: Reader = READERS[technique](url, after=after, **options)
        self.arrived: list[tuple[Event, int]] = []  # with monotonic ns
        self.missed = 0
        self.opened = threading.Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        """Read until somebody closes the reader."""
        try:
            with self.reader:
                self.opened.set()
                for item in self.reader.events():
                    if isinstance(item, Event):
                        self.arrived.append((item, time.monotonic_ns()))
                    else:
                        self.missed += item.missed or 0
        except BaseException as error:
            self.error = error
            self.opened.set()

    def open(self) -> None:
        """Begin, and return when it holds its place. Raises what went wrong."""
        self.start()
        self.opened.wait(PATIENCE)
        if self.error is not None:
            raise self.error

    def finish(self) -> None:
        """Stop reading. Raises what went wrong."""
        self.reader.close()
        self.join(PATIENCE)
        if self.error is not None:
            raise self.error


def read_together(
    lab: Laboratory, channel: str, techniques: Sequence[str], seconds: float, *, interval: float = 1.0
) -> list[Reading]:
    """Read a channel by several techniques for some seconds, all at once; short polling every `interval`."""
    followers = [Follower(each, lab.channel(channel), interval=interval) for each in techniques]
    for follower in followers:
        follower.open()
    began = time.monotonic()
    time.sleep(seconds)
    for follower in followers:
        follower.finish()
    lasted, appends = time.monotonic() - began, lab.appends
    return [
        Reading(
            each.technique,
            each.reader.stats,
            lasted,
            [(at - appends[event.id]) / 1e9 for event, at in each.arrived if event.id in appends],
            each.missed,
        )
        for each in followers
    ]
