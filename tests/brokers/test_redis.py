"""Redis Streams: what they add to a broker, and each trouble with its name and its remedy."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import redis

from rtlab.brokers.connect import Connect
from rtlab.brokers.embedded import EmbeddedRedis
from rtlab.brokers.entries import stream_of
from rtlab.brokers.redis import RedisBroker
from rtlab.errors import BadInput, Unavailable
from rtlab.event import NEW
from rtlab.wire.tap import Tap

CHANNEL = "news"


@pytest.fixture
def things() -> Iterator[ExitStack]:
    """What is closed when the test ends."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedRedis]:
    """A Valkey that tests may maltreat, with an append-only file."""
    with EmbeddedRedis(keep=True) as engine:
        yield engine


def run(engine: str, scenario: Callable[[RedisBroker], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        broker = RedisBroker(engine, **options)
        await broker.check()
        await broker.start()
        await broker._client.flushdb()
        try:
            await asyncio.wait_for(scenario(broker), 20)
        finally:
            await broker.close()

    asyncio.run(main())


async def recovered(broker: RedisBroker) -> None:
    while broker.trouble is not None:
        await asyncio.sleep(0.01)


class Answering(RedisBroker):
    """Answers its appends itself, or not at all."""

    answers: list[Any] | None = None

    async def _evaluate(self, batch: list[Any]) -> list[Any]:
        if self.answers is None:
            await asyncio.Event().wait()
        return [self.answers.pop(0) for _ in batch] if self.answers is not None else []


class TestAppendsThatAreNotAnswered:
    """Whatever becomes of an append, who asked for it is told."""

    def run(self, scenario: Callable[[Answering], Awaitable[None]]) -> None:
        async def main() -> None:
            broker = Answering("redis://127.0.0.1:1")
            broker._appending = asyncio.create_task(broker._append_all())
            try:
                await asyncio.wait_for(scenario(broker), 10)
            finally:
                await broker.close()

        asyncio.run(main())

    def test_an_odd_answer_is_an_error_of_its_own_append_alone(self) -> None:
        async def scenario(broker: Answering) -> None:
            good = [[b"1700000000000-1", [b"t", b"1700000000000", b"d", b""]], 1]
            broker.answers = ["odd", good, good]
            odd, kept = await asyncio.gather(
                *(broker.append(CHANNEL, b"1") for _ in range(2)), return_exceptions=True
            )
            assert isinstance(odd, Unavailable)
            assert not isinstance(kept, BaseException)
            assert kept.record.id == "1700000000000.1"
            assert (await broker.append(CHANNEL, b"2")).fresh

        self.run(scenario)

    def test_those_that_are_under_way_are_told_when_the_server_stops(self) -> None:
        async def scenario(broker: Answering) -> None:
            under_way = asyncio.ensure_future(broker.append(CHANNEL, b"1"))
            while not under_way.done() and broker._waiting.empty():
                await asyncio.sleep(0)
            while not broker._waiting.empty():
                await asyncio.sleep(0)
            waiting = asyncio.ensure_future(broker.append(CHANNEL, b"2"))
            await asyncio.sleep(0)
            await broker.close()
            for append in (under_way, waiting):
                with pytest.raises(Unavailable, match="the server stops"):
                    await append

        self.run(scenario)

    def test_an_append_waits_for_a_limited_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("rtlab.brokers.redis.APPEND_SECONDS", 0.05)

        async def scenario(broker: Answering) -> None:
            with pytest.raises(Unavailable, match=r"did not answer within 0\.05 s"):
                await broker.append(CHANNEL, b"1")

        self.run(scenario)


class TestTrimming:
    def test_what_was_trimmed_away_is_counted(self, engine: EmbeddedRedis) -> None:
        async def scenario(broker: RedisBroker) -> None:
            ids = [(await broker.append(CHANNEL, b"%d" % n)).record.id for n in range(600)]
            await broker._client.xtrim(stream_of(CHANNEL), maxlen=10, approximate=False)
            page = await broker.read(CHANNEL, ids[99], 100)
            assert (len(page.records), page.missed) == (10, 490)
            assert (await broker.read(CHANNEL, NEW, 1)).missed == 590
            assert (await broker.read(CHANNEL, ids[-11], 100)).missed == 0

        run(engine.address, scenario)

    def test_a_stream_keeps_about_as_many_events_as_it_is_told(self, engine: EmbeddedRedis) -> None:
        async def scenario(broker: RedisBroker) -> None:
            await asyncio.gather(*(broker.append(CHANNEL, b"%d" % n, f"k{n}") for n in range(600)))
            (row,) = await broker.channels()
            assert 100 <= row.events < 250
            assert await broker._client.zcard(stream_of(CHANNEL) + ":keys") == row.events

        run(engine.address, scenario, max_events=100)

    def test_a_tail_that_was_overtaken_counts_what_it_missed(self, engine: EmbeddedRedis) -> None:
        async def scenario(broker: RedisBroker) -> None:
            first = (await broker.append(CHANNEL, b"0")).record.id
            for n in range(1, 30):
                await broker.append(CHANNEL, b"%d" % n)
            await broker._client.xtrim(stream_of(CHANNEL), maxlen=3, approximate=False)
            page = await anext(broker.tail(CHANNEL, first))
            assert (page.missed, [record.data for record in page.records]) == (26, [b"27", b"28", b"29"])

        run(engine.address, scenario)


def test_a_stream_that_was_deleted_begins_another_log(engine: EmbeddedRedis) -> None:
    async def scenario(broker: RedisBroker) -> None:
        old = (await broker.append(CHANNEL, b"1", "k")).record.id
        pages = broker.tail(CHANNEL, old)
        following = asyncio.ensure_future(anext(pages))
        await broker._client.delete(stream_of(CHANNEL))
        new = await broker.append(CHANNEL, b"2", "k")
        assert new.fresh
        page = await following
        assert (page.log != old.partition(".")[0], page.missed, page.records) == (True, None, [new.record])
        assert (await broker.read(CHANNEL, old, 9)).missed is None

    run(engine.address, scenario)


def test_a_stream_to_which_nobody_publishes_is_gone_after_some_seconds(engine: EmbeddedRedis) -> None:
    async def scenario(broker: RedisBroker) -> None:
        old = (await broker.append(CHANNEL, b"1")).record.id
        while (await broker.read(CHANNEL, "start", 9)).log is not None:
            await asyncio.sleep(0.02)
        new = (await broker.append(CHANNEL, b"2")).record
        page = await broker.read(CHANNEL, old, 9)
        assert (page.records, page.missed) == ([new], None)

    run(f"{engine.address}?keep_seconds=1", scenario)


def test_a_server_that_forgot_its_scripts_is_told_them_again(engine: EmbeddedRedis) -> None:
    async def scenario(broker: RedisBroker) -> None:
        await broker.append(CHANNEL, b"1")
        await broker._client.script_flush()
        await asyncio.gather(*(broker.append(CHANNEL, b"2") for _ in range(3)))
        assert len((await broker.read(CHANNEL, "start", 9)).records) == 4

    run(engine.address, scenario)


class TestTrouble:
    def test_a_restart_loses_nothing_and_the_tail_goes_on(self, things: ExitStack) -> None:
        engine = things.enter_context(EmbeddedRedis(keep=True))

        async def scenario(broker: RedisBroker) -> None:
            first = (await broker.append(CHANNEL, b"1")).record.id
            pages = broker.tail(CHANNEL, first)
            following = asyncio.ensure_future(anext(pages))
            await asyncio.sleep(0.05)
            engine.kill()
            while broker.trouble is None:
                await asyncio.sleep(0.01)
            with pytest.raises(Unavailable, match="cannot be reached"):
                await broker.append(CHANNEL, b"lost", "k")
            await asyncio.to_thread(engine.start)
            await recovered(broker)
            assert broker.failures == 1
            await broker.append(CHANNEL, b"2", "k2")
            assert [record.data for record in (await following).records] == [b"2"]
            page = await broker.read(CHANNEL, "start", 9)
            assert [record.data for record in page.records] == [b"1", b"2"]

        run(engine.address, scenario)

    def test_an_append_whose_answer_was_cut_off_is_found_by_its_key(self, engine: EmbeddedRedis) -> None:
        with Tap(("127.0.0.1", engine.port)).start() as tap, redis.Redis(port=engine.port) as here:

            async def scenario(broker: RedisBroker) -> None:
                await broker.append(CHANNEL, b"1")
                tap.delay = 0.5
                cut = asyncio.ensure_future(broker.append(CHANNEL, b"2", "k"))
                while (
                    here.xlen(stream_of(CHANNEL)) < 2
                ):  # then the question is there, and the answer under way
                    await asyncio.sleep(0.01)
                tap.cut()
                with pytest.raises(Unavailable):
                    await cut
                tap.delay = 0.0
                await recovered(broker)
                again = await broker.append(CHANNEL, b"2", "k")
                assert not again.fresh
                page = await broker.read(CHANNEL, "start", 9)
                assert [record.data for record in page.records] == [b"1", b"2"]

            run(f"redis://127.0.0.1:{tap.address[1]}", scenario)

    def test_a_wrong_password_has_a_name(self) -> None:
        with EmbeddedRedis(requirepass="right") as guarded:

            async def scenario(broker: RedisBroker) -> None:
                await broker.append(CHANNEL, b"1")

            run(f"redis://:right@127.0.0.1:{guarded.port}", scenario)
            for login in (":wrong@", ""):
                with pytest.raises(Unavailable, match="password") as caught:
                    run(f"redis://{login}127.0.0.1:{guarded.port}", scenario)
                assert "wrong@" not in str(caught.value)

    def test_full_memory_has_a_name(self, engine: EmbeddedRedis) -> None:
        async def scenario(broker: RedisBroker) -> None:
            await broker._client.config_set("maxmemory", "1")
            try:
                with pytest.raises(Unavailable, match="no memory left"):
                    await broker.append(CHANNEL, b"1")
            finally:
                await broker._client.config_set("maxmemory", "0")
            await broker.append(CHANNEL, b"1")

        run(engine.address, scenario)

    def test_a_replica_has_a_name(self, engine: EmbeddedRedis) -> None:
        with EmbeddedRedis(replicaof=f"127.0.0.1 {engine.port}") as replica:

            async def scenario(broker: RedisBroker) -> None:
                with pytest.raises(Unavailable, match="replica"):
                    await broker.append(CHANNEL, b"1")

            async def main() -> None:
                broker = RedisBroker(replica.address)
                await broker.start()
                try:
                    await scenario(broker)
                finally:
                    await broker.close()

            asyncio.run(main())

    def test_nobody_there_has_a_name_and_a_remedy(self) -> None:
        async def main() -> None:
            broker = RedisBroker("redis://:secret@127.0.0.1:1")
            try:
                with pytest.raises(Unavailable, match=r"redis://127.0.0.1:1 cannot be reached: .*--broker"):
                    await broker.check()
            finally:
                await broker.close()

        asyncio.run(main())


def test_a_cluster_is_used_by_any_of_its_nodes(things: ExitStack) -> None:
    node = things.enter_context(EmbeddedRedis(cluster_enabled="yes"))
    with redis.Redis(port=node.port) as admin:
        admin.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        while admin.cluster("info")["cluster_state"] != "ok":
            time.sleep(0.02)

    async def main() -> None:
        broker = RedisBroker(f"redis+cluster://127.0.0.1:{node.port}")
        await broker.check()
        await broker.start()
        try:
            following = [asyncio.ensure_future(anext(broker.tail(name, NEW))) for name in ("a", "b")]
            firsts = await asyncio.gather(*(broker.append(name, b"1", "k") for name in ("a", "b", "c")))
            assert [first.fresh for first in firsts] == [True] * 3
            assert not (await broker.append("a", b"1", "k")).fresh
            pages = await asyncio.wait_for(asyncio.gather(*following), 10)
            assert [page.records for page in pages] == [[first.record] for first in firsts[:2]]
            assert [row.name for row in await broker.channels()] == ["a", "b", "c"]
            assert (await broker.read("c", NEW, 9)).records == [firsts[2].record]
        finally:
            await broker.close()

    asyncio.run(main())


@pytest.mark.parametrize("url", ["redis://", "http://a", "redis://a:b:c", "redis://a:99999999", "rediss"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="address"):
        Connect(url)


def test_any_other_redis_is_used_by_its_url() -> None:
    """`RTLAB_REDIS=redis://HOST:PORT/DB pytest …` holds the same against a server of yours; its DB is emptied."""

    async def scenario(broker: RedisBroker) -> None:
        first = await broker.append(CHANNEL, b"1", "k")
        assert not (await broker.append(CHANNEL, b"1", "k")).fresh
        assert (await broker.read(CHANNEL, NEW, 9)).records == [first.record]

    with EmbeddedRedis() as engine:
        run(os.environ.get("RTLAB_REDIS", engine.address), scenario)
