"""Reading the HTTP/1.1 of a connection (RFC 9112), with h11: requests on one side, responses on the other.

What is left in h11's buffer says how many bytes it has read, and so which bytes belong to a message.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import h11

from rtlab.errors import BadInput, ProtocolError
from rtlab.protocol.deflate import Agreement, agreed
from rtlab.protocol.event_stream import CONTENT_TYPE
from rtlab.protocol.extensions import HEADER, read_extensions
from rtlab.wire import engine_io
from rtlab.wire.blocks import Blocks
from rtlab.wire.message import Asked, events_of_answer
from rtlab.wire.side import Side

if TYPE_CHECKING:
    from rtlab.wire.conversation import Conversation

HEAD_LIMIT = 1 << 20  # bytes of an HTTP head
ANY_REQUEST = [("Host", "tap"), ("Connection", "upgrade"), ("Upgrade", "websocket")]  # 101 is an answer, too


class _Http:
    """What reading requests and reading responses have in common."""

    def __init__(self, side: Side, conversation: Conversation) -> None:
        self.side, self.conversation = side, conversation
        self.http: h11.Connection | None = None  # a new one for each message: it would wait for its answer
        self.asked, self.head, self.body = Asked(), b"", bytearray()
        self.waiting = False  # for the other side, to know what the bytes are

    def receive(self, data: bytes) -> None:
        """Read messages, one after the other."""
        while data and not self.waiting and self.side.reader is self:
            if self.http is None:
                self.http = self.begin()
            self.http.receive_data(data)
            try:
                self.read_on()
            except h11.RemoteProtocolError:
                self.conversation.lost(self.side)
            data = bytes(self.side.raw) if self.http is None else b""

    def read_on(self) -> None:
        """Read what h11 has, to the end of a message at most."""
        while self.http is not None and self.handle(self.http.next_event()):
            pass

    def read(self) -> int:
        """How many bytes of the side h11 has read."""
        assert self.http is not None
        return len(self.side.raw) - len(self.http.trailing_data[0])

    def take(self, kind: str, label: str, events: tuple[str, ...] = ()) -> None:
        """Make a message of what h11 has read."""
        self.side.take(
            self.read(), kind, label, self.asked, events=events, head=self.head, body=bytes(self.body)
        )
        self.head, self.body = b"", bytearray()

    def begin(self) -> h11.Connection:
        """Prepare for the next message."""
        raise NotImplementedError

    def handle(self, event: object) -> bool:
        """Deal with what h11 has found; whether to look for more."""
        raise NotImplementedError

    def end(self) -> None:
        """FIN: the end of a body without a length."""
        if self.http is not None:
            self.http.receive_data(b"")
            with suppress(h11.RemoteProtocolError):  # it should have been longer
                self.read_on()


class Requests(_Http):
    """The client's side of HTTP/1.1. Behind a request for an upgrade it waits for the server's answer."""

    def begin(self) -> h11.Connection:
        """A server's view."""
        return h11.Connection(h11.SERVER, HEAD_LIMIT)

    def handle(self, event: object) -> bool:
        """Head, body, end."""
        match event:
            case h11.Request():
                self.asked, self.head = Asked.by(event), bytes(self.side.raw[: self.read()])
                self.conversation.ask(self.asked)
            case h11.Data(data=data):
                self.body += data
            case h11.EndOfMessage():
                self.take("request", self.asked.label)
                self.http, self.waiting = None, self.asked.upgrade
            case _:
                return False
        return True


class Responses(_Http):
    """The server's side of HTTP/1.1: each response paired with its request, an event stream block by block."""

    status = ""
    blocks: Blocks | None = None

    def begin(self) -> h11.Connection:
        """A client's view: what was asked decides whether the response has a body (RFC 9112 §6.3)."""
        self.asked = self.conversation.answer()
        http = h11.Connection(h11.CLIENT, HEAD_LIMIT)
        http.send(h11.Request(method=self.asked.method, target="/", headers=ANY_REQUEST))
        http.send(h11.EndOfMessage())
        return http

    def handle(self, event: object) -> bool:
        """Head, body, end; or an upgrade, from which on another reads."""
        match event:
            case h11.InformationalResponse(status_code=code, headers=headers):
                self.head = bytes(self.side.raw[: self.read()])
                self.take("handshake" if code == 101 else "response", str(code))
                if code == 101:
                    self.http = None
                    self.conversation.upgraded(self.asked, _agreement(headers))
            case h11.Response():
                self._open(event)
            case h11.Data(data=data):
                if self.blocks is None:
                    self.body += data
                else:
                    self.blocks.receive(event, self.read())
            case h11.EndOfMessage():
                self._close()
            case _:
                return False
        return True

    def _open(self, response: h11.Response) -> None:
        self.status, self.head = str(response.status_code), bytes(self.side.raw[: self.read()])
        content_type = dict(response.headers).get(b"content-type", b"").decode("latin-1")
        if content_type.startswith(CONTENT_TYPE) and self.asked.method != "HEAD":
            self.asked = replace(self.asked, technique="sse")
            self.take("response", self.status)
            self.blocks = Blocks(self.side, self.asked)

    def _close(self) -> None:
        if self.blocks is not None:
            self.take("chunk", "end")
        elif self.asked.engine_io:
            names, events = engine_io.in_body(bytes(self.body))
            self.take("response", ", ".join(filter(None, (self.status, names))), events)
        elif self.asked.method == "GET":
            events, gap = events_of_answer(bytes(self.body))
            self.take("response", f"{self.status}, gap" if gap else self.status, events)
        else:
            self.take("response", self.status)
        self.http = self.blocks = None
        if self.asked.upgrade:
            self.conversation.not_upgraded()


def _agreement(headers: Iterable[tuple[bytes, bytes]]) -> Agreement:
    """What a server answered to an offer of compression (RFC 7692), as far as it makes sense."""
    values = [value.decode("latin-1") for name, value in headers if name == HEADER.lower().encode()]
    try:
        return agreed(read_extensions(values)) or Agreement()
    except (BadInput, ProtocolError):
        return Agreement()
