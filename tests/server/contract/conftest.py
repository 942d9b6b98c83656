"""The contract's tests know nothing of the server but its URL: `pytest tests/server/contract --rtlab-url URL`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
import requests

from rtlab.brokers import open_broker

from ..conftest import start
from ..raw import Connection


@pytest.fixture(scope="module", params=["memory", "redis", "kafka"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The server to test: the one that is named, or one of our own for each place that a log can be in."""
    given: str | None = request.config.getoption("--rtlab-url", default=None)
    if given:
        yield given.rstrip("/")
        return
    broker = None
    if request.param != "memory":
        broker = open_broker(request.getfixturevalue(request.param).address)
    debug = (
        getattr(request.module, "DEBUG", True) and broker is None
    )  # what it would find, it finds in memory
    with closing(start(debug=debug, broker=broker)) as server:
        if broker is not None:  # its connections are the server's, not those of the first test
            events = server.url + "/channels/first/events"
            requests.post(events, json=1, timeout=10)
            requests.get(events + "?after=start", timeout=10)
        yield server.url


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A connection to say HTTP on, byte by byte if need be."""
    with Connection(url) as connection:
        yield connection


@pytest.fixture
def http() -> Iterator[requests.Session]:
    """An ordinary HTTP client."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def publish(url: str, channel: str, http: requests.Session) -> Callable[..., list[str]]:
    """Publish data to the test's channel; the events' ids."""

    def publish(*data: object) -> list[str]:
        ids = []
        for one in data:
            answer = http.post(url + channel + "/events", json=one, timeout=10)
            assert answer.status_code == 201
            ids.append(answer.json()["id"])
        return ids

    return publish
