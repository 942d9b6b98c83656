"""What the lesson's own parts need of a lab: the address on each side of the tap, what crossed, and the server."""

from __future__ import annotations

from typing import Protocol

from rtlab.server.thread import ServerThread
from rtlab.wire.message import Message
from rtlab.wire.middlebox import Middlebox


class Wire(Protocol):
    """What crossed the tap."""

    since: int

    @property
    def messages(self) -> list[Message]:
        """In the order in which they left."""
        ...

    def clear(self) -> None:
        """Forget what crossed until now."""
        ...


class Laboratory(Protocol):
    """The part of `rtlab.Lab` that is used here."""

    @property
    def wire(self) -> Wire:
        """What crossed."""
        ...

    @property
    def url(self) -> str:
        """The server as clients reach it: the tap's address."""
        ...

    @property
    def server_url(self) -> str:
        """The server itself."""
        ...

    @property
    def server(self) -> ServerThread:
        """Its thread."""
        ...

    def channel(self, name: str) -> str:
        """The address of a channel, past the tap."""
        ...

    def network(self, delay: float) -> None:
        """Set the one-way delay, in seconds."""
        ...

    def middleboxes(self, *boxes: Middlebox) -> None:
        """Put these on the path of connections to come."""
        ...

    def publish(self, name: str, data: object) -> str:
        """Append an event."""
        ...

    def appended(self, channel: str, since: int = 0) -> dict[str, int]:
        """When the server appended each event of a channel, in monotonic ns."""
        ...
