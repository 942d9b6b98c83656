"""Polling: when it asks, and what it asks."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from rtlab.clients import AdaptivePolling, LongPolling, ShortPolling, poll
from rtlab.clients.pace import Backoff, ServerHint
from rtlab.clients.poll import Polling, hint
from rtlab.errors import BadInput, ServerError
from rtlab.server.thread import ServerThread

Publish = Callable[..., list[str]]
ODD = [
    b"[]",
    b"{}",
    b"\xff",
    b'{"events": 1, "cursor": "a.1", "gap": null}',
    b'{"events": [], "cursor": null, "gap": null}',
    b'{"events": [], "cursor": "now", "gap": null}',
]
URL = "http://127.0.0.1:1/channels/news"


class Virtual:
    """A reader whose clock and network are the test's own: each answer takes `takes` seconds."""

    def __init__(
        self, reader: Polling, monkeypatch: pytest.MonkeyPatch, takes: float, events: list[int]
    ) -> None:
        self.now = self.began = reader._due
        self.asked: list[float] = []
        self.questions: list[dict[str, Any]] = []
        self.reader, self.takes, self.events = reader, takes, iter(events)
        monkeypatch.setattr(poll, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(reader, "_wait_until", self.wait_until)
        monkeypatch.setattr(reader._http, "request", self.request)

    def wait_until(self, moment: float, _deadline: float | None) -> bool:
        self.now = max(self.now, moment)
        return True

    def request(
        self, _method: str, _resource: str, _deadline: float | None, **question: Any
    ) -> requests.Response:
        self.asked.append(self.now - self.began)
        self.questions.append(question)
        self.now += self.takes
        answer = requests.Response()
        answer.status_code = 200
        brought = [{"id": "a.2", "time": "t", "data": 1}] * next(self.events)
        answer.json = lambda **_: {"events": brought, "cursor": "a.1", "gap": None}  # type: ignore[method-assign]
        return answer

    def ask(self, times: int) -> list[float]:
        for _ in range(times):
            self.reader._read(None)
        return [round(moment, 6) for moment in self.asked]


def test_an_interval_is_from_the_start_of_one_request_to_the_start_of_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = Virtual(ShortPolling(URL, 0.5), monkeypatch, takes=0.3, events=[0] * 4)
    assert quick.ask(4) == [0.0, 0.5, 1.0, 1.5]


def test_where_an_answer_takes_longer_than_the_interval_the_next_request_follows_it_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow = Virtual(ShortPolling(URL, 0.5), monkeypatch, takes=0.8, events=[0] * 4)
    assert slow.ask(4) == [0.0, 0.8, 1.6, 2.4]


def test_adaptive_polling_asks_when_its_pace_says(monkeypatch: pytest.MonkeyPatch) -> None:
    # The first question is where we are: it says nothing about the rate of events.
    reader = AdaptivePolling(URL, Backoff(0.25, 8.0, 2.0))
    adaptive = Virtual(reader, monkeypatch, takes=0.01, events=[0, 0, 0, 1, 0])
    assert adaptive.ask(5) == [0.0, 0.25, 0.75, 1.75, 2.0]


def test_long_polling_asks_again_as_soon_as_it_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    long = Virtual(LongPolling(URL, 25), monkeypatch, takes=3.0, events=[0, 1, 1, 0, 1])
    assert long.ask(5) == [0.0, 3.0, 6.0, 9.0, 12.0]
    assert [question["params"].get("wait") for question in long.questions] == [None, "25", "25", "25", "25"]


def test_a_server_that_does_not_hold_is_not_asked_in_a_tight_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    eager = Virtual(LongPolling(URL, 25), monkeypatch, takes=0.001, events=[0, 0, 0, 1, 1])
    assert eager.ask(5) == [0.0, 0.001, 1.001, 2.001, 2.002]


def test_the_cells_of_a_lesson_count_the_same_each_time(url: str) -> None:
    # n intervals in the time limit: n polls, however long the first question took.
    for _ in range(3):
        with ShortPolling(url, 0.02) as reader:
            assert list(reader.events(timeout=0.2)) == []
        assert reader.stats.requests <= 11
        assert reader.stats.empty == reader.stats.requests - 1


def test_a_conditional_poll_costs_fewer_bytes_down_and_reads_the_same(url: str, publish: Publish) -> None:
    costs = []
    for conditional in (False, True):
        with ShortPolling(url, 0.001, conditional=conditional) as reader:
            while reader.stats.requests < 11:
                list(reader.events(timeout=0.005))
            costs.append(reader.stats.bytes_down / reader.stats.requests)
            assert [publish("x")] == [[event.id for event in reader.events(limit=1, timeout=10)]]  # type: ignore[union-attr]
    assert costs[1] < costs[0]


def test_what_is_asked_is_what_the_contract_has(say: Any) -> None:
    body = b'{"events": [], "cursor": "a.7", "gap": null}'
    for make, second in (
        (lambda url: ShortPolling(url, 0.001), b"GET /channels/news/events?after=a.7 HTTP/1.1"),
        (lambda url: ShortPolling(url, 0.001, conditional=True), b'If-None-Match: "a.7"'),
        (lambda url: LongPolling(url, 0.5), b"GET /channels/news/events?after=a.7&wait=0.5 HTTP/1.1"),
        (lambda url: LongPolling(url, 9, prefer=True), b"Prefer: wait=9"),
    ):
        peer = say(say.answer("200 OK", body))
        with make(peer.url) as reader:
            while reader.stats.requests < 2:
                list(reader.events(timeout=0.01))
        assert peer.heads[0].startswith(b"GET /channels/news/events?after=now HTTP/1.1\r\n")
        assert second in peer.heads[1]
        assert len(peer.heads[1].split(b"\r\n")) <= 9


def test_one_connection_for_all_polls_or_one_for_each(url: str) -> None:
    for keep_alive in (True, False):
        with ShortPolling(url, 0.001, keep_alive=keep_alive) as reader:
            while reader.stats.requests < 5:
                list(reader.events(timeout=0.01))
            assert reader.stats.connections == (1 if keep_alive else reader.stats.requests)


def test_an_empty_answer_is_counted_and_the_first_question_is_not_one(url: str, publish: Publish) -> None:
    with ShortPolling(url, 0.001) as reader:
        assert (reader.stats.requests, reader.stats.empty) == (1, 0)
        publish("x")
        list(reader.events(limit=1, timeout=10))
        assert (reader.stats.requests, reader.stats.empty) == (2, 0)
        while reader.stats.requests < 4:
            list(reader.events(timeout=0.01))
        assert reader.stats.empty == reader.stats.requests - 2


def test_adaptive_polling_follows_the_servers_hint() -> None:
    server = ServerThread(hint=7)
    try:
        with AdaptivePolling(f"{server.url}/channels/news", ServerHint(default=0.01)) as reader:
            while reader.stats.requests < 2:
                list(reader.events(timeout=0.05))
            assert reader.period == 7.0
    finally:
        server.close()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "private, max-age=5"}, 5.0),
        ({"Cache-Control": 'MAX-AGE="12"'}, 12.0),
        ({"Cache-Control": "no-cache"}, None),
        ({"Cache-Control": "s-max-age=5"}, None),
        ({"Retry-After": "3"}, 3.0),
        ({"Cache-Control": "max-age=1", "Retry-After": "3"}, 1.0),
        ({}, None),
    ],
)
def test_a_hint_is_found_where_the_server_gives_one(headers: dict[str, str], seconds: float | None) -> None:
    answer = requests.Response()
    answer.headers.update(headers)
    assert hint(answer) == seconds


@pytest.mark.parametrize("body", ODD)
def test_an_answer_that_is_not_the_contracts_is_an_error(say: Any, body: bytes) -> None:
    peer = say(say.answer("200 OK", body))
    with pytest.raises(ServerError, match="is not a channel's"), ShortPolling(peer.url):
        pass


@pytest.mark.parametrize("wait", [0, -1, float("inf"), float("nan")])
def test_a_wait_that_cannot_be_is_refused(wait: float) -> None:
    with pytest.raises(BadInput, match="give seconds above 0"):
        LongPolling(URL, wait)


def test_prefer_takes_whole_seconds_only() -> None:
    with pytest.raises(BadInput, match="whole ones"):
        LongPolling(URL, 2.5, prefer=True)
