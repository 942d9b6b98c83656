"""Everything that can go wrong around a broker, while readers read: `rtlab bench brokers --faults`.

                           ┌ process 0 ┐
    readers, publishers ── ┤ …         ├ ── tap ── broker
                           └ process 3 ┘
    a process is killed each second · the tap cuts every connection to the broker · the broker is killed and comes
    back with its append-only file (Redis), or stands still for a while (Kafka's protocol, in memory)

At the end each reader must have each acknowledged event once and in order. Publishers number their events, one
channel each, and send each again with its key until it is acknowledged: so a channel is right if it is 0, 1, 2, ….
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rtlab.brokers.embedded import Embedded, EmbeddedKafka, EmbeddedRedis, free_port
from rtlab.clients import READERS, Publisher
from rtlab.clients.pace import Backoff
from rtlab.errors import ServerError, Unavailable
from rtlab.event import Event
from rtlab.fleet import Fleet
from rtlab.measure.bounds import positive
from rtlab.technique import TECHNIQUES
from rtlab.wire.tap import Tap

OPTIONS: dict[str, dict[str, Any]] = {
    "short": {"interval": 0.5},
    "adaptive": {"pace": Backoff(0.2, 2.0, 2.0)},
}
HOLD_SECONDS = 0.1  # of a fetch of Kafka's: for each Tansu looks through all that it has
AWAY_SECONDS = 1.0  # that the broker is away, or stands still
EVENT_SECONDS = 0.06  # that an event may take: Kafka answers one with a key when it has come back
LAST_SECONDS = 60.0  # that readers have after the last acknowledgement


@dataclass(frozen=True)
class Plan:
    """How much of everything; `kill_every` in seconds."""

    broker: str = "redis"
    processes: int = 4
    readers: int = 200
    events: int = 20_000
    publishers: int = 4
    kill_every: float = 1.0
    cuts: int = 10
    seconds: float | None = None

    def __post_init__(self) -> None:
        positive(readers=self.readers, events=self.events, publishers=self.publishers, seconds=self.limit)

    @property
    def limit(self) -> float:
        """Seconds after which it is given up: more events have more time, unless it was said."""
        return max(600.0, self.events * EVENT_SECONDS) if self.seconds is None else self.seconds


@dataclass
class Aftermath:
    """What became of it: what was done, and what each reader's faults were."""

    plan: Plan
    acknowledged: int = 0
    refused: int = 0  # publishes that were told to wait, or not answered, and sent again
    delivered: int = 0
    kills: int = 0
    starts: int = 0
    cuts: int = 0
    broker_faults: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class Storm:
    """One storm, from its threads to its verdict."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.after = plan, Aftermath(plan)
        self.share = plan.events // plan.publishers  # of each publisher
        self._published = [0] * plan.publishers
        self._seen: list[list[int]] = [[] for _ in range(plan.readers)]
        self._done = threading.Event()  # all is acknowledged
        self._end = time.monotonic() + plan.limit
        self._run = secrets.token_hex(4)

    def blow(self) -> Aftermath:
        """Let it blow, and judge."""
        began = time.monotonic()
        with (
            _engine(self.plan.broker) as (engine, tap, address),
            Fleet(self.plan.processes, address) as fleet,
        ):
            readers = [self._thread(self._read, fleet.url, number) for number in range(self.plan.readers)]
            publishers = [self._thread(self._publish, fleet.url, n) for n in range(self.plan.publishers)]
            self._strike(fleet, tap, engine, publishers)
            for thread in readers:
                thread.join(max(0.0, self._end - time.monotonic()))
            self.after.starts = sum(worker.starts for worker in fleet.workers)
        self.after.seconds = time.monotonic() - began
        self._judge()
        return self.after

    def _thread(self, work: Callable[[str, int], None], url: str, number: int) -> threading.Thread:
        def run() -> None:
            try:
                work(url, number)
            except Exception as error:
                self.after.faults.append(f"{work.__name__} {number}: {type(error).__name__}: {error}")

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def _url(self, url: str, channel: int) -> str:
        return f"{url}/channels/storm-{self._run}-{channel}"

    def _publish(self, url: str, channel: int) -> None:
        with Publisher(self._url(url, channel)) as publisher:
            for number in range(self.share):
                while not self._send(publisher, number):
                    self.after.refused += 1
                    if time.monotonic() > self._end:
                        return
                    time.sleep(0.05)
                self._published[channel] = number + 1

    def _send(self, publisher: Publisher, number: int) -> bool:
        try:
            publisher.publish(number, f"{self._run}-{number}")
        except (Unavailable, ServerError):
            return False
        return True

    def _read(self, url: str, number: int) -> None:
        seen, technique = self._seen[number], TECHNIQUES[number % len(TECHNIQUES)]
        at = self._url(url, number % self.plan.publishers)
        with READERS[technique](at, after="start", **OPTIONS.get(technique, {})) as reader:
            while len(seen) < self.share and time.monotonic() < self._end:
                for item in reader.events(timeout=1.0):
                    seen.append(item.data if isinstance(item, Event) else -1)
                    if len(seen) >= self.share:
                        break

    def _strike(self, fleet: Fleet, tap: Tap, engine: Embedded, publishers: list[threading.Thread]) -> None:
        """Do harm until all is published: a cut after each part of the events, the broker's own fault after half."""
        cut_at = [self.plan.events * (n + 1) // (self.plan.cuts + 1) for n in range(self.plan.cuts)]
        next_kill = time.monotonic() + self.plan.kill_every
        while any(thread.is_alive() for thread in publishers):
            published = sum(self._published)
            if cut_at and published >= cut_at[0]:
                cut_at.pop(0)
                tap.cut()
                self.after.cuts += 1
            if not self.after.broker_faults and published >= self.plan.events // 2:
                self._harm(engine)
            if time.monotonic() >= next_kill and self._kill(fleet):
                next_kill = time.monotonic() + self.plan.kill_every
            time.sleep(0.02)
        self._end = min(self._end, time.monotonic() + LAST_SECONDS)

    def _kill(self, fleet: Fleet) -> bool:
        """Kill the next process that serves; on a slow machine it may be that none is up again yet."""
        for turn in range(self.plan.processes):
            index = (self.after.kills + turn) % self.plan.processes
            if fleet.workers[index].ready():
                fleet.kill(index)
                self.after.kills += 1
                return True
        return False

    def _harm(self, engine: Embedded) -> None:
        if isinstance(engine, EmbeddedRedis):
            engine.kill()
            time.sleep(AWAY_SECONDS)
            engine.start()
        else:
            engine.pause()
            time.sleep(AWAY_SECONDS)
            engine.resume()
        self.after.broker_faults += 1

    def _judge(self) -> None:
        self.after.acknowledged = sum(self._published)
        if self.after.acknowledged != self.share * self.plan.publishers:
            self.after.faults.append(f"only {self.after.acknowledged} events were acknowledged in time")
        for number, seen in enumerate(self._seen):
            self.after.delivered += len(seen)
            if seen != list(range(self.share)):
                wrong = next((n for n, value in enumerate(seen) if n != value), len(seen))
                what = f"{seen[wrong : wrong + 3]}" if wrong < len(seen) else "nothing"
                technique = TECHNIQUES[number % len(TECHNIQUES)]
                self.after.faults.append(f"reader {number} ({technique}) has {what} where {wrong} should be")


@contextlib.contextmanager
def _engine(kind: str) -> Iterator[tuple[Embedded, Tap, str]]:
    """A broker, a tap before it, and its address there."""
    door = free_port()
    engine: Embedded = (
        EmbeddedRedis(keep=True) if kind == "redis" else EmbeddedKafka(door=door, hold=HOLD_SECONDS)
    )
    with engine, contextlib.closing(Tap(("127.0.0.1", engine.port), port=door).start()) as tap:
        yield engine, tap, engine.address.replace(str(engine.port), str(door))


def storm(plan: Plan) -> Aftermath:
    """Let a storm blow around a broker."""
    return Storm(plan).blow()
