"""`rtlab bench faults`: everything that can go wrong, again and again, while readers of all techniques read.

One server, one tap before it. A publisher and readers work through the tap; a seed decides which fault comes next:
a middlebox is put on the path, all connections are cut, the server is restarted (its logs in memory begin anew), a
reader sleeps until its window has moved on, or goes on with another technique. In the end the path is open again, and
each reader must come to the end of its channel. `fault_check` judges what each has seen.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from rtlab.clients import LongPolling, Publisher, Reader, ServerSentEvents, ShortPolling, WebSocket
from rtlab.clients.connect import AnyPath
from rtlab.clients.poll import Polling
from rtlab.errors import RtlabError, ServerError, Unavailable
from rtlab.event import Event, Gap
from rtlab.measure.bounds import whole
from rtlab.measure.fault_check import Verdict, check_log, check_reader
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread
from rtlab.wire.middlebox import Middlebox
from rtlab.wire.proxies import Buffers, LosesAnswers, Refuses, StripsUpgrade
from rtlab.wire.tap import Tap
from rtlab.wire.trouble import Bandwidth, CutsAt, EndsIdle, HalfOpen, Jitter, Stalls

CHANNEL = "storm"
LIMITS = Limits(heartbeat=0.1, events=100)  # a small window, so that who sleeps misses something
TECHNIQUES = ("short", "conditional", "long", "sse", "websocket", "any path")
CALM = 20.0  # seconds that a reader may take to the end once the path is open
BURST = 10  # events between two faults, on average, besides those of the publisher
PAUSE = 0.012  # seconds between two faults, on average

BOXES: dict[str, Callable[[random.Random], Middlebox]] = {
    "jitter": lambda chance: Jitter(0.002, chance.randrange(1 << 16)),
    "thin line": lambda chance: Bandwidth(chance.uniform(30_000, 300_000)),
    "cut at a byte": lambda chance: CutsAt(bytes=chance.randrange(3000), times=4),
    "cut on the way up": lambda chance: CutsAt(bytes=chance.randrange(600), direction="up", times=4),
    "cut by time": lambda chance: CutsAt(seconds=chance.uniform(0, 0.05), times=4),
    "stall": lambda chance: Stalls(chance.uniform(0, 0.02), chance.uniform(0, 0.2)),
    "half open": lambda chance: HalfOpen(chance.uniform(0, 0.05), times=2),
    "idle time-out": lambda chance: EndsIdle(chance.uniform(0.02, 0.2)),
    "lost answers": lambda _chance: LosesAnswers(3),
    "no upgrade": lambda _chance: StripsUpgrade(),
    "buffering": lambda chance: Buffers(chance.randrange(1, 5000)),
    "forbidden": lambda _chance: Refuses(403, only="/(socket|stream)"),
    "bad gateway": lambda _chance: Refuses(502, only="GET"),
    "gateway time-out": lambda chance: Refuses(504, after=chance.uniform(0.02, 0.2)),
}
# What happens once, at that moment; the boxes above stay until the next of them.
BLOWS = ("cut", "restart", "sleep", "switch")


@dataclass
class Plan:
    """How many faults, by which chance, and how many readers of each technique suffer them."""

    faults: int = 500
    seed: int = 0
    readers: int = 1

    def __post_init__(self) -> None:
        whole(faults=self.faults, readers=self.readers)


@dataclass
class Aftermath:
    """What a storm did: faults by name, what was published, what readers saw, and what must not be."""

    plan: Plan
    faults: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    appended: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    seconds: float = 0.0


class Follower:
    """A thread that reads the channel by one technique after another, always from its cursor."""

    def __init__(self, url: str, technique: str) -> None:
        self.url, self.technique = url, technique
        self.cursor = self.opened = "start"
        self.items: list[Event | Gap] = []
        self.refusals = 0
        self._reader: Reader | AnyPath | None = None
        self._sleeping = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"storm {technique}", daemon=True)
        self._thread.start()

    def _make(self) -> Reader | AnyPath:
        url, after = self.url, self.cursor
        makers: dict[str, Callable[[], Reader | AnyPath]] = {
            "short": lambda: ShortPolling(url, 0.03, after),
            "conditional": lambda: ShortPolling(url, 0.03, after, conditional=True),
            "long": lambda: LongPolling(url, 0.5, after),
            "sse": lambda: ServerSentEvents(url, after, silence=0.4),
            "websocket": lambda: WebSocket(url, after, silence=0.4),
            "any path": lambda: AnyPath(url, after, silence=0.4, patience=0.5, retry=0.3, interval=0.03),
        }
        reader = makers[self.technique]()
        if isinstance(reader, Reader):
            reader.LONGEST_PAUSE, reader.PATIENCE = 0.1, 0.5
        if isinstance(reader, Polling):
            reader.ANSWER_SECONDS = 0.5
        return reader

    def _run(self) -> None:
        while not self._ended.is_set():
            self._ended.wait(self._sleeping)
            self._sleeping = 0.0
            self._reader = self._make()
            try:
                with self._reader as reader:
                    if not self.items:
                        self.opened = reader.cursor
                    for item in reader.events():
                        self.items.append(item)
                        self.cursor = reader.cursor
                        if self._sleeping or self._ended.is_set():
                            break
                    self.cursor = reader.cursor if self.items else self.cursor
            except (Unavailable, ServerError):  # told, not silent: come again
                self.refusals += 1
                self._ended.wait(0.02)

    def sleep(self, seconds: float) -> None:
        """Read nothing for a while."""
        self._sleeping = seconds
        self._leave()

    def switch(self, technique: str) -> None:
        """Go on with another technique."""
        self.technique = technique
        self._leave()

    def _leave(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def at(self, id: str) -> bool:
        """Whether it has come so far."""
        return self.cursor == id

    def close(self) -> None:
        """End; the thread is gone afterwards."""
        self._ended.set()
        while self._thread.is_alive():  # it may be about to make another reader
            self._leave()
            self._thread.join(0.2)


class Source:
    """A thread that publishes numbers, each under a key of its own, again until it is acknowledged."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.acknowledged: dict[str, str] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="storm source", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        publisher = Publisher(self.url)
        while not self._ended.wait(0.002):
            key = f"k{number}"
            try:
                self.acknowledged[key] = publisher.publish(key, key)
            except RtlabError:  # not acknowledged: the same key again
                publisher.close()
                publisher = Publisher(self.url)
            else:
                number += 1
        publisher.close()

    def close(self) -> None:
        """Publish no more."""
        self._ended.set()
        self._thread.join(30.0)


class Weather:
    """What the storm does to server and path, by chance."""

    def __init__(self, plan: Plan, things: ExitStack) -> None:
        self.chance = random.Random(plan.seed)
        self.appended: list[tuple[str, str]] = []  # id and key
        self.inside = 0  # events that did not come through the tap
        self.server = self._serve(0)
        things.callback(lambda: self.server.close())
        self.tap = things.enter_context(Tap(("127.0.0.1", self.server.server.port), keep_bytes=1 << 16))
        self.url = "http://{}:{}/channels/{}".format(*self.tap.address, CHANNEL)

    def _serve(self, port: int) -> ServerThread:
        def note(_channel: str, event: Event) -> None:
            self.appended.append((event.id, event.data))

        return ServerThread(port=port, limits=LIMITS, on_append=note)

    def strike(self, followers: list[Follower]) -> str:
        """One fault; its name."""
        name = self.chance.choice([*BOXES, *BLOWS])
        victim = self.chance.choice(followers)
        match name:
            case "cut":
                self.tap.cut()
            case "restart":
                port = self.server.server.port
                self.server.close()
                self.server = self._serve(port)
            case "sleep":
                victim.sleep(self.chance.uniform(0, 0.6))
            case "switch":
                victim.switch(self.chance.choice(TECHNIQUES))
            case _:
                self.tap.middleboxes = [BOXES[name](self.chance)]
                if self.chance.random() < 0.5:
                    self.tap.cut()  # so that it meets everybody, not only who connects anew
        return name

    def publish(self, count: int) -> None:
        """Events that come from inside, whatever the path is like."""

        def append() -> None:
            channel = self.server.server.channels.find(CHANNEL)
            for _ in range(count):
                self.inside += 1
                channel.publish(f"i{self.inside}")

        self.server.call(append)

    def calm(self) -> None:
        """An open path for everybody."""
        self.tap.middleboxes = []
        self.tap.cut()


def storm(plan: Plan, progress: Callable[[float], None] = lambda share: None) -> Aftermath:
    """Let it blow, and say what was left. Nothing is raised for what readers did wrong: see `verdict.faults`."""
    began, after = time.monotonic(), Aftermath(plan)
    with ExitStack() as things:
        weather = Weather(plan, things)
        source = Source(weather.url)
        things.callback(source.close)
        followers = [Follower(weather.url, by) for by in TECHNIQUES for _ in range(plan.readers)]
        for follower in followers:
            things.callback(follower.close)
        for number in range(plan.faults):
            after.faults[weather.strike(followers)] += 1
            weather.publish(weather.chance.randrange(2 * BURST))
            time.sleep(weather.chance.uniform(0, 2 * PAUSE))
            progress((number + 1) / plan.faults)
        weather.calm()
        source.close()
        weather.publish(1)
        _await(followers, weather.appended[-1][0], after.verdict)
    check_log(weather.appended, source.acknowledged, LIMITS.events, after.verdict)
    for number, follower in enumerate(followers):
        check_reader(f"reader {number}", follower.opened, follower.items, after.verdict)
    after.acknowledged, after.appended = len(source.acknowledged), len(weather.appended)
    after.seconds = time.monotonic() - began
    return after


def _await(followers: list[Follower], id: str, verdict: Verdict) -> None:
    deadline = time.monotonic() + CALM
    while not all(follower.at(id) for follower in followers) and time.monotonic() < deadline:
        time.sleep(0.01)
    for number, follower in enumerate(followers):
        if not follower.at(id):
            verdict.faults.append(
                f"reader {number} ({follower.technique}) is at {follower.cursor}, not at {id}, after {CALM:g} s of calm"
            )
