"""Whether anybody reads a channel: what is done for readers need not be done when there are none."""

from __future__ import annotations

import asyncio

from rtlab.server.app import Server
from rtlab.server.fanout import Channel


class Audience:
    """Watches one channel of a server for readers.

    Streams, sockets and held polls are there while they are open. A short poller is nowhere between two requests: it
    counts as present for `memory` seconds after each. An application that reads the channel itself counts as well, so
    watch one that it does not read.
    """

    def __init__(self, server: Server, channel: str, memory: float = 15.0) -> None:
        self.server, self.name, self.memory = server, channel, memory
        self._asked = 0
        self._seen = float("-inf")

    @property
    def channel(self) -> Channel:
        """The channel as it is now: an idle one is forgotten by the server, and made anew by the next event."""
        return self.server.channels.find(self.name)

    @property
    def forgotten(self) -> bool:
        """Whether the channel has no log, so that a short poller would be seen by nobody, and find nothing."""
        channel = self.channel
        return channel.log is None and not channel.far

    @property
    def present(self) -> bool:
        """Whether there is a reader, or was one a moment ago; of several processes nobody knows, so then: yes."""
        if self.server.place is not None:
            return True
        channel, now = self.channel, asyncio.get_running_loop().time()
        if channel.readers or channel.held or channel.asked != self._asked:
            self._asked, self._seen = channel.asked, now
        return now - self._seen < self.memory
