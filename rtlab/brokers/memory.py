"""The logs of a broker in this process's own memory: for servers that live in one process, and to test mirrors on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from rtlab.broker import Appended, Overview, Page, Record
from rtlab.event import NEW, encode_data
from rtlab.log import Log


class MemoryBroker:
    """`Broker` over one `Log` for each channel. Servers that share it must share its event loop."""

    address = "memory"

    def __init__(self, max_events: int = 10_000, max_bytes: int = 16 << 20) -> None:
        self.trouble: str | None = None
        self.failures = 0
        self.logs: dict[str, Log] = {}
        self._limits = max_events, max_bytes
        self._grown = asyncio.Event()  # set, and replaced, at each append

    async def check(self) -> None:
        """It is always there."""

    async def start(self) -> None:
        """Nothing to begin."""

    async def append(self, channel: str, data: bytes, key: str | None = None) -> Appended:
        """As `Broker.append`; raises as `Log.append` does."""
        log = self.logs.setdefault(channel, Log(*self._limits))
        before = log.end
        event = log.append(json.loads(data), key)
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()
        return Appended(Record(event.id, event.time, encode_data(event.data)), log.end > before)

    async def read(self, channel: str, after: str, limit: int) -> Page:
        """As `Broker.read`."""
        if (log := self.logs.get(channel)) is None:
            return Page(None, NEW, [], 0 if after in ("start", "last", "now", NEW) else None)
        start, gap = log.locate(after)
        events = log.read(log.cursor(start), limit).events
        records = [Record(event.id, event.time, encode_data(event.data)) for event in events]
        return Page(log.id, log.cursor(start), records, gap.missed if gap else 0)

    async def tail(self, channel: str, after: str) -> AsyncIterator[Page]:
        """As `Broker.tail`."""
        while True:
            grown = self._grown
            page = await self.read(channel, after, 1_000)
            if page.records:
                yield page
                after = page.end
            else:
                await grown.wait()

    async def channels(self) -> list[Overview]:
        """As `Broker.channels`."""
        return [
            Overview(name, log.cursor(log.end), log.end - log.first, log.bytes)
            for name, log in sorted(self.logs.items())
        ]

    async def close(self) -> None:
        """The logs are kept for the next server."""
