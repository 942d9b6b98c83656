"""`rtlab bench faults`: everything that can go wrong, again and again, while readers of all techniques read.

One server, one tap before it. A publisher and readers work through the tap; a seed decides which fault comes next:
a middlebox is put on the path, all connections are cut, the server is restarted (its logs in memory begin anew), a
reader sleeps until its window has moved on, or goes on with another technique. In the end the path is open again, and
each reader must come to the end of its channel. `fault_check` judges what each has seen.
"""

from __future__ import annotations

import random
import ssl
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from rtlab.event import Event
from rtlab.measure.bounds import whole
from rtlab.measure.fault_check import Verdict, check_log, check_reader
from rtlab.measure.fault_reader import Source, StormReader
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread
from rtlab.server.tls import Development, development
from rtlab.wire.middlebox import Middlebox
from rtlab.wire.proxies import Buffers, LosesAnswers, Refuses, StripsUpgrade
from rtlab.wire.tap import Tap
from rtlab.wire.tls import PutsOnTLS, TakesOffTLS
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
# Those that understand HTTP. Inside TLS they would see nothing: there each is one that opens it and puts it on again.
OF_HTTP = {"lost answers", "no upgrade", "buffering", "forbidden", "bad gateway", "gateway time-out"}
# What happens once, at that moment; the boxes above stay until the next of them.
BLOWS = ("cut", "restart", "sleep", "switch")


@dataclass
class Plan:
    """How many faults, by which chance, how many readers of each technique suffer them, and whether inside TLS."""

    faults: int = 500
    seed: int = 0
    readers: int = 1
    tls: bool = False

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


class Weather:
    """What the storm does to server and path, by chance."""

    def __init__(self, plan: Plan, things: ExitStack) -> None:
        self.chance = random.Random(plan.seed)
        self.appended: list[tuple[str, str]] = []  # id and key
        self.inside = 0  # events that did not come through the tap
        self.security: Development | None = things.enter_context(development()) if plan.tls else None
        self.cacert = self.security and self.security.cacert
        self.server = self._serve(0)
        things.callback(lambda: self.server.close())
        self.tap = things.enter_context(Tap(("127.0.0.1", self.server.server.port), keep_bytes=1 << 16))
        scheme = "https" if plan.tls else "http"
        self.url = "{}://{}:{}/channels/{}".format(scheme, *self.tap.address, CHANNEL)

    def _serve(self, port: int) -> ServerThread:
        def note(_channel: str, event: Event) -> None:
            self.appended.append((event.id, event.data))

        tls = self.security and self.security.tls
        return ServerThread(port=port, limits=LIMITS, on_append=note, tls=tls)

    def _boxes(self, name: str) -> list[Middlebox]:
        box = BOXES[name](self.chance)
        if self.security is None or name not in OF_HTTP:
            return [box]
        towards = PutsOnTLS(ssl.create_default_context(cafile=self.security.cacert))
        return [TakesOffTLS(self.security.tls), box, towards]

    def strike(self, followers: list[StormReader]) -> str:
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
                self.tap.middleboxes = self._boxes(name)
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
        source = Source(weather.url, weather.cacert)
        things.callback(source.close)
        readers = [by for by in TECHNIQUES for _ in range(plan.readers)]
        followers = [StormReader(weather.url, by, weather.cacert) for by in readers]
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


def _await(followers: list[StormReader], id: str, verdict: Verdict) -> None:
    deadline = time.monotonic() + CALM
    while not all(follower.at(id) for follower in followers) and time.monotonic() < deadline:
        time.sleep(0.01)
    for number, follower in enumerate(followers):
        if not follower.at(id):
            verdict.faults.append(
                f"reader {number} ({follower.technique}) is at {follower.cursor}, not at {id}, after {CALM:g} s of calm"
            )
