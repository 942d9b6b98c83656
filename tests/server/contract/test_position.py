"""Where a reader is: the same words and cursors, the same answers, on every technique."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from ..readers import READERS, Reader

Open = Callable[..., Reader]


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest, things: Any, url: str, channel: str) -> Open:
    """Open a reader of each technique in turn, on the test's channel."""
    kind = READERS[request.param]
    return lambda after=None, headers=None: things.enter_context(kind(url, channel, after, headers))


class TestWords:
    def test_start_is_the_oldest_event_that_is_kept(self, reader: Open, publish: Any) -> None:
        publish("a", "b")
        from_start = reader("start")
        assert [from_start.event(), from_start.event()] == ["a", "b"]

    def test_last_is_the_newest_kept_event_first_and_then_on(self, reader: Open, publish: Any) -> None:
        publish("a", "b", "c")
        last = reader("last")
        publish("d")
        assert [last.event(), last.event()] == ["c", "d"]

    @pytest.mark.parametrize("after", ["now", None], ids=["now", "nothing said"])
    def test_now_is_what_is_published_from_now_on(
        self, reader: Open, publish: Any, after: str | None
    ) -> None:
        publish("a", "b")
        now = reader(after)
        publish("c")
        assert now.event() == "c"

    def test_a_cursor_is_the_place_behind_its_event(self, reader: Open, publish: Any) -> None:
        _, second, third = publish("a", "b", "c")
        behind = reader(second)
        assert behind.event() == "c"
        assert behind.cursor == third


class TestPrecedence:
    def test_last_event_id_comes_before_after_and_if_none_match(self, reader: Open, publish: Any) -> None:
        first, second, _ = publish("a", "b", "c")
        headers = {"Last-Event-ID": second, "If-None-Match": f'"{first}"'}
        assert reader("start", headers).event() == "c"

    def test_after_comes_before_if_none_match(self, reader: Open, publish: Any) -> None:
        first, second, _ = publish("a", "b", "c")
        assert reader(second, {"If-None-Match": f'"{first}"'}).event() == "c"

    @pytest.mark.parametrize("tag", ['"{}"', 'W/"{}"', ' "{}" '])
    def test_if_none_match_comes_before_now(self, reader: Open, publish: Any, tag: str) -> None:
        first, _ = publish("a", "b")
        assert reader(None, {"If-None-Match": tag.format(first)}).event() == "b"

    def test_a_word_may_be_a_last_event_id_too(self, reader: Open, publish: Any) -> None:
        publish("a", "b")
        assert reader(None, {"Last-Event-ID": "last"}).event() == "b"


class TestBeforeTheFirstPublish:
    @pytest.mark.parametrize("after", [None, "now", "start", "last", "new.0"])
    def test_who_was_there_first_misses_nothing(self, reader: Open, publish: Any, after: str | None) -> None:
        early = reader(after)
        assert early.cursor == "new.0"
        publish("a", "b", "c")
        assert [early.event() for _ in range(3)] == ["a", "b", "c"]

    def test_who_left_before_the_first_publish_comes_back_to_all_of_it(
        self, reader: Open, publish: Any
    ) -> None:
        with reader() as early:
            cursor = early.cursor
        publish("a", "b")
        back = reader(cursor)
        assert [back.event(), back.event()] == ["a", "b"]

    def test_reading_makes_no_channel(
        self, reader: Open, url: str, channel: str, http: requests.Session
    ) -> None:
        reader("start")
        names = [row["name"] for row in http.get(url + "/channels", timeout=10).json()["channels"]]
        assert channel.rpartition("/")[2] not in names


class TestGaps:
    def test_a_cursor_of_another_log_is_a_gap_and_goes_on_with_the_oldest_event(
        self, reader: Open, publish: Any
    ) -> None:
        first, _ = publish("a", "b")
        lost = reader("0123abcd.7")
        gap = lost.gap()
        assert gap["missed"] is None
        assert gap["cursor"] != first
        assert [lost.event(), lost.event()] == ["a", "b"]

    def test_a_cursor_of_another_log_on_a_channel_without_one_is_a_gap_too(
        self, reader: Open, publish: Any
    ) -> None:
        lost = reader("0123abcd.7")
        assert lost.gap() == {"missed": None, "cursor": "new.0"}
        publish("a")
        assert lost.event() == "a"

    def test_a_cursor_that_the_log_has_not_reached_is_a_gap(self, reader: Open, publish: Any) -> None:
        first, _ = publish("a", "b")
        ahead = reader(first + "000")
        assert ahead.gap()["missed"] is None
        assert [ahead.event(), ahead.event()] == ["a", "b"]

    def test_who_goes_on_from_the_gaps_cursor_is_not_told_again(self, reader: Open, publish: Any) -> None:
        publish("a", "b")
        back = reader(reader("0123abcd.7").gap()["cursor"])
        assert back.event() == "a"


@pytest.mark.parametrize("technique", ["sse", "websocket"])
def test_who_is_cut_before_the_gap_arrives_is_told_again(
    technique: str, url: str, channel: str, publish: Any
) -> None:
    publish("a")
    cursor = "0123abcd.7"
    for _ in range(3):
        with READERS[technique](url, channel, cursor) as cut:  # has read the first block or message, no more
            cursor = cut.cursor
    with READERS[technique](url, channel, cursor) as back:
        assert back.gap()["missed"] is None
        assert back.event() == "a"
