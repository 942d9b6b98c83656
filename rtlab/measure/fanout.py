"""`rtlab bench fanout`: how many deliveries a second one process makes, and how late an event is.

Three servers send the same events to the same readers, one after the other, each in a process of its own:

rtlab          one write for all that is waiting, shared by every reader at the same place
coalesced      the same batches, through `stream.write`, which copies what the kernel does not take at once
write_message  Tornado's own call, for each event and each reader

The events are made inside the server process, `burst` of them in a turn of its loop, and it waits for slow
readers: each gets every event. The burst decides the batch, and the batch decides the figure, so both are told
beside it. The readers are sockets of one more process. They count bytes and do not parse, or parsing in Python
would be what is measured; what the first reader got is parsed afterwards, and must be every event in order.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import selectors
import socket
import statistics
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from rtlab.errors import RtlabError
from rtlab.measure.contestants import CHANNEL, SERVERS, Contestant
from rtlab.protocol import handshake
from rtlab.protocol.frames import FrameParser

PATIENCE = 60.0  # seconds until a run that does not end is given up


@dataclass(frozen=True)
class Plan:
    """What to run: `readers` sockets, `events` of `size` bytes of data, `burst` of them in a turn of the loop.

    `rate` (events a second; 0: as fast as it goes) makes it a run for latency.
    """

    readers: int = 300
    events: int = 20_000
    size: int = 100
    burst: int = 100
    rate: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What one server did: `latency` in seconds, (median, p99), in a run with a rate."""

    server: str
    deliveries_per_second: float
    events_per_write: float
    latency: tuple[float, float] | None


def run(plan: Plan, server: str) -> Outcome:
    """Run one of `SERVERS`. Raises RtlabError when it does not end within a minute, or loses an event."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(server, plan, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        readers = Readers(plan, port=_told(ours))
        ours.send("go")
        try:
            end = readers.read()
        finally:
            readers.close()
        readers.check()
        begin, writes = _told(ours)
    finally:
        process.kill()
        process.join()
        ours.close()
    deliveries = plan.events * plan.readers
    cuts = statistics.quantiles(readers.latencies, n=100) if readers.latencies else None
    latency = (cuts[49] / 1e9, cuts[98] / 1e9) if cuts else None
    return Outcome(server, deliveries / (end - begin) * 1e9, deliveries / writes, latency)


def _told(pipe: Connection) -> Any:
    if not pipe.poll(PATIENCE):
        raise RtlabError("the benchmark's server does not answer")
    return pipe.recv()


class Readers:
    """Sockets that take what they are sent, and count it."""

    def __init__(self, plan: Plan, port: int) -> None:
        self.plan = plan
        self.received = [0] * plan.readers
        self.first = bytearray()  # all that the first reader got
        self.latencies: list[int] = []  # ns
        self.selector = selectors.DefaultSelector()
        for number in range(plan.readers):
            self.selector.register(_connect(port), selectors.EVENT_READ, number)

    def read(self) -> int:
        """Read until the server closes every connection; returns when the last byte came (monotonic ns)."""
        buffer, last = bytearray(1 << 18), 0
        deadline = time.monotonic() + PATIENCE
        while self.selector.get_map():
            if time.monotonic() > deadline:
                raise RtlabError(f"the readers did not get every event within {PATIENCE:g} s")
            for key, _ in self.selector.select(0.1):
                connection: Any = key.fileobj
                if size := connection.recv_into(buffer):
                    last = time.monotonic_ns()
                    self._take(key.data, memoryview(buffer)[:size], last)
                else:
                    self.selector.unregister(connection)
                    connection.close()
        return last

    def _take(self, number: int, data: memoryview, now: int) -> None:
        self.received[number] += len(data)
        if self.plan.rate:  # at such rates what arrives together is whole
            parts = bytes(data).split(b'"sent":"')[1:]
            self.latencies += [now - int(part[:20]) for part in parts]
        if number == 0:
            self.first += data

    def check(self) -> None:
        """Raise RtlabError unless every reader got the same bytes and the first one every event in order."""
        events = [
            json.loads(frame.payload)
            for frame in FrameParser().receive_data(bytes(self.first))
            if frame.payload[:1] == b"{"
        ]
        numbers = [event["data"]["n"] for event in events if event["type"] == "event"]
        if numbers != list(range(self.plan.events)) or len(set(self.received)) != 1:
            raise RtlabError(f"events were lost: the first reader has {len(numbers)} of {self.plan.events}")

    def close(self) -> None:
        """Hang up."""
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self.selector.close()


def _connect(port: int) -> socket.socket:
    """Open a WebSocket; what the opening brings with it is read away, so that only events are counted."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    key = handshake.new_key()
    connection.sendall(handshake.client_request(f"127.0.0.1:{port}", f"/channels/{CHANNEL}/socket", key))
    opening = b""
    while not opening.endswith(b'new.0"}'):
        opening += connection.recv(4096)
    connection.setblocking(False)
    return connection


def _serve(server: str, plan: Plan, pipe: Connection) -> None:
    asyncio.run(_publish(SERVERS[server](), plan, pipe))


async def _publish(server: Contestant, plan: Plan, pipe: Connection) -> None:
    """Start the server, wait for the word, send all events in bursts or at the plan's rate, and stop."""
    pipe.send(await server.start())
    while not pipe.poll():
        await asyncio.sleep(0.01)
    begin = time.monotonic_ns()
    for number in range(plan.events):
        if plan.rate:
            await asyncio.sleep(max(0.0, begin / 1e9 + number / plan.rate - time.monotonic()))
        data = {"n": number, "sent": f"{time.monotonic_ns():020}", "x": ""}
        data["x"] = "x" * (plan.size - len(json.dumps(data)))
        server.send(data)
        if not plan.rate and number % plan.burst == plan.burst - 1:
            await asyncio.sleep(0)
            await server.settle()
    await server.stop()
    pipe.send((begin, server.writes))
