"""What every broker owes a server: the same questions to each, the same answers from each."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable

import pytest

from rtlab.broker import Broker, Page, order
from rtlab.brokers import open_broker
from rtlab.brokers.memory import MemoryBroker
from rtlab.errors import KeyReused
from rtlab.event import NEW

Scenario = Callable[[Broker, str], Awaitable[None]]
Run = Callable[[Scenario], None]
numbers = itertools.count(1)


@pytest.fixture(scope="module", params=["memory", "redis", "kafka"])
def address(request: pytest.FixtureRequest) -> str:
    """Where the broker is."""
    return "memory" if request.param == "memory" else request.getfixturevalue(request.param).address


@pytest.fixture
def run(address: str) -> Run:
    """Let a scenario have a broker and a channel of its own."""

    def run(scenario: Scenario) -> None:
        async def main() -> None:
            broker = MemoryBroker() if address == "memory" else open_broker(address)
            await broker.check()
            await broker.start()
            try:
                await asyncio.wait_for(scenario(broker, f"test-{time.time_ns():x}-{next(numbers)}"), 20)
            finally:
                await broker.close()

        asyncio.run(main())

    return run


def data(page: Page) -> list[bytes]:
    return [record.data for record in page.records]


def test_a_channel_that_nobody_has_published_to_has_no_log(run: Run) -> None:
    async def scenario(broker: Broker, channel: str) -> None:
        for word in ("start", "last", "now", NEW):
            assert await broker.read(channel, word, 9) == Page(None, NEW, [], 0)
        assert (await broker.read(channel, "0123abcd.7", 9)).missed is None
        assert channel not in [row.name for row in await broker.channels()]

    run(scenario)


def test_what_is_appended_is_read_in_its_order_from_any_place(run: Run) -> None:
    async def scenario(broker: Broker, channel: str) -> None:
        ids = [(await broker.append(channel, b"%d" % n)).record.id for n in range(5)]
        assert sorted(ids, key=order) == ids
        start = await broker.read(channel, "start", 9)
        assert data(start) == [b"0", b"1", b"2", b"3", b"4"]
        assert [record.id for record in start.records] == ids
        assert (await broker.read(channel, start.after, 1)).records == start.records[:1]
        assert (await broker.read(channel, NEW, 2)).records == start.records[:2]
        assert (await broker.read(channel, ids[1], 2)).records == start.records[2:4]
        assert (await broker.read(channel, "last", 1)).records == start.records[4:]
        assert await broker.read(channel, "now", 0) == Page(start.log, ids[4], [])
        assert await broker.read(channel, ids[4], 9) == Page(start.log, ids[4], [])

    run(scenario)


@pytest.mark.parametrize("cursor", ["0123abcd.7", "1.1", "999999999999999.3"])
def test_a_cursor_of_another_log_reads_from_the_start_with_an_unknown_loss(run: Run, cursor: str) -> None:
    async def scenario(broker: Broker, channel: str) -> None:
        first = (await broker.append(channel, b"1")).record
        page = await broker.read(channel, cursor, 9)
        assert (page.records, page.missed) == ([first], None)

    run(scenario)


def test_a_tail_tells_what_was_there_and_what_comes(run: Run) -> None:
    async def scenario(broker: Broker, channel: str) -> None:
        await broker.append(channel, b"0")
        seen: list[bytes] = []

        async def follow() -> None:
            async for page in broker.tail(channel, NEW):
                assert page.missed == 0
                seen.extend(data(page))

        task = asyncio.create_task(follow())
        for n in range(1, 100):
            await broker.append(channel, b"%d" % n)
        while len(seen) < 100:
            await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert seen == [b"%d" % n for n in range(100)]

    run(scenario)


def test_a_tail_waits_for_a_channel_that_is_not_there_yet(run: Run) -> None:
    async def scenario(broker: Broker, channel: str) -> None:
        pages = broker.tail(channel, NEW)
        first = asyncio.ensure_future(anext(pages))
        await asyncio.sleep(0.05)
        await broker.append(channel, b"1")
        assert data(await first) == [b"1"]

    run(scenario)


def test_a_key_stands_for_one_event_of_one_channel(run: Run) -> None:
    async def scenario(broker: Broker, channel: str) -> None:
        first = await broker.append(channel, b'{"n":1}', "k")
        again = await broker.append(channel, b'{"n":1}', "k")
        assert (first.fresh, again.fresh, again.record) == (True, False, first.record)
        with pytest.raises(KeyReused):
            await broker.append(channel, b'{"n":2}', "k")
        assert (await broker.append(channel + "x", b'{"n":2}', "k")).fresh
        assert len((await broker.read(channel, "start", 9)).records) == 1

    run(scenario)


def test_appends_at_once_keep_their_order(run: Run) -> None:
    async def scenario(broker: Broker, channel: str) -> None:
        done = await asyncio.gather(*(broker.append(channel, b"%d" % n) for n in range(300)))
        ids = [appended.record.id for appended in done]
        assert sorted(ids, key=order) == ids

    run(scenario)


def test_channels_are_listed_with_their_newest_cursor(run: Run) -> None:
    async def scenario(broker: Broker, channel: str) -> None:
        for n in range(3):
            last = (await broker.append(channel, b"%d" % n)).record.id
        (row,) = [row for row in await broker.channels() if row.name == channel]
        assert (row.cursor, row.events, row.bytes > 0) == (last, 3, True)

    run(scenario)
