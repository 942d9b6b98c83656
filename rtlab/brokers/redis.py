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
from datetime import datetime, timezone
from typing import Any, NamedTuple

from redis.exceptions import NoScriptError, RedisError

from rtlab.broker import WORDS, Appended, Overview, Page, Record
from rtlab.brokers.connect import CONNECTIONS, Connect, check_version, named
from rtlab.brokers.listen import Listener
from rtlab.errors import KeyReused, Unavailable
from rtlab.event import NEW, Cursor

APPEND_AT_ONCE = 500  # appends sent together
START_SECONDS = 1.0  # that the start waits for a broker that is slow to answer
KEEP_SECONDS = 7 * 86_400  # that an idle stream is kept

# KEYS: the stream, its epoch, its keys. ARGV: data, idempotency key or "", events to keep, seconds to keep them.
# The answer: the entry, and 1 if it is new.
APPEND = """
local stream, epoch_key, keys = KEYS[1], KEYS[2], KEYS[3]
local epoch, next = redis.call('GET', epoch_key), '-*'
if redis.call('EXISTS', stream) == 0 or not epoch then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  epoch = string.format('%.0f', math.max(now, (epoch or 0) + 1))
  next = '-1'
  redis.call('SET', epoch_key, epoch)
  redis.call('DEL', stream, keys)
end
if ARGV[2] ~= '' then
  local number = redis.call('ZSCORE', keys, ARGV[2])
  if number then
    local id = epoch .. '-' .. number
    local found = redis.call('XRANGE', stream, id, id)
    if found[1] then return {found[1], 0} end
  end
end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local id = redis.call('XADD', stream, 'MAXLEN', '~', ARGV[3], epoch .. next, 't', now, 'd', ARGV[1])
if ARGV[2] ~= '' then
  local number = tonumber(string.match(id, '-(%d+)$'))
  redis.call('ZADD', keys, number, ARGV[2])
  redis.call('ZREMRANGEBYSCORE', keys, '-inf', number - redis.call('XLEN', stream))
  redis.call('EXPIRE', keys, ARGV[4])
end
redis.call('EXPIRE', stream, ARGV[4])
redis.call('EXPIRE', epoch_key, ARGV[4])
return {{id, {'t', now, 'd', ''}}, 1}
"""


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
            await asyncio.gather(
                *(client.ping() for client in (self._appender, *[self._client] * CONNECTIONS))
            )
        except (RedisError, OSError) as error:
            raise named(error, self.address) from None

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
        appended = await done
        if not appended.fresh and appended.record.data != data:
            raise KeyReused(key or "")
        return appended

    async def _append_all(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < APPEND_AT_ONCE and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                answers = await self._evaluate(batch)
            except (RedisError, OSError) as error:
                answers = [error] * len(batch)
            for waiting, answer in zip(batch, answers, strict=True):
                if waiting.done.done():
                    continue
                if isinstance(answer, Exception):
                    waiting.done.set_exception(named(answer, self.address))
                else:
                    waiting.done.set_result(_appended(answer, waiting.data))

    async def _evaluate(self, batch: list[_Waiting]) -> list[Any]:
        """Run the script for each append, all in one go."""
        if not self._script:
            self._script = await self._appender.script_load(APPEND)
        pipeline = self._appender.pipeline(transaction=False)
        for channel, data, key, _ in batch:
            stream = stream_of(channel)
            keys = (stream, f"{stream}:epoch", f"{stream}:keys")
            pipeline.evalsha(self._script, 3, *keys, data, key or "", self.max_events, KEEP_SECONDS)
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

    async def read(self, channel: str, after: str, limit: int) -> Page:
        """As `Broker.read`: one transaction, so that what it tells of the stream fits together."""
        stream = stream_of(channel)
        pipeline = self._client.pipeline(transaction=True)
        pipeline.xrange(stream, count=1)
        pipeline.xrevrange(stream, count=1)
        if limit and after != "last":
            pipeline.xrange(stream, min=_from(after), count=limit)
        try:
            first, last, *found = await pipeline.execute()
        except (RedisError, OSError) as error:
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
        with self._listener.listening(stream_of(channel), _from(after).lstrip("(")) as entries:
            while True:
                for page in pages(str(log), int(number), await entries.get()):
                    yield page
                    log, number = Cursor.parse(page.end)

    async def channels(self) -> list[Overview]:
        """As `Broker.channels`; bytes are those of the server's memory."""
        try:
            names = [name async for name in self._client.scan_iter("rtlab:{*}", count=1_000)]
            return sorted([row for name in names if (row := await self._overview(name))])
        except (RedisError, OSError) as error:
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
            self._appending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._appending
        while not self._waiting.empty():
            self._waiting.get_nowait().done.set_exception(Unavailable("the server stops"))
        if self._listener is not None:
            await self._listener.close()
        if self._client is not None:
            await asyncio.gather(self._client.aclose(), self._appender.aclose())


def stream_of(channel: str) -> str:
    """The key of a channel's stream."""
    return f"rtlab:{{{channel}}}"


def place_of(entry: Any) -> tuple[str, int]:
    """The epoch and the number of an entry."""
    epoch, _, number = entry[0].decode().partition("-")
    return epoch, int(number)


def record_of(entry: Any) -> Record:
    """The record that an entry is."""
    id, fields = entry
    seconds = int(fields[b"t"]) / 1000
    time = datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds")
    return Record(id.decode().replace("-", "."), time.removesuffix("+00:00") + "Z", fields[b"d"])


def _appended(answer: Any, data: bytes) -> Appended:
    (id, fields), fresh = answer
    record = record_of((id, dict(zip(fields[::2], fields[1::2], strict=True))))
    return Appended(record._replace(data=data) if fresh else record, bool(fresh))


def _from(after: str) -> str:
    """Where XRANGE is to begin for what comes after a place."""
    if after in WORDS or after == NEW:
        return "-"
    log, number = Cursor.parse(after)
    known = log.isascii() and log.isdigit() and len(log) < 19 and isinstance(number, int)
    return f"({log}-{number}" if known else "-"


def pages(log: str, number: int, entries: list[Any]) -> list[Page]:
    """Entries that came after a place as pages: a new one wherever some are missing, or the stream is a new one."""
    made: list[Page] = []
    for entry in entries:
        epoch, at = place_of(entry)
        same = epoch == log or log == "new"
        if not made or not same or at != number + 1:
            missed = at - 1 - number if same else None
            made.append(Page(epoch, f"{epoch}.{at - 1}", [], missed))
        made[-1].records.append(record_of(entry))
        log, number = epoch, at
    return made
