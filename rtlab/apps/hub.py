"""The channels of the server that an application runs in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from rtlab.event import Event, Gap
from rtlab.server.fanout import Channels

BATCH = 100  # events that are read at a time


class ServerHub:
    """A hub on the server's own channels; used on the server's loop."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    async def publish(self, channel: str, data: Any, key: str | None = None) -> Event:
        """As `Hub.publish`."""
        return self._channels.find(channel).publish(data, key)[0]

    async def read(self, channel: str, after: str = "now") -> AsyncIterator[Event | Gap]:
        """As `Hub.read`."""
        found = self._channels.find(channel)
        position, gap = found.locate(after)
        cursor = found.cursor(position)
        while True:
            if gap is not None:
                yield gap
            found = self._channels.find(channel)  # anew: an idle log may have been dropped
            if found.log is None or found.cursor(found.end) == cursor:
                held = found.hold()
                try:
                    await held
                finally:
                    found.release(held)
                found = self._channels.find(channel)
            if found.log is None:
                continue
            batch = found.log.read(cursor, BATCH)
            cursor, gap = batch.cursor, batch.gap
            if gap is not None:
                yield gap
                gap = None
            for event in batch.events:
                yield event
