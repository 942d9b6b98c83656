"""The contract's tests know nothing of the server but its URL: `pytest tests/server/contract --rtlab-url URL`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from ..raw import Connection


@pytest.fixture(scope="module")
def url(request: pytest.FixtureRequest) -> str:
    """The server to test: the one that is named, or one of our own."""
    given: str | None = request.config.getoption("--rtlab-url", default=None)
    return given.rstrip("/") if given else request.getfixturevalue("shared").url


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
