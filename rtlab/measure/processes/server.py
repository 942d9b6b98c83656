"""The server of an experiment: notes when each event is appended, and tells what it costs."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import psutil

from rtlab.event import Event
from rtlab.measure.kernel import socket_memory
from rtlab.measure.processes.talk import answer_beside, say
from rtlab.server.app import Server
from rtlab.server.limits import Limits

EVERY = 0.1  # seconds between two entries of the diary


def main(settings: dict[str, Any]) -> None:
    """Serve until the input ends. `settings`: `appends`, the side file's path, and `limits`."""
    with Path(settings["appends"]).open("w", encoding="ascii") as appends:
        asyncio.run(_serve(Limits(**settings["limits"]), appends))


async def _serve(limits: Limits, appends: TextIO) -> None:
    def note(channel: str, event: Event) -> None:
        appends.write(f"{channel} {event.id} {time.monotonic_ns()}\n")

    server = Server(limits=limits, on_append=note)
    await server.start()
    feed = await asyncio.start_server(Feed(server).take, "127.0.0.1", 0)
    diary: list[dict[str, int]] = []
    keeping = asyncio.create_task(keep(diary, server))
    say({"port": server.port, "feed": feed.sockets[0].getsockname()[1]})
    try:
        await answer_beside(
            {
                "usage": lambda: usage(server),
                "waiting": lambda: waiting(server),
                "cpu": time.process_time_ns,
                "diary": lambda: diary,
                "flush": appends.flush,
            }
        )
    finally:
        keeping.cancel()
        feed.close()
        await server.stop(grace=0.2)


@dataclass(frozen=True)
class Feed:
    """Where the publisher's lines arrive. Not over HTTP: what publishing costs is not what is measured."""

    server: Server

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Append an event for each line, which says the channel and how many bytes its data has."""
        while line := await reader.readline():
            channel, size = line.split()
            await self.server.channels.find(channel.decode()).append("x" * max(0, int(size) - 2))
        writer.close()


def usage(server: Server) -> dict[str, int]:
    """Resident memory and socket buffers (bytes), open files."""
    process = psutil.Process()
    return {
        "resident": process.memory_info().rss,
        "buffers": socket_memory(server.port),
        "files": process.num_fds() if hasattr(process, "num_fds") else 0,
    }


def waiting(server: Server) -> int:
    """How many wait for the next event: open streams and sockets, and held polls."""
    return sum(len(channel.readers) + len(channel.held) for channel in server.channels.by_name.values())


async def keep(diary: list[dict[str, int]], server: Server) -> None:
    """Write down every tenth of a second what has been done."""
    while True:
        diary.append(work(server))
        await asyncio.sleep(EVERY)


def work(server: Server) -> dict[str, int]:
    """What the server has done so far, all of one moment: CPU and clock (ns), requests, events, deliveries, writes."""
    return {
        "cpu": time.process_time_ns(),
        "clock": time.monotonic_ns(),
        "requests": server.requests.total(),
        "events": server.channels.published,
        "deliveries": server.channels.delivered,
        "writes": server.channels.batches,
    }
