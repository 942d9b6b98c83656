"""Who sends too much: a message that becomes large, and a head that does not end."""

from __future__ import annotations

import contextlib
import select
import socket
import time
import zlib
from urllib.parse import urlsplit

import requests

from rtlab.protocol.deflate import RSV1, TAIL, deflate
from rtlab.protocol.frames import Frame, Opcode, encode
from rtlab.protocol.handshake import client_request
from rtlab.teach.lesson_06.accept import SAMPLE_KEY
from rtlab.teach.lesson_06.by_hand import read_answer
from rtlab.teach.lesson_11.inflate import SMALLEST

SECONDS = 20.0


def bomb(size: int) -> bytes:
    """A WebSocket message of `size` zeros as one compressed frame of a client."""
    return encode(Frame(Opcode.BINARY, deflate(bytes(size), SMALLEST), rsv=RSV1, mask=b"rtlb"))


def told(answer: requests.Response) -> str:
    """In a line: the status, what the server says was too much, and when to come again."""
    detail = f" {answer.json()['detail']}" if answer.status_code >= 400 else ""
    again = answer.headers.get("Retry-After")
    return f"{answer.status_code}{detail}" + (f" (Retry-After: {again})" if again else "")


def throw(url: str, frame: bytes, resource: str = "/socket") -> str:
    """Open a WebSocket with compression, send one frame; return the short text that comes back, or how it ended."""
    address = urlsplit(url)
    offer = [("Sec-WebSocket-Extensions", "permessage-deflate")]
    with socket.create_connection((address.hostname or "", address.port or 80), SECONDS) as connection:
        connection.sendall(client_request(address.netloc, resource, SAMPLE_KEY, headers=offer))
        head, back = read_answer(connection)
        if b"permessage-deflate" not in head:
            return "no compression"
        with contextlib.suppress(ConnectionError):  # it may hang up while we still write
            connection.sendall(frame)
            while (told := _told(back)) is None and (more := connection.recv(4096)):
                back += more
            return told or "hung up"
    return "hung up"


def _told(data: bytes) -> str | None:
    """What a server's short frames say, the greeting of rtlab's left out; None while there is more to come."""
    while len(data) >= 2 and len(data) >= 2 + data[1]:  # a short frame: its second byte is its length
        first, payload, data = data[0], data[2 : 2 + data[1]], data[2 + data[1] :]
        if first & 0x0F == Opcode.CLOSE:
            return f"closed: {int.from_bytes(payload[:2], 'big')}"
        if first & RSV1 << 4:
            payload = zlib.decompressobj(-zlib.MAX_WBITS).decompress(payload + TAIL, 125)
        if not payload.startswith(b'{"type":"open"'):
            return payload.decode()
    return None


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
