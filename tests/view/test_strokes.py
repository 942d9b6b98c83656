from types import SimpleNamespace

import pytest

from rtlab.errors import BadInput
from rtlab.view.strokes import Hold, Lane, Stream, Wait, arrivals, holds, streams, strokes, waits

MS = 1_000_000


def test_a_lane_has_the_techniques_name_or_its_own():
    assert Lane("long", []).title == "long polling"
    assert Lane("short", [], name="T = 1 s").title == "T = 1 s"
    with pytest.raises(BadInput, match="'poll' is not a technique"):
        Lane("poll", [])


class TestStrokes:
    @pytest.mark.parametrize(
        ("kind", "direction", "label", "other", "drawn"),
        [
            ("request", "up", "GET /channels/news/events", {}, "asks"),
            ("request", "up", "POST /channels/news/events", {}, "sends"),
            ("response", "down", "201", {}, "answers"),
            ("response", "down", "200", {"technique": "short", "events": ("a.1",)}, "carries"),
            ("response", "down", "200", {"technique": "short"}, "empty"),
            ("response", "down", "200", {"technique": "long"}, "empty"),
            (
                "response",
                "down",
                "200",
                {"body": b'{"events": []}'},
                "empty",
            ),  # a server of the student's own
            ("response", "down", "200", {"body": b"<html>"}, "answers"),
            ("response", "down", "304", {}, "empty"),
            ("response", "down", "503", {"technique": "short"}, "answers"),
            ("response", "down", "200", {"technique": "sse"}, "answers"),
            ("handshake", "down", "101", {"technique": "websocket"}, "answers"),
            ("event", "down", "event", {"events": ("a.1", "a.2")}, "carries"),
            ("heartbeat", "down", "heartbeat", {}, "beat"),
            ("chunk", "down", "cursor", {}, "faint"),
            ("frame", "down", "event", {"head": b"\x81\x20", "events": ("a.1",)}, "carries"),
            ("frame", "down", "published", {"head": b"\x81\x20"}, "answers"),
            ("frame", "up", "publish", {"head": b"\x81\xa0"}, "sends"),
            ("frame", "up", "ping", {"head": b"\x81\xa0"}, "sends"),  # a text that calls itself ping
            ("frame", "down", "ping", {"head": b"\x89\x00"}, "beat"),
            ("frame", "up", "pong", {"head": b"\x8a\x80"}, "beat"),
            ("frame", "up", "close 1000", {"head": b"\x88\x82"}, "faint"),
            ("close", "up", "fin", {}, "faint"),
        ],
    )
    def test_each_message_has_its_arrow(
        self,
        trace: SimpleNamespace,
        kind: str,
        direction: str,
        label: str,
        other: dict[str, object],
        drawn: str,
    ):
        (stroke,) = strokes([trace.message(kind, direction, 1, 3, label, **other)])
        assert stroke.kind == drawn
        assert (stroke.up, stroke.left, stroke.arrived) == (direction == "up", 1 * MS, 3 * MS)
        assert (stroke.label, stroke.cut, stroke.gap) == (label, False, False)

    @pytest.mark.parametrize(
        ("kind", "label"), [("response", "200, gap"), ("event", "gap"), ("frame", "gap")]
    )
    def test_a_gap_is_seen_on_every_technique(self, trace: SimpleNamespace, kind: str, label: str):
        (stroke,) = strokes([trace.message(kind, "down", 0, 1, label, technique="short", head=b"\x81\x20")])
        assert (stroke.kind, stroke.gap) == ("answers", True)

    def test_a_connection_goes_there_and_back(self, trace: SimpleNamespace):
        there, back = strokes([trace.message("connect", "up", 1, 5, "connect")])
        assert (there.kind, there.up, there.left, there.arrived) == ("faint", True, 1 * MS, 3 * MS)
        assert (back.kind, back.up, back.left, back.arrived) == ("faint", False, 3 * MS, 5 * MS)

    def test_a_reset_behind_an_orderly_end_is_not_a_cut(self, trace: SimpleNamespace):
        ended = trace.message("close", "up", 0, 1, "fin")
        assert not any(stroke.cut for stroke in strokes([ended, trace.message("close", "down", 1, 2, "rst")]))

    def test_a_reset_is_a_cut(self, trace: SimpleNamespace):
        assert [stroke.cut for stroke in strokes([trace.message("close", "up", 0, 1, "rst")])] == [True]

    def test_a_server_that_ends_while_it_owes_an_answer_is_a_cut(self, trace: SimpleNamespace):
        asked = trace.message("request", "up", 0, 1, "GET /")
        assert strokes([asked, trace.message("close", "down", 2, 3, "fin")])[-1].cut
        answered = trace.message("response", "down", 1, 2, "200")
        assert not strokes([asked, answered, trace.message("close", "down", 3, 4, "fin")])[-1].cut

    def test_a_client_that_leaves_is_not_a_cut(self, trace: SimpleNamespace):
        asked = trace.message("request", "up", 0, 1, "GET /")
        left = trace.message("close", "up", 2, 3, "fin")
        then = trace.message("close", "down", 3, 4, "fin")
        assert not any(stroke.cut for stroke in strokes([asked, left, then]))


class TestHolds:
    def test_a_request_is_held_from_its_arrival_until_the_answer_leaves(
        self, trace: SimpleNamespace, appends: dict[str, int]
    ):
        held = holds(trace.long_polling(appends))
        assert held[:2] == [Hold(100 * MS, 550 * MS), Hold(750 * MS, 1350 * MS)]
        assert held[-1] == Hold(3300 * MS, None)
        assert len(held) == 6

    def test_answers_come_in_the_order_of_the_requests_of_their_connection(self, trace: SimpleNamespace):
        found = holds(
            [
                trace.message("request", "up", 0, 1, "GET /a", connection=1),
                trace.message("request", "up", 0, 2, "GET /b", connection=2),
                trace.message("request", "up", 1, 3, "GET /c", connection=1),
                trace.message("response", "down", 5, 6, "200", connection=2),
                trace.message("response", "down", 7, 8, "200", connection=1),
                trace.message("response", "down", 9, 9, "200", connection=1),
            ]
        )
        assert found == [Hold(1 * MS, 7 * MS), Hold(2 * MS, 5 * MS), Hold(3 * MS, 9 * MS)]

    def test_a_close_ends_it_when_the_server_hears_of_it(self, trace: SimpleNamespace):
        asked = trace.message("request", "up", 0, 1, "GET /")
        assert holds([asked, trace.message("close", "up", 4, 6, "fin")]) == [Hold(1 * MS, 6 * MS)]
        assert holds([asked, trace.message("close", "down", 4, 6, "rst")]) == [Hold(1 * MS, 4 * MS)]


class TestStreams:
    def test_a_stream_is_open_to_the_end_of_the_record(self, trace: SimpleNamespace, appends: dict[str, int]):
        assert streams(trace.streaming(appends)) == [Stream(100 * MS, 200 * MS)]
        assert streams(trace.websocket(appends)) == [Stream(100 * MS, 200 * MS)]

    def test_polls_leave_nothing_open(self, trace: SimpleNamespace, appends: dict[str, int]):
        assert streams(trace.polling(appends)) == []

    @pytest.mark.parametrize(
        ("kind", "direction", "label", "server_end", "client_end"),
        [
            ("close", "down", "rst", 5, 7),
            ("close", "up", "fin", 7, 5),
            ("chunk", "down", "end", 5, 7),  # the last chunk: the connection goes on
        ],
    )
    def test_it_ends_at_each_side_in_its_time(
        self, trace: SimpleNamespace, kind: str, direction: str, label: str, server_end: int, client_end: int
    ):
        opened = trace.message("response", "down", 0, 2, "200", technique="sse")
        ended = trace.message(kind, direction, 5, 7, label)
        late = trace.message("close", "down", 8, 9, "fin")
        assert streams([opened, ended, late]) == [Stream(0, 2 * MS, server_end * MS, client_end * MS)]

    def test_a_refused_stream_is_not_open(self, trace: SimpleNamespace):
        assert streams([trace.message("response", "down", 0, 2, "503", technique="sse")]) == []


class TestWaits:
    def test_a_wait_lasts_from_the_append_to_the_arrival(
        self, trace: SimpleNamespace, appends: dict[str, int]
    ):
        found = waits(trace.streaming(appends), appends)
        assert [wait.event for wait in found] == list(appends)
        assert all(wait.end == wait.start + 100 * MS for wait in found if wait.end is not None)

    def test_the_first_arrival_counts(self, trace: SimpleNamespace):
        twice = [trace.message("event", "down", at, at + 1, "event", events=("a.1",)) for at in (5, 2)]
        assert arrivals(twice) == {"a.1": 3 * MS}

    def test_what_never_arrives_counts_only_while_the_client_is_there(self, trace: SimpleNamespace):
        messages = [trace.message("request", "up", 10, 20, "GET /")]
        assert waits(messages, {"before": 5 * MS, "after": 15 * MS}) == [Wait("after", 15 * MS, None)]
        assert waits([], {"a.1": 5}) == []
