"""GET /channels/NAME/stream: server-sent events."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import httpx
import httpx_sse
import pytest

from ..raw import Connection, Stream


def test_a_stream_begins_with_its_cursor_and_how_long_to_wait_before_a_reconnection(
    url: str, channel: str, publish: Any
) -> None:
    (identity,) = publish("a")
    with Stream(url, channel + "/stream") as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream"
        assert stream.headers["cache-control"] == "no-store"
        first = stream.block()
        assert first["id"] == identity
        assert first["retry"].isdigit()
        assert "data" not in first


def test_http_1_0_gets_the_stream_unchunked_and_to_the_end_of_the_connection(
    url: str, channel: str, publish: Any
) -> None:
    for headers in ({}, {"Connection": "keep-alive"}):
        with Stream(url, channel + "/stream?after=last", headers, version="1.0") as stream:
            assert "transfer-encoding" not in stream.headers
            assert "content-length" not in stream.headers
            assert stream.headers.get("connection", "close") == "close"
            stream.block()
            publish("a")
            assert json.loads(stream.block()["data"])["data"] == "a"


def test_an_independent_reader_understands_it(url: str, channel: str, publish: Any) -> None:
    publish("a", {"b": 1})
    with (
        httpx.Client(trust_env=False, timeout=10) as client,
        httpx_sse.connect_sse(client, "GET", url + channel + "/stream?after=start") as source,
    ):
        events = (event for event in source.iter_sse() if event.data)  # it tells of the first block too
        got = [next(events) for _ in range(2)]
        assert [event.event for event in got] == ["message", "message"]
        assert [event.json()["data"] for event in got] == ["a", {"b": 1}]
        assert [event.id for event in got] == [event.json()["id"] for event in got]


def test_curl_reads_it(url: str, channel: str, publish: Any) -> None:
    curl = shutil.which("curl")
    assert curl, "curl is not installed (Debian: apt-get install curl)"
    publish("before")
    command = [curl, "-N", "-s", "--noproxy", "*", "--max-time", "20", url + channel + "/stream?after=start"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = iter(process.stdout)
        while "before" not in next(lines):
            pass
        publish("after")  # and it arrives at once: nothing on the way waits for more
        while "after" not in next(lines):
            pass
        process.terminate()


@pytest.mark.parametrize("accept", ["*/*", "text/event-stream", "text/html"])
def test_what_the_client_accepts_changes_nothing(connection: Connection, channel: str, accept: str) -> None:
    connection.ask(channel + "/stream", headers={"Accept": accept})
    status, _, headers = connection.answer_head()
    assert (status, headers["content-type"]) == (200, "text/event-stream")
