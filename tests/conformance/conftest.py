"""The suite that is for any server, held against rtlab's own: over a log in memory, in Redis and in Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from rtlab.brokers import open_broker
from rtlab.conformance.conftest import (  # noqa: F401
    Known,
    channel,
    connection,
    known,
    peer,
    publish,
    reader,
    things,
    url,
)
from rtlab.conformance.raw import Connection
from rtlab.conformance.report import pytest_configure, pytest_runtest_makereport  # noqa: F401
from rtlab.server.limits import Limits

from ..server.conftest import quiet_log, start  # noqa: F401


@pytest.fixture(scope="module", params=["memory", "redis", "kafka"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[str, Known]]:
    """A server for each place that a log can be in; its window is crossed where a count bounds it."""
    broker = None
    if request.param != "memory":
        broker = open_broker(request.getfixturevalue(request.param).address)
    limits = Limits(events=100, heartbeat=0.5, missed_beats=10)
    with closing(start(limits, debug=broker is None, broker=broker)) as server:
        if broker is not None:  # its connections are the server's, not those of the first test
            with Connection(server.url) as first:
                first.publish("/channels/first", 1)
                assert first.get("/channels/first/events?after=start").status == 200
        yield server.url, Known(100 if request.param == "memory" else None, 0.5)
