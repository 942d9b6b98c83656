"""What a server that mirrors a broker owes its readers: cursors for every server, older events, gaps, exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from rtlab.broker import Page, Record, before, order
from rtlab.brokers.memory import MemoryBroker
from rtlab.errors import BadInput, LimitExceeded, Unavailable
from rtlab.event import NEW
from rtlab.server import mirror, mirrors
from rtlab.server.limits import Limits
from rtlab.server.mirror import MirrorChannel
from rtlab.server.mirrors import Mirrors
from rtlab.server.window import Window

Scenario = Callable[[MemoryBroker], Awaitable[None]]


class Away(MemoryBroker):
    """A broker that can be lost."""

    lost: str | None = None

    @property
    def trouble(self) -> str | None:  # type: ignore[override]
        return self.lost

    @trouble.setter
    def trouble(self, _value: str | None) -> None: ...

    async def read(self, channel: str, after: str, limit: int) -> Page:
        if self.lost:
            raise Unavailable(self.lost)
        return await super().read(channel, after, limit)


def run(scenario: Callable[[Away, Mirrors], Awaitable[None]], **limits: Any) -> None:
    async def main() -> None:
        broker = Away()
        server = Mirrors(Limits(**limits), broker)
        try:
            await asyncio.wait_for(scenario(broker, server), 10)
        finally:
            server.close()

    asyncio.run(main())


def events(channel: Any, position: int) -> list[Any]:
    """The data of what is after a position, in a window."""
    parts, _ = channel.encoded(position, lambda event: event.json, 0)
    return [part.partition(b'"data":')[2][:-1].decode() for part in parts]


async def publish(broker: MemoryBroker, count: int) -> list[str]:
    return [(await broker.append("a", b"%d" % n)).record.id for n in range(count)]


def test_who_comes_with_an_old_cursor_makes_the_window_grow_backwards() -> None:
    async def scenario(broker: Away, server: Mirrors) -> None:
        ids = await publish(broker, 9)
        channel = server.find("a")
        position, gap = await channel.place("now")
        assert (events(channel, position), gap) == ([], None)
        position, gap = await channel.place(ids[5])
        assert (events(channel, position), gap) == (["6", "7", "8"], None)
        position, gap = await channel.place("start")
        assert (events(channel, position), gap) == (list("012345678"), None)
        assert channel.cursor(position + 3) == ids[2]

    run(scenario)


def test_older_events_come_in_as_many_pages_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "PAGE", 2)

    async def scenario(broker: Away, server: Mirrors) -> None:
        await publish(broker, 9)
        channel = server.find("a")
        position, _ = await channel.place("start")
        assert events(channel, position) == list("012345678")

    run(scenario)


def test_what_does_not_fit_into_the_window_is_a_gap_that_is_counted() -> None:
    async def scenario(broker: Away, server: Mirrors) -> None:
        ids = await publish(broker, 9)
        channel = server.find("a")
        position, gap = await channel.place(ids[0])
        assert gap is not None
        assert gap.missed == 4
        assert events(channel, position) == list("5678")

    run(scenario, events=4)


@pytest.mark.parametrize("limits", [{"events": 4}, {"bytes": 300}])
def test_of_what_is_older_no_more_is_gathered_than_fits(
    monkeypatch: pytest.MonkeyPatch, limits: dict[str, int]
) -> None:
    monkeypatch.setattr(mirror, "PAGE", 2)

    async def scenario(broker: Away, server: Mirrors) -> None:
        ids = await publish(broker, 40)
        channel = server.find("a")
        position, gap = await channel.place(ids[0])
        kept = [int(data) for data in events(channel, position)]
        assert kept == list(range(kept[0], 40))
        assert 1 < len(kept) < 20
        assert gap is not None
        assert (gap.missed, gap.cursor) == (kept[0] - 1, ids[kept[0] - 1])
        assert (await channel.place("start")) == (position, None)

    run(scenario, **limits)


class Counting(Away):
    """A broker that counts what it is asked for older events, and answers when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.pages = 0
        self.may = asyncio.Event()
        self.may.set()

    async def read(self, channel: str, after: str, limit: int) -> Page:
        if limit > 1:
            self.pages += 1
            await self.may.wait()
        return await super().read(channel, after, limit)


@pytest.mark.parametrize("limits", [{"events": 20}, {"bytes": 1_200}])
def test_who_comes_from_far_back_has_the_broker_asked_for_no_more_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch, limits: dict[str, int]
) -> None:
    monkeypatch.setattr(mirror, "PAGE", 5)

    async def main() -> None:
        broker = Counting()
        server = Mirrors(Limits(**limits), broker)
        try:
            ids = await publish(broker, 500)
            channel = server.find("a")
            for place in ("start", ids[0], NEW, "start"):  # the later ones cost nothing
                position, gap = await channel.place(place)
                assert events(channel, position)[-1] == "499"
                assert (gap is None) == (place == "start")
            assert 2 <= broker.pages <= 6
        finally:
            server.close()

    asyncio.run(asyncio.wait_for(main(), 10))


def test_who_begins_now_does_not_wait_for_who_reads_back() -> None:
    async def main() -> None:
        broker = Counting()
        server = Mirrors(Limits(), broker)
        try:
            await publish(broker, 9)
            channel = server.find("a")
            await channel.place("now")
            broker.may.clear()
            far = asyncio.create_task(channel.place("start"))
            while not broker.pages:
                await asyncio.sleep(0)
            assert await channel.place("now") == (channel.end, None)
            assert await channel.place("last") == (channel.end - 1, None)
            assert not far.done()
            broker.may.set()
            position, _ = await far
            assert len(events(channel, position)) == 9
        finally:
            server.close()

    asyncio.run(asyncio.wait_for(main(), 10))


def test_a_log_that_is_trimmed_while_it_is_read_is_a_gap_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "PAGE", 2)

    async def scenario(broker: Away, server: Mirrors) -> None:
        ids = await publish(broker, 9)
        channel = server.find("a")
        await channel.place("now")
        read, pages = broker.read, []

        async def trimmed(name: str, after: str, limit: int) -> Page:
            if limit == 2 and (pages.append(after) or len(pages) == 2):  # type: ignore[func-returns-value]
                page = await read(name, ids[5], limit)
                return page._replace(missed=4)
            return await read(name, after, limit)

        broker.read = trimmed  # type: ignore[method-assign]
        position, gap = await channel.place(ids[0])
        assert gap is not None
        assert (events(channel, position), gap.missed) == (["6", "7", "8"], 5)

    run(scenario)


def test_every_server_has_the_same_cursors_and_each_event_once() -> None:
    async def scenario(broker: Away, one: Mirrors) -> None:
        other = Mirrors(Limits(), broker)
        here, there = one.find("a"), other.find("a")
        early, _ = await there.place("start")
        first, _ = await here.append({"n": 1})
        second, _ = await there.append({"n": 2})
        position, gap = await there.place(first.id)
        assert (events(there, position), gap) == (['{"n":2}'], None)
        assert events(there, early) == ['{"n":1}', '{"n":2}']
        assert here.cursor((await here.place("now"))[0]) == second.id
        other.close()

    run(scenario)


def test_who_comes_from_a_server_that_was_ahead_gets_nothing_twice() -> None:
    """The broker tells this server late; the reader has had more elsewhere."""

    async def scenario(broker: Away, server: Mirrors) -> None:
        late, tail = asyncio.Event(), broker.tail

        async def tell_late(channel: str, after: str) -> AsyncIterator[Page]:
            async for page in tail(channel, after):
                await late.wait()
                yield page

        broker.tail = tell_late  # type: ignore[method-assign]
        await publish(broker, 3)
        channel = server.find("a")
        await channel.place("start")
        ids = await publish(broker, 3)
        asyncio.get_running_loop().call_later(0.05, late.set)
        position, gap = await channel.place(ids[1])
        assert (events(channel, position), gap) == (["2"], None)
        _, gap = await channel.place(ids[2] + "000")
        assert gap is not None

    run(scenario)


def test_who_was_ahead_is_not_told_of_a_gap_because_the_broker_is_away() -> None:
    """Nobody can say then whether the place exists: the reader keeps it, and asks again."""

    async def scenario(broker: Away, server: Mirrors) -> None:
        heard, tail = asyncio.Event(), broker.tail

        async def deaf_for_now(channel: str, after: str) -> AsyncIterator[Page]:
            await heard.wait()
            async for page in tail(channel, after):
                yield page

        broker.tail = deaf_for_now  # type: ignore[method-assign]
        await publish(broker, 1)
        channel = server.find("a")
        await channel.place("start")
        ids = await publish(broker, 3)
        broker.lost = "the broker is being restarted"
        with pytest.raises(Unavailable, match="restarted"):
            await channel.place(ids[1])
        broker.lost = None
        asyncio.get_running_loop().call_later(0.05, heard.set)
        position, gap = await channel.place(ids[1])
        assert (events(channel, position), gap) == (["2"], None)

    run(scenario)


def test_what_the_broker_has_and_does_not_bring_is_no_gap_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "ARRIVAL_SECONDS", 0.05)

    async def scenario(broker: Away, server: Mirrors) -> None:
        async def deaf(channel: str, after: str) -> AsyncIterator[Page]:
            await asyncio.Event().wait()
            yield Page(None, after, [])

        broker.tail = deaf  # type: ignore[method-assign]
        await publish(broker, 1)
        channel = server.find("a")
        await channel.place("start")
        ids = await publish(broker, 2)
        with pytest.raises(Unavailable, match="ask again"):
            await channel.place(ids[1])

    run(scenario)


def test_a_channel_is_followed_once_whoever_reads_it() -> None:
    async def scenario(broker: Away, server: Mirrors) -> None:
        tails = []
        tail = broker.tail

        def counted(channel: str, after: str) -> AsyncIterator[Page]:
            tails.append(channel)
            return tail(channel, after)

        broker.tail = counted  # type: ignore[method-assign]
        await asyncio.gather(*(server.find("a").place("now") for _ in range(20)))
        await asyncio.sleep(0)
        assert tails == ["a"]

    run(scenario)


def test_a_log_made_anew_is_a_gap_of_unknown_size_for_who_stood_in_the_old_one() -> None:
    async def scenario(broker: Away, server: Mirrors) -> None:
        ids = await publish(broker, 3)
        channel = server.find("a")
        assert isinstance(channel, MirrorChannel)
        position, _ = await channel.place("now")
        channel._take(Page("beef", "beef.0", [Record("beef.1", "then", b'"new"')], None))
        assert channel.log is not None
        gap = channel.log.gap(position)
        assert gap is not None
        assert (gap.missed, gap.cursor) == (None, "beef.0")
        assert events(channel, channel.log.first) == ['"new"']
        _, gap = channel.locate(ids[0])
        assert gap is not None
        assert gap.missed is None

    run(scenario)


def test_events_that_the_broker_let_go_of_before_they_came_are_counted() -> None:
    async def scenario(broker: Away, server: Mirrors) -> None:
        await publish(broker, 3)
        channel = server.find("a")
        assert isinstance(channel, MirrorChannel)
        position, _ = await channel.place("now")
        id = broker.logs["a"].id
        channel._take(Page(id, f"{id}.7", [Record(f"{id}.8", "then", b"8")], 4))
        assert channel.log is not None
        gap = channel.log.gap(position)
        assert gap is not None
        assert gap.missed == 4

    run(scenario)


class TestWhileTheBrokerIsAway:
    def test_a_publish_is_refused_and_not_sent(self) -> None:
        async def scenario(broker: Away, server: Mirrors) -> None:
            broker.lost = "the broker cannot be reached"
            with pytest.raises(Unavailable, match="cannot be reached") as caught:
                await server.find("a").append(1)
            assert caught.value.retry_after > 0
            assert broker.logs == {}
            assert server.by_name == {}

        run(scenario)

    def test_who_is_in_the_window_reads_on_and_a_word_means_what_is_here(self) -> None:
        async def scenario(broker: Away, server: Mirrors) -> None:
            ids = await publish(broker, 3)
            channel = server.find("a")
            await channel.place("start")
            broker.lost = "away"
            assert events(channel, (await channel.place(ids[0]))[0]) == ["1", "2"]
            assert events(channel, (await channel.place("last"))[0]) == ["2"]

        run(scenario)

    def test_who_would_have_to_ask_it_is_told(self) -> None:
        async def scenario(broker: Away, server: Mirrors) -> None:
            await publish(broker, 3)
            broker.lost = "away"
            with pytest.raises(Unavailable):
                await server.find("a").place("start")
            assert server.by_name == {}

        run(scenario)

    def test_a_tail_that_ends_in_an_error_is_taken_up_where_it_was(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def scenario(broker: Away, server: Mirrors) -> None:
            tail, errors = broker.tail, [Unavailable("gone"), ValueError("a mistake")]

            async def failing(channel: str, after: str) -> AsyncIterator[Page]:
                async for page in tail(channel, after):
                    yield page
                    if errors:
                        raise errors.pop(0)

            broker.tail = failing  # type: ignore[method-assign]
            channel = server.find("a")
            position, _ = await channel.place("now")
            for n in range(4):
                await broker.append("a", b"%d" % n)
                while len(events(channel, position)) < n + 1:
                    await asyncio.sleep(0.005)
            assert events(channel, position) == ["0", "1", "2", "3"]

        run(scenario)
        assert [record.getMessage()[:20] for record in caplog.records] == ["the mirror of a stum"]
        caplog.clear()


class TestLimits:
    def test_one_channel_more_than_allowed_is_not_published_to(self) -> None:
        async def scenario(_broker: Away, server: Mirrors) -> None:
            for name in "abab":
                await server.find(name).append(1)
            with pytest.raises(LimitExceeded):
                await server.find("c").append(1)

        run(scenario, channels=2)

    def test_a_mirror_that_nobody_uses_makes_room_for_another(self) -> None:
        async def scenario(_broker: Away, server: Mirrors) -> None:
            for name in "abcd":
                await server.find(name).place("now")
            assert list(server.by_name) == ["d"]

        run(scenario, channels=1)

    def test_a_mirror_that_is_used_makes_no_room(self) -> None:
        async def scenario(_broker: Away, server: Mirrors) -> None:
            channel = server.find("a")
            await channel.place("now")
            channel.hold()
            with pytest.raises(LimitExceeded):
                await server.find("b").place("now")

        run(scenario, channels=1)

    def test_a_channel_without_readers_is_followed_for_a_while(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def scenario(_broker: Away, server: Mirrors) -> None:
            await server.find("a").place("now")
            server.expire()
            assert list(server.by_name) == ["a"]
            monkeypatch.setattr(mirrors, "IDLE_SECONDS", -1.0)
            server.expire()
            assert server.by_name == {}

        run(scenario)

    def test_an_event_that_no_window_could_hold_is_refused(self) -> None:
        async def scenario(_broker: Away, server: Mirrors) -> None:
            with pytest.raises(LimitExceeded):
                await server.find("a").append("x" * 100)

        run(scenario, bytes=50)


class TestWindow:
    PAGE = Page("e", "e.4", [Record("e.5", "then", b"5")])

    def window(self, most: int = 4) -> Window:
        window = Window(most, 1 << 20, self.PAGE)
        window.add(self.PAGE.records[0])
        return window

    def test_an_alias_is_a_place_until_the_window_moves_on(self) -> None:
        window = self.window(1)
        window.alias("new.0")
        assert window.locate("new.0") == (0, None)
        window.add(Record("e.6", "then", b"6"))
        _, gap = window.locate("new.0")
        assert gap is not None
        assert gap.missed == 5

    def test_positions_of_partitions_are_compared_but_not_counted(self) -> None:
        assert order("k.3.10") > order("k.3.9")
        assert before("k.3.10") == "k.3.9"
        window = Window(4, 1 << 20, Page("k", "k.3.4", []))
        window.add(Record("k.3.10", "then", b"5"))
        assert window.reaches("k.3.10")
        assert not window.reaches("k.3.11")
        assert window.locate("k.3.7") == (0, None), "a place between the channel's own records"
        assert window.locate("k.3.10") == (1, None)
        _, gap = window.locate("k.2.7")
        assert gap is not None
        _, gap = window.locate("k.3.2")
        assert gap is not None
        assert gap.missed is None

    def test_a_cursor_with_words_in_it_is_refused(self) -> None:
        with pytest.raises(BadInput):
            order("k.a.b")
