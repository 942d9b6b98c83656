"""The body of an event stream, cut into its blocks, so that each byte is known to have made one of them."""

import h11

from rtlab.protocol.event_stream import EventStreamParser, Retry, StreamEvent
from rtlab.wire.message import Asked
from rtlab.wire.side import Side

ANY_SIZE = 1 << 62  # the record is bounded already


class Blocks:
    """Takes the pieces of the body from h11, makes messages of whole blocks.

    What goes around the pieces (RFC 9112 §7.1: a chunk's size before, CRLF behind) belongs to the block at its side.
    """

    def __init__(self, side: Side, asked: Asked) -> None:
        self._side, self._asked = side, asked
        self._parser = EventStreamParser(max_block_bytes=ANY_SIZE)
        self._rest = b""  # the beginning of a block

    def receive(self, piece: h11.Data, read: int) -> None:
        """Read on. `read` is how many bytes of the side h11 has read, this piece with them."""
        blocks, rest = split(self._rest + bytes(piece.data))
        before = read - len(self._rest) - len(piece.data)
        behind = 2 * (piece.chunk_end and not rest and self._side.raw[read : read + 2] == b"\r\n")
        self._rest = rest
        for number, block in enumerate(blocks, 1):
            size = len(block) + before * (number == 1) + behind * (number == len(blocks))
            kind, label, events = self._describe(block)
            self._side.take(size, kind, label, self._asked, events=events, body=block)

    def _describe(self, block: bytes) -> tuple[str, str, tuple[str, ...]]:
        """Kind and label of a block, and the ids of the events in it."""
        cursor = self._parser.last_event_id
        items = self._parser.receive_data(block)
        for item in items:
            if isinstance(item, StreamEvent):
                label = "event" if item.event == "message" else item.event
                return "event", label, (item.id,) if item.id and label != "gap" else ()
        if self._parser.last_event_id != cursor:
            return "chunk", "cursor", ()
        if any(isinstance(item, Retry) for item in items):
            return "chunk", "retry", ()
        return ("heartbeat", "heartbeat", ()) if items else ("chunk", "", ())


def split(body: bytes) -> tuple[list[bytes], bytes]:
    """Whole blocks, each with the empty line that ends it, and the rest; comments between blocks stand alone."""
    blocks: list[bytes] = []
    begun = b""
    for line in body.splitlines(keepends=True):  # of bytes: at CRLF, LF and CR, as the standard has it
        comment = not begun and line.startswith(b":") and line.endswith((b"\n", b"\r"))
        begun += line
        if line in (b"\n", b"\r\n", b"\r") and begun == line and blocks:
            blocks[-1] += line  # an empty line more ends nothing
            begun = b""
        elif comment or line in (b"\n", b"\r\n", b"\r"):
            blocks.append(begun)
            begun = b""
    return blocks, begun
