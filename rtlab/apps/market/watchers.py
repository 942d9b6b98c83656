"""Watchers of one book, for the bench: they count what comes and parse nothing, so that the server is the busy one."""

from __future__ import annotations

import re
import selectors
import socket
import time
from contextlib import ExitStack
from datetime import datetime
from urllib.parse import urlsplit

from rtlab.apps.market import Market
from rtlab.apps.market.exchange import Exchange
from rtlab.apps.market.listing import INVENTED
from rtlab.errors import RtlabError

RATE = 500  # updates a second
ONE_STOCK = "rtlab.apps.market.watchers:OneStock"
BOOK = re.compile(rb'"time":"([^"]+)","data":\{"kind":"book"')
READ_BYTES = 1 << 18
PATIENCE = 5.0  # s for the server's first answer
HEADS = {
    "sse": "GET /channels/market.ACME/stream HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "websocket": "GET /channels/market.ACME/socket HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
}


class OneStock(Market):
    """The market with one stock, whose book changes `RATE` times a second."""

    def __init__(self) -> None:
        super().__init__(rate=RATE)
        self.replay, self.exchange = None, Exchange(INVENTED[:1])


def watch(url: str, seconds: float, by: str, watchers: int) -> list[float]:
    """Read the book on so many open connections; how old each book was that came, in seconds.

    `by`: sse or websocket. Raises OSError, and RtlabError if the server closes a connection.
    """
    ages: list[float] = []
    with ExitStack() as stack, selectors.DefaultSelector() as ready:
        for _ in range(watchers):
            ready.register(stack.enter_context(_connect(url, by)), selectors.EVENT_READ)
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            for key, _ in ready.select(left):
                assert isinstance(key.fileobj, socket.socket)
                if not (data := key.fileobj.recv(READ_BYTES)):
                    raise RtlabError("the server has closed a watcher's connection")
                ages += _ages(data)
    return ages


def _connect(url: str, by: str) -> socket.socket:
    """Open a connection and ask for the book. Raises OSError."""
    where = urlsplit(url)
    assert where.hostname is not None
    connection = socket.create_connection((where.hostname, where.port or 80), PATIENCE)
    connection.sendall(HEADS[by].format(host=where.netloc).encode())
    return connection


def _ages(data: bytes) -> list[float]:
    """How old each book in these bytes is, in seconds; one whose beginning came before is left out."""
    now = time.time()
    return [
        now - datetime.fromisoformat(found.decode().replace("Z", "+00:00")).timestamp()
        for found in BOOK.findall(data)
    ]
