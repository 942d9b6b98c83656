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


def test_an_event_is_a_block_of_id_and_data_and_the_data_is_the_event_as_json(
    url: str, channel: str, publish: Any
) -> None:
    with Stream(url, channel + "/stream") as stream:
        stream.block()
        (identity,) = publish({"text": "line\nline\r\u2028 ä"})
        block = stream.block()
        assert set(block) == {"id", "data"}
        event = json.loads(block["data"])
        assert list(event) == ["id", "time", "data"]
        assert event["id"] == block["id"] == identity
        assert event["data"] == {"text": "line\nline\r\u2028 ä"}


def test_a_gap_is_an_event_of_that_name_whose_id_is_where_it_goes_on(
    url: str, channel: str, publish: Any
) -> None:
    publish("a")
    with Stream(url, channel + "/stream", {"Last-Event-ID": "0123.4"}) as stream:
        assert stream.block()["id"] == "0123.4"
        gap = stream.block()
        assert gap["event"] == "gap"
        assert json.loads(gap["data"]) == {"missed": None, "cursor": gap["id"]}
        assert json.loads(stream.block()["data"])["data"] == "a"


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


def test_a_large_event_comes_whole(url: str, channel: str, publish: Any) -> None:
    with Stream(url, channel + "/stream", receive_bytes=4096) as stream:
        stream.block()
        publish("x" * 900_000, "y")
        assert json.loads(stream.block()["data"])["data"] == "x" * 900_000
        assert json.loads(stream.block()["data"])["data"] == "y"


def test_streams_side_by_side_have_the_same_events(url: str, channel: str, publish: Any, things: Any) -> None:
    streams = [things.enter_context(Stream(url, channel + "/stream?after=start")) for _ in range(10)]
    publish(*range(20))
    for stream in streams:
        stream.block()
        assert [json.loads(stream.block()["data"])["data"] for _ in range(20)] == list(range(20))


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
