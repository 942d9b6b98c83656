"""GET /channels/NAME/stream: server-sent events."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import pytest

from rtlab.conformance.conftest import Known, Publish
from rtlab.conformance.opened import Stream
from rtlab.conformance.readers import EventStream

line = pytest.mark.contract


def data_block(stream: Stream) -> dict[str, str]:
    """The next block that has data."""
    while "data" not in (block := stream.block()):
        pass
    return block


@line("stream opens")
def test_a_stream_begins_with_its_cursor(url: str, channel: str, publish: Publish) -> None:
    (identity,) = publish("a")
    with Stream(url, channel + "/stream") as stream:
        assert stream.status == 200
        assert stream.headers["content-type"].partition(";")[0] == "text/event-stream"
        assert stream.headers["cache-control"] in ("no-store", "no-cache")
        while "id" not in (first := stream.block()):
            pass
        assert first["id"] == identity
        assert "data" not in first


@line("stream")
def test_an_event_is_a_block_of_id_and_data_and_the_data_is_the_event_as_json(
    url: str, channel: str, publish: Publish
) -> None:
    data = {"text": "line\nline\r\u2028 ä: b"}
    with EventStream(url, channel) as reader:
        (identity,) = publish(data)
        block = data_block(reader.stream)
        assert block.get("event", "message") == "message"
        event = json.loads(block["data"])
        assert set(event) == {"id", "time", "data"}
        assert event["id"] == block["id"] == identity
        assert event["data"] == data


@line("stream gap")
def test_a_gap_is_an_event_of_that_name_whose_id_is_where_it_goes_on(
    url: str, channel: str, publish: Publish
) -> None:
    publish("a")
    with Stream(url, channel + "/stream", {"Last-Event-ID": "0123.4"}) as stream:
        gap = data_block(stream)
        assert gap["event"] == "gap"
        assert json.loads(gap["data"]) == {"missed": None, "cursor": gap["id"]}
        assert json.loads(data_block(stream)["data"])["data"] == "a"


@line("stream")
def test_a_large_event_comes_whole(url: str, channel: str, publish: Publish) -> None:
    with EventStream(url, channel) as reader:
        publish("x" * 500_000, "y")
        assert reader.event() == "x" * 500_000
        assert reader.event() == "y"


@line("nothing lost")
def test_streams_side_by_side_have_the_same_events(
    url: str, channel: str, publish: Publish, things: ExitStack
) -> None:
    streams = [things.enter_context(EventStream(url, channel, "start")) for _ in range(10)]
    publish(*range(20))
    for stream in streams:
        assert [stream.event() for _ in range(20)] == list(range(20))


@line("heartbeat")
def test_a_silent_stream_gives_a_sign_of_life(url: str, channel: str, known: Known) -> None:
    if known.heartbeat is None:
        pytest.skip("say --rtlab-heartbeat SECONDS to have this tried")
    with EventStream(url, channel) as reader:
        reader.connection.socket.settimeout(known.heartbeat + reader.connection.seconds)
        block: dict[str, Any] = reader.stream.block()
        while "" not in block:
            block = reader.stream.block()
        assert "data" not in block
