"""The ways in which a token can come without a header, tried one by one: what each leaves behind."""

from __future__ import annotations

import hmac
import http.client
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler
from websocket import WebSocket, WebSocketException, create_connection

from rtlab.protocol.handshake import client_request
from rtlab.teach.card import Card, Table
from rtlab.teach.lesson_06.accept import SAMPLE_KEY
from rtlab.teach.lesson_11.hosting import Hosted
from rtlab.teach.lesson_11.visitors import knock
from rtlab.teach.lesson_11.visitors import let_in as is_in
from rtlab.wire.exchange import messages
from rtlab.wire.record import UP
from rtlab.wire.tap import Tap

TOKEN = "ey-the-token-of-ann"
SECONDS = 20.0
BEARER = {"Authorization": f"Bearer {TOKEN}"}
BARE = "http://127.0.0.1"


@dataclass(frozen=True)
class Left:
    """What one way left behind: `logged` in the access log, `again` what the logged line opens for who reads it.

    `before`: refused before the connection is open. `wire`: the token crossed readable, without TLS.
    """

    way: str
    by: str
    let_in: bool
    logged: bool
    again: bool
    before: bool
    wire: bool


class Checked(RequestHandler):
    """Takes the token in every way that there is; a ticket, which `/ticket` gives out, once."""

    tickets: set[str]

    def initialize(self) -> None:
        """Tornado's constructor."""
        self.tickets = self.application.settings["tickets"]

    def known(self) -> bool:
        """Whether the request brings the token, or a ticket that was not used yet."""
        ticket = self.get_query_argument("ticket", "")
        if ticket in self.tickets:
            self.tickets.remove(ticket)
            return True
        given = [
            self.request.headers.get("Authorization", "").removeprefix("Bearer "),
            self.get_query_argument("access_token", ""),
            self.get_cookie("token") or "",
            *(name.strip() for name in self.request.headers.get("Sec-WebSocket-Protocol", "").split(",")),
        ]
        return any(hmac.compare_digest(each.encode(), TOKEN.encode()) for each in given)


class Events(Checked):
    """A stream that says one thing, to who is known."""

    def get(self) -> None:
        """Answer with an event, or 401."""
        if not self.known():
            self.send_error(401)
            return
        self.set_header("Content-Type", "text/event-stream")
        self.finish("data: hello\n\n")


class Ticket(Events):
    """Gives a ticket, good for one request, to who shows the token in a header."""

    def post(self) -> None:
        """Answer with the ticket."""
        if self.known():
            self.tickets.add(ticket := secrets.token_hex(8))
            self.finish({"ticket": ticket})


class Socket(Checked, WebSocketHandler):
    """A socket that says hello to who is known; `/first` asks for the token in the first message."""

    def prepare(self) -> None:
        """Refuse before the handshake, unless the first message shall tell."""
        if self.request.path != "/first" and not self.known():
            self.send_error(401)

    def check_origin(self, origin: str) -> bool:
        """Leave `Origin` out of this."""
        return True

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Agree on the one that is no token."""
        return "chat" if "chat" in subprotocols else None

    def open(self, *_path: str, **_query: str) -> None:
        """Say hello where nothing more is needed."""
        if self.request.path != "/first":
            self.write_message("hello")

    def on_message(self, message: str | bytes) -> None:
        """Take the token."""
        if hmac.compare_digest(str(message).encode(), TOKEN.encode()):
            self.write_message("hello")
        else:
            self.close(1008, "no token")


def _ask(url: str, target: str, headers: dict[str, str] | None = None) -> bool:
    """Ask for something as a reader of a stream does; whether it said hello."""
    return b"hello" in _exchange(url, "GET", target, headers)


def _exchange(url: str, method: str, target: str, headers: dict[str, str] | None = None) -> bytes:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=SECONDS)
    try:
        connection.request(method, target, headers=headers or {})
        return connection.getresponse().read()
    finally:
        connection.close()


def _socket(url: str, target: str, first: str = "", **options: Any) -> bool:
    """Open a socket; whether it said hello."""
    socket: WebSocket | None = None
    try:
        socket = create_connection(url.replace("http", "ws", 1) + target, SECONDS, **options)
        if first:
            socket.send(first)
        return bool(socket.recv() == "hello")
    except (WebSocketException, OSError):
        return False
    finally:
        if socket is not None:
            socket.shutdown()  # type: ignore[no-untyped-call]  # which `close()` leaves out where the server was the first to close


def _ticket(url: str) -> str:
    return f"/socket?ticket={json.loads(_exchange(url, 'POST', '/ticket', BEARER))['ticket']}"


Way = Callable[[str], bool]
WAYS: dict[str, tuple[str, Way]] = {
    "a header": ("fetch only", lambda url: _ask(url, "/events", BEARER)),
    "?access_token=…": ("both", lambda url: _socket(url, f"/socket?access_token={TOKEN}")),
    "a cookie": ("both", lambda url: _socket(url, "/socket", cookie=f"token={TOKEN}")),
    "a subprotocol": ("WebSocket", lambda url: _socket(url, "/socket", subprotocols=["chat", TOKEN])),
    "the first message": ("WebSocket", lambda url: _socket(url, "/first", TOKEN)),
    "a ticket, for one use": ("both", lambda url: _socket(url, _ticket(url))),
}


def tried() -> tuple[Left, ...]:
    """Try each way at a real server, behind a tap; then read the server's log as somebody else would."""
    routes: list[tuple[str, type[RequestHandler]]] = [
        ("/events", Events),
        ("/ticket", Ticket),
        ("/socket", Socket),
        ("/first", Socket),
    ]
    found = []
    with Hosted(routes, "ways", tickets=set[str]()) as server, Tap(("127.0.0.1", server.port)) as tap:
        for way, (by, go) in WAYS.items():
            tap.clear()
            old = len(server.log)
            let_in = go(f"{BARE}:{tap.address[1]}")
            lines = server.log[old:]
            sent = [m.head + m.body for m in messages(tap.record) if m.direction == UP]
            found.append(
                Left(
                    way,
                    by,
                    let_in,
                    any(TOKEN in line for line in lines),
                    any(_again(server, line) for line in lines),
                    not is_in(knock(server.url, _handshake(server.host, way))),
                    any(TOKEN.encode() in each for each in sent),
                )
            )
    return tuple(found)


def _handshake(host: str, way: str) -> bytes:
    """A handshake at the place where a way is taken, without any token."""
    return client_request(host, "/first" if way == "the first message" else "/socket", SAMPLE_KEY)


def _again(server: Hosted, line: str) -> bool:
    """Do what a line of the log says, without anything else: what who reads it gets for it."""
    target = line.split()[1]
    if target.startswith("/events"):
        return _ask(server.url, target)
    return _socket(server.url, target, first="no token" if target == "/first" else "")


def table(found: tuple[Left, ...]) -> Card:
    """What was found, a row for each way."""
    head = (
        "the token comes in",
        "for",
        "in the log",
        "the log opens the door",
        "refused before it opens",
        "on the tap",
    )
    rows = tuple(
        (each.way, each.by, *map(_yes, (each.logged, each.again, each.before, each.wire))) for each in found
    )
    return Card("Six ways to show a token", (Table(head, rows),))


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
