"""Redis Streams (Redis or Valkey, 7.0 or newer): a stream for each channel.

    rtlab:{news}          the stream; its entries' ids are 1700000000000-1, 1700000000000-2, …
    rtlab:{news}:epoch    1700000000000: when the stream was made, in ms. It is the LOGID of its cursors
    rtlab:{news}:keys     idempotency keys, each with the number of its entry

An entry's id is the event's cursor with a dash for the dot: `1700000000000.2`. As numbers have no holes, a gap is
counted exactly; as a stream that is made anew has a later epoch, all its entries come after those of the old one.
The braces put a channel's three keys into one slot of a cluster.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from redis.exceptions import NoScriptError

from rtlab.broker import WORDS, Appended, Overview, Page
from rtlab.brokers.connect import CONNECTIONS, TROUBLES, Connect, check_version, named, reason
from rtlab.brokers.ending import cancelled
from rtlab.brokers.entries import APPEND, appended, minimum, pages, place_of, record_of, stream_of
from rtlab.brokers.listen import Listener
from rtlab.errors import KeyReused, Unavailable
from rtlab.event import NEW, Cursor

APPEND_AT_ONCE = 500  # appends sent together
START_SECONDS = 1.0  # that the start waits for a broker that is slow to answer
APPEND_SECONDS = 20.0  # that an append waits for its answer: longer than the client tries


class _Waiting(NamedTuple):
    """An append on its way."""

    channel: str
    data: bytes
    key: str | None
    done: asyncio.Future[Appended]


class RedisBroker:
    """`Broker` over Redis Streams; `url` as in `connect`. A channel keeps `max_events`, or a few more."""

    def __init__(self, url: str, max_events: int = 10_000) -> None:
        self._connect = Connect(url)
        self.address = self._connect.address
        self.max_events = max_events
        self._client: Any = None
        self._appender: Any = None  # its appends follow each other on one connection
        self._listener: Listener | None = None
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._appending: asyncio.Task[None] | None = None
        self._script = ""

    @property
    def trouble(self) -> str | None:
        """Why it cannot be used now."""
        return self._listener.trouble if self._listener is not None else None

    @property
    def failures(self) -> int:
        """Times that it was lost since the start."""
        return self._listener.failures if self._listener is not None else 0

    async def check(self) -> None:
        """As `Broker.check`."""
        self._open()
        try:
            await check_version(self._client, self.address)
            await self._client.exists("rtlab:check")  # refused to a user who may not use these keys
            await asyncio.gather(
                *(client.ping() for client in (self._appender, *[self._client] * CONNECTIONS))
            )
        except TROUBLES as error:
            raise named(await reason(self._client, error), self.address) from None

    def _open(self) -> None:
        if self._client is None:
            self._client, self._appender = self._connect.client(attempts=3), self._connect.client()

    async def start(self) -> None:
        """As `Broker.start`."""
        self._open()
        self._listener = Listener(self._connect, self._client)
        self._appending = asyncio.create_task(self._append_all(), name="appends to Redis")
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._listener.begun.wait(), START_SECONDS)

    async def append(self, channel: str, data: bytes, key: str | None = None) -> Appended:
        """As `Broker.append`. What is asked for while others are on their way goes together with the next."""
        done: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait(_Waiting(channel, data, key, done))
        try:
            found = await asyncio.wait_for(done, APPEND_SECONDS)
        except asyncio.TimeoutError:
            raise Unavailable(
                f"the broker {self.address} did not answer within {APPEND_SECONDS:g} s: ask again with the same key",
                1.0,
            ) from None
        if not found.fresh and found.record.data != data:
            raise KeyReused(key or "")
        return found

    async def _append_all(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < APPEND_AT_ONCE and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                answers = await (
                    self._evaluate_apart(batch) if self._connect.cluster else self._evaluate(batch)
                )
                for waiting, answer in zip(batch, answers, strict=True):
                    self._tell(waiting, answer)
            except Exception as error:  # whatever it is, those who wait are told
                for waiting in batch:
                    self._tell(waiting, error)
            finally:
                for waiting in batch:
                    self._tell(waiting, Unavailable("the server stops"))

    def _tell(self, waiting: _Waiting, answer: Any) -> None:
        """Give an append its answer, or the error that it is; who has one, or waits no more, is left alone."""
        if waiting.done.done():
            return
        try:
            if isinstance(answer, Exception):
                raise answer
            waiting.done.set_result(appended(answer, waiting.data))
        except Exception as error:
            waiting.done.set_exception(named(error, self.address))

    async def _evaluate(self, batch: list[_Waiting]) -> list[Any]:
        """Run the script for each append, all in one go."""
        if not self._script:
            self._script = await self._appender.script_load(APPEND)
        pipeline = self._appender.pipeline(transaction=False)
        for waiting in batch:
            pipeline.evalsha(self._script, 3, *self._arguments(waiting))
        answers: list[Any] = await pipeline.execute(raise_on_error=False)
        if any(
            isinstance(answer, NoScriptError) for answer in answers
        ):  # another server, or one that began anew
            self._script = ""
            again = [
                one for one, answer in zip(batch, answers, strict=True) if isinstance(answer, NoScriptError)
            ]
            after = iter(await self._evaluate(again))
            answers = [next(after) if isinstance(answer, NoScriptError) else answer for answer in answers]
        return answers

    async def _evaluate_apart(self, batch: list[_Waiting]) -> list[Any]:
        """In a cluster, where a script cannot go into a pipeline: channels at once, the appends of one in turn."""
        answers: dict[int, Any] = {}

        async def in_turn(channel: str) -> None:
            for number, waiting in enumerate(batch):
                if waiting.channel == channel:
                    try:
                        answers[number] = await self._appender.eval(APPEND, 3, *self._arguments(waiting))
                    except TROUBLES as error:
                        answers[number] = error

        await asyncio.gather(*(in_turn(channel) for channel in {waiting.channel for waiting in batch}))
        return [answers[number] for number in range(len(batch))]

    def _arguments(self, waiting: _Waiting) -> tuple[Any, ...]:
        stream = stream_of(waiting.channel)
        keys = (stream, f"{stream}:epoch", f"{stream}:keys")
        return (*keys, waiting.data, waiting.key or "", self.max_events, self._connect.keep_seconds)

    async def read(self, channel: str, after: str, limit: int) -> Page:
        """As `Broker.read`: one transaction, so that what it tells of the stream fits together."""
        stream = stream_of(channel)
        pipeline = self._client.pipeline(transaction=True)
        pipeline.xrange(stream, count=1)
        pipeline.xrevrange(stream, count=1)
        if limit and after != "last":
            pipeline.xrange(stream, min=minimum(after), count=limit)
        try:
            first, last, *found = await pipeline.execute()
        except TROUBLES as error:
            raise named(error, self.address) from None
        if not last:
            return Page(None, NEW, [], 0 if after in (*WORDS, NEW) else None)
        return await self._page(channel, after, limit, (first[0], last[0]), found[0] if found else [])

    async def _page(
        self, channel: str, after: str, limit: int, ends: tuple[Any, Any], found: list[Any]
    ) -> Page:
        """The page for what was asked, from a stream's first and last entry and what was found after the place."""
        (epoch, oldest), (_, newest) = (place_of(entry) for entry in ends)
        if after == "now":
            return Page(epoch, f"{epoch}.{newest}", [])
        if after == "last":
            return Page(epoch, f"{epoch}.{newest - 1}", [record_of(ends[1])])
        log, number = (epoch, oldest - 1) if after == "start" else Cursor.parse(after)
        if not isinstance(number, int) or (log not in (epoch, "new")) or number > newest:
            page = await self.read(channel, "start", limit) if found == [] else None
            records = page.records if page else [record_of(entry) for entry in found]
            return Page(epoch, f"{epoch}.{oldest - 1}", records, None)
        missed = max(0, oldest - 1 - number)
        return Page(epoch, f"{epoch}.{number + missed}", [record_of(entry) for entry in found], missed)

    async def tail(self, channel: str, after: str) -> AsyncIterator[Page]:
        """As `Broker.tail`."""
        assert self._listener is not None
        log, number = Cursor.parse(after)
        with self._listener.listening(stream_of(channel), minimum(after).lstrip("(")) as entries:
            while True:
                for page in pages(str(log), int(number), await entries.get()):
                    yield page
                    log, number = Cursor.parse(page.end)

    async def channels(self) -> list[Overview]:
        """As `Broker.channels`; bytes are those of the server's memory."""
        try:
            names = [name async for name in self._client.scan_iter("rtlab:{*}", count=1_000)]
            return sorted([row for name in names if (row := await self._overview(name))])
        except TROUBLES as error:
            raise named(error, self.address) from None

    async def _overview(self, stream: bytes) -> Overview | None:
        pipeline = self._client.pipeline(transaction=False)
        pipeline.xlen(stream)
        pipeline.xrevrange(stream, count=1)
        pipeline.memory_usage(stream)
        length, last, size = await pipeline.execute()
        name = stream.decode().removeprefix("rtlab:{").removesuffix("}")
        return Overview(name, record_of(last[0]).id, length, size or 0) if last else None

    async def close(self) -> None:
        """As `Broker.close`."""
        if self._appending is not None:
            await cancelled([self._appending])
        while not self._waiting.empty():
            self._tell(self._waiting.get_nowait(), Unavailable("the server stops"))
        if self._listener is not None:
            await self._listener.close()
        if self._client is not None:
            await asyncio.gather(self._client.aclose(), self._appender.aclose())
