"""Batches that cannot be read: named, passed over as a gap, and in the way of nothing before or after them."""

from __future__ import annotations

import asyncio
import gc
import itertools
import logging
import os
import struct
import time
from typing import Any

import pytest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from rtlab.broker import Page
from rtlab.brokers.batches import batches
from rtlab.brokers.embedded import EmbeddedKafka
from rtlab.brokers.kafka import KafkaBroker
from rtlab.brokers.partition import PartitionLog
from rtlab.event import NEW

# What the client library was about to open when it was told to give up it leaves to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
CHANNEL = "news"
GZIP, ZSTD = 1, 4
numbers = itertools.count(1)


def made(*values: bytes, codec: int = 0, broken: bool = False, base: int = 0) -> bytes:
    """A batch as a producer sends it; with the word of a codec that did not make it, or a wrong checksum."""
    builder: Any = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=0,
        batch_size=1 << 20,
    )
    for number, value in enumerate(values):
        builder.append(number, int(time.time() * 1000), CHANNEL.encode(), value, [])
    data = bytearray(builder.build())
    data[22] |= codec
    struct.pack_into(">q", data, 0, base)
    struct.pack_into(">I", data, 17, calc_crc32c(bytes(data[21:])) ^ broken)
    return bytes(data)


def data_of(page: Page) -> list[bytes]:
    return [record.data for record in page.records]


class TestReading:
    def test_a_batch_that_is_cut_off_is_left_for_the_next_fetch(self) -> None:
        whole = made(b"1", b"2")
        for length in range(len(whole)):
            assert list(batches(whole[:length], 0, 9)) == []
        (batch,) = batches(whole + made(b"3", base=2)[:-1], 0, 9)
        assert (batch.behind, batch.trouble) == (2, None)
        assert [record.value for record in batch.records] == [b"1", b"2"]

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (made(b"1", b"2", broken=True), "checksum"),
            (made(b"1", b"2", codec=ZSTD), "zstd"),
            (made(b"1", b"2", codec=GZIP), "gzip"),
            (made(b"1", b"2", codec=7), "codec"),
        ],
        ids=["broken", "no library", "not what it says", "unknown"],
    )
    def test_one_that_cannot_be_read_says_why_and_where_it_ends(self, data: bytes, why: str) -> None:
        (batch,) = batches(data, 0, 2)
        assert (batch.behind, batch.records) == (2, [])
        assert why in (batch.trouble or "")

    @pytest.mark.parametrize(("at", "value"), [(0, 8), (8, -1), (23, -9), (23, 99)])
    def test_a_head_that_is_not_to_be_believed_costs_one_offset(self, at: int, value: int) -> None:
        data = bytearray(made(b"1"))
        struct.pack_into(">q" if at == 0 else ">i", data, at, value)
        assert list(batches(bytes(data), 3, 8)) == [(4, [], "its head is wrong")]


class TestHoles:
    def log(self) -> PartitionLog:
        """Events at 0, 1, 4, 5 and 8; the offsets between cannot be read."""
        log = PartitionLog("k", 0, 0)
        for offset, behind in ((0, 0), (1, 4), (4, 0), (5, 8), (8, 0)):
            log.add(offset, "a", "then", b"%d" % offset, "")
            if behind:
                log.lose(behind)
        return log

    def test_a_page_ends_before_one_and_the_next_tells_of_it(self) -> None:
        log, found, after = self.log(), [], "start"
        while (page := log.read("a", after, 9)).records:
            found.append((data_of(page), page.missed))
            after = page.end
        assert found == [([b"0", b"1"], 0), ([b"4", b"5"], None), ([b"8"], None)]
        assert log.read("a", "k.0.1", 1).missed == 0

    def test_one_that_is_followed_by_nothing_is_not_told_yet(self) -> None:
        log = self.log()
        log.lose(12)
        assert log.read("a", "k.0.9", 9) == Page("k", "k.0.9", [], 0)

    def test_those_that_follow_each_other_are_one(self) -> None:
        log = self.log()
        assert [log.lose(12), log.lose(14)] == [True, False]
        assert log._holes[-1] == (9, 14)
        log.add(14, "a", "then", b"14", "")
        assert log.lose(16)

    def test_one_is_forgotten_with_what_was_before_it(self) -> None:
        log = self.log()
        for _ in range(3):
            log._forget_oldest()
        assert [hole.begin for hole in log._holes] == [6]


def test_what_cannot_be_read_is_named_and_passed_over_as_a_gap(
    kafka: EmbeddedKafka, caplog: pytest.LogCaptureFixture
) -> None:
    path, _, query = kafka.address.partition("?")
    address = f"{path}/test-{os.getpid()}-{next(numbers)}?{query}&partitions=1"

    async def main() -> None:
        broker, later = KafkaBroker(address), KafkaBroker(address)
        try:
            await broker.start()
            first = (await broker.append(CHANNEL, b"0")).record
            seen: list[tuple[bytes, int | None]] = []
            following = asyncio.create_task(follow(broker, 5, seen))
            for data in (made(b"1", b"2"), made(b"x", broken=True), made(b"3"), made(b"x", b"x", codec=ZSTD)):
                await produce(broker, data)
            last = (await broker.append(CHANNEL, b"4", "k")).record
            await following
            await later.start()  # reads it all back
            await follow(later, 5, again := [])
            for found in (seen, again):
                assert [data for data, _ in found] == [b"0", b"1", b"2", b"3", b"4"]
                assert dict(found)[b"0"] == 0
                assert (dict(found)[b"3"], dict(found)[b"4"]) == (None, None)
            for one in (broker, later):
                assert one.trouble is None
                assert data_of(await one.read(CHANNEL, first.id, 9)) == [b"1", b"2"]
                assert (await one.read(CHANNEL, "last", 1)).records == [last]
        finally:
            await later.close()
            await broker.close()

    with caplog.at_level(logging.ERROR, "rtlab.brokers"):
        asyncio.run(asyncio.wait_for(main(), 30))
    assert (
        "partition 0: what is at the offsets from 3 to 3 cannot be read (its checksum is wrong)"
        in caplog.text
    )
    assert "zstd" in caplog.text
    gc.collect()


async def produce(broker: KafkaBroker, data: bytes) -> None:
    """Send a batch as it is."""
    assert broker._follower.producer is not None
    client = broker._follower.producer.client
    request = ProduceRequest(None, -1, 5_000, [(broker._topic.name, [(0, data)])])
    answer = await client.send(client.get_random_node(), request)
    assert answer.topics[0][1][0][1] == 0


async def follow(broker: KafkaBroker, count: int, seen: list[tuple[bytes, int | None]]) -> None:
    """Take so many events, each with what was missed before the page that it came with."""
    async for page in broker.tail(CHANNEL, NEW):
        seen += [(record.data, page.missed) for record in page.records]
        if len(seen) >= count:
            return
