"""The bare clients of brokers, to set servers beside: what comes by the engine's own means, without a server of ours.

Each is given what rtlab's own have: appends that are asked for while others are on their way go together with the
next, and a consumer of Kafka reads as many partitions, with fetches that are held as long.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from rtlab.brokers.embedded import Embedded
from rtlab.brokers.ending import cancelled
from rtlab.errors import RtlabError

PATIENCE = 30.0  # seconds that events have to come
TOGETHER = 500  # commands in one round trip
CHANNEL = "bench"
Send = Callable[[bytes], Awaitable[object]]


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


class Together:
    """Sends commands of Redis as rtlab's appends are sent: those that wait go in one round trip."""

    def __init__(self, client: Any, command: Callable[[Any, bytes], object]) -> None:
        self._client, self._command = client, command
        self._waiting: asyncio.Queue[tuple[bytes, asyncio.Future[None]]] = asyncio.Queue()

    async def send(self, data: bytes) -> None:
        """Have it sent, and wait for the answer."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((data, done))
        await done

    async def run(self) -> None:
        """Send what waits, again and again."""
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < TOGETHER and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            pipeline = self._client.pipeline(transaction=False)
            for data, _ in batch:
                self._command(pipeline, data)
            try:
                await pipeline.execute()
            except Exception as error:
                answer: Exception | None = error
            else:
                answer = None
            for _, done in batch:
                if done.done():
                    continue
                if answer is not None:
                    done.set_exception(answer)
                else:
                    done.set_result(None)


@contextlib.asynccontextmanager
async def _redis(
    engine: Embedded, command: Callable[[Any, bytes], object], listen: Callable[[Any], Awaitable[None]]
) -> AsyncIterator[Send]:
    from redis.asyncio import Redis

    async with Redis(port=engine.port) as sender, Redis(port=engine.port) as receiver:
        together = Together(sender, command)
        tasks = [asyncio.ensure_future(listen(receiver)), asyncio.create_task(together.run())]
        try:
            yield together.send
        finally:
            await cancelled(tasks)


@contextlib.asynccontextmanager
async def redis_pub_sub(engine: Embedded, arrivals: Arrivals) -> AsyncIterator[Send]:
    """PUBLISH and SUBSCRIBE."""
    subscribed = asyncio.Event()

    async def listen(client: Any) -> None:
        async with client.pubsub() as subscription:
            await subscription.subscribe(CHANNEL)
            async for message in subscription.listen():
                subscribed.set()
                if message["type"] == "message":
                    arrivals.take(message["data"])

    async with _redis(engine, lambda pipeline, data: pipeline.publish(CHANNEL, data), listen) as send:
        await asyncio.wait_for(subscribed.wait(), PATIENCE)
        yield send


@contextlib.asynccontextmanager
async def redis_stream(engine: Embedded, arrivals: Arrivals) -> AsyncIterator[Send]:
    """XADD and a blocking XREAD."""
    stream = f"{CHANNEL}-{secrets.token_hex(4)}"

    async def listen(client: Any) -> None:
        place = b"0"
        while True:
            for _, entries in await client.xread({stream: place}, count=1_000, block=1_000) or ():
                place = entries[-1][0]
                for _, fields in entries:
                    arrivals.take(fields[b"d"])

    async with _redis(engine, lambda pipeline, data: pipeline.xadd(stream, {"d": data}), listen) as send:
        yield send


@contextlib.asynccontextmanager
async def kafka_consumer(engine: Embedded, arrivals: Arrivals) -> AsyncIterator[Send]:
    """A producer, and a consumer of a topic like rtlab's own."""
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

    from rtlab.brokers.topic import Topic

    path, _, query = engine.address.partition("?")
    topic = Topic(f"{path}/bench-{secrets.token_hex(4)}?{query}")
    async with contextlib.AsyncExitStack() as stack:
        admin = topic.admin()
        stack.push_async_callback(admin.close)
        await topic.start(admin)
        await topic.make(admin)
        producer = AIOKafkaProducer(**topic.options, acks="all")
        stack.push_async_callback(producer.stop)
        await producer.start()
        hold = int(topic.hold * 1000)
        consumer = AIOKafkaConsumer(
            topic.name, **topic.options, fetch_max_wait_ms=hold, auto_offset_reset="earliest"
        )
        stack.push_async_callback(consumer.stop)
        await consumer.start()

        async def listen() -> None:
            async for record in consumer:
                arrivals.take(record.value)

        stack.push_async_callback(cancelled, [asyncio.create_task(listen())])
        yield lambda data: producer.send_and_wait(topic.name, data, CHANNEL.encode())


BARE = {
    "embedded-redis": {"Redis pub/sub": redis_pub_sub, "Redis stream": redis_stream},
    "embedded-kafka": {"aiokafka consumer": kafka_consumer},
}
