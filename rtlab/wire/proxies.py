"""Middleboxes that understand HTTP, as proxies and firewalls do, and what they make of long polls, streams and sockets.

What is not HTTP they let through as it is; so they do with TLS, of which they see nothing but that it is there.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rtlab.errors import BadInput
from rtlab.wire.conversation import Conversation
from rtlab.wire.message import Message
from rtlab.wire.middlebox import SECOND, Act, Box, Cut, Finish, Middlebox, Pass
from rtlab.wire.record import DOWN, UP, Chunk
from rtlab.wire.side import Side

TLS_HANDSHAKE = 0x16  # the first byte of TLS: a record of the type handshake (RFC 8446 §5.1)
# RFC 9110 §7.6.1: Connection, and what it lists, are meant for the next hop alone. A proxy that does not know
# WebSocket takes both away.
HOP_BY_HOP = re.compile(rb"(?im)^(?:Connection|Upgrade):[^\r\n]*\r\n")
REFUSAL = b"HTTP/1.1 %d %b\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%bConnection: close\r\n\r\n%b"
# RFC 9110 §15.5.8: who asks for a proxy's password must say how it may be given.
CHALLENGE = {407: b'Proxy-Authenticate: Basic realm="a proxy on the way"\r\n'}


class HttpBox(Box):
    """A box that looks at whole messages: it is asked by `message` what becomes of each, and of the bytes of it."""

    def __init__(self) -> None:
        self._found: list[Message] = []
        self._sides = {UP: Side(0, UP, self._found), DOWN: Side(0, DOWN, self._found)}
        Conversation(self._sides[UP], self._sides[DOWN], None)
        self._raw = {UP: bytearray(), DOWN: bytearray()}  # of no whole message yet
        self._opaque = False  # TLS

    def receive(self, direction: str, data: bytes, now: int) -> Iterable[Act]:
        """Understand the bytes, and pass on what `message` makes of them."""
        self._opaque = self._opaque or (direction == UP and data[:1] == bytes([TLS_HANDSHAKE]))
        if self._opaque:
            return [Pass(direction, data)]
        self._raw[direction] += data
        self._sides[direction].receive(Chunk(0, direction, now, now, data))
        return self._sort_out(now)

    def end(self, direction: str, now: int) -> Iterable[Act]:
        """An end may complete a message; what is left of one that it does not complete goes before it."""
        self._sides[direction].end(whole=True)
        acts = [*self._sort_out(now), *self.pending(direction)]
        return [*acts, Finish(direction)]

    def _sort_out(self, now: int) -> list[Act]:
        found, self._found[:] = list(self._found), []
        acts: list[Act] = []
        for message in found:
            raw = self._raw[message.direction]
            part = bytes(raw[: message.size])
            del raw[: message.size]
            acts += self.message(message, part, now)
        return acts

    def message(self, message: Message, raw: bytes, now: int) -> Iterable[Act]:
        """What becomes of a message, whose bytes are `raw`."""
        return [Pass(message.direction, raw)]

    def pending(self, direction: str) -> Iterable[Act]:
        """What a box that holds something back lets go at the end."""
        return []


@dataclass
class StripsUpgrade(Middlebox):
    """A proxy that speaks HTTP and knows nothing of WebSocket: `Connection` and `Upgrade` go no further than to it.

    The server sees a plain GET, and answers 426 (RFC 9110 §15.5.22).
    """

    def open(self, now: int) -> Box:
        """Each connection has its own parser."""
        return _Stripping()


class _Stripping(HttpBox):
    def message(self, message: Message, raw: bytes, now: int) -> Iterable[Act]:
        if message.kind == "request":
            head = HOP_BY_HOP.sub(b"", message.head)
            raw = head + raw[len(message.head) :]
        return [Pass(message.direction, raw)]


@dataclass
class Buffers(Middlebox):
    """A proxy that passes an answer on when it is complete, or `bytes` of it have come together.

    A poll's answer is whole at once; an event stream is never, so its events wait for one another. An answer that
    says `X-Accel-Buffering: no` passes as it comes, as with nginx, if it is `polite`.
    """

    bytes: int = 4096
    polite: bool = False

    def __post_init__(self) -> None:
        if self.bytes < 1:
            raise BadInput(f"bytes={self.bytes!r}: give a size from 1")

    def open(self, now: int) -> Box:
        """Each connection has a buffer of its own."""
        return _Buffering(self.bytes, self.polite)


class _Buffering(HttpBox):
    def __init__(self, size: int, polite: bool) -> None:
        super().__init__()
        self.size, self.polite = size, polite
        self.held = b""
        self.passes = False

    def message(self, message: Message, raw: bytes, now: int) -> Iterable[Act]:
        if message.direction == UP:
            return [Pass(UP, raw)]
        if message.kind == "response":
            self.passes = self.polite and b"x-accel-buffering: no" in message.head.lower()
        self.held += raw
        whole = message.kind in ("response", "handshake", "frame") or message.label == "end"
        return self.pending(DOWN) if whole or self.passes or len(self.held) >= self.size else []

    def pending(self, direction: str) -> Iterable[Act]:
        held, self.held = (self.held, b"") if direction == DOWN else (b"", self.held)
        return [Pass(DOWN, held)] if held else []


@dataclass
class Refuses(Middlebox):
    """Something on the way that answers in the server's place, and says so with `status`.

    403: a firewall's rule. 407: a proxy that wants to know who asks. 502: a gateway whose server is away. 504, with
    `after` seconds: a gateway whose patience a held request outlasts. `only`: a pattern that the request line must
    match; what does not match passes.
    """

    status: int = 403
    after: float = 0.0
    only: str = ""

    def __post_init__(self) -> None:
        if self.status not in http.client.responses or not self.after >= 0:
            raise BadInput(f"status={self.status!r}, after={self.after!r}: give an HTTP status and seconds")

    def open(self, now: int) -> Box:
        """Each connection has a clock of its own."""
        return _Refusing(self)


class _Refusing(HttpBox):
    def __init__(self, how: Refuses) -> None:
        super().__init__()
        self.how = how
        self.waiting = False  # a request is on its way, and the clock runs

    def message(self, message: Message, raw: bytes, now: int) -> Iterable[Act]:
        if message.kind == "request" and re.search(self.how.only, message.label):
            if not self.how.after:
                return self.refuse()
            self.waiting, self.due = True, now + round(self.how.after * SECOND)
        elif message.direction == DOWN:
            self.waiting, self.due = False, None
        return [Pass(message.direction, raw)]

    def refuse(self) -> Iterable[Act]:
        """Answer, and let nothing else through."""
        phrase = http.client.responses[self.how.status]
        text = f"{self.how.status} {phrase}: so says a middlebox on the way\n".encode()
        challenge = CHALLENGE.get(self.how.status, b"")
        self._opaque = True
        return [
            Pass(DOWN, REFUSAL % (self.how.status, phrase.encode(), len(text), challenge, text)),
            Finish(DOWN),
            Finish(UP),
        ]

    def wake(self, now: int) -> Iterable[Act]:
        return self.refuse() if self.waiting else []


@dataclass
class LosesAnswers(Middlebox):
    """The worst moment for a long poll: the server has sent its answer, and the connection dies before it arrives.

    Answers that carry events are lost, `times` of them altogether; then everything passes.
    """

    times: int = 1

    def open(self, now: int) -> Box:
        """Which connection it hits is chance: the first whose answer carries something."""
        return _Losing(self)


class _Losing(HttpBox):
    def __init__(self, how: LosesAnswers) -> None:
        super().__init__()
        self.how = how

    def message(self, message: Message, raw: bytes, now: int) -> Iterable[Act]:
        if message.events and message.direction == DOWN and self.how.times > 0:
            self.how.times -= 1
            return [Cut()]
        return [Pass(message.direction, raw)]
