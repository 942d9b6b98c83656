"""GET /channels/NAME/events: short, conditional and long polling."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest

from rtlab.conformance.conftest import Publish
from rtlab.conformance.raw import Connection, Persistent

line = pytest.mark.contract
A_WHILE = 0.15  # seconds in which a poll that should be held is not answered

HELD = [
    pytest.param("&wait=9", {}, marks=line("wait")),
    pytest.param("&wait=9.5", {}, marks=line("wait")),
    pytest.param("", {"Prefer": "wait=9"}, marks=line("prefer")),
    pytest.param("", {"Prefer": 'respond-async, wait="9"; x=1'}, marks=line("prefer")),
    pytest.param("", {"Prefer": "WAIT = 9"}, marks=line("prefer")),
    pytest.param("&wait=9", {"Prefer": "wait=0"}, marks=line("prefer")),
]


class TestShort:
    @line("poll")
    def test_the_answer_has_events_cursor_and_gap(
        self, connection: Connection, channel: str, publish: Publish
    ) -> None:
        ids = publish({"n": 1}, {"n": 2})
        answer = connection.get(channel + "/events?after=start")
        assert answer.headers["content-type"].startswith("application/json")
        told = answer.json()
        assert set(told) == {"events", "cursor", "gap"}
        assert [event["id"] for event in told["events"]] == ids
        assert told["cursor"] == ids[-1]
        assert told["gap"] is None

    @line("poll")
    def test_nothing_new_is_an_empty_answer_at_once(
        self, connection: Connection, channel: str, publish: Publish
    ) -> None:
        (identity,) = publish(1)
        answer = connection.get(f"{channel}/events?after={identity}")
        assert answer.json() == {"events": [], "cursor": identity, "gap": None}

    @line("log")
    def test_a_channel_that_has_no_log_answers_with_the_start_of_the_log_to_come(
        self, connection: Connection, channel: str
    ) -> None:
        answer = connection.get(channel + "/events?after=start")
        assert answer.json() == {"events": [], "cursor": "new.0", "gap": None}

    @line("limit")
    def test_a_limit_is_kept_and_the_cursor_goes_on_behind_it(
        self, connection: Connection, channel: str, publish: Publish
    ) -> None:
        ids = publish(*range(5))
        cursor, seen = "start", []
        for size in (2, 2, 1, 0):
            told = connection.get(f"{channel}/events?after={cursor}&limit=2").json()
            assert len(told["events"]) == size
            seen += [event["id"] for event in told["events"]]
            cursor = told["cursor"]
        assert seen == ids

    @line("limit")
    @pytest.mark.parametrize("limit", ["0", "-1", "x", ""])
    def test_a_limit_is_a_whole_number_from_1(self, limit: str, connection: Connection, channel: str) -> None:
        connection.get(f"{channel}/events?limit={limit}").problem(400)


class TestConditional:
    """RFC 9110, Section 13.1.2 - If-None-Match"""

    @line("etag")
    def test_the_etag_is_the_cursor(self, connection: Connection, channel: str, publish: Publish) -> None:
        assert connection.get(channel + "/events").headers["etag"] == '"new.0"'
        first, last = publish(1, 2)
        assert connection.get(channel + "/events?after=start").headers["etag"] == f'"{last}"'
        assert connection.get(channel + "/events?after=start&limit=1").headers["etag"] == f'"{first}"'

    @line("304")
    @pytest.mark.parametrize("tags", ['"{}"', 'W/"{}"', '"x", "{}"', 'W/"x",W/"{}"', '"{}" , "y"', "*"])
    def test_304_if_the_etag_would_be_one_that_the_client_has(
        self, tags: str, connection: Connection, channel: str, publish: Publish
    ) -> None:
        (last,) = publish(1)
        given = {"If-None-Match": tags.format(last)}
        answer = connection.get(f"{channel}/events?after={last}", headers=given)
        assert answer.status == 304
        assert answer.headers["etag"] == f'"{last}"'

    @line("304")
    @pytest.mark.parametrize("tags", ["{}", '"{}x"', '"x{}"', '"x", "y"'])
    def test_and_only_then(self, tags: str, connection: Connection, channel: str, publish: Publish) -> None:
        (last,) = publish(1)
        given = {"If-None-Match": tags.format(last)}
        assert connection.get(f"{channel}/events?after={last}", headers=given).status == 200

    @line("304")
    def test_a_tag_of_events_that_are_asked_for_again_is_the_same_answer(
        self, connection: Connection, channel: str, publish: Publish
    ) -> None:
        _, last = publish(1, 2)
        given = {"If-None-Match": f'"{last}"'}
        assert connection.get(channel + "/events?after=start", headers=given).status == 304
        assert connection.get(channel + "/events?after=start&limit=1", headers=given).status == 200

    @line("304")
    def test_the_tag_alone_says_where_the_reader_is(
        self, connection: Connection, channel: str, publish: Publish
    ) -> None:
        tag = {"If-None-Match": '"new.0"'}
        for data in ("a", "b"):
            assert connection.get(channel + "/events", headers=tag).status == 304
            (identity,) = publish(data)
            answer = connection.get(channel + "/events", headers=tag)
            assert answer.status == 200
            assert [event["id"] for event in answer.json()["events"]] == [identity]
            tag = {"If-None-Match": answer.headers["etag"]}


class TestLong:
    @pytest.mark.parametrize(("query", "headers"), HELD)
    def test_the_answer_is_held_until_there_is_an_event(
        self, query: str, headers: dict[str, str], connection: Connection, channel: str, publish: Publish
    ) -> None:
        (first,) = publish("a")
        connection.ask(f"{channel}/events?after={first}{query}", headers=headers)
        assert connection.silent(A_WHILE), "the poll was answered before there was an event"
        (second,) = publish("b")
        answer = connection.answer()
        assert answer.status == 200
        assert [event["id"] for event in answer.json()["events"]] == [second]

    @line("wait")
    def test_it_is_held_on_a_channel_that_is_not_there_yet(
        self, connection: Connection, channel: str, publish: Publish
    ) -> None:
        connection.ask(channel + "/events?wait=9")
        assert connection.silent(A_WHILE), "the poll was answered before there was an event"
        (identity,) = publish("a")
        assert [event["id"] for event in connection.answer().json()["events"]] == [identity]

    @line("nothing lost")
    def test_what_comes_between_an_answer_and_the_next_request_is_not_lost(
        self, connection: Connection, channel: str, publish: Publish
    ) -> None:
        cursor = connection.get(channel + "/events").json()["cursor"]
        for number in range(5):
            publish(number)
            answer = connection.get(f"{channel}/events?after={cursor}&wait=9").json()
            assert [event["data"] for event in answer["events"]] == [number]
            cursor = answer["cursor"]

    @line("wait")
    def test_who_is_behind_is_answered_at_once(
        self, connection: Connection, channel: str, publish: Publish
    ) -> None:
        publish("a")
        told = connection.get(channel + "/events?after=start&wait=9").json()
        assert [event["data"] for event in told["events"]] == ["a"]

    @line("wait")
    @pytest.mark.parametrize("known", [True, False], ids=["of a channel", "of none yet"])
    def test_at_the_timeout_the_answer_is_empty(
        self, known: bool, connection: Connection, channel: str, publish: Publish
    ) -> None:
        cursor = publish("a")[0] if known else "new.0"
        began = time.monotonic()
        told = connection.get(channel + "/events?wait=0.2").json()
        assert time.monotonic() - began >= 0.2, "the poll was answered before its time"
        assert told == {"events": [], "cursor": cursor, "gap": None}

    @line("wait")
    def test_at_the_timeout_it_is_304_if_asked_with_if_none_match(
        self, connection: Connection, channel: str, publish: Publish
    ) -> None:
        (first,) = publish("a")
        answer = connection.get(channel + "/events?wait=0.05", headers={"If-None-Match": f'"{first}"'})
        assert answer.status == 304

    @line("wait")
    @pytest.mark.parametrize("wait", ["-1", "nan", "x", ""])
    def test_a_wait_is_seconds(self, wait: str, connection: Connection, channel: str) -> None:
        connection.get(f"{channel}/events?wait={wait}").problem(400)

    @line("prefer")
    @pytest.mark.parametrize(
        ("query", "prefer", "applied"),
        [
            ("", "wait=0", True),
            ("", "handling=lenient, wait=0", True),
            ("wait=0", "wait=9", False),
            ("", "respond-async", False),
            ("", "wait=soon", False),
            ("", "await=9", False),
        ],
    )
    def test_preference_applied_says_whether_prefer_was_heard(
        self, query: str, prefer: str, applied: bool, connection: Connection, channel: str
    ) -> None:
        answer = connection.get(f"{channel}/events?{query}", headers={"Prefer": prefer})
        assert answer.status == 200
        assert ("preference-applied" in answer.headers) is applied
        assert "wait" in answer.headers.get("preference-applied", "wait")

    @line("wait")
    def test_every_held_poll_is_answered_by_one_event(
        self, url: str, channel: str, publish: Publish, things: ExitStack
    ) -> None:
        polls = [things.enter_context(Persistent(url)) for _ in range(10)]
        for poll in polls:
            poll.ask(channel + "/events?wait=9")
        assert polls[-1].silent(A_WHILE), "the poll was answered before there was an event"
        (identity,) = publish("a")
        assert {poll.answer().json()["cursor"] for poll in polls} == {identity}

    @line("wait")
    def test_a_poll_does_not_keep_the_next_request_on_its_connection_waiting_for_ever(
        self, connection: Connection, channel: str
    ) -> None:
        connection.ask(channel + "/events?wait=0.05")
        connection.ask("/healthz")
        assert connection.answer().json()["events"] == []
        assert connection.answer().status == 200
