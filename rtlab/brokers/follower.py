"""The connection to a topic: what comes is taken and handed out, and when something goes wrong it is made anew.

One session is a client that watches the topic, a consumer of all partitions, a producer. Whatever fails ends the
session; the next one goes on where the last has stopped, or, if the topic is another one by then, with new logs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from aiokafka.partitioner import murmur2

from rtlab.broker import Page, pause
from rtlab.brokers.batches import UNREADABLE, Batch, batches_at
from rtlab.brokers.ending import cancelled, closed
from rtlab.brokers.kafka_clients import Clients
from rtlab.brokers.kafka_record import read_record
from rtlab.brokers.login import ANSWER_SECONDS, named
from rtlab.brokers.partition import PartitionLog
from rtlab.brokers.topic import Topic
from rtlab.errors import Unavailable

WATCH_SECONDS = 1.0  # between questions whether the topic is still the same
CATCH_UP_SECONDS = 0.5  # that a fetch may take of what has long been there
TROUBLES = (KafkaError, OSError, asyncio.TimeoutError, Unavailable)

log = logging.getLogger("rtlab.brokers")
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it says each second what `trouble` says once


class Follower:
    """Follows a topic from `start()` to `close()`: its partitions' `logs`, and a queue for each tail."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.trouble: str | None = None
        self.failures = 0
        self.logs: list[PartitionLog] = []
        self.caught_up = asyncio.Event()  # set while what was there at the beginning has been read
        self.moved = asyncio.Event()  # set, and replaced, when records have come
        self.tails: dict[str, set[asyncio.Queue[Page]]] = {}  # of each channel that is followed
        self.producer: AIOKafkaProducer | None = None
        self.asker: AIOKafkaConsumer | None = None  # of ends: a fetch that is held would be in its way
        self._healthy = False  # all has been read since the last attempt to connect
        self._goal: dict[int, int] = {}  # partition → the offset that it ended with then
        self._lost: set[str] = set()  # channels whose next page follows on a loss
        self._running: asyncio.Task[None] | None = None
        self._hanging_up: asyncio.Task[None] | None = None  # of the last session

    async def start(self) -> None:
        """Begin; returns when all is here that was there, or after a second."""
        self._running = asyncio.create_task(self._run(), name="Kafka")
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.caught_up.wait(), WATCH_SECONDS)

    async def close(self) -> None:
        """Hang up."""
        if self._running is not None:
            await cancelled([self._running])
        if self._hanging_up is not None:
            await closed(self._hanging_up)

    async def _run(self) -> None:
        failed = 0
        while True:
            try:
                await self._session()
            except Exception as error:
                if not isinstance(error, TROUBLES):  # nobody foresaw it: it is told, and tried again
                    log.exception("following %s stumbled", self.topic.address)
                failed = 0 if self._healthy else failed + 1
                await asyncio.sleep(pause(failed))

    def _failed(self, error: BaseException) -> None:
        self.failures += self.trouble is None
        self.trouble = f"the broker {named(error, self.topic.address)}"
        self.producer = self.asker = None

    async def _session(self) -> None:
        """Be in touch until something goes wrong; raises what it was."""
        clients = Clients(self.topic)
        self._healthy = False
        try:
            admin = await clients.admin()
            identity = await self._identity(admin)
            asker = await clients.consumer(self.topic.hold)
            consumer = await clients.consumer(self.topic.hold)
            await self._assign(consumer, identity, asker)
            producer = await clients.producer()
            tasks = [
                asyncio.create_task(self._watch(admin, identity)),
                asyncio.create_task(self._follow(consumer, clients)),
            ]
            clients.at_close(lambda: cancelled(tasks))
            self.producer, self.asker = producer, asker
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()
        except Exception as error:
            self._failed(error)  # at once: to hang up may take its time
            raise
        finally:
            # Apart, for who is cancelled again meanwhile would leave the rest of them open.
            self._hanging_up = asyncio.create_task(clients.close())
            await asyncio.shield(self._hanging_up)

    async def _identity(self, admin: Any) -> tuple[str, int]:
        """The topic's LOGID and number of partitions; it is made if it is not there."""
        if (identity := await self.topic.identity(admin)) is None:
            await self.topic.make(admin)
            identity = await self.topic.identity(admin)
        if identity is None:
            raise Unavailable(f"{self.topic.address} has no topic of that name, and did not make it")
        return identity

    async def _assign(self, consumer: AIOKafkaConsumer, identity: tuple[str, int], asker: Any) -> None:
        """Have a consumer read all partitions; of another topic than before, there are new logs."""
        log, count = identity
        partitions = [TopicPartition(self.topic.name, number) for number in range(count)]
        consumer.assign(partitions)
        first = await asyncio.wait_for(asker.beginning_offsets(partitions), ANSWER_SECONDS)
        ends = await asyncio.wait_for(asker.end_offsets(partitions), ANSWER_SECONDS)
        if not self.logs or self.logs[0].log != log:
            self.caught_up.clear()
            keep = self.topic.keep
            starts = {one: max(first[one], ends[one] - keep.records) for one in partitions}
            self.logs = [PartitionLog(log, one.partition, starts[one], keep) for one in partitions]
        self._goal = {one.partition: ends[one] for one in partitions}

    async def _watch(self, admin: Any, identity: tuple[str, int]) -> None:
        """See whether the broker answers, and the topic is still the same."""
        while True:
            now = await asyncio.wait_for(self.topic.identity(admin), ANSWER_SECONDS)
            if now is None:
                raise Unavailable(
                    f"{self.topic.address}: the topic was deleted; it is made anew, and readers are told of a gap"
                )
            if now != identity:
                raise Unavailable(f"{self.topic.address}: the topic was made anew; readers are told of a gap")
            self._check_goal()
            await asyncio.sleep(WATCH_SECONDS)

    def _check_goal(self) -> None:
        if not self._behind():
            self.trouble, self._healthy = None, True
            self.caught_up.set()

    def _behind(self) -> set[int]:
        """The partitions of which not all is here that was there at the beginning."""
        return {number for number, end in self._goal.items() if self.logs[number].end < end}

    async def _follow(self, consumer: AIOKafkaConsumer, clients: Clients) -> None:
        """Take the records: first what is there, then as they come."""
        partitions = consumer.assignment()
        if behind := self._behind():
            await self._catch_up([one for one in partitions if one.partition in behind], clients)
        self._seek(consumer, partitions)
        while True:
            await self._take_next(consumer)

    async def _catch_up(self, partitions: list[TopicPartition], clients: Clients) -> None:
        """Take what is there, in fetches that may last.

        One that is soon over brings little (Tansu gathers for as long as it may hold it): 10,000 records took seconds.
        """
        consumer = await clients.consumer(CATCH_UP_SECONDS)
        consumer.assign(partitions)
        self._seek(consumer, partitions)
        while self._behind():
            await self._take_next(consumer)
        await closed(consumer.stop())

    def _seek(self, consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        for one in partitions:
            consumer.seek(one, self.logs[one.partition].end)

    async def _take_next(self, consumer: AIOKafkaConsumer) -> None:
        """Take what comes next, and wake who waits for it."""
        try:
            batches = await consumer.getmany(timeout_ms=1000)
        except OffsetOutOfRangeError as error:  # retention has overtaken us
            await self._skip(consumer, list(error.args[0]))
            return
        except Exception as error:  # whatever a library for compression raises, too
            if isinstance(error, KafkaError) and not isinstance(error, UNREADABLE):
                raise
            await self._take_singly(consumer, error)
        else:
            for partition, records in batches.items():
                self._take(self.logs[partition.partition], records)
        for one in consumer.assignment():  # a transaction's end has an offset as well, and no record
            log = self.logs[one.partition]
            log.end = max(log.end, await consumer.position(one))
        if not self.caught_up.is_set() or self.trouble is not None:
            self._check_goal()
        moved, self.moved = self.moved, asyncio.Event()
        moved.set()

    async def _take_singly(self, consumer: AIOKafkaConsumer, error: Exception) -> None:
        """Take what is there batch by batch, and pass over those that cannot be read; raises the error if none is."""
        assert self.asker is not None
        before = [log.end for log in self.logs]
        for one in consumer.assignment():
            log = self.logs[one.partition]
            asked = one, log.end, self.topic.record_bytes, CATCH_UP_SECONDS
            for batch in await asyncio.wait_for(batches_at(self.asker._client, *asked), ANSWER_SECONDS):
                self._take(log, [record for record in batch.records if record.offset >= log.end])
                if batch.trouble is not None:
                    self._pass_over(log, batch)
                log.end = max(log.end, batch.behind)
        if before == [log.end for log in self.logs]:
            raise error
        self._seek(consumer, consumer.assignment())

    def _pass_over(self, known: PartitionLog, batch: Batch) -> None:
        begin = known.end
        if known.lose(batch.behind):  # of many in a row the first is told
            log.error(
                "%s: partition %d: what is at the offsets from %d to %d cannot be read (%s): it is passed over, and "
                "readers are told of a gap",
                self.topic.address, known.number, begin, batch.behind - 1, batch.trouble,
            )  # fmt: skip
        self._lost |= {name for name in self.tails if self.number(name) == known.number}

    async def _skip(self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
        first = await consumer.beginning_offsets(partitions)
        for one in partitions:
            log = self.logs[one.partition]
            self.logs[one.partition] = PartitionLog(log.log, log.number, first[one], log.keep)
            self._lost |= {name for name in self.tails if self.number(name) == log.number}
            consumer.seek(one, first[one])

    def _take(self, log: PartitionLog, records: list[Any]) -> None:
        pages: dict[str, Page] = {}
        for record in records:
            read = read_record(record)
            if read is None:
                log.end = record.offset + 1
                continue
            stored = log.add(record.offset, *read)
            channel = read.channel
            if stored is not None and channel in self.tails:
                if channel not in pages:
                    missed = None if channel in self._lost else 0
                    pages[channel] = Page(log.log, log.cursor(record.offset), [], missed)
                pages[channel].records.append(stored)
        for channel, page in pages.items():
            self._lost.discard(channel)
            for queue in self.tails[channel]:
                queue.put_nowait(page)

    def number(self, channel: str) -> int:
        """The partition of a channel: as Kafka's own producers choose it for that key."""
        number: int = (murmur2(channel.encode()) & 0x7FFFFFFF) % len(self.logs)
        return number
