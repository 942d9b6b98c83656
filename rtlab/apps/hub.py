"""The channels of the server that an application runs in."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

from rtlab.errors import Unavailable
from rtlab.event import Event, Gap
from rtlab.server.fanout import Channel, Channels

BATCH = 100  # events that are read at a time
AGAIN_SECONDS = 1.0  # until a broker that was away is asked again


class ServerHub:
    """A hub on the server's own channels; used on the server's loop."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    async def publish(self, channel: str, data: Any, key: str | None = None) -> Event:
        """As `Hub.publish`; while a broker is away it waits, and its event is appended once all the same."""
        found = self._channels.find(channel)
        if found.far and key is None:
            key = secrets.token_hex(16)
        while True:
            try:
                return (await found.append(data, key))[0]
            except Unavailable as error:
                await asyncio.sleep(error.retry_after or AGAIN_SECONDS)

    async def read(self, channel: str, after: str = "now") -> AsyncIterator[Event | Gap]:
        """As `Hub.read`."""
        cursor = after
        while True:
            found, position, gap = await self._place(channel, cursor)
            cursor = found.cursor(position)
            if gap is not None:
                yield gap
            elif position == found.end:
                await self._news(found)
            elif found.log is not None:
                batch = found.log.read(cursor, BATCH)
                cursor = batch.cursor
                for event in batch.events:
                    yield event

    async def newest(self, channel: str) -> Event | None:
        """As `Hub.newest`; while a broker is away it waits."""
        found, position, _ = await self._place(channel, "last")
        if found.log is None or position == found.end:
            return None
        return found.log.read(found.cursor(position), 1).events[0]

    async def _place(self, name: str, cursor: str) -> tuple[Channel, int, Gap | None]:
        """The channel as it is now, for an idle log may have been dropped, and where a cursor is in it."""
        while True:
            found = self._channels.find(name)
            try:
                return found, *await found.place(cursor)
            except Unavailable as error:
                await asyncio.sleep(error.retry_after or AGAIN_SECONDS)

    async def _news(self, channel: Channel) -> None:
        held = channel.hold()
        try:
            await held
        finally:
            channel.release(held)
