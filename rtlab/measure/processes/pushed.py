"""The clients of the asyncio load that are pushed to: server-sent events and WebSocket."""

from __future__ import annotations

import json

import h11
from requests.utils import default_user_agent

from rtlab.errors import ProtocolError
from rtlab.measure.processes.client import Client, Group
from rtlab.protocol import handshake
from rtlab.protocol.event_stream import CONTENT_TYPE, EventStreamParser, StreamEvent
from rtlab.protocol.messages import Ping, Pong, Text, WebSocketProtocol


class StreamClient(Client):
    """Asks once, and parses the answer that does not end."""

    def __init__(self, group: Group, number: int, phase: float) -> None:
        super().__init__(group, number, phase)
        self.http = h11.Connection(h11.CLIENT)
        self.parser = EventStreamParser()

    def begin(self) -> None:
        """Open the stream."""
        headers = [
            ("Host", self.host),
            ("User-Agent", default_user_agent()),
            ("Accept-Encoding", "identity"),
            ("Accept", CONTENT_TYPE),
            ("Connection", "keep-alive"),
        ]
        target = f"{self.channel}/stream?after=now"
        request = self.http.send(h11.Request(method="GET", target=target, headers=headers))
        self.transport.write((request or b"") + (self.http.send(h11.EndOfMessage()) or b""))

    def receive(self, data: bytes, now: int) -> None:
        """Take the chunks apart, and the blocks in them."""
        self.http.receive_data(data)
        while (event := self.http.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            match event:
                case h11.Response(status_code=status) if status != 200:
                    return self.fail(f"the server answered {status}")
                case h11.Data(data=piece):
                    for item in self.parser.receive_data(bytes(piece)):
                        if isinstance(item, StreamEvent):
                            self.arrived(item.id, now)
                    if self.parser.last_event_id:
                        self.ready()
                case h11.EndOfMessage() | h11.ConnectionClosed():
                    return self.fail("the stream ended")


class SocketClient(Client):
    """Shakes hands, and reads messages."""

    def __init__(self, group: Group, number: int, phase: float) -> None:
        super().__init__(group, number, phase)
        self.head: bytes | None = b""  # of the answer, until it is whole
        self.protocol = WebSocketProtocol("client")
        self.key = handshake.new_key()

    def begin(self) -> None:
        """Ask for the upgrade."""
        resource = f"{self.channel}/socket?after=now"
        self.transport.write(handshake.client_request(self.host, resource, self.key))

    def receive(self, data: bytes, now: int) -> None:
        """Read the handshake's answer, then messages."""
        if self.head is not None:
            self.head += data
            head, end, data = self.head.partition(b"\r\n\r\n")
            if not end:
                return
            self.head = None
            if not head.startswith(b"HTTP/1.1 101") or handshake.accept_value(self.key).encode() not in head:
                return self.fail(f"the server answered {head[:100]!r}")
        try:
            for message in self.protocol.receive_data(data):
                self.take(message, now)
        except ProtocolError as error:
            self.fail(str(error))

    def take(self, message: object, now: int) -> None:
        """An event, the opening, or a sign of life."""
        match message:
            case Text(data=text):
                told = json.loads(text)
                if told["type"] == "event":
                    self.arrived(told["id"], now)
                else:
                    self.ready()
            case Ping(data=payload):
                self.transport.write(self.protocol.send(Pong(payload)))
            case _:
                self.fail(f"the server sent {message}")
