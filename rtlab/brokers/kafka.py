"""Kafka: one topic for all channels; a channel is the key of its records, so all of them are in one partition.

    record = key: the channel · value: the event's JSON data · header rtlab-key: its idempotency key

A cursor is LOGID.PARTITION.OFFSET: the topic's identity, and the offset of the next record, as Kafka commits it.
Each server follows all partitions, from some way back on, and keeps what it has seen (`partition`): a partition
is read as a whole, for Kafka does not look into keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from aiokafka.partitioner import murmur2

from rtlab.broker import Appended, Overview, Page, Record, order, pause
from rtlab.brokers.partition import KEEP_RECORDS, PartitionLog
from rtlab.brokers.topic import ANSWER_SECONDS, Topic, named
from rtlab.errors import KeyReused, Unavailable
from rtlab.event import Cursor

WATCH_SECONDS = 1.0  # between questions whether the topic is still the same
CLOSE_SECONDS = 2.0
KEY = "rtlab-key"
TROUBLES = (KafkaError, OSError, asyncio.TimeoutError, Unavailable)

logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it says each second what `trouble` says once


class KafkaBroker:
    """`Broker` over one topic; `url` as in `topic`."""

    def __init__(self, url: str) -> None:
        self._topic = Topic(url)
        self.address = self._topic.address
        self.trouble: str | None = None
        self.failures = 0
        self._logs: list[PartitionLog] = []
        self._caught_up = asyncio.Event()  # set while what was there at the beginning has been read
        self._moved = asyncio.Event()  # set, and replaced, when records have come
        self._tails: dict[str, set[asyncio.Queue[Page]]] = {}
        self._healthy = False  # all has been read since the last attempt to connect
        self._goal: dict[int, int] = {}  # partition → the offset that it ended with then
        self._lost: set[str] = set()  # channels whose next page follows on a loss
        self._producer: AIOKafkaProducer | None = None
        self._reading: AIOKafkaConsumer | None = None
        self._running: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """As `Broker.check`."""
        admin = self._topic.admin()
        try:
            await asyncio.wait_for(admin.start(), ANSWER_SECONDS)
            await asyncio.wait_for(self._topic.identity(admin), ANSWER_SECONDS)
        except TROUBLES as error:
            raise named(error, self.address) from None
        finally:
            await _closed(admin.close())

    async def start(self) -> None:
        """As `Broker.start`."""
        self._running = asyncio.create_task(self._run(), name="Kafka")
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._caught_up.wait(), WATCH_SECONDS)

    async def _run(self) -> None:
        failed = 0
        while True:
            try:
                await self._session()
            except TROUBLES:
                failed = 0 if self._healthy else failed + 1
                await asyncio.sleep(pause(failed))

    def _failed(self, error: BaseException) -> None:
        self.failures += self.trouble is None
        self.trouble = f"the broker {named(error, self.address)}"
        self._producer = self._reading = None

    async def _session(self) -> None:
        """Be in touch until something goes wrong; raises what it was."""
        admin = self._topic.admin()
        things: list[Any] = [admin.close]
        self._healthy = False
        try:
            await asyncio.wait_for(admin.start(), ANSWER_SECONDS)
            if (identity := await self._topic.identity(admin)) is None:
                await self._topic.make(admin)
                identity = await self._topic.identity(admin)
            if identity is None:
                raise Unavailable(f"{self.address} has no topic of that name, and did not make it")
            consumer = await self._consumer(identity, things)
            producer = await self._started_producer(things)
            tasks = [
                asyncio.create_task(work) for work in (self._watch(admin, identity), self._follow(consumer))
            ]
            things.append(lambda: _cancelled(tasks))
            self._producer, self._reading = producer, consumer
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()
        except TROUBLES as error:
            self._failed(error)  # at once: to hang up may take its time
            raise
        finally:
            for close in reversed(things):
                await _closed(close())

    async def _started_producer(self, things: list[Any]) -> AIOKafkaProducer:
        """An idempotent producer; a plain one where the broker has none: then the keys do what it would."""
        for idempotent in (True, False):
            producer = AIOKafkaProducer(
                **self._topic.options, acks="all", enable_idempotence=idempotent, retry_backoff_ms=50
            )
            try:
                await asyncio.wait_for(producer.start(), ANSWER_SECONDS)
            except KafkaError:
                await _closed(producer.stop())
                if not idempotent:
                    raise
            else:
                things.append(producer.stop)
                return producer
        raise AssertionError

    async def _consumer(self, identity: tuple[str, int], things: list[Any]) -> AIOKafkaConsumer:
        """A consumer of all partitions, each where its log ends; of another topic than before, new logs."""
        consumer = AIOKafkaConsumer(
            **self._topic.options,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=max(1, int(self._topic.hold * 1000)),
            retry_backoff_ms=50,
        )
        things.append(consumer.stop)
        await asyncio.wait_for(consumer.start(), ANSWER_SECONDS)
        log, count = identity
        partitions = [TopicPartition(self._topic.name, number) for number in range(count)]
        consumer.assign(partitions)
        first = await asyncio.wait_for(consumer.beginning_offsets(partitions), ANSWER_SECONDS)
        ends = await asyncio.wait_for(consumer.end_offsets(partitions), ANSWER_SECONDS)
        if not self._logs or self._logs[0].log != log:
            self._caught_up.clear()
            starts = {one: max(first[one], ends[one] - KEEP_RECORDS) for one in partitions}
            self._logs = [PartitionLog(log, one.partition, starts[one]) for one in partitions]
        self._goal = {one.partition: ends[one] for one in partitions}
        for one, known in zip(partitions, self._logs, strict=True):
            consumer.seek(one, known.end)
        return consumer

    async def _watch(self, admin: Any, identity: tuple[str, int]) -> None:
        """See whether the broker answers, and the topic is still the same."""
        while True:
            now = await asyncio.wait_for(self._topic.identity(admin), ANSWER_SECONDS)
            if now is None:
                raise Unavailable(
                    f"{self.address}: the topic was deleted; it is made anew, and readers are told of a gap"
                )
            if now != identity:
                raise Unavailable(f"{self.address}: the topic was made anew; readers are told of a gap")
            self._check_goal()
            await asyncio.sleep(WATCH_SECONDS)

    def _check_goal(self) -> None:
        if all(self._logs[number].end >= end for number, end in self._goal.items()):
            self.trouble, self._healthy = None, True
            self._caught_up.set()

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        """Take the records as they come."""
        while True:
            try:
                batches = await consumer.getmany(timeout_ms=1000)
            except OffsetOutOfRangeError as error:  # retention has overtaken us
                await self._skip(consumer, list(error.args[0]))
                continue
            for partition, records in batches.items():
                self._take(self._logs[partition.partition], records)
            if not self._caught_up.is_set() or self.trouble is not None:
                self._check_goal()
            moved, self._moved = self._moved, asyncio.Event()
            moved.set()

    async def _skip(self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
        first = await consumer.beginning_offsets(partitions)
        for one in partitions:
            log = self._logs[one.partition]
            self._logs[one.partition] = PartitionLog(log.log, log.number, first[one])
            self._lost |= {name for name in self._tails if self._number(name) == log.number}
            consumer.seek(one, first[one])

    def _take(self, log: PartitionLog, records: list[Any]) -> None:
        pages: dict[str, Page] = {}
        for record in records:
            channel, key = _text(record.key), _key_of(record)
            if key is None and not _is_json(record.value):
                log.end = record.offset + 1  # somebody else's, and no event
                continue
            stored = log.add(
                record.offset, channel, _time(record.timestamp), record.value or b"null", key or ""
            )
            if stored is not None and channel in self._tails:
                if channel not in pages:
                    missed = None if channel in self._lost else 0
                    pages[channel] = Page(log.log, log.cursor(record.offset), [], missed)
                pages[channel].records.append(stored)
        for channel, page in pages.items():
            self._lost.discard(channel)
            for queue in self._tails[channel]:
                queue.put_nowait(page)

    def _number(self, channel: str) -> int:
        """The partition of a channel: as Kafka's own producers choose it for that key."""
        number: int = (murmur2(channel.encode()) & 0x7FFFFFFF) % len(self._logs)
        return number

    async def append(self, channel: str, data: bytes, key: str | None = None) -> Appended:
        """As `Broker.append`. With a key the answer waits until the record has come back: it may not be the first."""
        log = await self._log(channel)
        if key is not None and (known := log.known(channel, f"k{key}")) is not None:
            return Appended(_same(known, data, key), False)
        if self._producer is None:
            raise Unavailable(self.trouble or f"the broker {self.address} is not connected", 1.0)
        try:
            sent = await self._producer.send(
                self._topic.name,
                data,
                channel.encode(),
                partition=log.number,
                headers=[(KEY, (f"k{key}" if key is not None else f"-{secrets.token_hex(8)}").encode())],
            )
            placed = await asyncio.wait_for(sent, ANSWER_SECONDS)
        except TROUBLES as error:
            raise named(error, self.address) from None
        record = Record(log.cursor(placed.offset + 1), _time(placed.timestamp), data)
        if key is None:
            return Appended(record, True)
        await self._come(log, placed.offset)
        first = log.known(channel, f"k{key}") or record
        return Appended(_same(first, data, key), first.id == record.id)

    async def _log(self, channel: str) -> PartitionLog:
        try:
            await asyncio.wait_for(self._caught_up.wait(), ANSWER_SECONDS)
        except asyncio.TimeoutError:
            raise Unavailable(self.trouble or f"the broker {self.address} is still being read", 1.0) from None
        return self._logs[self._number(channel)]

    async def _come(self, log: PartitionLog, offset: int) -> None:
        """Wait until a record has come."""
        deadline = asyncio.get_running_loop().time() + ANSWER_SECONDS
        while log.end <= offset:
            try:
                await asyncio.wait_for(self._moved.wait(), deadline - asyncio.get_running_loop().time())
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
        if self._reading is None:
            raise Unavailable(self.trouble or f"the broker {self.address} is not connected", 1.0)
        partitions = {TopicPartition(self._topic.name, log.number): log for log in logs}
        try:
            ends = await asyncio.wait_for(self._reading.end_offsets(partitions), ANSWER_SECONDS)
        except TROUBLES as error:
            raise named(error, self.address) from None
        for partition, log in partitions.items():
            await self._come(log, ends[partition] - 1)

    async def tail(self, channel: str, after: str) -> AsyncIterator[Page]:
        """As `Broker.tail`."""
        log = await self._log(channel)
        pages: asyncio.Queue[Page] = asyncio.Queue()
        self._tails.setdefault(channel, set()).add(pages)
        try:
            page = log.read(channel, after, KEEP_RECORDS)
            while True:
                if page.records:
                    yield page
                    after = page.end
                page = _behind(after, await pages.get())
        finally:
            self._tails[channel].discard(pages)
            if not self._tails[channel]:
                del self._tails[channel]

    async def channels(self) -> list[Overview]:
        """As `Broker.channels`."""
        await self._log("")
        await self._have_all(self._logs)
        return sorted(row for log in self._logs for row in log.overviews())

    async def close(self) -> None:
        """As `Broker.close`."""
        if self._running is not None:
            await _cancelled([self._running])


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


def _text(key: bytes | None) -> str:
    return (key or b"").decode(errors="replace")


def _key_of(record: Any) -> str | None:
    """The idempotency key; one of our own making where the client gave none."""
    return next((_text(value) for name, value in record.headers if name == KEY), None)


def _is_json(value: bytes | None) -> bool:
    try:
        json.loads(value or b"")
    except ValueError:
        return False
    return True


def _time(milliseconds: int) -> str:
    time = datetime.fromtimestamp(milliseconds / 1000, timezone.utc).isoformat(timespec="milliseconds")
    return time.removesuffix("+00:00") + "Z"


async def _closed(closing: Any) -> None:
    """Close something, whatever it says; what takes too long is left to itself."""
    task = asyncio.ensure_future(closing)
    await asyncio.wait([task], timeout=CLOSE_SECONDS)
    if not task.done():
        task.cancel()
    elif not task.cancelled():
        task.exception()


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
