"""What one event costs by each technique and library: bytes that crossed, counted by the tap."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import websocket

from rtlab.clients.polling import LongPolling
from rtlab.clients.socket import WebSocket
from rtlab.clients.stream import ServerSentEvents
from rtlab.errors import Unavailable
from rtlab.teach.card import Card, Table
from rtlab.teach.libraries.after_a_cut import WithChannels
from rtlab.teach.libraries.node_ws import NodeWs
from rtlab.teach.libraries.socket_io import SECONDS, SocketIOClient, service_of
from rtlab.wire.message import Message
from rtlab.wire.record import Counts
from rtlab.wire.tap import Tap

PAYLOAD = 100  # bytes of the event's JSON
EVENTS = 8  # counted, behind a first one that is not: all with positions of one digit
RTLAB = {
    "rtlab, WebSocket": WebSocket,
    "rtlab, server-sent events": ServerSentEvents,
    "rtlab, long polling": LongPolling,
}
SOCKET_IO = {"Socket.IO, WebSocket": None, "Socket.IO, polling": ["polling"]}


@dataclass(frozen=True)
class Weight:
    """Bytes. `up`, `down`: for one event; `opening`: all before the first one, both ways, paid once."""

    name: str
    opening: int
    up: float
    down: float


@dataclass(frozen=True)
class Weights:
    """A row for each contestant."""

    rows: list[Weight]

    def __getitem__(self, name: str) -> Weight:
        return {row.name: row for row in self.rows}[name]

    def card(self) -> Card:
        """As a table."""
        head = ("", "opening, once", "up, an event", "down, an event", "beside the payload")
        rows = tuple(
            (row.name, f"{row.opening:,}", f"{row.up:g}", f"{row.down:g}", f"{row.up + row.down - PAYLOAD:g}")
            for row in self.rows
        )
        return Card(f"Bytes for an event of {PAYLOAD} bytes", (Table(head, rows),))

    def __repr__(self) -> str:
        return repr(self.card())

    def _repr_html_(self) -> str:
        return self.card()._repr_html_()


@dataclass(frozen=True)
class Contestant:
    """Something that is connected: how to send it an event and wait for its arrival, and the counts of its wire."""

    send: Callable[[Any], None]
    counts: Callable[[], Counts]


def bytes_per_event(lab: WithChannels, ws: NodeWs | None = None) -> Weights:
    """Weigh an event of 100 bytes by rtlab's techniques, by Socket.IO's, and, if there is a server on it, by `ws`.

    A poll's event is its answer and one request. Heartbeats are not in it: they are for the time, not for the event.
    """
    # What is said at the end of one would be counted for the next: all are gone before that begins.
    rows = [_weigh(name, _rtlab(lab, kind)) for name, kind in RTLAB.items()]
    rows += [_weigh(name, _socket_io(lab, ways)) for name, ways in SOCKET_IO.items()]
    if ws is not None:
        rows.append(_weigh("ws", _ws(ws)))
    return Weights(rows)


def _weigh(name: str, connected: AbstractContextManager[Contestant]) -> Weight:
    frame = len(json.dumps({"text": ""}, separators=(",", ":")))
    data = {"text": "x" * (PAYLOAD - frame)}
    with connected as contestant:
        contestant.send(data)
        first = contestant.counts()
        for _ in range(EVENTS):
            contestant.send(data)
        last = contestant.counts()
    up, down = ((getattr(last, way) - getattr(first, way)) / EVENTS for way in ("up", "down"))
    return Weight(name, round(first.up + first.down - up - down), up, down)


@contextmanager
def _rtlab(lab: WithChannels, kind: Any) -> Iterator[Contestant]:
    channel = f"weigh-{secrets.token_hex(4)}"
    _clear(lab)
    with kind(lab.channel(channel)) as reader:
        events = reader.events(timeout=SECONDS)

        def send(data: Any) -> None:
            lab.publish(channel, data)
            next(events)

        yield Contestant(send, lambda: lab.wire.counts)


@contextmanager
def _socket_io(lab: WithChannels, transports: list[str] | None) -> Iterator[Contestant]:
    service = service_of(lab)
    _clear(lab)
    with SocketIOClient(lab.url, transports) as client:

        def send(data: Any) -> None:
            wanted = len(client.got) + 1
            service.publish("news", data)
            client.wait_for(wanted)
            if transports is not None:
                _until(lambda: _asks(lab.wire.messages), "the client does not ask again")

        _until(lambda: transports is None or _asks(lab.wire.messages), "the client does not ask")
        yield Contestant(send, lambda: lab.wire.counts)


@contextmanager
def _ws(server: NodeWs) -> Iterator[Contestant]:
    with Tap(server.address) as tap:
        socket = websocket.create_connection(
            "ws://{}:{}/".format(*tap.address), timeout=SECONDS, http_no_proxy=["127.0.0.1"]
        )
        try:

            def send(data: Any) -> None:
                server.publish(data)
                socket.recv()

            yield Contestant(send, lambda: tap.counts)
        finally:
            socket.close()


def _clear(lab: WithChannels) -> None:
    _until(lambda: lab.wire.counts.open == 0, "there is somebody else on the wire")
    lab.wire.clear()


def _asks(messages: list[Message]) -> bool:
    """Whether a request is with the server."""
    kinds = [message.kind for message in messages]
    return kinds.count("request") == kinds.count("response") + 1


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise Unavailable(f"{otherwise} after {SECONDS:g} s")
        time.sleep(0.002)
