"""Who knocks at a server, and with which bytes: requests as a browser sends them for a page, and as scripts do."""

from __future__ import annotations

import base64
import secrets
import socket
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from rtlab.protocol.handshake import client_request
from rtlab.teach.lesson_06.by_hand import read_answer

SECONDS = 20.0  # that an answer may take
OPENS, READS, PUBLISHES = "opens the socket", "reads", "publishes, by a simple POST"
LOADS = "loads the page"


@dataclass(frozen=True)
class Visitor:
    """One request: who sends it and what for, and the headers that say so; `{own}` is the server's own `Host`.

    `origin` None: the request has none, as that of a script, or a page's `GET` to what it takes for its own server.
    """

    who: str
    tries: str
    origin: str | None
    host: str = "{own}"
    token: str | None = None
    friend: bool = False

    def request(self, own: str, resource: str, scheme: str = "http") -> bytes:
        """Return the bytes; `own` is the server's name and port, `resource` the path of the channel."""
        host = self.host.format(own=own, port=own.partition(":")[2])
        origin = self.origin and self.origin.format(own=f"{scheme}://{own}", host=f"{scheme}://{host}")
        query = f"?access_token={quote(self.token)}" if self.token else ""
        if self.tries == OPENS:
            key = base64.b64encode(secrets.token_bytes(16)).decode()
            return client_request(host, f"{resource}/socket{query}", key, origin=origin)
        lines = [f"Host: {host}", *([f"Origin: {origin}"] if origin else [])]
        if self.tries == LOADS:
            return _head("GET / HTTP/1.1", lines)
        if self.tries == READS:
            return _head(f"GET {resource}/events{query} HTTP/1.1", lines)
        body = b"written by Ann" if self.friend else b"written by somebody else"
        lines += ["Content-Type: text/plain", f"Content-Length: {len(body)}"]
        return _head(f"POST {resource}/events{query} HTTP/1.1", lines) + body


EVIL = "https://evil.example"
STRANGERS = (
    Visitor("a page of evil.example", OPENS, EVIL),
    Visitor("a page of evil.example", PUBLISHES, EVIL),
    Visitor("a page of another port of this machine", PUBLISHES, "http://127.0.0.1:9"),
    Visitor("a page whose name begins like ours", OPENS, "http://127.0.0.1.evil.example"),
    Visitor("a sandboxed frame, whose origin is null", OPENS, "null"),
    Visitor("evil.example, pointing at 127.0.0.1", READS, None, host="evil.example:{port}"),
    Visitor("evil.example, pointing at 127.0.0.1", OPENS, "{host}", host="evil.example:{port}"),
    Visitor("a script that writes our Origin", OPENS, "{own}"),
    Visitor("a script with a guessed token", READS, None, token="let-me-in-please"),
)


def strangers(reader: str | None) -> tuple[Visitor, ...]:
    """Return all ten: those without a good token, and one with the token of somebody who may only read, if any."""
    return (*STRANGERS, Visitor("a script whose token only reads", PUBLISHES, None, token=reader))


def friends(token: str | None) -> tuple[Visitor, ...]:
    """Return those who should be let in, with the token that they have, if any.

    The first has none: who types an address sends no token, and the page that comes is what asks for one.
    """
    return (
        Visitor("Ann's browser, where she typed the address", LOADS, None, friend=True),
        Visitor("Ann's own page", OPENS, "{own}", token=token, friend=True),
        Visitor("Ann's own page", READS, None, token=token, friend=True),
        Visitor("Ann's own page", PUBLISHES, "{own}", token=token, friend=True),
        Visitor("Ann's script", READS, None, token=token, friend=True),
    )


def knock(url: str, request: bytes, seconds: float = SECONDS) -> int:
    """Send a request on a connection of its own, and return the status of the answer; 0 when there is none in time."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), seconds) as connection:
            connection.sendall(request)
            head, _ = read_answer(connection)
    except OSError:
        return 0
    return int(head.split(b" ", 2)[1])


def let_in(status: int) -> bool:
    """Whether a status means that the visitor got what it wanted."""
    return status == 101 or 200 <= status < 300


def _head(start: str, lines: list[str]) -> bytes:
    return "\r\n".join([start, *lines, "", ""]).encode()
