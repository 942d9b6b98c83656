"""What the two ends of a connection say of it: the operating system's word, and the programs' own, over time."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil

from rtlab.clients import WebSocket
from rtlab.teach.lesson_10.laboratory import Laboratory

EVERY = 0.02  # seconds between two looks


class Open(NamedTuple):
    """Connections that are established, by the port of the far side: the clients' ends, the server's ends."""

    clients: frozenset[int]
    servers: frozenset[int]

    def __str__(self) -> str:
        return f"clients say open: {len(self.clients)}, server says open: {len(self.servers)}"


def look(lab: Laboratory) -> Open:
    """Ask the system which connections of this process are established: the server and its readers are in it."""
    tap, server = urlsplit(lab.url).port, urlsplit(lab.server_url).port
    clients, servers = set(), set()
    for one in psutil.Process().net_connections("tcp"):
        if one.status == psutil.CONN_ESTABLISHED and one.raddr:
            if one.raddr.port == tap:
                clients.add(one.laddr.port)
            if one.laddr.port == server:
                servers.add(one.raddr.port)
    return Open(frozenset(clients), frozenset(servers))


class Span(NamedTuple):
    """From when to when an end took a connection for open, in monotonic ns; `ended`: it let go of it then."""

    start: int
    end: int
    ended: bool


class Ends:
    """Asks the two programs which connections they take for open, again and again, for as long as the block lasts."""

    def __init__(self, lab: Laboratory, reader: WebSocket) -> None:
        self._lab, self._reader = lab, reader
        self._name = reader.channel.path.rpartition("/")[2]
        self._clients: list[_Seen] = []
        self._servers: list[_Seen] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ends", daemon=True)

    def _run(self) -> None:
        channels = self._lab.server.server.channels.by_name
        while True:
            now, mine = time.monotonic_ns(), self._reader._duplex.line.socket
            _note(self._clients, [mine] if mine is not None and mine.fileno() >= 0 else [], now)
            channel = channels.get(self._name)
            _note(self._servers, list(channel.readers) if channel is not None else [], now)
            if self._over.wait(EVERY):
                return

    def __enter__(self) -> Ends:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(5.0)

    @property
    def clients(self) -> list[Span]:
        """The client's connections, in order."""
        return [each.span() for each in self._clients]

    @property
    def servers(self) -> list[Span]:
        """The server's, in order."""
        return [each.span() for each in self._servers]


class _Seen:
    """One connection, as one end has it."""

    def __init__(self, thing: object, now: int) -> None:
        self.thing, self.start, self.last = thing, now, now
        self.ended = False

    def span(self) -> Span:
        return Span(self.start, self.last, self.ended)


def _note(known: list[_Seen], there: Sequence[object], now: int) -> None:
    for thing in there:
        if not any(each.thing is thing for each in known):
            known.append(_Seen(thing, now))
    for each in known:
        if not each.ended:
            each.last, each.ended = now, all(each.thing is not thing for thing in there)
