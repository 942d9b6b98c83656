"""One run of a race, from the moment when all clients stand at the line until the last one has gone."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from rtlab.errors import BadInput, RtlabError
from rtlab.view.race_result import Finish, Results, Track
from rtlab.view.race_runner import RACERS, Runner

TICK = 0.12  # seconds between two looks at the clients
PATIENCE = 20.0  # seconds after a run in which everybody is to have the last event


class Events(Protocol):
    """What a race needs of a source of events (`rtlab.apps.sources.Source` is one)."""

    rate: float

    @property
    def running(self) -> bool:
        """Whether there is more to come."""

    def close(self) -> None:
        """Publish no more; raises what publishing raised."""


class Laboratory(Protocol):
    """What a race needs of a `rtlab.Lab`."""

    def channel(self, name: str) -> str:
        """Return a channel's URL, through the tap."""

    def network(self, delay: float) -> None:
        """Set the one-way delay in seconds."""

    def appended(self, channel: str, since: int = 0) -> dict[str, int]:
        """Return when the server appended each event of a channel: id → monotonic ns."""

    def source(self, name: str, channel: str, rate: float, **options: Any) -> Events:
        """Begin to publish."""


@dataclass(frozen=True)
class Knobs:
    """What can be turned while a race is on: the `source` (random or machine), its `rate` (events a second on each
    channel), the polling `interval` and the one-way `delay` (seconds).
    """

    source: str
    rate: float
    interval: float
    delay: float

    def __post_init__(self) -> None:
        if self.source not in ("random", "machine"):
            raise BadInput(f"{self.source!r} is not a source for a race: use random or machine")
        if not 0 < self.rate <= 1000:
            raise BadInput(f"a rate of {self.rate!r} events a second: give one above 0, up to 1000")
        if not 0 < self.interval < math.inf:
            raise BadInput(f"an interval of {self.interval!r} s: give a number of seconds above 0")
        if not 0 <= self.delay < math.inf:
            raise BadInput(f"a delay of {self.delay!r} s: give 0 or more, for example 0.04")


class Heat:
    """One run: five clients for each channel, and a source for each. `run` it in a thread; all else from any thread.

    Times are monotonic ns: `began` of the run, `since` of the figures, which begin anew when a knob is turned.
    """

    def __init__(
        self, lab: Laboratory, knobs: Knobs, channels: Sequence[str], seed: int | None, duration: float
    ) -> None:
        self.lab, self.knobs, self.channels = lab, knobs, channels
        self._seed, self._duration = seed, duration
        self.began = self.since = self.ended = 0
        self.runners = [
            Runner(technique, channel, lab.channel(channel), knobs.interval)
            for technique in RACERS
            for channel in channels
        ]
        self._sources: list[Events] = []
        self._turning = threading.Lock()

    def run(self, halt: threading.Event, tell: Callable[[], None]) -> None:
        """Race until `halt` is set, or all is over; `tell` is called whenever there may be news.

        Raises what a client or a source ran into. Nothing runs any more when it returns.
        """
        try:
            self.lab.network(self.knobs.delay)
            for runner in self.runners:
                runner.start()
            for runner in self.runners:
                runner.ready()
            self.began = self.since = time.monotonic_ns()
            self._publish()
            while not halt.wait(TICK) and not self._over():
                tell()
        finally:
            self._close()

    @property
    def first_runners(self) -> list[Runner]:
        """The clients on the first channel, in the order of their lanes."""
        return [runner for runner in self.runners if runner.channel == self.channels[0]]

    def turn(self, knobs: Knobs) -> None:
        """Put new settings into effect, and count from now on."""
        with self._turning:
            before, self.knobs = self.knobs, knobs
            self.lab.network(knobs.delay)
            for runner in self.runners:
                runner.pace(knobs.interval)
                runner.mark()
            self.since = time.monotonic_ns()
            for source in self._sources:
                source.rate = knobs.rate
        if before.source != knobs.source and self._sources:
            self._publish()

    def _publish(self) -> None:
        """Begin to publish, in the place of whatever published before."""
        with self._turning:
            for source in self._sources:
                source.close()
            if self.ended:
                return
            self._sources = [
                self.lab.source(
                    self.knobs.source,
                    channel,
                    self.knobs.rate,
                    poisson=True,
                    seed=None if self._seed is None else self._seed + number,
                    duration=self._duration,
                )
                for number, channel in enumerate(self.channels)
            ]

    def _over(self) -> bool:
        """Whether the run has come to its end; raises what a client ran into."""
        for runner in self.runners:
            runner.look()
            if runner.trouble is not None:
                raise runner.trouble
        with self._turning:
            if any(source.running for source in self._sources):
                return False
        if self._duration == math.inf:
            raise RtlabError("nobody publishes any more: was the lab closed? Make a new Lab and a new Race")
        late = (time.monotonic_ns() - self.began) / 1e9 - self._duration
        return late > PATIENCE or (late > 0 and self._everybody_has_everything())

    def _everybody_has_everything(self) -> bool:
        published = {channel: len(self.lab.appended(channel, self.began)) for channel in self.channels}
        return all(runner.received >= published[runner.channel] for runner in self.runners)

    def _close(self) -> None:
        """Stop everything; raises what publishing ran into."""
        with self._turning:
            self.ended = time.monotonic_ns()
        with ThreadPoolExecutor(len(self.runners), "rtlab race end") as pool:
            list(pool.map(Runner.close, self.runners))
        for source in self._sources:
            source.close()

    def results(self) -> Results:
        """Return what has come out, since a knob was last turned; also while the run goes on."""
        published = {channel: self._published(channel) for channel in self.channels}
        return Results(
            {channel: tuple(events) for channel, events in published.items()},
            {technique: self._finish(technique, published) for technique in RACERS},
            {technique: self._track(technique, published[self.channels[0]]) for technique in RACERS},
            tuple(published[self.channels[0]].values()),
            self.since,
            self.ended or time.monotonic_ns(),
            self.knobs.delay,
        )

    def _published(self, channel: str) -> dict[str, int]:
        end = self.ended or math.inf
        return {id: at for id, at in self.lab.appended(channel, self.since).items() if at <= end}

    def _finish(self, technique: str, published: Mapping[str, Mapping[str, int]]) -> Finish:
        """Gather what the technique's clients have, on all channels."""
        received, latencies = {}, []
        runners = [runner for runner in self.runners if runner.technique == technique]
        for runner in runners:
            appended = published[runner.channel]
            arrivals = [(id, at) for id, at in runner.arrivals.copy() if id in appended]
            received[runner.channel] = tuple(id for id, _ in arrivals)
            latencies += [(at - appended[id]) / 1e9 for id, at in arrivals]
        return Finish.of(technique, received, latencies, [runner.cost for runner in runners])

    def _track(self, technique: str, appended: Mapping[str, int]) -> Track:
        """Gather what the technique's lane shows: the first channel."""
        runner = self.first_runners[RACERS.index(technique)]
        moves = tuple((appended[id], at) for id, at in runner.arrivals.copy() if id in appended)
        return Track(moves, tuple(at for at in runner.empties.copy() if at >= self.since))
