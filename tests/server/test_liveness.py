"""What the kernel says of a peer, on real connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from rtlab.protocol.frames import Opcode
from rtlab.server.limits import Limits
from rtlab.server.liveness import delivery, has_spoken
from rtlab.server.thread import ServerThread

from .raw import Socket

Until = Callable[[Callable[[], object]], None]
Pair = tuple[socket.socket, socket.socket]
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells what was acknowledged")


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A server's socket, and its client's."""
    with ExitStack() as things:
        listener = things.enter_context(socket.create_server(("127.0.0.1", 0)))
        client = things.enter_context(socket.socket())
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(listener.getsockname())
        server = things.enter_context(listener.accept()[0])
        server.setblocking(False)
        yield server, client


def test_who_has_said_something_that_nobody_has_read_yet_has_spoken(pair: Pair, until: Until) -> None:
    server, client = pair
    assert not has_spoken(server)
    client.sendall(b"here")
    until(lambda: has_spoken(server))
    assert server.recv(10) == b"here"
    assert not has_spoken(server)
    client.close()
    time.sleep(0.01)
    assert not has_spoken(server), "an end is no sign of life"


@linux
def test_what_is_taken_and_what_is_not_can_be_told_apart(pair: Pair, until: Until) -> None:
    server, client = pair
    first = delivery(server)
    assert first is not None
    assert not first.outstanding
    server.send(b"x" * 100)
    until(lambda: (now := delivery(server)) and now.taken == first.taken + 100 and not now.outstanding)
    with contextlib.suppress(BlockingIOError):
        while True:
            server.send(b"x" * 65536)
    until(lambda: (now := delivery(server)) and now == delivery(server) and now.outstanding)
    stuck = delivery(server)
    assert stuck is not None
    client.settimeout(10)
    for _ in range(10):
        client.recv(65536)
    until(lambda: (now := delivery(server)) and now.taken > stuck.taken)


def test_a_client_whose_pong_lies_unread_is_not_taken_for_dead(
    serve: Callable[..., ServerThread], until: Until
) -> None:
    server = serve(Limits(heartbeat=30))
    with Socket(server.url, "/channels/a/socket") as peer:
        peer.message()
        until(lambda: server.server._open)
        (reader,) = server.server._open

        def busy() -> None:
            """Two heartbeats in one turn: the answer to the first comes, and nobody has had the time to read it."""
            reader.beat(1)
            assert peer.frame().opcode is Opcode.PING
            peer.say(Opcode.PONG)
            deadline = time.monotonic() + 10
            while not has_spoken(reader.stream.socket) and time.monotonic() < deadline:
                time.sleep(0.001)
            reader.beat(1)

        server.call(busy)
        assert peer.frame().opcode is Opcode.PING
        peer.tell({"type": "publish", "data": 1, "ref": 1})
        assert {peer.message()["type"], peer.message()["type"]} == {"published", "event"}
        server.call(lambda: reader.beat(1))
        server.call(lambda: asyncio.get_running_loop().call_soon(reader.beat, 1))
        until(lambda: not server.server._open)
