"""The same states by a WebSocket and by datagrams, on paths that lose the same share of the packets."""

from __future__ import annotations

import json
import math
import socket
import statistics
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from rtlab.errors import RtlabError
from rtlab.measure.age import age_at, mean_age
from rtlab.teach.lesson_16.crowd import Follower
from rtlab.wire.datagrams import DatagramPath
from rtlab.wire.tap import Tap
from rtlab.wire.trouble import LosesPackets

CHANNEL = "states"
PATIENCE = 5.0  # s for what is on the way
Heard = list[tuple[float, float]]  # when it was sent and when it arrived, monotonic seconds


class Laboratory(Protocol):
    """What is needed of a lab (teach does not import it: no room imports a sibling)."""

    @property
    def server_url(self) -> str:
        """The server itself."""

    @property
    def appends(self) -> dict[str, int]:
        """When the server appended each event, monotonic ns."""

    def publish(self, name: str, data: Any) -> str:
        """Append an event; its id."""


@dataclass
class Streams:
    """What several readers heard of the same states on one kind of path: `by` websocket or datagrams."""

    by: str
    share: float
    sent: int
    heard: list[Heard] = field(repr=False)

    @property
    def age(self) -> float:
        """The mean age of the newest state, in seconds: over time, and over the readers."""
        return statistics.mean(mean_age(heard) for heard in self.heard)

    @property
    def spread(self) -> float:
        """Half a 95 % interval of that mean, from how much the readers differ."""
        ages = [mean_age(heard) for heard in self.heard]
        return 1.96 * statistics.stdev(ages) / math.sqrt(len(ages))

    @property
    def arrived(self) -> float:
        """The part of the states that arrived at all."""
        return sum(map(len, self.heard)) / (self.sent * len(self.heard))

    def ages(self, reader: int, step: float = 0.02) -> tuple[list[float], list[float]]:
        """One reader's picture, drawn every `step` seconds: seconds since the first state, and how old it was."""
        heard = self.heard[reader]
        began, over = heard[0][1], max(arrived for _, arrived in heard)
        moments = [began + step * n for n in range(1, int((over - began) / step))]
        return [moment - began for moment in moments], age_at(heard, moments)


def compare_streams(
    lab: Laboratory,
    shares: Sequence[float],
    seconds: float,
    *,
    every: float = 0.05,
    delay: float = 0.03,
    after: float = 0.2,
    readers: int = 8,
    seed: int = 1,
) -> list[Streams]:
    """Tell a state `every` so many seconds, by both ways and on a path for each share, all at once.

    A WebSocket's lost packet comes `after` seconds later, as `LosesPackets` has it; a datagram's does not come. Each
    reader has losses of its own. Raises what went wrong.
    """
    with ExitStack() as stack:
        told = [_Told(stack, lab, share, delay, after, readers, seed) for share in shares]
        asked = [_Thrown(stack, share, delay, readers, seed) for share in shares]
        number, due = 0, time.monotonic()
        ids: list[str] = []
        while number * every < seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            for each in asked:
                each.send(number)
            ids.append(lab.publish(CHANNEL, {"n": number, "boats": "x" * 200}))
            number, due = number + 1, due + every
        with ThreadPoolExecutor(len(told)) as pool:
            list(pool.map(lambda stream: stream.finish(ids[-1]), told))
        for each in asked:
            each.finish()
        appends = lab.appends
        return [Streams("websocket", each.share, number, each.heard(appends)) for each in told] + [
            Streams("datagrams", each.share, number, each.heard) for each in asked
        ]


class _Told:
    """Readers by WebSocket behind a tap whose path loses packets."""

    def __init__(
        self,
        stack: ExitStack,
        lab: Laboratory,
        share: float,
        delay: float,
        after: float,
        readers: int,
        seed: int,
    ) -> None:
        self.share = share
        where = urlsplit(lab.server_url)
        assert where.hostname is not None
        assert where.port is not None
        box = LosesPackets(share, after, seed)
        tap = stack.enter_context(Tap((where.hostname, where.port), delay=delay, middleboxes=[box]))
        url = f"http://{tap.address[0]}:{tap.address[1]}/channels/{CHANNEL}"
        self.followers = [Follower("websocket", url) for _ in range(readers)]
        for follower in self.followers:
            stack.callback(follower.reader.close)
        with ThreadPoolExecutor(readers) as pool:  # a handshake may be lost as well
            list(pool.map(Follower.open, self.followers))

    def finish(self, last: str) -> None:
        """Wait until everybody has the last state, and stop. Raises what went wrong."""
        deadline = time.monotonic() + PATIENCE
        for follower in self.followers:
            while not (follower.arrived and follower.arrived[-1][0].id == last):
                if follower.error is not None or time.monotonic() > deadline:
                    break
                time.sleep(0.005)
        with ThreadPoolExecutor(len(self.followers)) as pool:  # a good-bye may be lost, too
            list(pool.map(Follower.finish, self.followers))

    def heard(self, appends: dict[str, int]) -> list[Heard]:
        """What each reader heard."""
        return [
            [(appends[event.id] / 1e9, at / 1e9) for event, at in follower.arrived if event.id in appends]
            for follower in self.followers
        ]


class _Thrown:
    """Receivers of datagrams, each behind a path of its own, in one thread."""

    def __init__(self, stack: ExitStack, share: float, delay: float, readers: int, seed: int) -> None:
        self.share = share
        self.heard: list[Heard] = [[] for _ in range(readers)]
        self._receiver = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self._receiver.bind(("127.0.0.1", 0))
        self._receiver.settimeout(0.2)
        self._sender = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self._paths = [
            stack.enter_context(
                DatagramPath(self._receiver.getsockname(), share=share, delay=delay, seed=seed * 1000 + n)
            )
            for n in range(readers)
        ]
        self._sent = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._receive, name="rtlab receiver", daemon=True)
        self._thread.start()
        stack.callback(self._over.set)

    def send(self, number: int) -> None:
        """Throw a state at each receiver."""
        for reader, path in enumerate(self._paths):
            state = {"reader": reader, "n": number, "at": time.monotonic(), "boats": "x" * 200}
            self._sender.sendto(json.dumps(state).encode(), path.address)
        self._sent += 1

    def _receive(self) -> None:
        newest = [-1] * len(self.heard)
        while not self._over.is_set():
            try:
                data = self._receiver.recv(2000)
            except OSError:  # nothing for a while
                continue
            now, state = time.monotonic(), json.loads(data)
            if state["n"] > newest[state["reader"]]:  # or a newer one is known
                newest[state["reader"]] = state["n"]
                self.heard[state["reader"]].append((state["at"], now))

    def finish(self) -> None:
        """Wait until all is carried or lost, and stop. Raises RtlabError if a path does not end."""
        deadline = time.monotonic() + PATIENCE
        while any(path.carried + path.lost < self._sent for path in self._paths):
            if time.monotonic() > deadline:
                raise RtlabError(
                    "datagrams are still on the way: run this again when the machine is less busy"
                )
            time.sleep(0.005)
        time.sleep(0.05)  # the last are in the receiver's buffer
        self._over.set()
        self._thread.join(PATIENCE)
