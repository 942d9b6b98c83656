"""Kafka: one topic for all channels; a channel is the key of its records, so all of them are in one partition.

    record = key: the channel · value: the event's JSON data · header rtlab-key: its idempotency key

A cursor is LOGID.PARTITION.OFFSET: the topic's identity, and the offset of the next record, as Kafka commits it.
Each server follows all partitions, from some way back on, and keeps what it has seen (`partition`): a partition
is read as a whole, for Kafka does not look into keys.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator

from aiokafka import TopicPartition
from aiokafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from rtlab.broker import Appended, Overview, Page, Record, order
from rtlab.brokers.ending import closed
from rtlab.brokers.follower import TROUBLES, Follower
from rtlab.brokers.kafka_record import KEY, time_of
from rtlab.brokers.login import ANSWER_SECONDS, named
from rtlab.brokers.partition import PartitionLog
from rtlab.brokers.topic import Topic
from rtlab.errors import KeyReused, LimitExceeded, Unavailable
from rtlab.event import Cursor


class KafkaBroker:
    """`Broker` over one topic; `url` as in `topic`."""

    def __init__(self, url: str) -> None:
        self._topic = Topic(url)
        self.address = self._topic.address
        self._follower = Follower(self._topic)

    @property
    def trouble(self) -> str | None:
        """Why it cannot be used now."""
        return self._follower.trouble

    @property
    def failures(self) -> int:
        """Times that it was lost since the start."""
        return self._follower.failures

    async def check(self) -> None:
        """As `Broker.check`."""
        admin = self._topic.admin()
        try:
            await self._topic.start(admin)
            await asyncio.wait_for(self._topic.identity(admin), ANSWER_SECONDS)
        except TROUBLES as error:
            raise named(error, self.address) from None
        finally:
            await closed(admin.close())

    async def start(self) -> None:
        """As `Broker.start`."""
        await self._follower.start()

    async def append(self, channel: str, data: bytes, key: str | None = None) -> Appended:
        """As `Broker.append`. With a key the answer waits until the record has come back: it may not be the first."""
        log = await self._log(channel)
        if key is not None and (known := log.known(channel, f"k{key}")) is not None:
            return Appended(_same(known, data, key), False)
        if self._follower.producer is None:
            raise Unavailable(self.trouble or f"the broker {self.address} is not connected", 1.0)
        try:
            sent = await self._follower.producer.send(
                self._topic.name,
                data,
                channel.encode(),
                partition=log.number,
                headers=[(KEY, (f"k{key}" if key is not None else f"-{secrets.token_hex(8)}").encode())],
            )
            placed = await asyncio.wait_for(sent, ANSWER_SECONDS)
        except (MessageSizeTooLargeError, RecordListTooLargeError):  # to wait would not help
            most = self._topic.record_bytes
            raise LimitExceeded(
                "body_bytes",
                most,
                f"the topic takes no event so large: at most {most} bytes with key and channel",
            ) from None
        except TROUBLES as error:
            raise named(error, self.address) from None
        record = Record(log.cursor(placed.offset + 1), time_of(placed.timestamp), data)
        if key is None:
            return Appended(record, True)
        await self._come(log, placed.offset)
        first = log.known(channel, f"k{key}") or record
        return Appended(_same(first, data, key), first.id == record.id)

    async def _log(self, channel: str) -> PartitionLog:
        try:
            await asyncio.wait_for(self._follower.caught_up.wait(), ANSWER_SECONDS)
        except asyncio.TimeoutError:
            raise Unavailable(self.trouble or f"the broker {self.address} is still being read", 1.0) from None
        return self._follower.logs[self._follower.number(channel)]

    async def _come(self, log: PartitionLog, offset: int) -> None:
        """Wait until a record has come."""
        deadline = asyncio.get_running_loop().time() + ANSWER_SECONDS
        while log.end <= offset:
            try:
                await asyncio.wait_for(
                    self._follower.moved.wait(), deadline - asyncio.get_running_loop().time()
                )
            except asyncio.TimeoutError:
                raise Unavailable(
                    f"the broker {self.address} is slow: ask again with the same key", 1.0
                ) from None

    async def read(self, channel: str, after: str, limit: int) -> Page:
        """As `Broker.read`: what the topic has now, once it is here."""
        log = await self._log(channel)
        await self._have_all([log])
        return log.read(channel, after, limit)

    async def _have_all(self, logs: list[PartitionLog]) -> None:
        """Wait until all is here that the broker has in these partitions now."""
        if self._follower.asker is None:
            raise Unavailable(self.trouble or f"the broker {self.address} is not connected", 1.0)
        partitions = {TopicPartition(self._topic.name, log.number): log for log in logs}
        try:
            ends = await asyncio.wait_for(self._follower.asker.end_offsets(partitions), ANSWER_SECONDS)
        except TROUBLES as error:
            raise named(error, self.address) from None
        for partition, log in partitions.items():
            await self._come(log, ends[partition] - 1)

    async def tail(self, channel: str, after: str) -> AsyncIterator[Page]:
        """As `Broker.tail`."""
        log = await self._log(channel)
        pages: asyncio.Queue[Page] = asyncio.Queue()
        self._follower.tails.setdefault(channel, set()).add(pages)
        try:
            page = log.read(channel, after, log.keep.records)
            while page.records:
                yield page
                after = page.end
                page = log.read(channel, after, log.keep.records)  # behind a hole there may be more
            while True:
                page = _behind(after, await pages.get())
                if page.records:
                    yield page
                    after = page.end
        finally:
            self._follower.tails[channel].discard(pages)
            if not self._follower.tails[channel]:
                del self._follower.tails[channel]

    async def channels(self) -> list[Overview]:
        """As `Broker.channels`."""
        await self._log("")
        await self._have_all(self._follower.logs)
        return sorted(row for log in self._follower.logs for row in log.overviews())

    async def close(self) -> None:
        """As `Broker.close`."""
        await self._follower.close()


def _same(record: Record, data: bytes, key: str) -> Record:
    if record.data != data:
        raise KeyReused(key)
    return record


def _behind(place: str, page: Page) -> Page:
    """What of a page is behind a place, which may have been told of by the append itself."""
    if Cursor.parse(place).log != page.log:
        return page
    records = [record for record in page.records if order(record.id) > order(place)]
    return page._replace(records=records, after=page.after if len(records) == len(page.records) else place)
