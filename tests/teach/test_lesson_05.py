"""Lesson 05's own things: its table of streams, its proxy, its stage, and a stream read by hand."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from rtlab import Lab, LongPolling, ServerSentEvents
from rtlab.errors import Unavailable
from rtlab.protocol.event_stream import EventStreamParser, StreamEvent
from rtlab.teach.lesson_05 import by_hand
from rtlab.teach.lesson_05.awkward import STREAMS, Awkward
from rtlab.teach.lesson_05.buffering_proxy import BufferingProxy
from rtlab.teach.lesson_05.recorded import eight_streams, requests_of
from rtlab.teach.lesson_05.stage import Asked, Stage

HOLD = 1000


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        for number in range(20):
            lab.publish("ticker", number)
        yield lab


@pytest.mark.parametrize("case", STREAMS, ids=lambda case: case.rule)
def test_the_table_of_awkward_streams_says_what_our_own_parser_says(case: Awkward) -> None:
    parser = EventStreamParser()
    items = parser.receive_data(case.stream)
    events = [(item.event, item.data, item.id) for item in items if isinstance(item, StreamEvent)]
    assert (events, parser.last_event_id) == (case.events, case.last_event_id)


def test_a_buffering_proxy_passes_a_stream_on_in_full_buffers(lab: Lab) -> None:
    with BufferingProxy(lab.url, HOLD) as proxy:
        held = by_hand.curl(f"{proxy.url}/channels/ticker/stream?after=start", 1)
        whole = by_hand.curl(f"{lab.url}/channels/ticker/stream?after=start", 1)
    assert whole.startswith(held)
    assert 0 < len(held) <= HOLD < len(whole)


def test_a_proxy_that_honours_the_header_passes_on_what_comes(lab: Lab) -> None:
    with (
        BufferingProxy(lab.url, 1 << 20, honours=True) as proxy,
        ServerSentEvents(f"{proxy.url}/channels/ticker", after="start") as reader,
    ):
        assert [event.data for event in reader.events(limit=20, timeout=20)] == list(range(20))


def test_an_answer_that_ends_gets_through_the_buffer(lab: Lab) -> None:
    with (
        BufferingProxy(lab.url, 1 << 20) as proxy,
        LongPolling(f"{proxy.url}/channels/ticker", after="start") as reader,
    ):
        assert [event.data for event in reader.events(limit=20, timeout=20)] == list(range(20))


def test_what_is_held_comes_when_the_stream_ends(lab: Lab) -> None:
    with BufferingProxy(lab.url, 1 << 20) as proxy:
        connection = http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=10)
        connection.request("GET", "/channels/ticker/stream?after=start")
        answer = connection.getresponse()
        lab.restart_server()
        assert answer.read().count(b"\n\n") == 21
        connection.close()


def test_a_proxy_without_a_server_behind_it_closes_the_connection() -> None:
    with Lab() as lab:
        url = lab.server_url
    with BufferingProxy(url) as proxy:
        connection = http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=10)
        connection.request("GET", "/")
        with pytest.raises(ConnectionError):
            connection.getresponse()
        connection.close()
        proxy.close()  # a second time below


def test_curl_and_a_plain_socket_read_the_same(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"{lab.url}/channels/ticker/stream?after=start"
    by_curl = by_hand.curl(url, 1)
    monkeypatch.setattr(by_hand.shutil, "which", lambda name: None)
    assert by_hand.curl(url, 1) == by_curl
    assert by_curl.count("\n\n") == 21


def test_nobody_there_is_said() -> None:
    with Lab() as lab:
        url = lab.server_url
    with pytest.raises(Unavailable):
        by_hand.curl(url)
    with pytest.raises(Unavailable):
        by_hand.read_for(url, 1)


def test_a_stage_follows_its_script_and_notes_what_it_was_asked() -> None:
    with Stage(["cut", 500, "html"]) as stage:
        assert "recorded" in repr(eight_streams(stage))
        where = urlsplit(stage.url).netloc
        got = []
        for number in range(4):
            connection = http.client.HTTPConnection(where, timeout=10)
            connection.request("GET", "/stream", headers={"Last-Event-ID": str(number)} if number else {})
            answer = connection.getresponse()
            got.append((answer.status, answer.headers["Content-Type"], b"data: 1\n" in answer.read()))
            connection.close()
        assert got == [
            (200, "text/event-stream", True),
            (500, "text/plain", False),
            (200, "text/html", False),
            (200, "text/html", False),
        ]
        assert stage.asked == [Asked("", "cut"), Asked("1", 500), Asked("2", "html"), Asked("3", "html")]
        assert "your browser" in repr(requests_of(stage))
        assert "your browser" in repr(eight_streams(stage))


def test_a_held_stream_ends_when_its_reader_leaves_or_the_stage_closes() -> None:
    with Stage() as stage:
        left, stays = (http.client.HTTPConnection(urlsplit(stage.url).netloc, timeout=10) for _ in range(2))
        for connection in (left, stays):
            connection.request("GET", "/stream")
            assert connection.getresponse().readline() == b"retry: 100\n"
        left.close()
    stays.close()
