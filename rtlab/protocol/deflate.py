"""permessage-deflate: messages of a WebSocket compressed, each by itself (RFC 7692, section 7).

A compressed message is known by the first reserved bit, RSV1, of its first frame; each message may be compressed or
not. Its fragments, joined, are raw DEFLATE data (RFC 1951) that ends in an empty block, whose last four bytes are
left out (section 7.2.1). Who agrees to *context takeover* keeps its window from one message to the next: smaller
messages, for some 40 KB (who inflates) to 300 KB (who deflates) of memory held for each connection. Nobody who shares
one encoding among many readers can do that, so our server never agrees to it, in neither direction.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from rtlab.errors import ProtocolError
from rtlab.protocol.extensions import Extension, write_extension
from rtlab.protocol.frames import CloseCode

NAME = "permessage-deflate"
RSV1 = 0b100  # RFC 7692, Section 6.1 - the "Per-Message Compressed" bit, among the three reserved ones
TAIL = b"\x00\x00\xff\xff"  # Section 7.2.1: the end of an empty block without compression, never sent
LEAST_WINDOW, WINDOW = 8, 15  # bits: 256 bytes to 32 KiB, which is all that DEFLATE has
LEVEL = 1  # of zlib's 1 to 9: the last tenth of the bytes would cost three times the time
MAX_STREAMS = (
    64  # DEFLATE streams in one message: a sender needs one, or one for each flush (Section 7.2.3.4)
)

WINDOWS = {
    str(bits): bits for bits in range(LEAST_WINDOW, WINDOW + 1)
}  # no leading zero, no sign (Section 7.1.2)
FLAGS = ("server_no_context_takeover", "client_no_context_takeover")
SIZES = ("server_max_window_bits", "client_max_window_bits")


@dataclass(frozen=True)
class Agreement:
    """What a handshake agreed on: who starts each message with an empty window, and how large the windows are."""

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int = WINDOW
    client_max_window_bits: int = WINDOW


def agree(offers: Sequence[Extension]) -> tuple[Agreement, str] | None:
    """Choose as a server among the client's offers: the agreement and the header value that says so; None: none.

    The first offer that is valid and can be kept wins (section 5.1). One with an unknown, repeated or wrong
    parameter is declined (section 7.1), and so is one that asks for a smaller window than our shared encoding has.
    """
    for offer in offers:
        asked = _parameters(offer, answer=False) if offer.name == NAME else None
        if asked is None or int(asked.get("server_max_window_bits") or WINDOW) < WINDOW:
            continue
        # Both may be demanded unasked (sections 7.1.1.1 and 7.1.1.2): nothing is kept between messages, on our side.
        answer: list[tuple[str, str | None]] = [(flag, None) for flag in FLAGS]
        if "server_max_window_bits" in asked:
            answer.append(("server_max_window_bits", str(WINDOW)))
        # client_max_window_bits is left out: the client's window may have any size, we inflate them all.
        return Agreement(True, True), write_extension(Extension(NAME, tuple(answer)))
    return None


def agreed(answer: Sequence[Extension]) -> Agreement | None:
    """Read what a server has answered, as a client or an onlooker; None if it agreed on no compression.

    Raises `ProtocolError` for an answer with other parameters than section 7.1 has; the client must then hang up.
    """
    found = [extension for extension in answer if extension.name == NAME]
    if not found:
        return None
    said = _parameters(found[0], answer=True)
    if said is None or len(found) > 1:
        raise ProtocolError(
            CloseCode.PROTOCOL_ERROR, f"{NAME} was answered with parameters that it does not have"
        )
    flags = [flag in said for flag in FLAGS]
    return Agreement(*flags, *(WINDOWS[said.get(size) or str(WINDOW)] for size in SIZES))


def _parameters(extension: Extension, answer: bool) -> dict[str, str | None] | None:
    """The parameters of an offer or an answer by name; None if one of them is unknown, repeated or wrong."""
    found = dict(extension.parameters)
    if len(found) != len(extension.parameters):
        return None
    for name, value in found.items():
        no_value = name in FLAGS or (name == "client_max_window_bits" and not answer)  # there: "I know of it"
        right = (value is None and no_value) or (value in WINDOWS and name in SIZES)
        if not right:
            return None
    return found


def deflate(payload: bytes, level: int = LEVEL) -> bytes:
    """Compress one message that needs nothing of any other (section 7.2.1): good for every reader who agreed."""
    stream = zlib.compressobj(level, zlib.DEFLATED, -WINDOW)
    return (stream.compress(payload) + stream.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)


class Inflater:
    """Inflates the messages of one direction (section 7.2.2), piece by piece and never beyond `max_bytes` of each.

    `takeover`: a message may refer to the ones before it, so the window is kept between messages.
    """

    def __init__(self, max_bytes: int, takeover: bool = False) -> None:
        self._max_bytes, self._takeover = max_bytes, takeover
        self._stream: zlib._Decompress | None = (
            None  # none between messages that refer to nothing: it holds 10 KB
        )
        self._window = b""  # what came out last, for a stream that follows one that has ended
        self._size = 0  # of the message so far
        self._streams = 1  # of the message so far

    def inflate(self, data: bytes, final: bool = True) -> bytes:
        """Inflate a fragment, the message's last one if `final`.

        Raises `ProtocolError`: 1009 when the message grows too large, of which no more is inflated than says so;
        1007 for what is not DEFLATE data; 1008 for more streams than anybody needs.
        """
        try:
            text = self._take(data) + (self._take(TAIL) if final else b"")
        except zlib.error as error:
            reason = f"the message is not DEFLATE data: {error}"
            raise ProtocolError(CloseCode.INVALID_PAYLOAD, reason) from None
        if final:
            self._size, self._streams = 0, 1
            if not self._takeover:
                self._stream, self._window = None, b""
        return text

    def _take(self, data: bytes) -> bytes:
        """Inflate some bytes, through as many streams as there are."""
        pieces: list[bytes] = []
        while data:
            stream = self._current_stream()
            piece = stream.decompress(data, self._max_bytes - self._size + 1)
            self._size += len(piece)
            if self._size > self._max_bytes:
                reason = f"the message inflates to more than {self._max_bytes} bytes: no more is taken here"
                raise ProtocolError(CloseCode.MESSAGE_TOO_BIG, reason)
            self._window = (self._window + piece)[-(1 << WINDOW) :]
            data = stream.unused_data
            pieces.append(piece)
        return b"".join(pieces)

    def _current_stream(self) -> zlib._Decompress:
        """The stream that goes on: a new one, with the same window, when the last one's last block had BFINAL set."""
        if self._stream is None:
            self._stream = zlib.decompressobj(-WINDOW)
        elif self._stream.eof:
            self._streams += 1
            if self._streams > MAX_STREAMS:
                reason = f"more than {MAX_STREAMS} DEFLATE streams in one message: one is enough"
                raise ProtocolError(CloseCode.POLICY_VIOLATION, reason)
            self._stream = zlib.decompressobj(-WINDOW, zdict=self._window)
        return self._stream
