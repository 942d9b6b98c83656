"""Publishing over HTTP."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from rtlab.clients import Publisher, ShortPolling, publish
from rtlab.errors import BadInput, InvalidData, ServerError, Unavailable
from rtlab.event import Event
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread


def test_it_returns_the_events_id(url: str) -> None:
    with ShortPolling(url, 0.01) as reader:
        id = publish(url, {"text": "é", "n": [1.5, None]})
        (event,) = reader.events(limit=1, timeout=10)
    assert isinstance(event, Event)
    assert (event.id, event.data) == (id, {"text": "é", "n": [1.5, None]})


def test_a_publisher_keeps_its_connection(url: str) -> None:
    with Publisher(url) as publisher:
        assert len({publisher.publish(n) for n in range(5)}) == 5
        assert publisher.stats.connections == 1


def test_a_key_is_appended_once(url: str) -> None:
    assert publish(url, "x", key="k 1") == publish(url, "x", "k 1")
    with pytest.raises(ServerError, match="was used for an event with other data") as caught:
        publish(url, "y", key="k 1")
    assert caught.value.status == 422


@pytest.mark.parametrize("key", ["", " k", "k\r\nHost: x", "schlüssel"])
def test_a_key_that_cannot_be_a_header_is_refused(url: str, key: str) -> None:
    with pytest.raises(BadInput, match="printable ASCII"):
        publish(url, "x", key=key)


@pytest.mark.parametrize("data", [float("inf"), object(), "\udc00"])
def test_data_that_json_cannot_carry_is_refused(url: str, data: object) -> None:
    with pytest.raises(InvalidData):
        publish(url, data)


def test_what_the_server_refuses_is_told() -> None:
    server = ServerThread(limits=Limits(body_bytes=100))
    try:
        with pytest.raises(ServerError, match="413") as caught:
            publish(f"{server.url}/channels/news", "x" * 200)
        assert caught.value.status == 413
    finally:
        server.close()


def test_something_else_that_speaks_http_is_told(say: Any) -> None:
    with pytest.raises(ServerError, match="is not a channel's"):
        publish(say(say.answer("200 OK", b"[]")).url, "x")


def test_without_a_key_a_lost_request_is_not_repeated(relay: Any, server: ServerThread) -> None:
    broken = relay(server.server.port, lambda number: 10 if number == 1 else None)
    with pytest.raises(Unavailable, match="no answer from"):
        publish(broken.url, "x")
    assert broken.accepted == 1


def test_with_a_key_a_lost_answer_is_asked_for_again(
    relay: Any, server: ServerThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["rtlab.clients.publish"], "PAUSES", (0.001,) * 4)
    cuts: Iterator[int | None] = iter([0, 30])
    broken = relay(server.server.port, lambda _number: next(cuts, None))
    id = publish(broken.url, "x", key="k")
    assert broken.accepted == 3
    assert server.call(lambda: server.server.channels.find("news").end) == 1
    assert id.endswith(".1")


def test_nobody_there_is_told() -> None:
    with pytest.raises(Unavailable, match=r"no answer from 127\.0\.0\.1:1: Connection refused"):
        publish("http://127.0.0.1:1/channels/news", "x")


def test_a_server_that_asks_to_wait_is_not_pressed(say: Any) -> None:
    busy = say(say.answer("503 Service Unavailable", Retry_After="60"))
    with pytest.raises(Unavailable, match="503") as caught:
        publish(busy.url, "x", key="k")
    assert caught.value.retry_after == 60.0
    assert len(busy.heads) == 1
