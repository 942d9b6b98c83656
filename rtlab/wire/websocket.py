"""Reading the frames of a WebSocket connection (RFC 6455, section 5), on either side, inflated where need be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rtlab.errors import ProtocolError
from rtlab.protocol.deflate import RSV1, Inflater
from rtlab.protocol.frames import Frame, FrameParser, Opcode, header
from rtlab.wire.engine_io import in_frame
from rtlab.wire.message import Asked, as_object
from rtlab.wire.side import Side

if TYPE_CHECKING:
    from rtlab.wire.conversation import Conversation

ANY_SIZE = 1 << 62  # bytes of a frame: the record is bounded already
INFLATED = 4 << 20  # bytes that a compressed message of the record may have, for which there is no such bound


class Frames:
    """A side of a WebSocket, frame by frame, masked or not: an onlooker takes what there is.

    `takeover`: whether this side's compressed messages may refer to the ones before (RFC 7692, section 7.1.1). What
    cannot be inflated, because its beginning was not seen, stays as it is.
    """

    def __init__(self, side: Side, conversation: Conversation, asked: Asked, takeover: bool = False) -> None:
        self._side, self._conversation, self._asked = side, conversation, asked
        self._parser = FrameParser(ANY_SIZE, expect_mask=None, rsv_allowed=0b111)
        self._takeover = takeover
        self._inflater: Inflater | None = Inflater(INFLATED, takeover)
        self._compressed = False  # the message whose fragments are passing

    def receive(self, data: bytes) -> None:
        """Read frames."""
        self._parser.feed(data)
        try:
            while (frame := self._parser.next_frame()) is not None:
                self._take(frame)
        except ProtocolError:
            self._conversation.lost(self._side)

    def _take(self, frame: Frame) -> None:
        head, plain = header(frame), self._inflated(frame)
        label, events = describe(plain, engine_io=self._asked.engine_io)
        size, saved = len(head) + len(frame.payload), len(plain.payload) - len(frame.payload)
        self._side.take(
            size, "frame", label, self._asked, events=events, head=head, body=plain.payload, saved=saved
        )

    def _inflated(self, frame: Frame) -> Frame:
        """What a frame says without compression: the same frame where there is none, or where it cannot be undone."""
        if frame.opcode.is_control:
            return frame
        if frame.opcode is not Opcode.CONTINUATION:
            self._compressed = frame.rsv == RSV1
        if not self._compressed or self._inflater is None:
            return frame
        try:
            return replace(frame, payload=self._inflater.inflate(frame.payload, frame.fin), rsv=0)
        except ProtocolError:
            self._compressed = False  # what is left of this message stays as it is
            # With takeover all that follows refers to this; without, the next message begins anew.
            self._inflater = None if self._takeover else Inflater(INFLATED)
            return frame

    def end(self) -> None:
        """FIN: nothing to do for a frame that is not whole."""


def describe(frame: Frame, *, engine_io: bool = False) -> tuple[str, tuple[str, ...]]:
    """What a frame is, in a word, and the ids of the events in it; a packet of Engine.IO's is called by its name."""
    if frame.opcode is Opcode.CLOSE:
        return f"close {int.from_bytes(frame.payload[:2], 'big')}" if frame.payload else "close", ()
    is_data = frame.opcode in (Opcode.TEXT, Opcode.BINARY)
    if engine_io and is_data and frame.fin and not frame.rsv:
        label, events = in_frame(frame.payload, is_text=frame.opcode is Opcode.TEXT)
        return label or frame.opcode.name.lower(), events
    if frame.opcode is not Opcode.TEXT or not frame.fin or frame.rsv:
        return frame.opcode.name.lower(), ()
    said = as_object(frame.payload)
    kind, id = said.get("type"), said.get("id")
    label = kind if isinstance(kind, str) else "text"
    return label, (id,) if label == "event" and isinstance(id, str) else ()


def whole_frames(data: bytes) -> bool:
    """Whether this is one frame after the other to the last byte, none of them strange."""
    parser, size = FrameParser(ANY_SIZE, rsv_allowed=0b100), 0
    try:
        for frame in parser.receive_data(data):
            size += len(header(frame)) + len(frame.payload)
    except ProtocolError:
        return False
    return size == len(data)
