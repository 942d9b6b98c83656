"""A small server, and many small clients that lose it at the same moment and come back, each by the same rule.

Real sockets, in a thread with a loop of its own, since a notebook's is busy. The server does nothing but accept: what
is measured is when the attempts come.
"""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Pause = Callable[[int, random.Random], float]
"""Seconds to pause before attempt n = 0, 1, 2 …, by a generator of chance that is the client's own."""

PATIENCE = 30.0  # seconds that the whole herd may take


@dataclass
class Return:
    """What was seen: when each attempt began, in seconds after the cut, and how many clients came back."""

    attempts: list[float] = field(default_factory=list)
    back: int = 0


class Door:
    """The server: lets everybody in and keeps them, until it is shut."""

    def __init__(self) -> None:
        self.port = 0
        self._inside: set[asyncio.BaseTransport] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen, again on the port of before."""
        inside = self._inside

        class Guest(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                inside.add(transport)
                assert isinstance(transport, asyncio.Transport)
                transport.write(b"welcome")

        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(Guest, "127.0.0.1", self.port, backlog=4096)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Listen no more, and throw everybody out."""
        assert self._server is not None
        self._server.close()
        for transport in self._inside:
            assert isinstance(transport, asyncio.Transport)
            transport.abort()
        self._inside.clear()


def come_back(clients: int, pause: Pause, outage: float) -> Return:
    """Let N clients connect, take the server away for `outage` seconds, and see when each tries again."""
    found = Return()
    thread = threading.Thread(
        target=lambda: asyncio.run(_all(found, clients, pause, outage)), name="herd", daemon=True
    )
    thread.start()
    thread.join(PATIENCE + outage)
    return found


async def _all(found: Return, clients: int, pause: Pause, outage: float) -> None:
    door, ready, cut = Door(), asyncio.Semaphore(0), 0.0
    await door.open()

    async def client(number: int) -> None:
        chance, attempt = random.Random(number), 0
        sock = await _enter(door.port)
        ready.release()
        while sock is not None and await _still_inside(sock):
            pass
        while True:
            await asyncio.sleep(pause(attempt, chance))
            found.attempts.append(time.monotonic() - cut)
            if (back := await _enter(door.port)) is not None:
                found.back += 1
                back.close()
                return
            attempt += 1

    tasks = [asyncio.create_task(client(number)) for number in range(clients)]
    for _ in tasks:
        await ready.acquire()
    cut = time.monotonic()
    await door.shut()
    await asyncio.sleep(outage)
    await door.open()
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
    await door.shut()


async def _enter(port: int) -> socket.socket | None:
    """Connect, and wait for the welcome; None where nobody answers."""
    loop, sock = asyncio.get_running_loop(), socket.socket()
    sock.setblocking(False)
    try:
        await loop.sock_connect(sock, ("127.0.0.1", port))
        if await loop.sock_recv(sock, 64):
            return sock
    except OSError:
        pass
    sock.close()
    return None


async def _still_inside(sock: socket.socket) -> bool:
    """Wait for what comes; False once the connection is gone."""
    try:
        if await asyncio.get_running_loop().sock_recv(sock, 64):
            return True
    except OSError:
        pass
    sock.close()
    return False
