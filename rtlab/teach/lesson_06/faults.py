"""Exercise 06.2: the fault in six recorded handshakes."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from rtlab.protocol.handshake import accept_value
from rtlab.teach.card import Code, Fold
from rtlab.teach.checks import Faults
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.lesson_06.accept import SAMPLE_KEY, sha1_in_base64


@dataclass(frozen=True)
class Recording:
    """Both heads of a handshake that failed, as they crossed the wire."""

    request: bytes
    answer: bytes

    def text(self) -> str:
        """Return both heads for reading."""
        return f"{self.request.decode()}{self.answer.decode()}".replace("\r\n", "\n").rstrip()


def _head(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def _request(key: str, *more: str, connection: str = "Upgrade", version: str = "13") -> bytes:
    return _head(
        "GET /channels/news/socket HTTP/1.1",
        "Host: 127.0.0.1:8765",
        "Upgrade: websocket",
        f"Connection: {connection}",
        f"Sec-WebSocket-Key: {key}",
        f"Sec-WebSocket-Version: {version}",
        *more,
    )


def _switched(accept: str, *more: str) -> bytes:
    return _head(
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accept}",
        *more,
    )


def _refused(status: str, *more: str) -> bytes:
    return _head(f"HTTP/1.1 {status}", *more, "Content-Length: 0")


_UPGRADE = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
_CHAT_KEY = "bNcN5HpyPBDqq6BE3vJYbQ=="

RECORDED: Mapping[str, Recording] = {
    "version": Recording(
        _request("5hIPs3Wl8v1zq3nTFO1oQw==", version="8"), _refused("426 Upgrade Required", *_UPGRADE)
    ),
    "origin": Recording(
        _request("nW1cX0FZ0mSy5ZyJDkS7lw==", "Origin: https://elsewhere.example"), _refused("403 Forbidden")
    ),
    "connection": Recording(
        _request("pT9m0pNHfyJz0vXcGk2v7Q==", "Via: 1.1 gateway", connection="keep-alive"),
        _refused("400 Bad Request"),
    ),
    "key": Recording(_request("bXkgc2VjcmV0IGtleQ=="), _refused("400 Bad Request")),
    "accept": Recording(_request(SAMPLE_KEY), _switched(sha1_in_base64(SAMPLE_KEY))),
    "subprotocol": Recording(
        _request(_CHAT_KEY, "Sec-WebSocket-Protocol: chat.v2, chat.v1"),
        _switched(accept_value(_CHAT_KEY), "Sec-WebSocket-Protocol: chat.v3"),
    ),
}
"""Six handshakes that fail, by what is at fault."""

SIGNS: Mapping[str, str] = {
    "method": "Were it the method, the first line would not begin with `GET`, and `405` would come back.",
    "version": "Were it the version, the client would ask for another than 13, and the answer would name 13.",
    "origin": "Were it the origin, there would be an `Origin` that is not the server's own, and `403`.",
    "connection": "Were it the connection, `Connection` would lack the word `Upgrade`: look whether it does.",
    "key": "Were it the key, it would not be 16 bytes in base64: decode it and count.",
    "accept": "Were it the accept value, `accept_value(key)` of 06.1 would give another: compute it.",
    "subprotocol": "Were it the subprotocol, the server would have chosen one that the client had not offered.",
}
"""How each fault that may be named would show; `method` does not occur."""


def six_faults(draw: random.Random) -> Exercise:
    """Return 06.2, the recordings in an order of this student's own."""
    order = draw.sample(sorted(RECORDED), len(RECORDED))
    judge = Faults(
        tuple(order),
        SIGNS,
        "handshake",
        "bytes",
        "the one line that breaks a rule of RFC 6455, section 4, or of the server",
    )
    return Exercise(
        id="06.2",
        title="what is wrong with these six?",
        task="Each handshake fails for one reason. Name it for each, as in `faults = {1: 'method', …}`; the names are "
        + judge.names
        + " (one of them does not occur). A handshake with `101` can fail too: the client hangs up.",
        name="faults",
        stub=judge.stub,
        reference=judge.answer(),
        judge=judge,
        hints=(
            "Read the status first: 4xx says that the server refused the request, 101 that the fault is in its answer.",
            "Two of them cannot be seen by reading alone: decode each key, and compute each accept value.",
        ),
        wrong=(
            WrongAnswer(judge.answer("connection", "method"), "would not begin with `GET`"),
            WrongAnswer(judge.answer("key", "version"), "ask for another than 13"),
            WrongAnswer(judge.answer("accept", "key"), "16 bytes in base64"),
            WrongAnswer(judge.answer("subprotocol", "accept"), "compute it"),
        ),
        why="Each of these is a report that users send: an old client, a page from elsewhere, a proxy that took "
        "`Upgrade` off, a key made by hand, a server that guesses. The bytes say which.",
        shown=tuple(
            Fold(f"Handshake {number}", (Code(RECORDED[fault].text()),))
            for number, fault in enumerate(order, 1)
        ),
    )
