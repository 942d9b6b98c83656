"""Kafka: partitions and what a mirror knows of them, keys instead of an idempotent producer, topics that change."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic
from aiokafka.record.util import calc_crc32c

from rtlab.brokers.embedded import EmbeddedKafka
from rtlab.brokers.ending import cancelled
from rtlab.brokers.follower import Follower
from rtlab.brokers.kafka import KafkaBroker
from rtlab.brokers.kafka_record import KEY, time_of
from rtlab.brokers.partition import Keep, PartitionLog
from rtlab.brokers.topic import Topic
from rtlab.errors import BadInput, KeyReused, LimitExceeded, Unavailable
from rtlab.event import NEW

# What the client library was about to open when it was told to give up it leaves to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
CHANNEL = "news"
ODD = (b"[" * 200 + b"]" * 200, b"1e999", b'"\\ud800"')  # JSON that a publish is refused for
NO_EVENTS = (  # values that are no JSON, or none that a reader could be given
    b"no json",
    b"[" * 20_000 + b"]" * 20_000,
    b"NaN",
    *ODD,
    '"UTF-16"'.encode("utf-16"),
)
numbers = itertools.count(1)
Scenario = Callable[[KafkaBroker], Awaitable[None]]


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedKafka]:
    """A broker that tests may maltreat."""
    with EmbeddedKafka() as engine:
        yield engine


def topic(engine: EmbeddedKafka, **options: Any) -> str:
    """The address of a topic of the test's own."""
    path, _, query = engine.address.partition("?")
    return f"{path}/test-{os.getpid()}-{next(numbers)}?{query}" + "".join(
        f"&{k}={v}" for k, v in options.items()
    )


def run(address: str, scenario: Scenario) -> None:
    async def main() -> None:
        broker = KafkaBroker(address)
        await broker.check()
        await broker.start()
        try:
            await asyncio.wait_for(scenario(broker), 30)
        finally:
            await broker.close()

    asyncio.run(main())
    gc.collect()


@contextlib.asynccontextmanager
async def administering(address: str) -> AsyncIterator[Any]:
    admin = Topic(address).admin()
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def healthy(broker: KafkaBroker) -> None:
    while broker.trouble is not None or not broker._follower.caught_up.is_set():
        await asyncio.sleep(0.01)


class TestPartitionLog:
    def log(self, **keep: int) -> PartitionLog:
        log = PartitionLog("k", 3, 0, Keep(**keep))
        for offset in range(6):
            log.add(offset, "ab"[offset % 2], "then", b"%d" % offset, f"k{offset}")
        return log

    def test_a_channel_has_its_own_of_the_records(self) -> None:
        page = self.log().read("b", "start", 9)
        assert [record.id for record in page.records] == ["k.3.2", "k.3.4", "k.3.6"]
        assert page.after == "k.3.1"

    def test_any_offset_of_the_partition_is_a_place(self) -> None:
        page = self.log().read("b", "k.3.3", 9)
        assert ([record.data for record in page.records], page.missed) == ([b"3", b"5"], 0)

    def test_a_record_that_was_sent_twice_is_dropped_by_its_key(self) -> None:
        log = self.log()
        assert log.add(6, "a", "now", b"0", "k0") is None
        assert log.add(7, "b", "now", b"0", "k0") is not None
        assert (log.end, len(log.read("a", "start", 9).records)) == (8, 3)

    def test_what_no_longer_fits_is_forgotten_with_its_key(self) -> None:
        log = self.log(records=3)
        assert log.start == 3
        assert log.known("a", "k0") is None
        assert [record.data for record in log.read("a", "start", 9).records] == [b"4"]
        assert log.read("a", "k.3.2", 9).missed is None
        assert log.read("a", NEW, 9).missed is None

    def test_bytes_are_bounded_too(self) -> None:
        assert self.log(bytes=2).bytes == 2

    @pytest.mark.parametrize("cursor", ["other.3.2", "k.2.2", "k.3.7", "k.2"])
    def test_a_cursor_of_another_log_or_partition_is_a_loss(self, cursor: str) -> None:
        page = self.log().read("a", cursor, 1)
        assert (page.missed, page.records[0].data) == (None, b"0")


def test_channels_are_spread_over_the_partitions_and_each_keeps_its_order(engine: EmbeddedKafka) -> None:
    async def scenario(broker: KafkaBroker) -> None:
        await asyncio.gather(*(broker.append(f"c{n % 20}", b"%d" % n) for n in range(400)))
        used = set()
        for channel in range(20):
            page = await broker.read(f"c{channel}", "start", 100)
            assert [record.data for record in page.records] == [b"%d" % n for n in range(channel, 400, 20)]
            used |= {record.id.split(".")[1] for record in page.records}
        assert used == {"0", "1", "2", "3"}

    run(topic(engine), scenario)


def test_two_servers_with_one_key_agree_on_the_first(engine: EmbeddedKafka) -> None:
    address = topic(engine)

    async def scenario(one: KafkaBroker) -> None:
        other = KafkaBroker(address)
        await other.start()
        try:
            both = await asyncio.gather(*(b.append(CHANNEL, b"1", "k") for b in (one, other, one, other)))
            assert len({appended.record.id for appended in both}) == 1
            assert sum(appended.fresh for appended in both) == 1
            with pytest.raises(KeyReused):
                await other.append(CHANNEL, b"2", "k")
            for broker in (one, other):
                assert len((await broker.read(CHANNEL, "start", 9)).records) == 1
        finally:
            await other.close()

    run(address, scenario)


def test_a_server_that_starts_later_reads_back_and_has_the_same(engine: EmbeddedKafka) -> None:
    address = topic(engine)
    kept: list[Any] = []

    async def first(broker: KafkaBroker) -> None:
        for n in range(50):
            await broker.append(CHANNEL, b"%d" % n, f"k{n}")
        kept.append(await broker.read(CHANNEL, "start", 99))

    async def second(broker: KafkaBroker) -> None:
        assert await broker.read(CHANNEL, "start", 99) == kept[0]
        assert not (await broker.append(CHANNEL, b"7", "k7")).fresh

    run(address, first)
    run(address, second)


def test_the_end_of_a_transaction_has_an_offset_and_is_waited_for_by_nobody(engine: EmbeddedKafka) -> None:
    """Its marker is a control batch (KIP-98), which no client is given: the partition ends behind the last record."""

    async def marker(broker: KafkaBroker) -> None:
        producer = AIOKafkaProducer(**broker._topic.options)
        await producer.start()
        batch = producer.create_batch()
        batch.append(key=b"\0\0\0\1", value=b"\0" * 6, timestamp=None)
        data = batch._build()
        data[22] |= 0x30  # a control batch of a transaction
        struct.pack_into(">I", data, 17, calc_crc32c(memoryview(data)[21:]))
        await (
            await producer.send_batch(
                batch, broker._topic.name, partition=(await broker._log(CHANNEL)).number
            )
        )
        await producer.stop()

    async def before(broker: KafkaBroker) -> None:
        await broker.append(CHANNEL, b"1", "k1")
        await marker(broker)
        assert [record.data for record in (await broker.read(CHANNEL, "start", 9)).records] == [b"1"]

    async def after(broker: KafkaBroker) -> None:
        assert [record.data for record in (await broker.read(CHANNEL, "start", 9)).records] == [b"1"]

    address = topic(engine)
    run(address, before)
    run(address, after)


@pytest.mark.parametrize("forged", [False, True])
def test_what_others_put_into_the_topic_is_an_event_if_it_is_json(
    engine: EmbeddedKafka, forged: bool
) -> None:
    """With rtlab's header as well; then also JSON that rtlab would not have let in, on one line."""

    async def scenario(broker: KafkaBroker) -> None:
        assert broker._follower.producer is not None
        values = (b'{\n  "n": 1\n}', b"\xef\xbb\xbf[2]", *NO_EVENTS, None, b"3")
        for number, value in enumerate(values):
            await broker._follower.producer.send_and_wait(
                broker._topic.name,
                value,
                CHANNEL.encode(),
                headers=[(KEY, b"k%d" % number)] if forged else [],
            )
        page = await broker.read(CHANNEL, "start", 99)
        odd = [value for value in ODD if forged]
        assert [record.data for record in page.records] == [b'{"n":1}', b"[2]", *odd, b"3"]

    run(topic(engine), scenario)


@pytest.mark.parametrize(("unit", "stamp"), [("ms", 10**12), ("µs", 10**15), ("ns", 10**18)])
def test_a_time_stamp_in_another_unit_is_an_event_all_the_same(
    engine: EmbeddedKafka, unit: str, stamp: int
) -> None:
    async def scenario(broker: KafkaBroker) -> None:
        assert broker._follower.producer is not None
        await broker._follower.producer.send_and_wait(
            broker._topic.name, b"1", CHANNEL.encode(), timestamp_ms=stamp
        )
        (record,) = (await broker.read(CHANNEL, "start", 9)).records
        assert record.time == "2001-09-09T01:46:40.000Z", unit

    run(topic(engine), scenario)


def test_a_record_without_a_time_stamp_is_of_the_beginning_of_time() -> None:
    assert time_of(-1) == "1970-01-01T00:00:00.000Z"
    assert time_of(1) == "1970-01-01T00:00:00.001Z"


class Odd(Topic):
    """A topic that fails as nobody foresaw."""

    attempts = 0

    async def start(self, admin: Any) -> None:
        self.attempts += 1
        raise RecursionError("too deep")


def test_what_nobody_foresaw_is_named_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        topic = Odd("kafka://127.0.0.1:1")
        follower = Follower(topic)
        following = asyncio.create_task(follower._run())
        while topic.attempts < 2 and not following.done():
            await asyncio.sleep(0.01)
        assert "RecursionError too deep" in (follower.trouble or "")
        await cancelled([following])

    asyncio.run(asyncio.wait_for(main(), 10))
    assert "kafka://127.0.0.1:1/rtlab stumbled" in caplog.text


class Slow(Topic):
    """A topic that does not answer, and takes its time to hang up."""

    hung_up = False

    def admin(self) -> Any:
        return self

    async def start(self, admin: Any) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        await asyncio.sleep(0.1)
        self.hung_up = True


def test_what_a_session_opened_is_closed_though_it_is_told_to_end_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rtlab.brokers.ending.AGAIN_SECONDS", 0.01)
    monkeypatch.setattr("rtlab.brokers.follower.WATCH_SECONDS", 0.01)

    async def main() -> None:
        topic = Slow("kafka://127.0.0.1:1")
        follower = Follower(topic)
        await follower.start()
        await follower.close()
        assert topic.hung_up

    asyncio.run(asyncio.wait_for(main(), 10))


def test_a_read_does_not_wait_behind_a_fetch_that_is_held(
    engine: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(broker: KafkaBroker) -> None:
        await healthy(broker)
        monkeypatch.setattr("rtlab.brokers.kafka.ANSWER_SECONDS", 2.0)  # a fetch is held longer
        for _ in range(3):
            assert (await broker.read(CHANNEL, "now", 0)).log is None
            await asyncio.sleep(0.05)  # the next fetch is under way

    run(topic(engine).replace("hold=0.005", "hold=4.5"), scenario)


def test_an_event_that_no_topic_takes_is_a_limit_and_not_a_trouble(engine: EmbeddedKafka) -> None:
    async def scenario(broker: KafkaBroker) -> None:
        with pytest.raises(LimitExceeded, match="at most 1048576 bytes") as caught:
            await broker.append(CHANNEL, b'"' + b"x" * (1 << 20) + b'"', "k")
        assert caught.value.limit == "body_bytes"
        assert (await broker.append(CHANNEL, b"1", "k")).fresh

    run(topic(engine), scenario)


class TestOptions:
    @pytest.mark.parametrize(("option", "most"), [("keep_records", 3), ("keep_bytes", 3)])
    def test_a_server_keeps_and_reads_back_so_much(
        self, engine: EmbeddedKafka, option: str, most: int
    ) -> None:
        address = topic(engine, partitions=1, **{option: most})

        async def first(broker: KafkaBroker) -> None:
            ids = [(await broker.append(CHANNEL, b"%d" % n, f"k{n}")).record.id for n in range(9)]
            await kept(broker, ids[0])
            assert not (await broker.append(CHANNEL, b"8", "k8")).fresh
            assert (await broker.append(CHANNEL, b"9", "k0")).fresh  # its key is forgotten with its event

        async def second(broker: KafkaBroker) -> None:
            page = await broker.read(CHANNEL, "start", 99)
            assert [record.data for record in page.records][-1] == b"9"
            assert len(page.records) == most

        async def kept(broker: KafkaBroker, oldest: str) -> None:
            page = await broker.read(CHANNEL, oldest, 99)
            assert ([record.data for record in page.records], page.missed) == ([b"6", b"7", b"8"], None)

        run(address, first)
        run(address, second)

    def test_a_topic_may_take_more_or_less_than_kafka_does_untold(self, engine: EmbeddedKafka) -> None:
        address = topic(engine)
        large = b'"' + b"x" * (2 << 20) + b'"'

        async def less(broker: KafkaBroker) -> None:
            with pytest.raises(LimitExceeded, match="at most 5000 bytes"):
                await broker.append(CHANNEL, b'"' + b"x" * 5_000 + b'"')

        async def more(broker: KafkaBroker) -> None:
            await broker.append(CHANNEL, large)

        async def after_it(broker: KafkaBroker) -> None:
            assert (await broker.read(CHANNEL, "start", 9)).records[0].data == large

        run(f"{address}&record_bytes=5000", less)
        for scenario in (more, after_it):
            run(f"{address}&record_bytes={3 << 20}", scenario)


class TestTrouble:
    def test_a_topic_that_was_deleted_is_named_and_made_anew_as_another_log(
        self, engine: EmbeddedKafka
    ) -> None:
        address = topic(engine)

        async def scenario(broker: KafkaBroker) -> None:
            old = (await broker.append(CHANNEL, b"1")).record.id
            pages = broker.tail(CHANNEL, old)
            following = asyncio.ensure_future(anext(pages))
            async with administering(address) as admin:
                await admin.delete_topics([broker._topic.name])
            while broker.trouble is None:
                await asyncio.sleep(0.01)
            assert "topic was" in broker.trouble
            await healthy(broker)
            new = await broker.append(CHANNEL, b"2")
            page = await following
            assert page.records == [new.record]
            assert page.log != old.partition(".")[0]
            assert (await broker.read(CHANNEL, old, 9)).missed is None

        run(address, scenario)

    def test_a_topic_made_anew_with_more_partitions_is_followed_too(self, engine: EmbeddedKafka) -> None:
        address = topic(engine, partitions=1)

        async def scenario(broker: KafkaBroker) -> None:
            old = (await broker.append(CHANNEL, b"1")).record.id
            async with administering(address) as admin:
                await admin.delete_topics([broker._topic.name])
                await admin.create_topics([NewTopic(broker._topic.name, 3, 1)])
            while len(broker._follower.logs) != 3:
                await asyncio.sleep(0.01)
            new = (await broker.append(CHANNEL, b"2")).record.id
            assert new.partition(".")[0] != old.partition(".")[0]

        run(address, scenario)

    def test_a_broker_that_stands_still_is_waited_for_and_nothing_is_lost_or_twice(
        self, engine: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for module in ("rtlab.brokers.kafka", "rtlab.brokers.follower", "rtlab.brokers.topic"):
            monkeypatch.setattr(f"{module}.ANSWER_SECONDS", 0.5)

        async def scenario(broker: KafkaBroker) -> None:
            await broker.append(CHANNEL, b"1")
            engine.pause()
            try:
                with pytest.raises(Unavailable, match=r"answer|slow"):
                    await broker.append(CHANNEL, b"2", "k")
                while broker.trouble is None:
                    await asyncio.sleep(0.01)
            finally:
                engine.resume()
            await healthy(broker)
            assert broker.failures == 1
            await broker.append(CHANNEL, b"2", "k")
            page = await broker.read(CHANNEL, "start", 9)
            assert [record.data for record in page.records] == [b"1", b"2"]

        run(topic(engine), scenario)

    def test_nobody_there_has_a_name_and_a_remedy(self) -> None:
        async def main() -> None:
            with pytest.raises(Unavailable, match=r"kafka://127.0.0.1:1/rtlab cannot be reached: .*--broker"):
                await KafkaBroker("kafka://user:secret@127.0.0.1:1").check()

        asyncio.run(main())
        gc.collect()


@pytest.mark.parametrize(
    "url", ["kafka://", "http://a:1", "kafka://a:1/t?partitions=x", "kafka://a:1?colour=red", "kafka://:1"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        Topic(url)


def test_an_address_carries_the_librarys_options() -> None:
    topic = Topic(
        "kafka://me:secret@a:1,b:2/news?sasl_mechanism=SCRAM-SHA-256&security_protocol=SASL_SSL&hold=2"
    )
    assert topic.options["bootstrap_servers"] == ["a:1", "b:2"]
    assert (topic.options["sasl_plain_username"], topic.options["sasl_plain_password"]) == ("me", "secret")
    assert topic.options["ssl_context"].check_hostname
    assert (topic.name, topic.hold, topic.address) == ("news", 2.0, "kafka://a:1,b:2/news")
