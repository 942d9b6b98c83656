"""What a broker adds: `rtlab bench brokers`, latency and throughput beside the bare clients of the same engines.

    bare     publisher ─▶ engine ─▶ consumer: Redis's own PUBLISH and SUBSCRIBE, a producer and a consumer of Kafka
    rtlab    publisher ─▶ engine ─▶ server process ─▶ a WebSocket

All in one run, one after the other, on one machine: the difference is what the server adds. Each event carries the
monotonic time at which it was sent, and is numbered: who got fewer than were sent would be an error, not a figure.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rtlab.brokers import open_broker
from rtlab.brokers.embedded import EMBEDDED, Embedded
from rtlab.errors import RtlabError
from rtlab.fleet import Fleet
from rtlab.measure.broker_reader import Socket

RATE, PATIENCE = 100.0, 30.0
PAYLOAD = "x" * 60
Send = Callable[[bytes], Awaitable[object]]


@dataclass(frozen=True)
class Row:
    """One way through a broker: latency in seconds (median, p99) at `RATE`, and events a second at full speed."""

    way: str
    median: float
    p99: float
    throughput: float


class Arrivals:
    """What came, and when."""

    def __init__(self) -> None:
        self.count = 0
        self.latencies: list[int] = []
        self.last = 0

    def take(self, data: bytes) -> None:
        """Note an event's data."""
        self.last = time.monotonic_ns()
        self.latencies.append(self.last - int(json.loads(data)["at"]))
        self.count += 1

    async def wait(self, count: int) -> None:
        """Until so many are here. Raises RtlabError when they do not come."""
        deadline = time.monotonic() + PATIENCE
        while self.count < count:
            if time.monotonic() > deadline:
                raise RtlabError(f"{self.count} of {count} events came within {PATIENCE:g} s")
            await asyncio.sleep(0.002)


def event() -> bytes:
    """An event's data: when it was sent, and something to carry."""
    return json.dumps({"at": str(time.monotonic_ns()), "text": PAYLOAD}).encode()


async def measured(way: str, send: Send, arrivals: Arrivals, events: int) -> Row:
    """Events at a steady rate first, then as fast as they go, 200 under way at a time."""
    for _ in range(10):
        await send(event())
    await arrivals.wait(10)
    arrivals.latencies.clear()
    due = time.monotonic()
    slow = max(20, events // 20)
    for _ in range(slow):
        due += 1 / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await send(event())
    await arrivals.wait(10 + slow)
    cuts = statistics.quantiles(arrivals.latencies, n=100)
    began = time.monotonic_ns()
    for first in range(0, events, 200):
        await asyncio.gather(*(send(event()) for _ in range(min(200, events - first))))
    await arrivals.wait(10 + slow + events)
    return Row(way, cuts[49] / 1e9, cuts[98] / 1e9, events / (arrivals.last - began) * 1e9)


@contextlib.asynccontextmanager
async def _redis_pub_sub(engine: Embedded, arrivals: Arrivals) -> AsyncIterator[Send]:
    from redis.asyncio import BlockingConnectionPool, Redis

    pool = BlockingConnectionPool(port=engine.port, max_connections=20)
    async with Redis.from_pool(pool) as sender, Redis(port=engine.port) as receiver:
        subscription: Any = receiver.pubsub()
        await subscription.subscribe("bench")

        async def listen() -> None:
            async for message in subscription.listen():
                if message["type"] == "message":
                    arrivals.take(message["data"])

        task = asyncio.create_task(listen())
        try:
            yield lambda data: sender.publish("bench", data)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await subscription.aclose()


@contextlib.asynccontextmanager
async def _bare_kafka(engine: Embedded, arrivals: Arrivals) -> AsyncIterator[Send]:
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

    from rtlab.brokers.topic import Topic

    topic = Topic(engine.address)
    name = f"bench-{secrets.token_hex(4)}"
    producer = AIOKafkaProducer(**topic.options, acks="all")
    hold = int(topic.hold * 1000)
    consumer = AIOKafkaConsumer(name, **topic.options, fetch_max_wait_ms=hold, auto_offset_reset="earliest")
    await producer.start()
    await producer.send_and_wait(name, event())
    await consumer.start()

    async def listen() -> None:
        async for record in consumer:
            arrivals.take(record.value)

    task = asyncio.create_task(listen())
    try:
        await arrivals.wait(1)
        arrivals.count = 0
        yield lambda data: producer.send_and_wait(name, data)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await consumer.stop()
        await producer.stop()


BARE = {
    "embedded-redis": ("Redis pub/sub", _redis_pub_sub),
    "embedded-kafka": ("aiokafka consumer", _bare_kafka),
}


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


async def _through_servers(engine: Embedded, processes: int, events: int) -> Row:
    """As many readers as processes, each wherever the system puts it; the first one's arrivals count."""
    channel = f"bench-{secrets.token_hex(4)}"
    fleet = await asyncio.to_thread(Fleet, processes, engine.address)
    arrivals = Arrivals()
    try:
        async with contextlib.AsyncExitStack() as stack:
            send = await stack.enter_async_context(_appends(engine, channel, events))
            for number in range(processes):
                take = arrivals.take if number == 0 else (lambda _data: None)
                await stack.enter_async_context(Socket(fleet.port, channel, take))
            way = f"rtlab, {processes} process{'es' if processes > 1 else ''}"
            return await measured(way, send, arrivals, events)
    finally:
        await asyncio.to_thread(fleet.close)


async def compare(kind: str, events: int) -> list[Row]:
    """The bare client, one process and two of an embedded broker (`embedded-redis`, `embedded-kafka`)."""
    way, bare = BARE[kind]
    with EMBEDDED[kind]() as engine:
        arrivals = Arrivals()
        async with bare(engine, arrivals) as send:
            rows = [await measured(way, send, arrivals, events)]
        for processes in (1, 2):
            rows.append(await _through_servers(engine, processes, events))
        return rows
