"""RFC 6455 as a table: what a peer sends, and what the one who reads it has to make of it.

Each case is read by our protocol, by a live server, and by our client; wsproto and websockets are second opinions.
A case says what is handed out, and how the reader answers in the end: with which close code, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from rtlab.protocol.frames import apply_mask
from rtlab.protocol.messages import Binary, Close, Ping, Pong, Text, WsEvent

KEY = b"\x37\xfa\x21\x3d"
LIMIT = 1000  # bytes of a message that the readers are told to take
OPEN = None  # the verdict where nothing is wrong: the connection goes on
EMPTY = 0  # the verdict where a Close without a code is answered by one without


class Piece(NamedTuple):
    """One frame as its sender writes it, right or wrong. `first` is its first byte: FIN, reserved bits, opcode.

    `size`: in how many bytes the length is written, 0: as few as possible. `says`: a length that is not the payload's.
    `mask`: as the sender's side has to do it, or the wrong way round.
    """

    first: int
    payload: bytes = b""
    size: int = 0
    says: int = -1
    mask: bool = True

    def wire(self, to_server: bool) -> bytes:
        """The bytes, masked if that is right for who sends to this side (section 5.1)."""
        length = len(self.payload) if self.says < 0 else self.says
        size = self.size or (1 if length < 126 else 2 if length < 65536 else 8)
        masked = to_server is self.mask
        short = length if size == 1 else {2: 126, 8: 127}[size]
        head = bytes((self.first, 0x80 * masked | short)) + (
            b"" if size == 1 else length.to_bytes(size, "big")
        )
        return head + (KEY + apply_mask(self.payload, KEY) if masked else self.payload)


@dataclass(frozen=True)
class Case:
    """What is sent, what comes of it, and which section says so. `differs`: who sees it otherwise, how, and why."""

    clause: str
    sent: tuple[Piece, ...]
    events: tuple[WsEvent, ...] = ()
    close: int | None = OPEN
    differs: dict[str, tuple[int | None, str]] = field(default_factory=dict)

    def wire(self, to_server: bool) -> bytes:
        """All the bytes, as they go to a server or to a client."""
        return b"".join(piece.wire(to_server) for piece in self.sent)


TEXT, BINARY, CONT, CLOSE, PING, PONG = 0x81, 0x82, 0x80, 0x88, 0x89, 0x8A  # with FIN
TEXT_0, BINARY_0, CONT_0 = 0x01, 0x02, 0x00  # more follows

LATER = "checks text where it is handed out, above its protocol"
LENIENT = "takes the length as it is written"


def code(number: int, reason: bytes = b"") -> bytes:
    """The payload of a Close."""
    return number.to_bytes(2, "big") + reason


def text(payload: bytes) -> Piece:
    """A text message in one frame."""
    return Piece(TEXT, payload)


AFTER = text(b'"after"')  # what nobody may hand out any more

CASES: dict[str, Case] = {
    # Section 5.2 – Base Framing Protocol
    "a text": Case("5.6", (text(b'"Hello"'),), (Text('"Hello"'),)),
    "an empty binary": Case("5.6", (Piece(BINARY),), (Binary(b""),)),
    "125 bytes": Case("5.2", (Piece(BINARY, b"x" * 125),), (Binary(b"x" * 125),)),
    "126 bytes": Case("5.2", (Piece(BINARY, b"x" * 126),), (Binary(b"x" * 126),)),
    "reserved bit 1": Case("5.2", (Piece(TEXT | 0x40, b"1"), AFTER), (), 1002),
    "reserved bit 2": Case("5.2", (Piece(TEXT | 0x20, b"1"), AFTER), (), 1002),
    "reserved bit 3": Case("5.2", (Piece(TEXT | 0x10, b"1"), AFTER), (), 1002),
    "a reserved bit on a ping": Case("5.2", (Piece(PING | 0x40), AFTER), (), 1002),
    "a reserved bit on a continuation": Case(
        "5.2", (Piece(TEXT_0, b"1"), Piece(CONT | 0x40), AFTER), (), 1002
    ),
    **{
        f"reserved opcode {opcode}": Case("5.2", (Piece(0x80 | opcode), AFTER), (), 1002)
        for opcode in (3, 4, 5, 6, 7, *range(11, 16))
    },
    "a length of 5 in 16 bits": Case(
        "5.2", (Piece(TEXT, b'"abc"', size=2), AFTER), (), 1002, {"websockets": (OPEN, LENIENT)}
    ),
    "a length of 125 in 64 bits": Case(
        "5.2", (Piece(BINARY, b"x" * 125, size=8), AFTER), (), 1002, {"websockets": (OPEN, LENIENT)}
    ),
    "a length of 126 in 64 bits": Case(
        "5.2", (Piece(BINARY, b"x" * 126, size=8), AFTER), (), 1002, {"websockets": (OPEN, LENIENT)}
    ),
    "a 64-bit length with its top bit": Case(
        "5.2",
        (Piece(BINARY, size=8, says=1 << 63),),
        (),
        1002,
        {"websockets": (1009, "has it for a large number")},
    ),
    "the greatest length there is": Case(
        "10.4",
        (Piece(BINARY, size=8, says=(1 << 63) - 1),),
        (),
        1009,
        {"wsproto": (OPEN, "has no limit, and waits for the rest")},
    ),
    "a message one byte beyond the limit": Case(
        "10.4", (Piece(BINARY, b"x" * (LIMIT + 1)),), (), 1009, {"wsproto": (OPEN, "has no limit")}
    ),
    "fragments beyond the limit": Case(
        "10.4",
        (Piece(BINARY_0, b"x" * 600), Piece(CONT, b"x" * 401)),
        (),
        1009,
        {"wsproto": (OPEN, "has no limit")},
    ),
    # Section 5.3 – Client-to-Server Masking, 5.1
    "a mask of the wrong side": Case("5.1", (Piece(TEXT, b"1", mask=False), AFTER), (), 1002),
    "a ping with the mask of the wrong side": Case("5.1", (Piece(PING, mask=False), AFTER), (), 1002),
    # Section 5.4 – Fragmentation
    "two fragments": Case("5.4", (Piece(TEXT_0, b'"Hel'), Piece(CONT, b'lo"')), (Text('"Hello"'),)),
    "fragments of no bytes": Case(
        "5.4",
        (Piece(TEXT_0), Piece(CONT_0), Piece(CONT_0, b"1"), Piece(CONT_0), Piece(CONT)),
        (Text("1"),),
    ),
    "control frames between fragments": Case(
        "5.4",
        (Piece(TEXT_0, b'"a'), Piece(PING, b"?"), Piece(CONT_0, b"b"), Piece(PONG, b"!"), Piece(CONT, b'c"')),
        (Ping(b"?"), Pong(b"!"), Text('"abc"')),
    ),
    "a close between fragments": Case(
        "5.4",
        (Piece(TEXT_0, b'"a'), Piece(CLOSE, code(1000)), Piece(CONT, b'"')),
        (Close(1000),),
        1000,
        {"websockets": (1002, "wants the message to be finished first, which 5.4 does not ask for")},
    ),
    "a continuation of nothing": Case("5.4", (Piece(CONT, b"1"), AFTER), (), 1002),
    "a first fragment that continues nothing": Case("5.4", (Piece(CONT_0, b"1"), AFTER), (), 1002),
    "a continuation after the last fragment": Case(
        "5.4", (Piece(TEXT_0, b"1"), Piece(CONT, b"2"), Piece(CONT, b"3"), AFTER), (Text("12"),), 1002
    ),
    "a text in a fragmented message": Case("5.4", (Piece(TEXT_0, b"1"), text(b"2"), AFTER), (), 1002),
    "a binary in a fragmented message": Case("5.4", (Piece(TEXT_0, b"1"), Piece(BINARY), AFTER), (), 1002),
    "a fragmented message in a fragmented message": Case(
        "5.4", (Piece(TEXT_0, b"1"), Piece(TEXT_0, b"2"), AFTER), (), 1002
    ),
    # Section 5.5 – Control Frames
    "a ping is answered with what it says": Case("5.5.2", (Piece(PING, b"Hello"),), (Ping(b"Hello"),)),
    "a ping of 125 bytes": Case("5.5", (Piece(PING, b"p" * 125),), (Ping(b"p" * 125),)),
    "a pong that nobody asked for": Case("5.5.3", (Piece(PONG, b"here"),), (Pong(b"here"),)),
    "a ping of 126 bytes": Case("5.5", (Piece(PING, b"p" * 126), AFTER), (), 1002),
    "a pong of 126 bytes": Case("5.5", (Piece(PONG, b"p" * 126), AFTER), (), 1002),
    "a close of 126 bytes": Case("5.5", (Piece(CLOSE, code(1000, b"x" * 124)), AFTER), (), 1002),
    "a ping in fragments": Case("5.5", (Piece(PING & 0x7F, b"a"), Piece(CONT, b"b"), AFTER), (), 1002),
    "a pong in fragments": Case("5.5", (Piece(PONG & 0x7F, b"a"), AFTER), (), 1002),
    "a close in fragments": Case("5.5", (Piece(CLOSE & 0x7F, code(1000)), AFTER), (), 1002),
    # Section 7.4 – Status Codes, 5.5.1
    **{
        f"close code {number}": Case("7.4", (Piece(CLOSE, code(number)), AFTER), (Close(number),), number)
        for number in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
    },
    **{
        f"close code {number}, registered since": Case(
            "7.4", (Piece(CLOSE, code(number)), AFTER), (Close(number),), number
        )
        for number in (1012, 1013)
    },
    "close code 1014, registered since": Case(
        "7.4",
        (Piece(CLOSE, code(1014)), AFTER),
        (Close(1014),),
        1014,
        {"wsproto": (1002, "its list is older than the registration")},
    ),
    **{
        f"close code {number}, never sent": Case("7.4", (Piece(CLOSE, code(number)), AFTER), (), 1002)
        for number in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
    "a close without a code": Case("5.5.1", (Piece(CLOSE), AFTER), (Close(),), EMPTY),
    "a close of one byte": Case("5.5.1", (Piece(CLOSE, b"\x03"), AFTER), (), 1002),
    "a close with a reason": Case(
        "5.5.1", (Piece(CLOSE, code(1000, "Grüße".encode())),), (Close(1000, "Grüße"),), 1000
    ),
    "a close with a reason of 123 bytes": Case(
        "5.5", (Piece(CLOSE, code(1000, b"x" * 123)),), (Close(1000, "x" * 123),), 1000
    ),
    "a close whose reason is not UTF-8": Case("5.5.1", (Piece(CLOSE, code(1000, b"\xff")), AFTER), (), 1007),
    "a close whose reason ends in a character": Case(
        "5.5.1", (Piece(CLOSE, code(1000, b"\xc3")), AFTER), (), 1007
    ),
    "data after a close": Case("5.5.1", (Piece(CLOSE, code(1001)), AFTER, Piece(PING)), (Close(1001),), 1001),
    "a second close": Case(
        "5.5.1", (Piece(CLOSE, code(1000)), Piece(CLOSE, code(1001))), (Close(1000),), 1000
    ),
    # Section 8.1 – Handling Errors in UTF-8-Encoded Data
    "a character cut between fragments": Case(
        "5.6",
        (Piece(TEXT_0, b'"\xf0'), Piece(CONT_0, b"\x9f\x8e"), Piece(PING), Piece(CONT, b'\x88"')),
        (Ping(), Text('"🎈"')),
    ),
    **{
        f"text with {what}": Case(
            "8.1", (text(b'"' + data + b'"'), AFTER), (), 1007, {"websockets": (OPEN, LATER)}
        )
        for what, data in {
            "a byte that no UTF-8 has": b"\xff",
            "a continuation byte alone": b"\x80",
            "an overlong slash": b"\xc0\xaf",
            "a surrogate": b"\xed\xa0\x80",
            "a character beyond Unicode": b"\xf4\x90\x80\x80",
        }.items()
    },
    "text that ends in a character": Case(
        "8.1", (text(b"\xf0\x9f\x8e"), AFTER), (), 1007, {"websockets": (OPEN, LATER)}
    ),
    "a fragment that no other can make UTF-8": Case(
        "8.1", (Piece(TEXT_0, b'"\xff'),), (), 1007, {"websockets": (OPEN, LATER)}
    ),
    "a character that the next fragment breaks": Case(
        "8.1", (Piece(TEXT_0, b'"\xc3'), Piece(CONT_0, b"a")), (), 1007, {"websockets": (OPEN, LATER)}
    ),
    "binary may have any bytes": Case("5.6", (Piece(BINARY, b"\xff\xc3\x28"),), (Binary(b"\xff\xc3\x28"),)),
}


@dataclass(frozen=True)
class Handshake:
    """A change to a good request (None takes a header away), the status of the answer, and where that is said."""

    clause: str
    status: int
    headers: dict[str, str | None] = field(default_factory=dict)
    method: str = "GET"
    version: str = "1.1"
    differs: dict[str, tuple[int, str]] = field(default_factory=dict)


GOOD = {
    "Host": "127.0.0.1",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
ALIKE = {"websockets": (426, "answers it like a missing Upgrade")}
OWN_STATUS = {"websockets": (400, "answers every wrong value alike, and names the version besides")}

HANDSHAKES: dict[str, Handshake] = {
    "as it should be": Handshake("4.1", 101),
    "letters in any case": Handshake("4.2.1", 101, {"Upgrade": "WebSocket", "Connection": "uPGRADE"}),
    "Upgrade among other tokens": Handshake("4.2.1", 101, {"Connection": "keep-alive, Upgrade"}),
    "another protocol, too": Handshake(
        "4.2.1", 101, {"Upgrade": "h2c, websocket"}, differs={"websockets": (426, "wants it alone")}
    ),
    "no Upgrade": Handshake("4.2.1", 426, {"Upgrade": None}),
    "another protocol only": Handshake("4.2.1", 426, {"Upgrade": "h2c"}),
    "no Connection": Handshake("4.2.1", 400, {"Connection": None}, differs=ALIKE),
    "a Connection without upgrade": Handshake("4.2.1", 400, {"Connection": "keep-alive"}, differs=ALIKE),
    "no version": Handshake("4.2.1", 400, {"Sec-WebSocket-Version": None}),
    "an older version": Handshake("4.4", 426, {"Sec-WebSocket-Version": "8"}, differs=OWN_STATUS),
    "a later version": Handshake("4.4", 426, {"Sec-WebSocket-Version": "14"}, differs=OWN_STATUS),
    "no key": Handshake("4.2.1", 400, {"Sec-WebSocket-Key": None}),
    "a key of 15 bytes": Handshake("4.2.1", 400, {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA"}),
    "a key that is not base64": Handshake("4.2.1", 400, {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZ!=="}),
    "HTTP/1.0": Handshake("4.2.1", 400, version="1.0"),
    "an extension that cannot be read": Handshake("9.1", 400, {"Sec-WebSocket-Extensions": "a; =1"}),
    "an extension that nobody knows": Handshake("9.1", 101, {"Sec-WebSocket-Extensions": "x-none; a=1"}),
    "a subprotocol that nobody knows": Handshake("4.2.2", 101, {"Sec-WebSocket-Protocol": "x-none"}),
}
