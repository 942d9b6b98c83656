"""What all clients of the asyncio load have in common: a connection, and the books that they keep."""

from __future__ import annotations

import asyncio
import socket
import time
from array import array
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Group:
    """Clients with the same settings, which share a tap; and what they have noted so far.

    `arrivals` has three numbers for each delivery: client, position of the event in its log, monotonic ns.
    """

    technique: str
    port: int  # of the tap
    channels: list[str]
    clients: int
    interval: float
    period: float  # seconds from request to request that are possible at least
    hold: float
    backoff: tuple[float, float, float]
    requests: int = 0
    empty: int = 0
    trouble: str | None = None
    arrivals: array[int] = field(default_factory=lambda: array("q"))


class Client(asyncio.Protocol):
    """One client. `phase` (0 up to 1) is where in its interval it begins."""

    transport: asyncio.Transport

    def __init__(self, group: Group, number: int, phase: float) -> None:
        self.group, self.number, self.phase = group, number, phase
        self.channel = f"/channels/{group.channels[number % len(group.channels)]}"
        self.host = f"127.0.0.1:{group.port}"
        self.holds_place: asyncio.Future[None]  # done when nothing published from now on is missed
        self.closing = False

    async def connect(self) -> None:
        """Connect; returns when it holds its place."""
        loop = asyncio.get_running_loop()
        self.holds_place = loop.create_future()
        await loop.create_connection(lambda: self, "127.0.0.1", self.group.port)
        await self.holds_place

    def connection_made(self, transport: Any) -> None:
        """Say what this technique says first."""
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.begin()

    def begin(self) -> None:
        """Send the first request."""
        raise NotImplementedError

    def data_received(self, data: bytes) -> None:
        """Note the time before anything else."""
        self.receive(data, time.monotonic_ns())

    def receive(self, data: bytes, now: int) -> None:
        """Take what came at `now`."""
        raise NotImplementedError

    def arrived(self, id: str, now: int) -> None:
        """An event is here."""
        self.group.arrivals.extend((self.number, int(id.rpartition(".")[2]), now))

    def ready(self) -> None:
        """The first cursor is known."""
        if not self.holds_place.done():
            self.holds_place.set_result(None)

    def fail(self, why: str) -> None:
        """This client cannot go on: the experiment is told, and ends."""
        self.group.trouble = self.group.trouble or f"a client ({self.group.technique}) cannot go on: {why}"
        if not self.holds_place.done():
            self.holds_place.set_exception(ConnectionError(self.group.trouble))
        self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The server hung up."""
        if not self.closing:
            self.fail("its connection was lost")

    def close(self) -> None:
        """Hang up."""
        self.closing = True
        if hasattr(self, "transport"):
            self.transport.abort()
