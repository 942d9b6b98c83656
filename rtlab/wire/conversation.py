"""The two sides of a connection, who reads them, and what they must know of each other."""

import re
from collections import deque
from dataclasses import replace

from rtlab.protocol.deflate import Agreement
from rtlab.wire.http import Requests, Responses
from rtlab.wire.message import Asked
from rtlab.wire.side import Side
from rtlab.wire.websocket import Frames, whole_frames


class Conversation:
    """What the two sides of a connection know of each other: the requests that await a response.

    `begun`: what is known of a connection whose beginning nobody saw; None for one that begins now.
    """

    def __init__(self, up: Side, down: Side, begun: Asked | None) -> None:
        self.up, self.down = up, down
        self.begun = begun or Asked()
        self._asked: deque[Asked] = deque()
        up.reader = Requests(up, self) if begun is None else Guess(up, self)
        down.reader = Responses(down, self) if begun is None else Guess(down, self)

    def ask(self, asked: Asked) -> None:
        """A request has begun."""
        self._asked.append(asked)

    def answer(self) -> Asked:
        """A response begins: to which request?"""
        return self._asked.popleft() if self._asked else self.begun

    def upgraded(self, asked: Asked, agreed: Agreement) -> None:
        """The response was 101: from here on, frames (RFC 6455, section 4), with compression as agreed on."""
        self.up.go_on(Frames(self.up, self, asked, takeover=not agreed.client_no_context_takeover))
        self.down.go_on(Frames(self.down, self, asked, takeover=not agreed.server_no_context_takeover))

    def lost(self, side: Side) -> None:
        """The bytes of a side make no sense any more."""
        side.reader = Guess(side, self)
        side.give_up("?")

    def not_upgraded(self) -> None:
        """It was another one: requests follow."""
        if isinstance(self.up.reader, Requests) and self.up.reader.waiting:
            self.up.go_on(Requests(self.up, self))


class Guess:
    """A side whose beginning nobody saw, or that broke its protocol: each chunk may be the one that makes sense."""

    STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

    def __init__(self, side: Side, conversation: Conversation) -> None:
        self._side, self._conversation = side, conversation

    def receive(self, data: bytes) -> None:
        """Look at how it begins: chunks of the record mostly begin where a write began."""
        side, conversation = self._side, self._conversation
        if re.match(rb"HTTP/1\.[01] \d{3}", data):
            side.go_on(Responses(side, conversation))
        elif re.match(rb"[A-Z]+ \S+ HTTP/1\.[01]\r\n", data):
            side.go_on(Requests(side, conversation))
        elif re.match(rb"[0-9a-fA-F]+\r\n(?:id|event|data|retry|):", data):
            responses = Responses(side, conversation)
            side.reader = responses
            responses.receive(self.STREAM_HEAD + data)
        elif whole_frames(data):
            side.go_on(Frames(side, conversation, replace(conversation.begun, technique="websocket")))
        else:
            side.give_up("?")

    def end(self) -> None:
        """FIN: there is nothing kept."""
