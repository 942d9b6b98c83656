"""Five events while a connection is cut: who remembers them?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from rtlab.clients.socket import WebSocket
from rtlab.event import Event
from rtlab.teach.card import Card, Table
from rtlab.teach.libraries.session import MISSED, Laboratory
from rtlab.teach.libraries.socket_io import SECONDS, SocketIOClient, service_of


class WithChannels(Laboratory, Protocol):
    """What is used here of a `Lab`."""

    def channel(self, name: str) -> str:
        """The URL of a channel."""
        ...

    def publish(self, name: str, data: Any) -> str:
        """Append an event."""
        ...


@dataclass(frozen=True)
class AfterACut:
    """The numbers of the events that each had in the end, of 0 (before the cut), 1 to 5 (during it), 6 (after it)."""

    socket_io: list[int]
    rtlab: list[int]

    def card(self) -> Card:
        """Both in a table."""
        rows = tuple(
            (who, ", ".join(map(str, got)), str(MISSED + 2 - len(got)))
            for who, got in (("Socket.IO", self.socket_io), ("rtlab, WebSocket", self.rtlab))
        )
        return Card("Events 1 to 5 while the connection is cut", (Table(("", "got", "lost"), rows),))

    def __repr__(self) -> str:
        return repr(self.card())

    def _repr_html_(self) -> str:
        return self.card()._repr_html_()


def after_a_cut(lab: WithChannels) -> AfterACut:
    """Let both read through the same tap, cut both, publish five events meanwhile, and one when they are back.

    python-socketio sends an event to who is connected at that moment and keeps nothing: it has no connection state
    recovery, and no adapter that would hold what it takes. An rtlab reader comes back with its cursor.
    """
    service = service_of(lab)

    def publish(*numbers: int) -> None:
        for number in numbers:
            lab.publish("cut", number)
        service.publish("news", *numbers)

    with SocketIOClient(lab.url) as client, WebSocket(lab.channel("cut"), after="now") as reader:
        events = reader.events(limit=MISSED + 2, timeout=SECONDS)
        publish(0)
        client.wait_for(1)
        first = next(events)
        client.stay_away()
        lab.cut()
        publish(*range(1, MISSED + 1))
        client.come_back()
        publish(MISSED + 1)
        client.wait_for(2)
        return AfterACut(list(client.got), [_number(first), *_numbers(events)])


def _numbers(events: Iterator[Any]) -> Iterator[int]:
    return (_number(event) for event in events)


def _number(event: Any) -> int:
    assert isinstance(event, Event)
    return int(event.data)
