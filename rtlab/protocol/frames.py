"""WebSocket frames: bytes to `Frame` and back (RFC 6455, section 5).

A frame is a header of 2 to 14 bytes and a payload::

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-------+-+-------------+-------------------------------+
    |F|R|R|R| opcode|M| length      | 2 bytes more if length = 126, |
    |I|S|S|S|  (4)  |A|    (7)      | 8 bytes more if length = 127  |
    |N|V|V|V|       |S|             |                               |
    | |1|2|3|       |K|             |                               |
    +-+-+-+-+-------+-+-------------+-------------------------------+
    | masking key, 4 bytes, if MASK = 1, then the payload           |
    +---------------------------------------------------------------+

Nothing here reads a socket or remembers a message: `rtlab.protocol.messages` puts frames together.
"""

from dataclasses import dataclass
from enum import IntEnum

from rtlab.errors import BadInput, ProtocolError


# RFC 6455, Section 5.2 - Base Framing Protocol
class Opcode(IntEnum):
    """What a frame is for. 3 to 7 and 11 to 15 are reserved."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA

    @property
    def is_control(self) -> bool:
        """Control frames (section 5.5) have the highest bit of the opcode set."""
        return self >= 0x8


# RFC 6455, Section 7.4.1 - Defined Status Codes; 1012 to 1014 are of the IANA registry that the RFC set up
class CloseCode(IntEnum):
    """Why a connection ends. 3000 to 3999 may be registered, 4000 to 4999 are for private use."""

    NORMAL = 1000
    GOING_AWAY = 1001  # a server stops, a page is left
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003  # for example binary where only text is understood
    NO_STATUS = 1005  # never sent: stands for a close frame without a code
    ABNORMAL = 1006  # never sent: stands for a connection that ended without a close frame
    INVALID_PAYLOAD = 1007  # for example text that is not UTF-8
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    MANDATORY_EXTENSION = 1010  # by a client: the server did not take up an extension it needs
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_GATEWAY = 1014
    TLS_HANDSHAKE = 1015  # never sent: stands for a TLS handshake that failed


NEVER_SENT = {CloseCode.NO_STATUS, CloseCode.ABNORMAL, CloseCode.TLS_HANDSHAKE}


def may_be_sent(code: int) -> bool:
    """Whether a close frame may carry this code (section 7.4): a registered one, or 3000 to 4999."""
    return 3000 <= code <= 4999 or code in set(CloseCode) - NEVER_SENT


FIN, RSV, OPCODE = 0b1000_0000, 0b0111_0000, 0b0000_1111  # the first byte
MASK, SHORT = 0b1000_0000, 0b0111_1111  # the second byte: mask bit and 7-bit length
LENGTH_16, LENGTH_64 = 126, 127  # of the 7-bit length: 2 or 8 bytes of length follow
MAX_LENGTH_7, MAX_LENGTH_16, MAX_LENGTH_64 = 125, 2**16 - 1, 2**63 - 1
MAX_CONTROL_PAYLOAD = 125  # section 5.5


@dataclass(frozen=True)
class Frame:
    """One frame. `payload` is always unmasked; `mask` is the key it travels under, 4 bytes, or None.

    `fin` is False on every fragment of a message but the last; `rsv` holds the three reserved bits as 0 to 7.
    """

    opcode: Opcode
    payload: bytes = b""
    fin: bool = True
    rsv: int = 0
    mask: bytes | None = None

    def __post_init__(self) -> None:
        if self.mask is not None and len(self.mask) != 4:
            raise BadInput(f"a masking key of {len(self.mask)} bytes: 4 are needed")
        if not 0 <= self.rsv <= 0b111:
            raise BadInput(f"rsv {self.rsv}: three bits are 0 to 7")

    def __str__(self) -> str:
        start = self.payload[:40]
        shown = repr(start.decode(errors="replace")) if self.opcode is Opcode.TEXT else repr(start)[1:]
        shown += "…" if len(self.payload) > 40 else ""
        parts = [self.opcode.name, shown, f"length {len(self.payload)}"]
        parts += [] if self.fin else ["more follows"]
        parts += [f"rsv {self.rsv:03b}"] if self.rsv else []
        parts += [f"mask {self.mask.hex()}"] if self.mask is not None else []
        return " · ".join(parts)


def encode(frame: Frame) -> bytes:
    """Write a frame: its header, then its payload, masked if the frame has a mask.

    It writes what it is told, also a frame that no peer would accept: the rules are the reader's, below.
    """
    payload = frame.payload if frame.mask is None else apply_mask(frame.payload, frame.mask)
    return header(frame) + payload


def header(frame: Frame) -> bytes:
    """Write the bytes before the payload: 2, 4 or 10, and 4 more for a mask."""
    first = (FIN if frame.fin else 0) | frame.rsv << 4 | frame.opcode
    mask_bit = 0 if frame.mask is None else MASK
    length = len(frame.payload)
    if length <= MAX_LENGTH_7:
        head = bytes((first, mask_bit | length))
    elif length <= MAX_LENGTH_16:
        head = bytes((first, mask_bit | LENGTH_16)) + length.to_bytes(2, "big")
    else:
        head = bytes((first, mask_bit | LENGTH_64)) + length.to_bytes(8, "big")
    return head + (frame.mask or b"")


def apply_mask(payload: bytes, key: bytes) -> bytes:
    """Mask or unmask (the same operation): byte i is XORed with byte i mod 4 of the key (section 5.3).

    Seen as one large number each, payload and repeated key are XORed at once: the loop is in C.
    """
    length = len(payload)
    repeated = (key * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(length, "big")


def check_first_bytes(first: int, second: int, expect_mask: bool | None, rsv_allowed: int = 0) -> Opcode:
    """Return the opcode, or raise `ProtocolError` for all that the first two bytes of a frame can have wrong.

    `expect_mask` and `rsv_allowed` are as of `FrameParser`.
    """
    if (rsv := (first & RSV) >> 4) & ~rsv_allowed:
        # "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values"
        raise _broken(f"reserved bits {rsv:03b} without an extension that uses them")
    try:
        opcode = Opcode(first & OPCODE)
    except ValueError:
        raise _broken(f"reserved opcode {first & OPCODE:#x}") from None
    if opcode.is_control:  # section 5.5
        if not first & FIN:
            raise _broken(f"fragmented {opcode.name} frame: control frames stand alone")
        if second & SHORT > MAX_CONTROL_PAYLOAD:
            raise _broken(f"{opcode.name} frame with more than 125 bytes of payload")
    if expect_mask is not None and bool(second & MASK) is not expect_mask:
        # Section 5.1: a client masks every frame, a server none; section 10.3 says why.
        raise _broken(f"{'unmasked' if expect_mask else 'masked'} {opcode.name} frame from the peer")
    return opcode


def check_length(length: int, size: int) -> None:
    """Raise `ProtocolError` for a length that may not be written in `size` bytes, 2 or 8."""
    if length <= (MAX_LENGTH_7 if size == 2 else MAX_LENGTH_16):
        # "the minimal number of bytes MUST be used to encode the length"
        raise _broken(f"length {length} written in {size} bytes: the shortest form is required")
    if length > MAX_LENGTH_64:
        raise _broken("64-bit length with its highest bit set")  # "the most significant bit MUST be 0"


class FrameParser:
    """Reads frames from bytes that arrive in pieces of any size.

    `max_payload` (bytes) bounds a data frame by the length in its header, before its payload has arrived.
    `expect_mask`: True at a server, False at a client, None accepts both (for an onlooker between them).
    `rsv_allowed`: the reserved bits that a negotiated extension uses (0b100: permessage-deflate, RFC 7692);
    `spare` bytes more may be in a frame that uses one, for data that nothing makes smaller.
    """

    def __init__(
        self,
        max_payload: int = 1 << 20,
        expect_mask: bool | None = None,
        rsv_allowed: int = 0,
        spare: int = 0,
    ) -> None:
        self.max_payload, self.spare = max_payload, spare
        self.expect_mask = expect_mask
        self.rsv_allowed = rsv_allowed
        self._buffer = bytearray()
        self._offset = 0  # where the next frame begins; what was read is cut off at the next feed

    def receive_data(self, data: bytes) -> list[Frame]:
        """Take bytes, return the frames that they complete.

        Raises `ProtocolError` at a frame that breaks the rules. Frames before it are never lost: they are
        returned first, and the next call (and every later one) raises.
        """
        self.feed(data)
        frames = []
        try:
            while (frame := self.next_frame()) is not None:
                frames.append(frame)
        except ProtocolError:
            if not frames:
                raise
        return frames

    def feed(self, data: bytes) -> None:
        """Take bytes, to be read with `next_frame`."""
        del self._buffer[: self._offset]
        self._offset = 0
        self._buffer += data

    def next_frame(self) -> Frame | None:
        """Return the next whole frame, None until more bytes have come; raise `ProtocolError` at a bad one."""
        buffer, start = self._buffer, self._offset
        if len(buffer) < start + 2:
            return None
        first, second = buffer[start], buffer[start + 1]
        opcode = check_first_bytes(first, second, self.expect_mask, self.rsv_allowed)
        length, position = self._read_length(second & SHORT, start + 2)
        if length is None:
            return None
        most = self.max_payload + (self.spare if first & RSV else 0)
        if length > most and not opcode.is_control:
            reason = f"payload length {length}: at most {most} is taken here"
            raise ProtocolError(CloseCode.MESSAGE_TOO_BIG, reason)
        masked = bool(second & MASK)
        end = position + 4 * masked + length
        if len(buffer) < end:
            return None
        mask = bytes(buffer[position : position + 4]) if masked else None
        payload = bytes(buffer[end - length : end])
        self._offset = end
        if mask is not None:
            payload = apply_mask(payload, mask)
        return Frame(opcode, payload, bool(first & FIN), (first & RSV) >> 4, mask)

    def _read_length(self, short: int, position: int) -> tuple[int | None, int]:
        """Return the payload's length (None: not all here yet) and where the header goes on."""
        if short < LENGTH_16:
            return short, position
        size = 2 if short == LENGTH_16 else 8
        digits = self._buffer[position : position + size]
        if len(digits) < size:
            return None, position
        length = int.from_bytes(digits, "big")
        check_length(length, size)
        return length, position + size


def _broken(reason: str) -> ProtocolError:
    return ProtocolError(CloseCode.PROTOCOL_ERROR, reason)
