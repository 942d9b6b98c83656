"""Where a reader is: the same words and cursors, the same answers, on every technique."""

from __future__ import annotations

import pytest

from rtlab.conformance.conftest import Known, OpenReader, Publish
from rtlab.conformance.opened import HANDSHAKE
from rtlab.conformance.raw import Connection
from rtlab.conformance.readers import READERS

line = pytest.mark.contract


class TestWords:
    pytestmark = line("words")

    def test_start_is_the_oldest_event_that_is_kept(self, reader: OpenReader, publish: Publish) -> None:
        publish("a", "b")
        from_start = reader("start")
        assert [from_start.event(), from_start.event()] == ["a", "b"]

    def test_last_is_the_newest_kept_event_first_and_then_on(
        self, reader: OpenReader, publish: Publish
    ) -> None:
        publish("a", "b", "c")
        last = reader("last")
        publish("d")
        assert [last.event(), last.event()] == ["c", "d"]

    @pytest.mark.parametrize("after", ["now", None], ids=["now", "nothing said"])
    def test_now_is_what_is_published_from_now_on(
        self, reader: OpenReader, publish: Publish, after: str | None
    ) -> None:
        publish("a", "b")
        now = reader(after)
        publish("c")
        assert now.event() == "c"


class TestPrecedence:
    pytestmark = line("position")

    def test_a_cursor_is_the_place_behind_its_event(self, reader: OpenReader, publish: Publish) -> None:
        _, second, third = publish("a", "b", "c")
        behind = reader(second)
        assert behind.event() == "c"
        assert behind.cursor == third

    def test_last_event_id_comes_before_after_and_if_none_match(
        self, reader: OpenReader, publish: Publish
    ) -> None:
        first, second, _ = publish("a", "b", "c")
        headers = {"Last-Event-ID": second, "If-None-Match": f'"{first}"'}
        assert reader("start", headers).event() == "c"

    def test_after_comes_before_if_none_match(self, reader: OpenReader, publish: Publish) -> None:
        first, second, _ = publish("a", "b", "c")
        assert reader(second, {"If-None-Match": f'"{first}"'}).event() == "c"

    @pytest.mark.parametrize("tag", ['"{}"', 'W/"{}"'])
    def test_if_none_match_comes_before_now(self, reader: OpenReader, publish: Publish, tag: str) -> None:
        first, _ = publish("a", "b")
        assert reader(None, {"If-None-Match": tag.format(first)}).event() == "b"

    def test_a_word_may_be_a_last_event_id_too(self, reader: OpenReader, publish: Publish) -> None:
        publish("a", "b")
        assert reader(None, {"Last-Event-ID": "last"}).event() == "b"


class TestBeforeTheFirstPublish:
    @line("log")
    @pytest.mark.parametrize("after", [None, "start", "last", "new.0"])
    def test_who_was_there_first_misses_nothing(
        self, reader: OpenReader, publish: Publish, after: str | None
    ) -> None:
        early = reader(after)
        assert early.cursor == "new.0"
        publish("a", "b", "c")
        assert [early.event() for _ in range(3)] == ["a", "b", "c"]

    @line("log")
    def test_who_left_before_the_first_publish_comes_back_to_all_of_it(
        self, reader: OpenReader, publish: Publish
    ) -> None:
        with reader() as early:
            cursor = early.cursor
        publish("a", "b")
        back = reader(cursor)
        assert [back.event(), back.event()] == ["a", "b"]

    @line("log")
    def test_reading_makes_no_channel(self, reader: OpenReader, connection: Connection, channel: str) -> None:
        reader("start")
        names = [row["name"] for row in connection.get("/channels").json()["channels"]]
        assert channel.rpartition("/")[2] not in names


class TestGaps:
    pytestmark = line("gap")

    def test_a_cursor_of_another_log_is_a_gap_and_goes_on_with_the_oldest_event(
        self, reader: OpenReader, publish: Publish
    ) -> None:
        first, _ = publish("a", "b")
        lost = reader("0123abcd.7")
        gap = lost.gap()
        assert gap["missed"] is None
        assert gap["cursor"] != first
        assert [lost.event(), lost.event()] == ["a", "b"]

    def test_a_cursor_of_another_log_on_a_channel_without_one_is_a_gap_too(
        self, reader: OpenReader, publish: Publish
    ) -> None:
        lost = reader("0123abcd.7")
        assert lost.gap() == {"missed": None, "cursor": "new.0"}
        publish("a")
        assert lost.event() == "a"

    def test_a_cursor_that_the_log_has_not_reached_is_a_gap(
        self, reader: OpenReader, publish: Publish
    ) -> None:
        first, _ = publish("a", "b")
        ahead = reader(first + "000")
        assert ahead.gap()["missed"] is None
        assert [ahead.event(), ahead.event()] == ["a", "b"]

    def test_who_goes_on_from_the_gaps_cursor_is_not_told_again(
        self, reader: OpenReader, publish: Publish
    ) -> None:
        publish("a", "b")
        back = reader(reader("0123abcd.7").gap()["cursor"])
        assert back.event() == "a"

    def test_a_gap_is_told_at_once_also_to_who_would_wait(self, connection: Connection, channel: str) -> None:
        assert connection.get(channel + "/events?after=0123.4&wait=9").json()["gap"] is not None

    def test_what_has_fallen_out_of_the_window_is_a_gap(
        self, known: Known, url: str, channel: str, publish: Publish
    ) -> None:
        if known.window is None:
            pytest.skip("say --rtlab-window EVENTS to have this tried")
        ids = publish(*range(3 * known.window))
        for kind in READERS.values():
            for place, behind in (("new.0", 0), (ids[0], 1)):
                with kind(url, channel, place) as late:
                    gap, oldest = late.gap(), late.event()
                    assert oldest > behind, "nothing was lost: is --rtlab-window right?"
                    assert gap["missed"] in (oldest - behind, None)
                    assert [late.event() for _ in range(5)] == list(range(oldest + 1, oldest + 6))

    @pytest.mark.parametrize("technique", ["sse", "websocket"])
    def test_who_is_cut_before_the_gap_arrives_is_told_again(
        self, technique: str, url: str, channel: str, publish: Publish
    ) -> None:
        publish("a")
        cursor = "0123abcd.7"
        for _ in range(2):
            with READERS[technique](
                url, channel, cursor
            ) as cut:  # has read the first block or message, no more
                cursor = cut.cursor
        with READERS[technique](url, channel, cursor) as back:
            assert back.gap()["missed"] is None
            assert back.event() == "a"


@line("cursor")
@pytest.mark.parametrize("place", ["/events", "/stream", "/socket"])
@pytest.mark.parametrize("cursor", ["nonsense", ".1", "a.b", "a.1 b", "<script>", ""])
def test_what_cannot_be_a_cursor_is_refused(
    place: str, cursor: str, connection: Connection, channel: str
) -> None:
    quoted = "".join(f"%{byte:02x}" for byte in cursor.encode())
    given = HANDSHAKE if place == "/socket" else {}
    connection.get(f"{channel}{place}?after={quoted}", headers=given).problem(400)
    if cursor:
        connection.get(channel + place, headers={**given, "Last-Event-ID": cursor}).problem(400)
