"""`rtlab bench deflate`: what one compressed encoding, shared by all readers, saves in bytes and costs in CPU.

The same order books go to the same number of WebSockets, once to readers that offer permessage-deflate (RFC 7692) and
once to readers that do not, in turn, on one server process, whose CPU time is what is told. Each event is published
when all have had the one before. The readers are sockets of this process: they find the end of each frame and look at
nothing else, so what inflating costs a reader is told apart.
"""

from __future__ import annotations

import json
import random
import selectors
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass

from rtlab.clients.publish import Publisher
from rtlab.errors import RtlabError
from rtlab.guardian import temporary_folder
from rtlab.measure.process import Process
from rtlab.protocol.deflate import RSV1, Inflater
from rtlab.protocol.extensions import HEADER
from rtlab.protocol.frames import FrameParser
from rtlab.protocol.handshake import client_request, new_key

LEVELS = (10, 40, 90, 200, 700)  # of an order book
PATIENCE = 20.0  # seconds that an event may take to all readers


@dataclass(frozen=True)
class Weighed:
    """What one kind of readers got: bytes a delivery, server CPU an event (s), and what inflating one costs (s)."""

    data: float
    wire: float
    cpu: float
    inflating: float


def weigh(readers: int, events: int) -> list[tuple[Weighed, Weighed]]:
    """For each size of book: what plain readers got, and what those got that agreed to compression."""
    with temporary_folder("rtlab-") as folder, Process("server") as server:
        port = server.start(appends=str(folder / "appends"), limits={})["port"]
        return [(_run(server, port, levels, readers, events, False), _run(server, port, levels, readers, events, True))
                for levels in LEVELS]  # fmt: skip


def _run(server: Process, port: int, levels: int, readers: int, events: int, offer: bool) -> Weighed:
    books = random.Random(levels)
    channel = f"http://127.0.0.1:{port}/channels/{levels}-{offer}"
    with ExitStack() as stack:
        crowd = stack.enter_context(Crowd(port, f"/channels/{levels}-{offer}/socket", readers, offer))
        publisher = stack.enter_context(Publisher(channel))
        before, sent = int(server.ask("cpu")), 0
        for _ in range(events):
            data = book(books, levels)
            sent += len(json.dumps(data, separators=(",", ":")))
            publisher.publish(data)
            crowd.receive()
        cpu = (int(server.ask("cpu")) - before) / 1e9
        return Weighed(sent / events, crowd.size / events / readers, cpu / events, crowd.inflating())


def book(random: random.Random, levels: int) -> dict[str, object]:
    """An order book as the market publishes it, in shape."""
    bids = [[round(99 - n * 0.01, 2), random.randint(1, 900)] for n in range(levels)]
    return {"symbol": "ACME", "bids": bids, "last": round(99 + random.random(), 2)}


class Crowd:
    """WebSockets that take what they are sent, an event at a time."""

    def __init__(self, port: int, path: str, readers: int, offer: bool) -> None:
        self.size = 0  # bytes of all
        self.first = b""  # the last frame of the first
        self._selector = selectors.DefaultSelector()
        headers = {HEADER: "permessage-deflate"} if offer else {}
        for _ in range(readers):
            sock = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            sock.sendall(client_request(f"127.0.0.1:{port}", path, new_key(), headers=headers))
            opening = b""
            while b'"type":"open"' not in opening:
                opening += sock.recv(65536)
            self._selector.register(sock, selectors.EVENT_READ)

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def receive(self) -> None:
        """Wait until each has one whole frame more. Raises RtlabError if that takes too long."""
        got = {key.fd: bytearray() for key in self._selector.get_map().values()}
        waiting, deadline = set(got), time.monotonic() + PATIENCE
        while waiting:
            if time.monotonic() > deadline:
                raise RtlabError(f"an event did not reach all readers within {PATIENCE:g} s")
            for key, _ in self._selector.select(1.0):
                got[key.fd] += key.fileobj.recv(1 << 18)  # type: ignore[union-attr]
                if len(got[key.fd]) >= _length(got[key.fd]):
                    waiting.discard(key.fd)
        self.size += sum(map(len, got.values()))
        self.first = bytes(next(iter(got.values())))

    def inflating(self) -> float:
        """Seconds that it takes a reader to inflate the last event; 0 for one that is not compressed."""
        (frame,) = FrameParser(rsv_allowed=RSV1).receive_data(self.first)
        if not frame.rsv:
            return 0.0
        started = time.perf_counter()
        for _ in range(100):
            Inflater(1 << 20).inflate(frame.payload)
        return (time.perf_counter() - started) / 100


def _length(data: bytearray) -> int:
    """How many bytes the frame has that begins here, as far as can be seen."""
    if len(data) < 10:
        return 10
    short = data[1] & 0x7F
    size = {126: 2, 127: 8}.get(short, 0)
    return 2 + size + (int.from_bytes(data[2 : 2 + size], "big") if size else short)


def print_deflate(readers: int, events: int) -> None:
    """Weigh and print."""
    from rich.console import Console
    from rich.table import Table

    table = Table(
        *("data, bytes", "plain", "compressed", "saved"),
        *("server CPU an event, plain", "compressed", "inflating, a reader"),
        title=f"{readers} WebSockets, {events} events each; bytes on the wire a delivery",
    )
    for plain, small in weigh(readers, events):
        cells = [
            f"{plain.data:,.0f}",
            f"{plain.wire:,.0f}",
            f"{small.wire:,.0f}",
            f"{1 - small.wire / plain.wire:.0%}",
        ]
        cells += [f"{seconds * 1e6:,.0f} µs" for seconds in (plain.cpu, small.cpu, small.inflating)]
        table.add_row(*cells)
    Console().print(table)
