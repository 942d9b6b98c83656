"""What this server does beyond the contract that `rtlab.conformance` holds any server to: words, orders, heads.

Where the log is makes no difference to these, so it is in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from rtlab.conformance.conftest import peer  # noqa: F401

from ..raw import Connection


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
