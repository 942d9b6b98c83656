"""A listening socket for an upstream, taps before it, and both ends of connections through them."""

import socket
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack

import pytest

from rtlab.wire.process import TapProcess
from rtlab.wire.tap import Tap

WAIT = 10.0  # seconds that anything may take before its test fails


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for a condition."""

    def until(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + WAIT
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"not in {WAIT:g} s")
            time.sleep(0.002)

    return until


@pytest.fixture
def things() -> Generator[ExitStack]:
    """What is closed when the test ends."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def upstream(things: ExitStack) -> socket.socket:
    """A server's listening socket."""
    server = things.enter_context(socket.create_server(("127.0.0.1", 0), backlog=2048))
    server.settimeout(WAIT)
    return server


@pytest.fixture(params=[Tap, TapProcess], ids=["thread", "process"])
def either(
    request: pytest.FixtureRequest, upstream: socket.socket, things: ExitStack
) -> Callable[..., Tap | TapProcess]:
    """Start a tap before the upstream, in a thread or in a process: what holds for one holds for the other."""
    return lambda **options: things.enter_context(request.param(upstream.getsockname(), **options))


@pytest.fixture
def start(upstream: socket.socket, things: ExitStack) -> Callable[..., Tap]:
    """Start a tap before the upstream, in a thread."""
    return lambda **options: things.enter_context(Tap(upstream.getsockname(), **options))


@pytest.fixture
def connect(
    upstream: socket.socket, things: ExitStack
) -> Callable[[Tap | TapProcess], tuple[socket.socket, socket.socket]]:
    """Open a connection through a tap, and give both ends of it: the client's and the server's."""

    def connect(tap: Tap | TapProcess) -> tuple[socket.socket, socket.socket]:
        client = things.enter_context(socket.create_connection(tap.address, timeout=WAIT))
        server = things.enter_context(upstream.accept()[0])
        server.settimeout(WAIT)
        return client, server

    return connect
