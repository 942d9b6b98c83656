"""Reading the frames of a WebSocket connection (RFC 6455, section 5), on either side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtlab.errors import ProtocolError
from rtlab.protocol.frames import Frame, FrameParser, Opcode, header
from rtlab.wire.engine_io import in_frame
from rtlab.wire.message import Asked, as_object
from rtlab.wire.side import Side

if TYPE_CHECKING:
    from rtlab.wire.conversation import Conversation

ANY_SIZE = 1 << 62  # bytes of a frame: the record is bounded already


class Frames:
    """A side of a WebSocket, frame by frame, masked or not: an onlooker takes what there is."""

    def __init__(self, side: Side, conversation: Conversation, asked: Asked) -> None:
        self._side, self._conversation, self._asked = side, conversation, asked
        self._parser = FrameParser(ANY_SIZE, expect_mask=None, rsv_allowed=0b111)

    def receive(self, data: bytes) -> None:
        """Read frames."""
        self._parser.feed(data)
        try:
            while (frame := self._parser.next_frame()) is not None:
                self._take(frame)
        except ProtocolError:
            self._conversation.lost(self._side)

    def _take(self, frame: Frame) -> None:
        head = header(frame)
        label, events = describe(frame, engine_io=self._asked.engine_io)
        size = len(head) + len(frame.payload)
        self._side.take(size, "frame", label, self._asked, events=events, head=head, body=frame.payload)

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
