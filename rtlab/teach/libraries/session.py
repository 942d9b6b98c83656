"""A whole life of a Socket.IO connection before the tap: opened, upgraded, used, cut, come back, closed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from rtlab.errors import Unavailable
from rtlab.teach.card import Card, Table
from rtlab.teach.libraries.phases import Phase, phases
from rtlab.teach.libraries.socket_io import SECONDS, Extensible, SocketIOClient, service_of
from rtlab.wire.message import Message
from rtlab.wire.record import Counts

if TYPE_CHECKING:
    from rtlab.view.picture import Picture

MISSED = 5  # events that are published while the connection is cut


class Wire(Protocol):
    """What crossed, as a lab has it."""

    @property
    def messages(self) -> list[Message]:
        """The messages."""
        ...

    @property
    def counts(self) -> Counts:
        """The bytes."""
        ...

    def clear(self) -> None:
        """Begin a new record."""
        ...


class Laboratory(Extensible, Protocol):
    """What is used here of a `Lab`."""

    wire: Wire

    @property
    def url(self) -> str:
        """The server through the tap."""
        ...

    def cut(self) -> None:
        """Break every connection."""
        ...


@dataclass(frozen=True)
class Session:
    """What happened. `got`: the events that the client had; `published`: those that there were, with their times."""

    messages: list[Message]
    phases: dict[str, Phase]
    transport: str  # that carried it in the end
    got: list[Any]
    published: dict[str, int]  # id → monotonic ns
    answer: Any  # to the event that wanted an acknowledgement

    @property
    def lost(self) -> int:
        """Events that the client never had."""
        return len(self.published) - len(self.got)

    def card(self) -> Card:
        """The phases as a table."""
        head = ("phase", "connections", "requests", "frames", "bytes up", "bytes down", "what was said")
        rows = tuple(_row(phase) for phase in self.phases.values())
        return Card(f"Socket.IO, at last by {self.transport}", (Table(head, rows),))

    def __repr__(self) -> str:
        return repr(self.card())

    def _repr_html_(self) -> str:
        return self.card()._repr_html_()

    def picture(self, *, title: str = "Socket.IO on the wire", dark: bool = False) -> Picture:
        """Draw it as a space-time diagram, in one lane whatever carried it."""
        from rtlab.view.space_time import space_time
        from rtlab.view.strokes import Lane

        technique = "websocket" if self.transport == "websocket" else "long"
        labels = {id: str(number) for number, id in enumerate(self.published, 1)}
        lane = Lane(technique, self.messages, labels, "Socket.IO")
        return space_time([lane], self.published, title=title, dark=dark)


def _row(phase: Phase) -> tuple[str, ...]:
    said: dict[str, int] = {}
    for packet in phase.packets:
        said[packet] = said.get(packet, 0) + 1
    words = ", ".join(f"{times} × {packet}" if times > 1 else packet for packet, times in said.items())
    counts = (phase.connections, phase.requests, phase.frames, phase.up, phase.down)
    return phase.name, *(f"{count:,}" for count in counts), words


def socket_io_session(
    lab: Laboratory, *, heartbeat: float = 0.5, transports: list[str] | None = None
) -> Session:
    """Let a Socket.IO client live through it, over the lab's tap and whatever stands on its path.

    It connects, gets an event, sends one that is acknowledged, answers a heartbeat (`heartbeat` seconds apart, where
    Socket.IO has 25), is cut while five events are published, comes back by itself, gets one more, and disconnects.
    `transports` as for `SocketIOClient`. Raises Missing where python-socketio is not installed.
    """
    service = service_of(lab, heartbeat)
    lab.wire.clear()
    published: dict[str, int] = {}

    def publish(number: int) -> None:
        events = [{"id": f"news.{len(published) + one}", "text": "hello"} for one in range(1, number + 1)]
        published.update({event["id"]: time.monotonic_ns() for event in events})
        service.publish("news", *events)

    with SocketIOClient(lab.url, transports) as client:
        publish(1)
        client.wait_for(1)
        answer = client.order({"item": "tea"})
        _until_heartbeat(lab)
        client.stay_away()
        cut = time.monotonic_ns()
        lab.cut()
        publish(MISSED)
        client.come_back()
        publish(1)
        client.wait_for(2)
        transport = client.transport
    messages = lab.wire.messages
    return Session(messages, phases(messages, cut), transport, client.got, published, answer)


def _until_heartbeat(lab: Laboratory) -> None:
    """Wait until a pong has crossed. Raises Unavailable."""
    deadline = time.monotonic() + SECONDS
    while "heartbeat" not in (found := phases(lab.wire.messages)) or "pong" not in found["heartbeat"].packets:
        if time.monotonic() > deadline:
            raise Unavailable(f"no heartbeat after {SECONDS:g} s")
        time.sleep(0.02)
