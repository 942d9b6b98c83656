"""Where the fields of a WebSocket frame begin and end, to the bit, and what each says (RFC 6455, section 5.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rtlab.errors import ProtocolError
from rtlab.protocol.deflate import Inflater
from rtlab.protocol.frames import CloseCode, Opcode
from rtlab.view.tally import count

OPCODES = {
    Opcode.CONTINUATION: "goes on with the message that an earlier frame began",
    Opcode.TEXT: "text, in UTF-8",
    Opcode.BINARY: "binary: bytes that mean something to the application",
    Opcode.CLOSE: "close: the sender will send nothing more",
    Opcode.PING: "ping: the peer must answer with a pong",
    Opcode.PONG: "pong: the answer to a ping, with the ping's payload",
}
MOST_INFLATED = 1 << 20  # bytes that a frame in a picture may inflate to
XOR = "each byte of the payload was XORed with a byte of it, in turn"
NEVER_SENT = {CloseCode.NO_STATUS, CloseCode.ABNORMAL, CloseCode.TLS_HANDSHAKE}


@dataclass(frozen=True)
class Field:
    """A field: its name as in the standard, where it is (in bits from the frame's beginning), what it says.

    `key` is short and safe for a class name: fin, rsv, opcode, mask, length, extended, masking-key, payload.
    """

    key: str
    name: str
    start: int
    bits: int
    value: str
    meaning: str
    source: str = "RFC 6455 §5.2"


@dataclass(frozen=True)
class FrameBits:
    """The fields of a frame, and what the payload is: as sent, its masking key (b"" without), where it starts.

    `missing` bytes would make the frame whole; `more` bytes follow it.
    """

    fields: tuple[Field, ...]
    payload: bytes
    key: bytes
    payload_start: int
    missing: int
    more: int

    @property
    def plain(self) -> bytes:
        """The payload without its mask."""
        key = self.key or b"\0"
        return bytes(byte ^ key[at % len(key)] for at, byte in enumerate(self.payload))


def read_bits(data: bytes) -> FrameBits:
    """Find the fields of the first frame in `data`, as far as it goes; nothing is raised, whatever the bytes are."""
    if len(data) < 2:
        return FrameBits((), b"", b"", 0, missing=2 - len(data), more=0)
    fields = _first_two_bytes(data[0], data[1])
    at, length = 2, data[1] & 0x7F
    if length >= 126:
        size = 2 if length == 126 else 8
        fields.append(_extended(data[at : at + size], size))
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
    key = b""
    if data[1] & 0x80 and len(data) >= at:
        key, at = data[at : at + 4], at + 4
        fields.append(
            Field("masking-key", "masking key", at * 8 - 32, 32, key.hex(" ") or "…", XOR, "RFC 6455 §5.3")
        )
    if len(data) < at:  # the header is not whole
        return FrameBits(tuple(fields), b"", b"", len(data), missing=at - len(data), more=0)
    payload = data[at : at + length]
    missing, more = max(0, at + length - len(data)), max(0, len(data) - at - length)
    frame = FrameBits(tuple(fields), payload, key, at, missing, more)
    if length:
        fields.append(Field("payload", "payload", at * 8, len(payload) * 8, *_payload(data[0], frame)))
    return replace(frame, fields=tuple(fields))


def _first_two_bytes(first: int, second: int) -> list[Field]:
    fin, masked, length = first >> 7, second >> 7, second & 0x7F
    opcode = first & 0x0F
    rsv = [(first >> bit) & 1 for bit in (6, 5, 4)]
    compressed = "this message is compressed, if permessage-deflate was agreed (RFC 7692); else an error"
    fields = [
        Field("fin", "FIN", 0, 1, str(fin), "the last frame of its message" if fin else "more frames follow"),
        *(
            Field(
                "rsv", f"RSV{number}", number, 1, str(bit), _reserved(bit, compressed if number == 1 else "")
            )
            for number, bit in enumerate(rsv, 1)
        ),
        Field("opcode", "opcode", 4, 4, f"0x{opcode:X}", _purpose(opcode)),
        Field("mask", "MASK", 8, 1, str(masked), _mask(masked), "RFC 6455 §5.1"),
    ]
    long = {126: "126: the next 2 bytes have the length", 127: "127: the next 8 bytes have the length"}
    said = long.get(length, f"{length} bytes of payload, which fits here (up to 125)")
    return [*fields, Field("length", "length", 9, 7, str(length), said)]


def _purpose(opcode: int) -> str:
    return OPCODES[Opcode(opcode)] if opcode in set(Opcode) else "reserved: an error"


def _reserved(bit: int, otherwise: str) -> str:
    return (otherwise or "an error, unless an extension gave it a meaning") if bit else "reserved, 0"


def _mask(masked: int) -> str:
    if masked:
        return "masked, as all frames from a client must be"
    return "not masked: frames from a server must not be"


def _extended(data: bytes, size: int) -> Field:
    length = int.from_bytes(data, "big")
    meaning = f"the length in {size * 8} bits: {length:,} bytes of payload"
    if len(data) < size:
        meaning = "not all there"
    elif (size == 2 and length < 126) or (size == 8 and length < 1 << 16):
        meaning += "; an error: fewer bits would do"
    return Field("extended", "extended length", 16, size * 8, data.hex(" ") or "…", meaning)


def _payload(first: int, frame: FrameBits) -> tuple[str, str, str]:
    """Return what the payload says: value, meaning and source."""
    plain, opcode = frame.plain, first & 0x0F
    size = f"{len(plain):,} byte" + ("" if len(plain) == 1 else "s")
    if frame.missing:
        size += f" of {len(plain) + frame.missing:,}"
    if opcode == Opcode.CLOSE and len(plain) >= 2:
        code, reason = int.from_bytes(plain[:2], "big"), plain[2:].decode("utf-8", "replace")
        return (
            size,
            f"close code {code}, {_close(code)}" + (f"; reason: {reason}" if reason else ""),
            "RFC 6455 §7.4",
        )
    if first & 0x40:
        return _compressed(frame, size, first)
    if opcode in (Opcode.TEXT, Opcode.CLOSE, Opcode.PING, Opcode.PONG):
        return size, _text(plain), "RFC 6455 §5.6"
    return size, "bytes, for the application to understand", "RFC 6455 §5.6"


def _text(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return text if len(text) <= 80 else f"{text[:79]}…"


def _compressed(frame: FrameBits, size: str, first: int) -> tuple[str, str, str]:
    """What a compressed payload says: a frame that is a message by itself can be inflated, on its own."""
    if not first >> 7 or frame.missing:
        return size, "compressed: a part of a message, to be inflated with the rest of it", "RFC 7692 §6.1"
    try:
        plain = Inflater(MOST_INFLATED).inflate(frame.plain)
    except ProtocolError:
        return size, "compressed: it refers to messages before it, or is damaged", "RFC 7692 §7.2.2"
    said = _text(plain) if first & 0x0F == Opcode.TEXT else "bytes, for the application to understand"
    return size, f"inflated to {count(len(plain), 'byte')}: {said}", "RFC 7692 §7.2.2"


def _close(code: int) -> str:
    if code in set(CloseCode):
        name = CloseCode(code).name.replace("_", " ").lower()
        return f"{name}, which is never sent" if CloseCode(code) in NEVER_SENT else name
    return (
        "of the application's own"
        if 4000 <= code <= 4999
        else "registered elsewhere"
        if 3000 <= code < 4000
        else "unknown"
    )
