"""Which server the suite is held against, and what its tests have in common: nothing but its URL and sockets."""

from __future__ import annotations

import itertools
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

pytest.register_assert_rewrite(
    "rtlab.conformance.raw", "rtlab.conformance.opened", "rtlab.conformance.readers"
)

from rtlab.conformance.opened import Socket  # noqa: E402
from rtlab.conformance.raw import Connection, Persistent  # noqa: E402
from rtlab.conformance.readers import READERS, Reader  # noqa: E402
from rtlab.conformance.report import (  # noqa: E402, F401
    pytest_configure,
    pytest_runtest_makereport,
    summary,
)

Publish = Callable[..., list[str]]
OpenReader = Callable[..., Reader]
numbers = itertools.count(1)


class Known(NamedTuple):
    """What the tests have to know of a server to cross its limits; None: they do not try."""

    window: int | None = None  # events that a channel keeps
    heartbeat: float | None = None  # seconds of silence before a sign of life


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which lines of the contract are kept."""
    summary(terminalreporter)


@pytest.fixture(scope="session")
def served(request: pytest.FixtureRequest) -> Iterator[tuple[str, Known]]:
    """The server's URL, and what is known of it: of the one that is named, or of one of rtlab's own in memory."""

    def option(name: str) -> Any:
        return request.config.getoption(name, default=None)

    url: str | None = option("--rtlab-url")
    if url is None:
        from rtlab.server.limits import Limits
        from rtlab.server.thread import ServerThread

        server = ServerThread(limits=Limits(events=100, heartbeat=0.5, missed_beats=10))
        yield server.url, Known(100, 0.5)
        server.close()
        return
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        pytest.exit(f"--rtlab-url {url}: give a server, as http://127.0.0.1:8080", returncode=2)
    Connection.token, Connection.seconds = option("--rtlab-token"), option("--rtlab-seconds")
    if (authorities := option("--rtlab-cacert")) is not None:
        Connection.tls = ssl.create_default_context(cafile=authorities)
    try:
        Connection(url).close()
    except OSError as error:
        pytest.exit(f"nothing listens at {url} ({error}): start the server first", returncode=2)
    yield url.rstrip("/"), Known(option("--rtlab-window"), option("--rtlab-heartbeat"))


@pytest.fixture(scope="module")
def url(served: tuple[str, Known]) -> str:
    """Where the server is."""
    return served[0]


@pytest.fixture(scope="module")
def known(served: tuple[str, Known]) -> Known:
    """What is known of the server."""
    return served[1]


@pytest.fixture
def things() -> Iterator[ExitStack]:
    """What is closed when the test ends."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A connection to say HTTP on, byte by byte if need be."""
    with Persistent(url) as connection:
        yield connection


@pytest.fixture
def channel() -> str:
    """The path of a channel that no other test uses."""
    return f"/channels/conformance-{time.time_ns():x}-{next(numbers)}"


@pytest.fixture
def peer(url: str, channel: str) -> Iterator[Socket]:
    """An open socket that has read its first message."""
    with Socket(url, channel + "/socket") as peer:
        assert peer.message() == {"type": "open", "cursor": "new.0"}
        yield peer


@pytest.fixture
def publish(url: str, channel: str) -> Publish:
    """Publish data to the test's channel; the events' ids."""

    def publish(*data: object) -> list[str]:
        with Persistent(url) as connection:
            return [connection.publish(channel, one) for one in data]

    return publish


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest, things: ExitStack, url: str, channel: str) -> OpenReader:
    """Open a reader of each technique in turn, on the test's channel."""
    kind = READERS[request.param]

    def open_reader(after: str | None = None, headers: dict[str, str] | None = None) -> Reader:
        return things.enter_context(kind(url, channel, after, headers))

    return open_reader
