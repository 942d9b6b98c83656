"""GET /channels/NAME/events: short, conditional and long polling."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ..raw import Connection


class TestShort:
    def test_the_answer_has_events_cursor_and_gap(
        self, connection: Connection, channel: str, publish: Any
    ) -> None:
        ids = publish({"n": 1}, {"n": 2})
        answer = connection.get(channel + "/events?after=start")
        assert answer.headers["content-type"] == "application/json"
        told = answer.json()
        assert list(told) == ["events", "cursor", "gap"]
        assert [event["id"] for event in told["events"]] == ids
        assert all(list(event) == ["id", "time", "data"] for event in told["events"])
        assert told["cursor"] == ids[-1]
        assert told["gap"] is None

    def test_nothing_new_is_an_empty_answer_at_once(
        self, connection: Connection, channel: str, publish: Any
    ) -> None:
        (identity,) = publish(1)
        answer = connection.get(f"{channel}/events?after={identity}")
        assert answer.json() == {"events": [], "cursor": identity, "gap": None}

    def test_a_channel_that_has_no_log_answers_with_the_start_of_the_log_to_come(
        self, connection: Connection, channel: str
    ) -> None:
        answer = connection.get(channel + "/events?after=start")
        assert answer.json() == {"events": [], "cursor": "new.0", "gap": None}
        assert answer.headers["etag"] == '"new.0"'

    def test_a_limit_is_kept_and_the_cursor_goes_on_behind_it(
        self, connection: Connection, channel: str, publish: Any
    ) -> None:
        ids = publish(*range(5))
        cursor, seen = "start", []
        for size in (2, 2, 1, 0):
            told = connection.get(f"{channel}/events?after={cursor}&limit=2").json()
            assert len(told["events"]) == size
            seen += [event["id"] for event in told["events"]]
            cursor = told["cursor"]
        assert seen == ids


class TestConditional:
    """RFC 9110, Section 13.1.2 - If-None-Match"""

    def test_the_etag_is_the_cursor(self, connection: Connection, channel: str, publish: Any) -> None:
        first, last = publish(1, 2)
        assert connection.get(channel + "/events?after=start").headers["etag"] == f'"{last}"'
        assert connection.get(channel + "/events?after=start&limit=1").headers["etag"] == f'"{first}"'

    @pytest.mark.parametrize(
        "tags",
        ['"{}"', 'W/"{}"', '"x", "{}"', 'W/"x",W/"{}"', '"{}" , "y"', "*"],
    )
    def test_304_if_the_etag_would_be_one_that_the_client_has(
        self, tags: str, connection: Connection, channel: str, publish: Any
    ) -> None:
        (last,) = publish(1)
        answer = connection.get(
            f"{channel}/events?after={last}", headers={"If-None-Match": tags.format(last)}
        )
        assert answer.status == 304
        assert answer.headers["etag"] == f'"{last}"'
        assert "content-type" not in answer.headers
        assert "content-length" not in answer.headers

    @pytest.mark.parametrize("tags", ["{}", '"{}x"', '"x{}"', '"x", "y"', "", "nonsense"])
    def test_and_only_then(self, tags: str, connection: Connection, channel: str, publish: Any) -> None:
        (last,) = publish(1)
        headers = {"If-None-Match": tags.format(last)}
        assert connection.get(f"{channel}/events?after={last}", headers=headers).status == 200

    def test_a_tag_of_events_that_are_asked_for_again_is_the_same_answer(
        self, connection: Connection, channel: str, publish: Any
    ) -> None:
        _, last = publish(1, 2)
        headers = {"If-None-Match": f'"{last}"'}
        assert connection.get(channel + "/events?after=start", headers=headers).status == 304
        assert connection.get(channel + "/events?after=start&limit=1", headers=headers).status == 200

    def test_the_tag_alone_says_where_the_reader_is(
        self, connection: Connection, channel: str, publish: Any
    ) -> None:
        (first,) = publish("a")
        headers = {"If-None-Match": f'"{first}"'}
        assert connection.get(channel + "/events", headers=headers).status == 304
        (second,) = publish("b")
        answer = connection.get(channel + "/events", headers=headers)
        assert answer.status == 200
        assert [event["id"] for event in answer.json()["events"]] == [second]

    def test_a_channel_without_a_log_has_a_tag_too(
        self, connection: Connection, channel: str, publish: Any
    ) -> None:
        headers = {"If-None-Match": '"new.0"'}
        assert connection.get(channel + "/events", headers=headers).status == 304
        publish("a")
        answer = connection.get(channel + "/events", headers=headers)
        assert [event["data"] for event in answer.json()["events"]] == ["a"]


class TestLong:
    def held(self, url: str, channel: str) -> int:
        """How many polls the channel holds, as /metrics does not say of one channel: of all."""
        with Connection(url) as connection:
            text = connection.get("/metrics").body.decode()
        return int(float(text.partition("\nrtlab_held_polls ")[2].partition("\n")[0]))

    @pytest.mark.parametrize(
        ("query", "headers"),
        [
            ("&wait=9", {}),
            ("&wait=9.5", {}),
            ("", {"Prefer": "wait=9"}),
            ("", {"Prefer": 'respond-async, wait="9"; x=1'}),
            ("", {"Prefer": "WAIT = 9"}),
            ("&wait=9", {"Prefer": "wait=0"}),
        ],
    )
    def test_the_answer_is_held_until_there_is_an_event(
        self,
        query: str,
        headers: dict[str, str],
        url: str,
        connection: Connection,
        channel: str,
        publish: Any,
        until: Any,
    ) -> None:
        (first,) = publish("a")
        before = self.held(url, channel)
        connection.ask(f"{channel}/events?after={first}{query}", headers=headers)
        until(lambda: self.held(url, channel) > before)
        (second,) = publish("b")
        answer = connection.answer()
        assert answer.status == 200
        assert [event["id"] for event in answer.json()["events"]] == [second]

    def test_who_is_behind_is_answered_at_once(
        self, connection: Connection, channel: str, publish: Any
    ) -> None:
        publish("a")
        told = connection.get(channel + "/events?after=start&wait=9").json()
        assert [event["data"] for event in told["events"]] == ["a"]

    def test_a_gap_is_told_at_once(self, connection: Connection, channel: str) -> None:
        assert connection.get(channel + "/events?after=0123.4&wait=9").json()["gap"] is not None

    @pytest.mark.parametrize("known", [True, False], ids=["of a channel", "of none yet"])
    def test_at_the_timeout_the_answer_is_empty(
        self, known: bool, connection: Connection, channel: str, publish: Any
    ) -> None:
        cursor = publish("a")[0] if known else "new.0"
        began = time.monotonic()
        told = connection.get(channel + "/events?wait=0.2").json()
        assert time.monotonic() - began >= 0.2
        assert told == {"events": [], "cursor": cursor, "gap": None}

    def test_at_the_timeout_it_is_304_if_asked_with_if_none_match(
        self, connection: Connection, channel: str, publish: Any
    ) -> None:
        (first,) = publish("a")
        answer = connection.get(channel + "/events?wait=0.05", headers={"If-None-Match": f'"{first}"'})
        assert answer.status == 304

    @pytest.mark.parametrize(
        ("query", "prefer", "applied"),
        [
            ("", "wait=0", "wait=0"),
            ("", "handling=lenient, wait=0", "wait=0"),
            ("wait=0", "wait=9", None),
            ("wait=0.01", None, None),
            ("", "respond-async", None),
            ("", "wait", None),
            ("", "wait=soon", None),
            ("", "wait=-1", None),
            ("", "await=9", None),
        ],
    )
    def test_preference_applied_says_whether_prefer_was_heard(
        self, query: str, prefer: str | None, applied: str | None, connection: Connection, channel: str
    ) -> None:
        headers = {"Prefer": prefer} if prefer else {}
        answer = connection.get(f"{channel}/events?{query}", headers=headers)
        assert answer.status == 200
        assert answer.headers.get("preference-applied") == applied

    def test_every_held_poll_is_answered_by_one_event(
        self, url: str, channel: str, publish: Any, things: Any, until: Any
    ) -> None:
        before = self.held(url, channel)
        polls = [things.enter_context(Connection(url)) for _ in range(20)]
        for poll in polls:
            poll.ask(channel + "/events?wait=9")
        until(lambda: self.held(url, channel) >= before + 20)
        (identity,) = publish("a")
        assert {poll.answer().json()["cursor"] for poll in polls} == {identity}

    def test_a_poll_does_not_keep_the_next_request_on_its_connection_waiting_for_ever(
        self, connection: Connection, channel: str
    ) -> None:
        connection.ask(channel + "/events?wait=0.05")
        connection.ask("/healthz")
        assert connection.answer().json()["events"] == []
        assert connection.answer().json() == {"status": "ok"}
