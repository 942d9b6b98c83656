"""One end of an open WebSocket: frames to messages and back (RFC 6455, sections 5.4 to 6, and 8.1; RFC 7692).

The caller owns the socket::

    for event in protocol.receive_data(data):      # 1. what arrived, as events
        write(protocol.answer(event))              # 2. what the RFC obliges us to answer: Pong, Close
        if isinstance(event, Text): ...            # 3. what the application does with it
    if protocol.state is State.CLOSED: hang_up()   # 4. both have said close (a server hangs up first, 7.1.1)
"""

import codecs
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rtlab.errors import LocalProtocolError, ProtocolError

# "as" re-exports Close and State: whoever imports the other events from here finds them, too.
from rtlab.protocol.closing import READING, TRANSITIONS, WRITING, read_close, write_close
from rtlab.protocol.closing import Close as Close
from rtlab.protocol.closing import State as State
from rtlab.protocol.deflate import RSV1, Agreement, Inflater
from rtlab.protocol.frames import MAX_CONTROL_PAYLOAD, CloseCode, Frame, FrameParser, Opcode, encode


@dataclass(frozen=True)
class Text:
    """A whole text message."""

    data: str


@dataclass(frozen=True)
class Binary:
    """A whole binary message."""

    data: bytes


@dataclass(frozen=True)
class Ping:
    """Are you there? At most 125 bytes, which the answering `Pong` repeats."""

    data: bytes = b""


@dataclass(frozen=True)
class Pong:
    """The answer to a `Ping`, or, unasked, a sign of life in one direction."""

    data: bytes = b""


@dataclass(frozen=True)
class Failed:
    """The peer broke the protocol: the last event there is. Send `Close(close_code, reason)` and hang up."""

    close_code: int
    reason: str


Sendable = Text | Binary | Ping | Pong | Close
WsEvent = Sendable | Failed


def random_mask() -> bytes:
    """Make a masking key: a fresh one for each frame, from a strong source of randomness (section 5.3)."""
    return os.urandom(4)


class WebSocketProtocol:
    """One end of a WebSocket after the handshake.

    `role` is this end's: a client masks what it sends and refuses masked frames, a server the reverse.
    `max_message_bytes` bounds a received message, fragments added up, before it is buffered.
    `new_mask` gives a client's masking keys, 4 bytes each.
    `deflate`: what the handshake agreed on; compressed messages are then taken, too, and `max_message_bytes` is
    what they may inflate to. This end sends none: who has a compressed frame to send, writes it itself.
    """

    def __init__(
        self,
        role: Literal["client", "server"],
        max_message_bytes: int = 1 << 20,
        *,
        new_mask: Callable[[], bytes] = random_mask,
        deflate: Agreement | None = None,
    ) -> None:
        self.state = State.OPEN
        self._max_message_bytes = max_message_bytes
        self._new_mask = new_mask if role == "client" else None
        self._inflater: Inflater | None = None
        spare = (
            max_message_bytes // 1000 + 100
        )  # of what does not shrink DEFLATE makes 5 bytes more for each block
        if deflate is None:
            self._parser = FrameParser(max_message_bytes, expect_mask=role == "server")
        else:
            self._parser = FrameParser(max_message_bytes, role == "server", rsv_allowed=RSV1, spare=spare)
            remote = deflate.client_no_context_takeover, deflate.server_no_context_takeover
            self._inflater = Inflater(max_message_bytes, takeover=not remote[role == "client"])
        self._message_opcode: Opcode | None = None  # of the message whose fragments are arriving
        self._compressed = False  # that message
        self._arrived = 0  # bytes of its fragments
        self._message = bytearray()
        self._utf8 = codecs.getincrementaldecoder("utf-8")()

    def receive_data(self, data: bytes) -> list[WsEvent]:
        """Take bytes from the peer, return what they mean; [] once `Close` or `Failed` was returned.

        Control frames between the fragments of a message are returned at once, the message when it is whole.
        """
        events: list[WsEvent] = []
        if self.state in READING:
            self._parser.feed(data)
        try:
            while self.state in READING and (frame := self._parser.next_frame()) is not None:
                if (event := self._receive_frame(frame)) is not None:
                    events.append(event)
        except ProtocolError as fault:
            self.state = TRANSITIONS[self.state, "fail"]
            events.append(Failed(fault.close_code, fault.reason))
        return events

    def send(self, event: Sendable) -> bytes:
        """Return the bytes that say `event`, as one frame.

        Raises `LocalProtocolError` for what must not be sent: anything after our `Close`, a control payload
        over 125 bytes, a close code of those never sent, text that is not Unicode (a lone surrogate).
        """
        try:
            opcode, payload = _opcode_and_payload(event)
        except UnicodeEncodeError as error:
            raise _refused(f"UTF-8 cannot carry the text: {error.reason}") from None
        if opcode.is_control and len(payload) > MAX_CONTROL_PAYLOAD:
            raise _refused(f"{opcode.name} payload length {len(payload)}: at most 125 (close reason: 123)")
        if opcode is Opcode.CLOSE and (self.state, "send close") in TRANSITIONS:
            self.state = TRANSITIONS[self.state, "send close"]
        elif self.state not in WRITING:
            raise _refused(f"{opcode.name} cannot be sent: the connection's state is {self.state.value!r}")
        return encode(Frame(opcode, payload, mask=self._new_mask() if self._new_mask else None))

    def answer(self, event: WsEvent) -> bytes:
        """Return the frame that is owed for a received event, b"" if none is.

        A ping is owed a pong with its data (5.5.3), a close the same code, if we have not said close before
        (5.5.1); a peer that broke the protocol is told so (7.1.7).
        """
        match event:
            case Ping() if self.state in WRITING:
                return self.send(Pong(event.data))
            case Close() if self.state is State.CLOSE_RECEIVED:
                return self.send(Close(event.code))
            case Failed() if self.state is State.FAILED:
                return self.send(Close(event.close_code, event.reason))
        return b""

    def _receive_frame(self, frame: Frame) -> WsEvent | None:
        if frame.rsv and frame.opcode in (Opcode.CONTINUATION, Opcode.CLOSE, Opcode.PING, Opcode.PONG):
            # RFC 7692, section 6.1: only the first frame of a message says that it is compressed.
            raise _broken(f"reserved bit 1 on a {frame.opcode.name} frame")
        match frame.opcode:
            case Opcode.PING:
                return Ping(frame.payload)
            case Opcode.PONG:
                return Pong(frame.payload)
            case Opcode.CLOSE:
                close = read_close(frame.payload)
                self.state = TRANSITIONS[self.state, "receive close"]
                return close
        return self._receive_fragment(frame)

    def _receive_fragment(self, frame: Frame) -> Text | Binary | None:
        """Section 5.4: the first frame names the type, continuations follow, the last one has FIN."""
        if frame.opcode is not Opcode.CONTINUATION:
            if self._message_opcode is not None:
                raise _broken(f"{frame.opcode.name} frame before the end of the message that was begun")
            self._message_opcode, self._compressed = frame.opcode, bool(frame.rsv)
        elif self._message_opcode is None:
            raise _broken("CONTINUATION frame with no message to continue")
        piece = frame.payload
        if self._compressed and self._inflater is not None:
            piece = self._inflater.inflate(piece, frame.fin)
        self._message += piece
        if self._message_opcode is Opcode.TEXT:
            self._check_utf8(piece, frame.fin)
        self._limit_next(frame)
        return self._take_message() if frame.fin else None

    def _limit_next(self, frame: Frame) -> None:
        """Let the next frame be as long as the message may still grow."""
        self._arrived = 0 if frame.fin else self._arrived + len(frame.payload)
        spare = self._parser.spare if self._compressed and not frame.fin else 0
        self._parser.max_payload = self._max_message_bytes + spare - self._arrived

    def _check_utf8(self, fragment: bytes, final: bool) -> None:
        """Section 8.1. A character may be cut between fragments: the decoder remembers its first half."""
        try:
            self._utf8.decode(fragment, final)
        except UnicodeDecodeError as error:
            raise _broken(f"text is not UTF-8: {error.reason}", CloseCode.INVALID_PAYLOAD) from None

    def _take_message(self) -> Text | Binary:
        message, opcode = bytes(self._message), self._message_opcode
        self._message.clear()
        self._message_opcode = None
        return Text(message.decode()) if opcode is Opcode.TEXT else Binary(message)


def _opcode_and_payload(event: Sendable) -> tuple[Opcode, bytes]:
    match event:
        case Text():
            return Opcode.TEXT, event.data.encode()
        case Binary():
            return Opcode.BINARY, event.data
        case Ping():
            return Opcode.PING, event.data
        case Pong():
            return Opcode.PONG, event.data
        case Close():
            return Opcode.CLOSE, write_close(event)


def _broken(reason: str, code: CloseCode = CloseCode.PROTOCOL_ERROR) -> ProtocolError:
    return ProtocolError(code, reason)


def _refused(reason: str) -> LocalProtocolError:
    return LocalProtocolError(CloseCode.PROTOCOL_ERROR, reason)
