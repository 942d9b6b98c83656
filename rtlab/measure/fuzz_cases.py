"""What a hostile or broken client may send, case by case: the same seed and number, the same bytes.

A case begins with something right (a request for each resource, a handshake and frames, TLS) or with noise, and is then
changed in some places, cut, sent in pieces, or followed by another on the same connection.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtlab.protocol.frames import Frame, Opcode, encode

CHANNELS = (
    "a",
    "b.c",
    "chat.room.lobby",
    "chat.here",
    "devices.orders",
    "market.orders",
    "dashboard.ask",
    "no name",
)
CURSORS = (
    "now",
    "start",
    "last",
    "new.0",
    "0badcafe.7",
    "1700000000000.3",
    "0badcafe.2.17",
    "x",
    "",
    "." * 40,
    "a.-1",
)
READS = ("events", "events?wait=0.05", "events?limit=3", "stream", "socket", "events/0badcafe.1", "")
PLACES = (
    "/", "/rtlab.js", "/rtlab/ladder.js", "/healthz", "/metrics", "/channels", "/apps/", "/apps/chat/", "/apps/chat",
    "/apps/meter/p-1", "/apps/dashboard/classic", "/apps/market/", "/apps/vendor/x.js", "/apps/notify/worker.js",
    "/push/subscribe", "/push/subscription/x", "/push/set/x", "/push/set/x/stream", "/push/message/x", "/push/p/x",
    "/push/receipts/x", "/push/receipts/x/stream", "*", "http://127.0.0.1/", "//", "/%00", "/channels/%2e%2e/events",
)  # fmt: skip
METHODS = (
    "GET",
    "GET",
    "GET",
    "POST",
    "POST",
    "HEAD",
    "OPTIONS",
    "DELETE",
    "PUT",
    "TRACE",
    "get",
    "M-SEARCH",
)
HEADERS = (
    "Accept: text/event-stream", "Last-Event-ID: 0badcafe.3", "Last-Event-ID: \xff", "If-None-Match: \"new.0\"",
    "If-None-Match: W/\"x\", *", "Prefer: wait=0", "Prefer: wait=\"", "Prefer: respond-async, wait=1",
    "Origin: http://evil.example", "Origin: null", "Authorization: Bearer x.y.z", "Authorization: vapid t=a.b.c, k=BA",
    "Expect: 100-continue", "Connection: close", "Connection: keep-alive, Upgrade", "Upgrade: websocket",
    "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: x", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", "Idempotency-Key: k", "Idempotency-Key:",
    "Content-Type: application/json", "Content-Type: multipart/form-data; boundary=x",
    "Content-Type: application/x-www-form-urlencoded", "Content-Encoding: gzip", "Content-Encoding: aes128gcm",
    "Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Content-Length: 5", "Content-Length: -1",
    "Content-Length: 99999999999999999999", "TTL: 60", "TTL: x", "Urgency: high", "Topic: t",
    "Link: </push/set/x>; rel=\"urn:ietf:params:push:set\"", "X-Forwarded-For: 1.2.3.4, \u00e9", "Range: bytes=0-1",
    "Cookie: a=\"; b", "Access-Control-Request-Method: PUT", "If-Modified-Since: x", "folded: a\r\n b", "a b: c", ":",
)  # fmt: skip
TOKENS = (
    b"\r\n", b"\n", b"\r", b"\0", b"\r\n\r\n", b": ", b"%", b"%00", b"%ff", b"\xff\xfe", b"\xf0\x9f\x98\x80",
    b"0\r\n\r\n", b"ffffffffffffffff\r\n", b"-1", b"1e999", b"NaN", b"9" * 400, b"[" * 2000, b"{\"a\":" * 200,
    b"\\ud800", b"?", b"&",
    b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9.9", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n",
    b"\r\n\r\n\0\r\nQUIT\n", b"\x16\x03\x01\x02\x00", b"x" * 20_000,
)  # fmt: skip
KEYS = (
    "type",
    "data",
    "ref",
    "key",
    "kind",
    "name",
    "text",
    "room",
    "tab",
    "seen",
    "order",
    "price",
    "id",
    "vapid",
)
WORDS = (
    "publish",
    "message",
    "ada",
    "lobby",
    "",
    "12345678",
    "\ud800",
    "\x00",
    "é" * 300,
    "now",
    "limit",
    "buy",
)
TOLD = 1000  # bytes of a case that are printed; all of it can be had again by its number
PORTS = ("server", "server", "tls", "tls, raw", "tap", "boxes")  # where a case is sent: some more often


@dataclass(frozen=True)
class Case:
    """Pieces to send to a port one after another; `reset`: then break off instead of closing in good order.

    `linger`: seconds to read what comes before that. `kind` is for the counts.
    """

    number: int
    kind: str
    port: str
    pieces: tuple[bytes, ...]
    linger: float
    reset: bool

    def __str__(self) -> str:
        sent = b"".join(self.pieces)
        more = f" and {len(sent) - TOLD} bytes more" if len(sent) > TOLD else ""
        to = f"{self.kind}, to the {self.port}, in {len(self.pieces)} pieces"
        return f"case {self.number} ({to}): {sent[:TOLD]!r}{more}"


def make(seed: int, number: int) -> Case:
    """The case of that number."""
    chance = random.Random(f"{seed}:{number}")
    port = chance.choice(PORTS)
    kind = chance.choice(tuple(KINDS)) if port != "tls, raw" else "tls"
    data = KINDS[kind](chance) if kind != "tls" else tls_noise(chance)
    pieces = _cut(chance, data)
    return Case(number, kind, port, pieces, chance.choice((0.0, 0.01, 0.05, 0.3)), chance.random() < 0.3)


def _cut(chance: random.Random, data: bytes) -> tuple[bytes, ...]:
    """As one piece, in a few, or byte by byte."""
    how = chance.random()
    if how < 0.5 or len(data) < 2:
        return (data,)
    if how > 0.95 and len(data) < 400:
        return tuple(data[n : n + 1] for n in range(len(data)))
    places = sorted(chance.randrange(len(data)) for _ in range(chance.randrange(1, 5)))
    return tuple(data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True) if a < b)


def noise(chance: random.Random) -> bytes:
    """Any bytes, or any that look like text."""
    size = chance.choice((1, 10, 100, 1000, 30_000))
    if chance.random() < 0.5:
        return chance.randbytes(size)
    return bytes(chance.choice(b'GETPOS /:\r\n\t %abc019"{}[],') for _ in range(size))


def value(chance: random.Random, depth: int = 0) -> Any:
    """Any JSON, of the words that the server knows as often as not."""
    kind = chance.randrange(8 if depth < 4 else 5)
    if kind == 0:
        return chance.choice((None, True, False, 0, -1, 10**30, 1.5e300, -0.0))
    if kind < 5:
        return chance.choice(WORDS)
    if kind == 5:
        return [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(KEYS): value(chance, depth + 1) for _ in range(chance.randrange(6))}


def request(chance: random.Random) -> bytes:
    """A request that may be right, for any resource."""
    if chance.random() < 0.6:
        path = f"/channels/{chance.choice(CHANNELS)}/{chance.choice(READS)}"
        path += f"{'&' if '?' in path else '?'}after={chance.choice(CURSORS)}" * (chance.random() < 0.6)
    else:
        path = chance.choice(PLACES)
    method, body = chance.choice(METHODS), b""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [chance.choice(HEADERS) for _ in range(chance.choice((0, 0, 1, 2, 3, 8)))]
    if method == "POST" or chance.random() < 0.1:
        body = json.dumps(value(chance)).encode()
        lines += ["Content-Type: application/json"] * (chance.random() < 0.9)
        if chance.random() < 0.2:
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
            lines.append("Transfer-Encoding: chunked")
        else:
            lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", errors="replace") + body


def changed(chance: random.Random, data: bytes) -> bytes:
    """The same with some mistakes in it."""
    for _ in range(chance.choice((0, 1, 1, 2, 3, 6))):
        at, much = chance.randrange(len(data) + 1), chance.randrange(1, 20)
        match chance.randrange(6):
            case 0:
                data = data[:at] + chance.choice(TOKENS) + data[at:]
            case 1:
                data = data[:at] + data[at + much :]
            case 2:
                data = data[:at] + data[at : at + much] * chance.choice((2, 3, 50)) + data[at + much :]
            case 3:
                data = data[:at] + chance.randbytes(much) + data[at + much :]
            case 4 if at < len(data):
                data = data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
            case 5 if chance.random() < 0.3:
                data = data[:at]
    return data


def handshake(chance: random.Random) -> bytes:
    """The opening of a WebSocket, as it should be."""
    return (
        f"GET /channels/{chance.choice(CHANNELS[:6])}/socket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


def frames(chance: random.Random) -> bytes:
    """Frames: mostly messages that may be right, control frames, fragments, what is reserved."""
    out = b""
    for _ in range(chance.randrange(1, 8)):
        text = json.dumps({"type": "publish", "ref": 1, "data": value(chance)}).encode()
        payload = chance.choice((text, text, json.dumps(value(chance)).encode(), chance.randbytes(20), b""))
        opcode = chance.choice((Opcode.TEXT, Opcode.TEXT, Opcode.TEXT, *Opcode))
        mask = chance.randbytes(4) if chance.random() < 0.95 else None
        rsv = chance.randrange(8) if chance.random() < 0.05 else 0
        out += encode(Frame(opcode, payload, chance.random() < 0.85, rsv, mask))
    return out


def tls_noise(chance: random.Random) -> bytes:
    """The beginning of TLS, changed; or none."""
    hello = client_hello(chance)
    return chance.choice(
        (hello, changed(chance, hello), changed(chance, hello), noise(chance), request(chance))
    )


def client_hello(chance: random.Random) -> bytes:
    """The first message of a client of TLS 1.2 (RFC 5246 §7.4.1.2), which a server goes on from."""

    def sized(data: bytes, size: int = 2) -> bytes:
        return len(data).to_bytes(size, "big") + data

    name = b"\0\0" + sized(sized(b"\0" + sized(b"localhost")))  # server_name
    groups = b"\0\x0a" + sized(sized(b"\0\x1d\0\x17"))  # x25519, secp256r1
    signatures = b"\0\x0d" + sized(sized(b"\x04\x03\x08\x04\x04\x01"))
    suites, extensions = b"\xc0\x2f\xc0\x2b\xc0\x30\x00\x9c", name + groups + signatures
    body = b"\x03\x03" + chance.randbytes(32) + b"\0" + sized(suites) + b"\x01\0" + sized(extensions)
    return b"\x16\x03\x01" + sized(b"\x01" + sized(body, 3))


def pipeline(chance: random.Random) -> bytes:
    """Several requests on one connection, one of which may be wrong."""
    return b"".join(changed(chance, request(chance)) for _ in range(chance.randrange(2, 6)))


KINDS: dict[str, Callable[[random.Random], bytes]] = {
    "noise": noise,
    "a request": request,
    "a changed request": lambda chance: changed(chance, request(chance)),
    "a changed body": lambda chance: _posted(chance, changed(chance, json.dumps(value(chance)).encode())),
    "several requests": pipeline,
    "a changed handshake": lambda chance: changed(chance, handshake(chance)) + frames(chance),
    "frames": lambda chance: handshake(chance) + frames(chance),
    "changed frames": lambda chance: handshake(chance) + changed(chance, frames(chance)),
    "noise on a socket": lambda chance: handshake(chance) + noise(chance),
}


def _posted(chance: random.Random, body: bytes) -> bytes:
    path = chance.choice(
        (*(f"/channels/{name}/events" for name in CHANNELS[:7]), "/push/subscribe", "/push/p/x")
    )
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
