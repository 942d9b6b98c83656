"""A reader that is slower than its channel: how old is what it works on?"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from rtlab.clients import READERS
from rtlab.event import Event
from rtlab.teach.lesson_16.crowd import Follower, Laboratory


@dataclass
class Slow:
    """What a slow reader handled: seconds since it began, how old each book was by then, which change it was."""

    name: str
    times: list[float] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)  # the `n` of each book
    replaced: int = 0  # books that gaps told of, or that were passed over
    _began: float = field(default_factory=time.monotonic, repr=False)
    _handled: list[tuple[str, float]] = field(default_factory=list, repr=False)  # id, monotonic seconds

    @property
    def lasted(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    def handle(self, event: Event, work: float) -> None:
        """Note a book, and be busy with it."""
        self._handled.append((event.id, time.monotonic()))
        self.changes.append(event.data["n"])
        time.sleep(work)

    def finished(self, appends: dict[str, int]) -> Slow:
        """Say of each book how old it was."""
        known = [(at, at - appends[id] / 1e9) for id, at in self._handled if id in appends]
        self.times, self.ages = [at - self._began for at, _ in known], [age for _, age in known]
        return self


def read_slowly(
    lab: Laboratory, technique: str, channel: str, seconds: float, *, work: float = 0.050, name: str = ""
) -> Slow:
    """Read a channel from now on for some seconds, busy with each event for `work` seconds before taking the next.

    From now on: the newest book may be old, for the bots rest while nobody reads.
    """
    slow = Slow(name or technique)
    with READERS[technique](lab.channel(channel), after="now") as reader:
        for item in reader.events(timeout=seconds):
            if not isinstance(item, Event):
                slow.replaced += item.missed or 0
                continue
            slow.handle(item, work)
            if slow.lasted > seconds:
                break
    return slow.finished(lab.appends)


def draw_slowly(
    lab: Laboratory, technique: str, channel: str, seconds: float, *, work: float = 0.050, name: str = ""
) -> Slow:
    """Take everything at once, and be busy only with the newest: what a page does that draws once a frame."""
    slow = Slow(name or technique)
    follower = Follower(technique, lab.channel(channel))
    follower.open()
    last = None
    while slow.lasted < seconds:
        if follower.arrived and (newest := follower.arrived[-1][0]) is not last:
            last = newest
            slow.handle(newest, work)
        else:
            time.sleep(0.001)
    follower.finish()
    slow.replaced = len(follower.arrived) - len(slow.changes) + follower.missed
    return slow.finished(lab.appends)
