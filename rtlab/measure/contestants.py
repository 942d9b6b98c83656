"""The servers that `rtlab bench fanout` sets against each other: ours, and two made with Tornado's own calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from rtlab.event import encode_data, now
from rtlab.server.app import Server
from rtlab.server.forms import frame

CHANNEL = "bench"


class Contestant(Protocol):
    """A server under test."""

    writes: int

    async def start(self) -> int:
        """Listen; return the port."""

    def send(self, data: dict[str, Any]) -> None:
        """Give an event to every reader."""

    async def settle(self) -> None:
        """Wait for readers that are far behind."""

    async def stop(self) -> None:
        """Let every reader have everything, then close the connections."""


class Rtlab:
    """This package's server."""

    def __init__(self) -> None:
        self.server = Server()
        self.channels = self.server.channels

    async def start(self) -> int:
        """Listen; return the port."""
        await self.server.start()
        return self.server.port

    def send(self, data: dict[str, Any]) -> None:
        """Append the event."""
        self.channels.find(CHANNEL).publish(data)

    async def settle(self, allowed: int | None = None) -> None:
        """Wait while a reader is half a window behind, for past a whole one it would get a gap."""
        channel = self.channels.find(CHANNEL)
        allowed = self.server.limits.events // 2 if allowed is None else allowed
        while any(
            channel.end - reader.position > allowed or not (reader.at_rest or allowed)
            for reader in channel.readers
        ):
            await asyncio.sleep(0)

    async def stop(self) -> None:
        """Wait for the last reader and stop."""
        await self.settle(0)
        self.writes = self.channels.batches
        await self.server.stop()


class WriteMessage:
    """Tornado's WebSocket handler and its `write_message`, for each event and each reader."""

    def __init__(self) -> None:
        self.sockets: list[Opened] = []
        self.written: list[Any] = []
        self.number = self.writes = 0

    async def start(self) -> int:
        """Listen; return the port."""
        routes: Any = [("/.*", Opened, {"sockets": self.sockets})]
        self.http = HTTPServer(Application(routes))
        listening = bind_sockets(0, "127.0.0.1", backlog=4096)
        self.http.add_sockets(listening)
        return int(listening[0].getsockname()[1])

    def message(self, data: dict[str, Any]) -> bytes:
        """The same JSON as rtlab's."""
        self.number += 1
        return b'{"type":"event","id":"00000000.%d","time":"%b","data":%b}' % (
            self.number,
            now().encode(),
            encode_data(data),
        )

    def send(self, data: dict[str, Any]) -> None:
        """Write it to each."""
        message = self.message(data)
        self.writes += len(self.sockets)
        self.written = [socket.write_message(message) for socket in self.sockets]

    async def settle(self) -> None:
        """Wait until the kernel has it all."""
        await asyncio.gather(*self.written)

    async def stop(self) -> None:
        """Wait and close."""
        await self.settle()
        self.http.stop()
        for opened in self.sockets:
            opened.stream.close()


class Coalesced(WriteMessage):
    """One `stream.write` of all that a turn of the loop brought, the same bytes for each reader."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[bytes] = []

    def send(self, data: dict[str, Any]) -> None:
        """Keep it until the end of the turn."""
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self.waiting.append(frame(self.message(data)))

    def flush(self) -> None:
        """Write what has gathered."""
        batch, self.waiting = b"".join(self.waiting), []
        self.writes += len(self.sockets)
        self.written = [opened.stream.write(batch) for opened in self.sockets]

    async def stop(self) -> None:
        """Let the last batch go first."""
        await asyncio.sleep(0)
        await super().stop()


class Opened(WebSocketHandler):
    """A reader of the two other servers."""

    def initialize(self, sockets: list[Opened]) -> None:
        """Tornado's constructor."""
        self.sockets = sockets

    def open(self, *_args: str, **_options: str) -> None:
        """Say the same opening as rtlab, so that readers need not differ."""
        self.set_nodelay(True)
        self.stream: Any = self.ws_connection.stream  # type: ignore[union-attr]
        self.write_message(b'{"type":"open","cursor":"new.0"}')
        self.sockets.append(self)


SERVERS: dict[str, Callable[[], Contestant]] = {
    "rtlab": Rtlab,
    "coalesced": Coalesced,
    "write_message": WriteMessage,
}
