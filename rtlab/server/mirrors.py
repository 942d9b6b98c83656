"""The channels of a server whose logs a broker keeps: which of them it follows, and how many at most."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rtlab.broker import Broker, Overview
from rtlab.errors import LimitExceeded
from rtlab.event import Event
from rtlab.server.fanout import Channel, Channels
from rtlab.server.limits import Limits
from rtlab.server.mirror import MirrorChannel

IDLE_SECONDS = 60.0  # that a channel without readers is still followed


class Mirrors(Channels):
    """All channels of a broker's that this server has to do with."""

    def __init__(
        self, limits: Limits, broker: Broker, on_append: Callable[[str, Event], None] | None = None
    ) -> None:
        super().__init__(limits, on_append)
        self.broker = broker
        self._published: dict[str, float] = {}  # channel → when this server has last published to it

    def new_channel(self, name: str) -> Channel:
        """A mirror of that channel, the only one; if nobody uses it it is forgotten at once."""
        channel = self.by_name[name] = MirrorChannel(self, name, self.broker)
        asyncio.get_running_loop().call_soon(channel.tidy)
        return channel

    def admit(self, name: str) -> None:
        """Let a channel be published to. Raises LimitExceeded for one too many of this server's own."""
        now = asyncio.get_running_loop().time()
        if name not in self._published and len(self._published) >= self.limits.channels:
            oldest = now - self.limits.expiry
            self._published = {name: at for name, at in self._published.items() if at > oldest}
        self._check_room(len(self._published) - (name in self._published))
        self._published[name] = now

    def follow_one_more(self) -> None:
        """Make room for one more mirror, if need be of one that nobody uses. Raises LimitExceeded."""
        if sum(mirror.followed for mirror in self._mirrors()) >= self.limits.channels:
            for mirror in self._mirrors():
                if mirror.idle:
                    mirror.drop()
        self._check_room(sum(mirror.followed for mirror in self._mirrors()))

    def _check_room(self, channels: int) -> None:
        if channels >= (most := self.limits.channels):
            raise LimitExceeded("channels", most, f"the server has its {most} channels: use one of them")

    def _mirrors(self) -> list[MirrorChannel]:
        return [channel for channel in self.by_name.values() if isinstance(channel, MirrorChannel)]

    def expire(self) -> None:
        """Follow no more what nobody has used for a while."""
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        for mirror in self._mirrors():
            if mirror.idle and mirror.touched < oldest:
                mirror.drop()

    async def overview(self) -> list[Overview]:
        """The channels that have a log, by name. Raises Unavailable."""
        return await self.broker.channels()

    def close(self) -> None:
        """Follow nothing any more."""
        for mirror in self._mirrors():
            mirror.drop()
