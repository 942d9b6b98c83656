"""A server's place in a fleet: one of several processes that listen on one port, told by the one that started them.

It comes in the environment, as JSON in RTLAB_FLEET: which process this is, the sockets that it listens on, which
it has inherited, and a folder in which each process answers for its counts, on a socket that has its number.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

VARIABLE = "RTLAB_FLEET"
ANSWER_SECONDS = 1.0  # that another process has for its counts


@dataclass(frozen=True)
class Place:
    """Process `index` of a fleet of `size`; `descriptors` are its listening sockets, `secret` what all of it know."""

    index: int
    size: int
    descriptors: tuple[int, ...]
    folder: str
    secret: str = ""

    @classmethod
    def here(cls) -> Place | None:
        """The place of this process; None if it is on its own."""
        given = os.environ.get(VARIABLE)
        if given is None:
            return None
        told = json.loads(given)
        return cls(told["index"], told["size"], tuple(told["descriptors"]), told["folder"], told["secret"])

    def environment(self) -> dict[str, str]:
        """What tells a process that this is its place."""
        return {VARIABLE: json.dumps(asdict(self))}

    def sockets(self) -> list[socket.socket]:
        """The sockets to listen on."""
        sockets = [socket.socket(fileno=os.dup(descriptor)) for descriptor in self.descriptors]
        for one in sockets:
            one.setblocking(False)
        return sockets

    async def answer(self, metrics: Callable[[], bytes]) -> asyncio.Server:
        """Let the others have this process's counts, in Prometheus's text format."""

        async def tell(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(metrics())
            with contextlib.suppress(OSError):
                await writer.drain()
            writer.close()

        path = self._path(self.index)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        return await asyncio.start_unix_server(tell, path)

    def _path(self, index: int) -> Path:
        return Path(self.folder) / str(index)

    async def ask_all(self) -> dict[int, bytes]:
        """The counts of every process that answers."""
        answers = await asyncio.gather(*map(self._ask, range(self.size)))
        return {index: answer for index, answer in enumerate(answers) if answer}

    async def _ask(self, index: int) -> bytes:
        try:
            return await asyncio.wait_for(self._read(index), ANSWER_SECONDS)
        except (OSError, asyncio.TimeoutError):  # it is being started again
            return b""

    async def _read(self, index: int) -> bytes:
        reader, writer = await asyncio.open_unix_connection(self._path(index))
        try:
            return await reader.read()
        finally:
            writer.close()

    def orphaned(self, stop: Callable[[], None]) -> None:
        """Have `stop()` called when the one who started this process is gone: its end of our input closes."""

        def look() -> None:
            if not os.read(sys.stdin.fileno(), 1024):
                asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
                stop()

        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), look)
