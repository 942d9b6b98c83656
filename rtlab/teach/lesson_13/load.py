"""As many deliveries as server processes can make: who made how many, and with how much CPU."""

from __future__ import annotations

import asyncio
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import requests

from rtlab.brokers import open_broker
from rtlab.errors import RtlabError
from rtlab.fleet import Fleet

DELIVERED = "rtlab_events_delivered_total"
EVENT = b'{"price": 101.25, "symbol": "RTL"}'


@dataclass(frozen=True)
class Load:
    """What a fleet did: seconds from the first append to the last delivery; each process's share."""

    seconds: float
    cpu: tuple[float, ...]  # seconds of each process
    delivered: tuple[int, ...]  # events that each handed to readers

    @property
    def deliveries(self) -> int:
        """Events handed to readers by all together."""
        return sum(self.delivered)

    @property
    def busiest(self) -> float:
        """The share of one core that the busiest process took."""
        return max(self.cpu) / self.seconds

    @property
    def microseconds(self) -> float:
        """CPU for one delivery, over all processes."""
        return 1e6 * sum(self.cpu) / self.deliveries

    @property
    def capacity(self) -> float:
        """Deliveries a second if the busiest process had a core to itself and used all of it."""
        return self.deliveries / max(self.cpu)


def deliver(fleet: Fleet, readers: int, events: int, rate: float = 40.0) -> Load:
    """Let a fleet deliver `events`, `rate` of them a second, to `readers` WebSockets in a process of their own.

    At a steady rate each event is a write of its own to each reader; faster than it can go a server would write
    several at once, and the cost of a delivery would be that of a share in a batch.
    """
    channel = f"load-{secrets.token_hex(4)}"
    with _crowd(fleet.port, channel, readers) as crowd:
        watched = [psutil.Process(pid) for pid in fleet.pids if pid is not None]
        made = by_process(fleet.url, DELIVERED)
        before = [sum(one.cpu_times()[:2]) for one in watched]
        began = time.monotonic()
        with ThreadPoolExecutor(1) as pool:  # a cell has a loop that runs already
            pool.submit(asyncio.run, _publish(fleet.broker, channel, events, rate)).result(60)
        crowd(events * readers)
        seconds = time.monotonic() - began
        cpu = tuple(sum(one.cpu_times()[:2]) - was for one, was in zip(watched, before, strict=True))
        after = by_process(fleet.url, DELIVERED)
        return Load(seconds, cpu, tuple(after[place] - made[place] for place in sorted(after)))


async def _publish(address: str, channel: str, events: int, rate: float) -> None:
    broker = open_broker(address)
    await broker.start()
    due = time.monotonic()
    try:
        for _ in range(events):
            await broker.append(channel, EVENT)
            due += 1 / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
    finally:
        await broker.close()


@contextmanager
def _crowd(port: int, channel: str, readers: int) -> Iterator[Callable[[int], None]]:
    """A process of readers that only count; what it yields waits until they have had so many events."""
    command = [sys.executable, "-m", "rtlab.teach.lesson_13.drain", str(port), channel, str(readers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = child.stdout

        def wait(events: int) -> None:
            print(events, file=child.stdin, flush=True)
            if not said.readline():
                raise RtlabError("the readers of this measurement ended before they had all events")

        try:
            if said.readline() != "ready\n":
                raise RtlabError("the readers of this measurement could not connect")
            yield wait
        finally:
            child.kill()


def by_process(url: str, metric: str, timeout: float = 10.0) -> dict[str, int]:
    """A metric of each process of a fleet that answers: its place → the value."""
    text = requests.get(f"{url}/metrics?by=process", timeout=timeout).text
    found = re.findall(rf'^{metric}{{process="(\d+)"}} (\S+)', text, re.MULTILINE)
    return {place: int(float(value)) for place, value in found}
