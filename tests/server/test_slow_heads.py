"""Who sends a head a byte at a time, or none (slowloris), holds a connection for a while; others go on meanwhile."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from typing import Any

import pytest

from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread
from rtlab.server.tls import Development, development

from .conftest import start
from .raw import SECONDS, Connection, Socket, Stream

SLOW = Limits(head_seconds=0.2, body_seconds=0.2)
HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
Until = Callable[[Callable[[], object]], None]


@pytest.fixture(scope="module")
def server() -> Iterator[ServerThread]:
    with closing(start(SLOW)) as server:
        yield server


def dribble(sock: socket.socket, first: bytes = b"") -> None:
    """Send a byte now and then until the server has had enough."""
    deadline = time.monotonic() + SECONDS
    with suppress(ConnectionError):
        sock.sendall(first)
        sock.settimeout(0.01)
        while time.monotonic() < deadline:
            sock.sendall(b"x")
            with suppress(TimeoutError):
                assert sock.recv(1) == b"", "it should say nothing"
                return
    assert time.monotonic() < deadline, "the server listens to this for ever"


@pytest.mark.parametrize("first", [b"", b"G", HEAD], ids=["nothing", "a byte", "half a head"])
def test_a_first_head_that_never_ends(server: ServerThread, first: bytes) -> None:
    with Connection(server.url) as connection:
        dribble(connection.socket, first)


def test_a_later_head_that_never_ends(server: ServerThread) -> None:
    with Connection(server.url) as connection:
        assert connection.get("/healthz").status == 200
        dribble(connection.socket, HEAD)


def test_a_head_behind_a_held_poll_that_never_ends(server: ServerThread) -> None:
    with Connection(server.url) as connection:
        connection.send(b"GET /channels/a/events?wait=0.1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + HEAD)
        assert connection.answer().status == 200
        dribble(connection.socket)


def test_a_body_that_never_ends(server: ServerThread) -> None:
    with Connection(server.url) as connection:
        given = {"Content-Type": "application/json", "Content-Length": "100000"}
        dribble(connection.socket, connection.head("POST", "/channels/a/events", given).encode())


@pytest.mark.parametrize("chunk", [b"", b"5\r\nxx"], ids=["between chunks", "within one"])
def test_chunks_that_never_end(server: ServerThread, chunk: bytes) -> None:
    with Connection(server.url) as connection:
        given = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
        head = connection.head("POST", "/channels/a/events", given).encode()
        connection.send(head + b"1\r\n1\r\n" + chunk)
        assert connection.ended()


def test_who_has_asked_once_may_be_silent_and_who_reads_may_read_on(
    server: ServerThread, until: Until
) -> None:
    with (
        Connection(server.url) as idle,
        Connection(server.url) as poll,
        Stream(server.url, "/channels/quiet/stream") as stream,
        Socket(server.url, "/channels/quiet/socket") as peer,
    ):
        assert idle.get("/healthz").status == 200
        poll.ask("/channels/quiet/events?wait=20")
        stream.block()
        peer.message()
        for _ in range(2):  # as long as it takes to hang up on somebody else, twice
            with Connection(server.url) as slow:
                dribble(slow.socket, HEAD)
        assert idle.post("/channels/quiet/events", "1").status == 201
        assert poll.answer().json()["events"][0]["data"] == 1
        assert "data" in stream.block()
        assert peer.message()["data"] == 1


@pytest.fixture(scope="module")
def secure() -> Iterator[tuple[ServerThread, Development]]:
    with development() as made, closing(start(SLOW, tls=made.tls)) as server:
        yield server, made


class TestTls:
    @pytest.mark.parametrize(
        "first",
        [b"", b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03"],
        ids=["nothing", "a record that never ends"],
    )
    def test_a_handshake_that_never_ends(
        self, secure: tuple[ServerThread, Development], first: bytes
    ) -> None:
        place = ("127.0.0.1", secure[0].server.port)
        with socket.create_connection(place, timeout=SECONDS) as sock:
            if first:
                dribble(sock, first)
            else:
                assert sock.recv(1) == b""

    def test_a_head_that_never_ends_after_the_handshake(
        self, secure: tuple[ServerThread, Development]
    ) -> None:
        server, made = secure
        tls = ssl.create_default_context(cafile=str(made.cacert))
        place = ("127.0.0.1", server.server.port)
        with (
            socket.create_connection(place, timeout=SECONDS) as sock,
            tls.wrap_socket(sock, server_hostname="127.0.0.1") as secured,
        ):
            secured.sendall(HEAD)
            assert secured.recv(1) == b""


def test_many_at_once_harm_nobody_and_leave_no_descriptor_behind(until: Until, things: ExitStack) -> None:
    server = things.enter_context(closing(start(Limits(head_seconds=1.0), debug=False)))
    before = len(os.listdir("/dev/fd"))
    slow = []
    for number in range(300):
        connection = things.enter_context(Connection(server.url))
        connection.send(HEAD[: number % len(HEAD)])
        slow.append(connection)
    until(lambda: server.server.admission.open == 300)
    with Connection(server.url) as other, Stream(server.url, "/channels/a/stream") as stream:
        stream.block()
        while server.server.admission.open > 2:  # while they are there, and while they go
            assert other.post("/channels/a/events", "1").status == 201
            assert "data" in stream.block()
    assert all(connection.ended() for connection in slow)
    for connection in slow:
        connection.close()
    until(lambda: len(os.listdir("/dev/fd")) <= before)
    until(lambda: server.server.admission.open == 0)
    heads: Any = server.server._application.heads
    assert len(heads) == 0


def test_who_leaves_in_the_middle_of_a_head_is_forgotten(until: Until, serve: Any) -> None:
    server = serve(Limits(head_seconds=3600.0))
    for size in range(0, len(HEAD), 7):
        with Connection(server.url) as left:
            left.send(HEAD[:size])
    heads: Any = server.server._application.heads
    until(lambda: len(heads) == 0)
