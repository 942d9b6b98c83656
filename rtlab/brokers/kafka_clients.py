"""The client library's objects that one session with a Kafka uses: opened one by one, closed together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from rtlab.brokers.ending import closed
from rtlab.brokers.login import ANSWER_SECONDS
from rtlab.brokers.topic import Topic

FETCH_BYTES = 1 << 20  # of a partition that one fetch brings; and one record, however large


class Clients:
    """What a session opens. Each raises what the library does, or asyncio.TimeoutError after some seconds."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self._closing: list[Callable[[], Awaitable[None]]] = []

    def at_close(self, closing: Callable[[], Awaitable[None]]) -> None:
        """Have something done at `close`, before what was opened earlier is closed."""
        self._closing.append(closing)

    async def admin(self) -> AIOKafkaAdminClient:
        """A client that asks about the topic, and makes it."""
        admin = self.topic.admin()
        self.at_close(admin.close)
        await self.topic.start(admin)
        return admin

    async def consumer(self, hold: float) -> AIOKafkaConsumer:
        """A consumer of no group, on a connection of its own, whose fetches are held for up to `hold` seconds."""
        consumer = AIOKafkaConsumer(
            **self.topic.options,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=max(1, int(hold * 1000)),
            max_partition_fetch_bytes=max(FETCH_BYTES, self.topic.record_bytes),
            retry_backoff_ms=50,
        )
        return await self._started(consumer)

    async def producer(self) -> AIOKafkaProducer:
        """An idempotent producer; a plain one where the broker has none: then the keys do what it would."""
        try:
            return await self._started(self._producer(idempotent=True))
        except KafkaError:
            await closed(self._closing.pop()())
            return await self._started(self._producer(idempotent=False))

    def _producer(self, *, idempotent: bool) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            **self.topic.options,
            acks="all",
            enable_idempotence=idempotent,
            retry_backoff_ms=50,
            max_request_size=self.topic.record_bytes,
        )

    async def _started(self, client: Any) -> Any:
        self.at_close(client.stop)  # first, for a start that is given up leaves connections, too
        await asyncio.wait_for(client.start(), ANSWER_SECONDS)
        return client

    async def close(self) -> None:
        """Close what was opened, the last first."""
        for close in reversed(self._closing):
            await closed(close())
