"""What an application is: a page, and beside it an event source on the server's loop.

    class Clock(App):
        name, title = "clock", "Clock"

        async def run(self, hub):
            while True:
                await hub.publish("clock", {"time": time.time()})
                await asyncio.sleep(1.0)

It lies in a folder with its page, `index.html`. All that it sees of the server is a hub with three verbs, `publish`,
`read` and `newest`, so that what stands behind them may as well be a broker.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

from tornado.web import RequestHandler

from rtlab.event import Event, Gap
from rtlab.server.app import Server


class Hub(Protocol):
    """The channels, as an application sees them."""

    async def publish(self, channel: str, data: Any, key: str | None = None) -> Event:
        """Append an event; with a known `key` nothing is appended, and the first one is returned.

        Raises InvalidName, InvalidData, LimitExceeded, KeyReused.
        """
        ...

    def read(self, channel: str, after: str = "now") -> AsyncIterator[Event | Gap]:
        """Iterate over a channel's events from a cursor (or start, last, now) on, for ever; a Gap for those missed."""
        ...

    async def newest(self, channel: str) -> Event | None:
        """A channel's newest event; None where there is none."""
        ...


class App:
    """The base of all applications: subclass it in a package that also holds `index.html`.

    `name` is where the page is, `/apps/NAME/`, and which channels are the application's: NAME and those that begin
    with `NAME.`. `title` and `summary` are for people.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str] = ""

    @property
    def keeps(self) -> Mapping[str, int]:
        """Channels of the application that keep fewer events than the server's limit, and how many.

        One event, where each says all there is to know: a slow reader then gets the newest instead of a backlog.
        """
        return {}

    @property
    def folder(self) -> Path:
        """Where the page's files are: beside the class."""
        return Path(inspect.getfile(type(self))).parent

    @property
    def routes(self) -> Sequence[tuple[str, type[RequestHandler], dict[str, Any]]]:
        """What is served besides the page's files: patterns below `/apps/NAME/`, with their handlers."""
        return ()

    def attend(self, server: Server) -> None:
        """Get to know the server, before `run`: for an application that looks at the server itself."""

    async def run(self, hub: Hub) -> None:
        """The event source. It begins when the server listens, and is cancelled when the server stops."""

    async def follow(self, hub: Hub) -> None:
        """What `check` has to know, kept up to date: runs beside `run`, and in a fleet in every process."""

    def check(self, channel: str, data: Any) -> None:
        """Judge what a client wants to publish on one of the application's channels, before it is appended.

        Raises BadInput with a sentence for a person to refuse it. It is asked again for an event that is sent again.
        """

    def owns(self, channel: str) -> bool:
        """Whether a channel is one of the application's."""
        return channel == self.name or channel.startswith(f"{self.name}.")
