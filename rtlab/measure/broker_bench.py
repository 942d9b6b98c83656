"""What a broker adds: `rtlab bench brokers`, latency and throughput beside the bare clients of the same engines.

    bare     publisher ─▶ engine ─▶ consumer: PUBLISH and SUBSCRIBE, XADD and XREAD; a producer and a consumer
    rtlab    publisher ─▶ engine ─▶ server process ─▶ a WebSocket

A server's latency and the bare clients' are of the same moments: each event is sent through all of them at once, in an
order that turns, so that what else the machine does meets all. The moments are random: events at regular intervals and
a fetch that is held for about as long fall into step, and the figure is that of the step. Full speed is measured one
after the other. Each event carries the monotonic time at which it was sent; who gets fewer than were sent is an error,
not a figure.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import secrets
import statistics
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from rtlab.brokers import open_broker
from rtlab.brokers.embedded import EMBEDDED, Embedded
from rtlab.fleet import Fleet
from rtlab.measure.broker_bare import BARE, Arrivals, Send
from rtlab.measure.broker_reader import Socket

RATE = 100.0
SEED = 13
WARM = 10  # events before those that count
AT_ONCE = 200  # sends under way at a time, at full speed
PROCESSES = {"rtlab, 1 process": 1, "rtlab, 2 processes": 2}
PAYLOAD = "x" * 60


@dataclass(frozen=True)
class Way:
    """An open way through a broker."""

    send: Send
    arrivals: Arrivals


@dataclass(frozen=True)
class Row:
    """One way through a broker: latency in seconds (median, p99) at `RATE`, and events a second at full speed.

    `added`: by how much the median is above that of the bare client at the same moments, for servers.
    """

    way: str
    median: float
    p99: float
    added: float | None
    throughput: float


def event() -> bytes:
    """An event's data: when it was sent, and something to carry."""
    return json.dumps({"at": str(time.monotonic_ns()), "text": PAYLOAD}).encode()


async def steady(ways: dict[str, Way], events: int) -> dict[str, list[float]]:
    """Percentiles 1 to 99 of each way's latency (ns), at `RATE`."""
    for way in ways.values():
        for _ in range(WARM):
            await way.send(event())
        await way.arrivals.wait(WARM)
        way.arrivals.latencies.clear()
    due, chance = time.monotonic(), random.Random(SEED)
    turning = deque(ways.values())
    for _ in range(events):
        due += chance.expovariate(RATE)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await asyncio.gather(*(way.send(event()) for way in turning))
        turning.rotate()
    for way in ways.values():
        await way.arrivals.wait(WARM + events)
    return {name: statistics.quantiles(way.arrivals.latencies, n=100) for name, way in ways.items()}


async def fast(way: Way, events: int) -> float:
    """Events a second, as fast as they go."""
    before = way.arrivals.count
    began = time.monotonic_ns()
    for first in range(0, events, AT_ONCE):
        await asyncio.gather(*(way.send(event()) for _ in range(min(AT_ONCE, events - first))))
    await way.arrivals.wait(before + events)
    return events / (way.arrivals.last - began) * 1e9


@contextlib.asynccontextmanager
async def _appends(engine: Embedded, channel: str, events: int) -> AsyncIterator[Send]:
    """Send as a server appends; to Kafka with a bare producer, for a server's own reads the topic as well."""
    if engine.scheme == "kafka":
        from aiokafka import AIOKafkaProducer

        from rtlab.brokers.topic import Topic

        topic = Topic(engine.address)
        producer = AIOKafkaProducer(**topic.options, acks="all")
        await producer.start()
        try:
            yield lambda data: producer.send_and_wait(topic.name, data, channel.encode())
        finally:
            await producer.stop()
        return
    broker = open_broker(engine.address, 10 * events)
    await broker.start()
    try:
        yield lambda data: broker.append(channel, data)
    finally:
        await broker.close()


@contextlib.asynccontextmanager
async def _servers(engine: Embedded, processes: int, events: int, arrivals: Arrivals) -> AsyncIterator[Send]:
    """As many readers as processes, each wherever the system puts it; the first one's arrivals count."""
    channel = f"bench-{secrets.token_hex(4)}"
    fleet = await asyncio.to_thread(Fleet, processes, engine.address)
    try:
        async with contextlib.AsyncExitStack() as stack:
            send = await stack.enter_async_context(_appends(engine, channel, events))
            for number in range(processes):
                take = arrivals.take if number == 0 else (lambda _data: None)
                await stack.enter_async_context(Socket(fleet.port, channel, take))
            yield send
    finally:
        await asyncio.to_thread(fleet.close)


@contextlib.asynccontextmanager
async def _open(engine: Embedded, kind: str, name: str, events: int) -> AsyncIterator[Way]:
    arrivals = Arrivals()
    if name in PROCESSES:
        opening = _servers(engine, PROCESSES[name], events, arrivals)
    else:
        opening = BARE[kind][name](engine, arrivals)
    async with opening as send:
        yield Way(send, arrivals)


async def compare(kind: str, events: int) -> list[Row]:
    """The bare clients, one process and two of an embedded broker (`embedded-redis`, `embedded-kafka`)."""
    bare = list(BARE[kind])
    rows: dict[str, Row] = {}
    with EMBEDDED[kind]() as engine:
        for served in PROCESSES:
            async with contextlib.AsyncExitStack() as stack:
                names = [*bare, served]
                ways = {n: await stack.enter_async_context(_open(engine, kind, n, events)) for n in names}
                cuts = await steady(ways, max(20, events // 10))
            beside = cuts[bare[-1]][49] / 1e9
            for name in (*(bare if not rows else ()), served):
                async with _open(engine, kind, name, events) as way:
                    speed = await fast(way, events)
                rows[name] = Row(
                    name,
                    cuts[name][49] / 1e9,
                    cuts[name][98] / 1e9,
                    cuts[name][49] / 1e9 - beside if name == served else None,
                    speed,
                )
    return list(rows.values())
