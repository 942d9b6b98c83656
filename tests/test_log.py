"""The log, against a model that is a plain list."""

from __future__ import annotations

import json
import math
import re
import threading
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from rtlab.errors import BadInput, InvalidCursor, InvalidData, KeyReused, LimitExceeded
from rtlab.event import MAX_NESTING, NAME, NEW, Cursor, encode_data, now
from rtlab.log import Event, Gap, Kept, Log

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def data(batch: Any) -> list[Any]:
    return [event.data for event in batch.events]


class TestReading:
    def test_what_is_appended_is_read_in_order(self) -> None:
        log = Log()
        events = [log.append(number) for number in range(5)]
        batch = log.read()
        assert batch.events == events
        assert batch.cursor == events[-1].id
        assert batch.gap is None

    def test_the_id_of_an_event_is_the_cursor_behind_it(self) -> None:
        log = Log()
        ids = [log.append(number).id for number in range(5)]
        assert [data(log.read(id)) for id in ids] == [[1, 2, 3, 4], [2, 3, 4], [3, 4], [4], []]

    def test_words_are_places(self) -> None:
        log = Log()
        assert [log.read(word).cursor for word in ("start", "last", "now")] == [log.cursor(0)] * 3
        for number in range(3):
            log.append(number)
        assert data(log.read("start")) == [0, 1, 2]
        assert data(log.read("last")) == [2]
        assert data(log.read("now")) == []

    def test_a_limit_is_kept_and_the_cursor_goes_on(self) -> None:
        log = Log()
        for number in range(5):
            log.append(number)
        assert data(log.read("start", limit=0)) == []
        first = log.read("start", limit=2)
        assert data(first) == [0, 1]
        assert data(log.read(first.cursor, limit=9)) == [2, 3, 4]

    def test_new_is_the_start_of_the_log_to_come(self) -> None:
        log = Log(max_events=2)
        assert log.read(NEW).gap is None
        for number in range(3):
            log.append(number)
        assert log.read(NEW) == (log.read().events, log.cursor(3), Gap(1, log.cursor(1)))

    def test_an_event_stays_what_it_was_when_it_was_appended(self) -> None:
        log, thing = Log(), {"n": 0}
        for number in range(3):
            thing["n"] = number
            log.append(thing)
        assert data(log.read()) == [{"n": 0}, {"n": 1}, {"n": 2}]
        log.read().events[0].data["n"] = 99
        assert data(log.read()) == [{"n": 0}, {"n": 1}, {"n": 2}]

    @settings(deadline=None)
    @given(JSON)
    def test_any_json_comes_back(self, value: Any) -> None:
        log = Log()
        log.append(value)
        assert data(log.read()) == [value]
        (element,), _ = log.encoded(0, lambda event: event.json, 0)
        assert json.loads(element)["data"] == value


class TestGaps:
    def test_a_cursor_that_fell_out_says_exactly_how_many_were_missed(self) -> None:
        log = Log(max_events=3)
        ids = [log.append(number).id for number in range(10)]
        for place, id in enumerate(ids):
            batch = log.read(id)
            missed = max(0, 7 - (place + 1))
            assert batch.gap == (Gap(missed, ids[6]) if missed else None)
            assert data(batch) == list(range(max(7, place + 1), 10))

    @pytest.mark.parametrize("cursor", ["0123.4", "ffffffff.0", "new.1000"])
    def test_where_it_cannot_be_known_the_gap_says_so(self, cursor: str) -> None:
        log = Log()
        log.append("a")
        assert log.read(cursor).gap == Gap(None, log.cursor(0))
        assert data(log.read(cursor)) == ["a"]

    def test_a_cursor_ahead_of_the_log_is_a_gap(self) -> None:
        log = Log()
        log.append("a")
        assert log.read(log.cursor(2)).gap == Gap(None, log.cursor(0))

    def test_a_log_made_anew_has_another_epoch(self) -> None:
        old = Log().append(1).id
        log = Log()
        assert log.read(old).gap == Gap(None, log.cursor(0))
        assert len({Log().id for _ in range(50)}) == 50


class TestWindow:
    def test_it_is_bounded_by_count(self) -> None:
        log = Log(max_events=3)
        for number in range(10):
            log.append(number)
        assert (log.first, log.end, len(log._window)) == (7, 10, 3)

    def test_it_is_bounded_by_bytes(self) -> None:
        log = Log(max_bytes=1000)
        for size in (10, 500, 300, 10, 10, 700):
            log.append("x" * size)
            assert log.bytes <= 1000
            assert log.bytes == sum(len(kept.json) for kept in log._window.values())

    def test_an_event_that_cannot_fit_is_refused_and_changes_nothing(self) -> None:
        log = Log(max_bytes=200)
        log.append("a")
        with pytest.raises(LimitExceeded, match="200") as caught:
            log.append("x" * 200, key="k")
        assert (caught.value.limit, caught.value.value) == ("bytes", 200)
        assert data(log.read()) == ["a"]
        assert log.append("b", key="k").data == "b"


class TestKeys:
    def test_a_key_appends_once(self) -> None:
        log = Log()
        first = log.append({"n": 1}, key="k")
        assert log.append({"n": 1}, key="k") == first
        assert log.append({"n": 1}).id != first.id
        assert log.append({"n": 1}, key="l").id != first.id
        assert len(log.read().events) == 3

    @pytest.mark.parametrize(
        ("one", "other"), [(11, 1), ("1", 1), ([1], 1), ({"a": 1, "data": 1}, 1), (None, False), (1, 1.0)]
    )
    def test_a_key_with_other_data_is_refused(self, one: Any, other: Any) -> None:
        for first, second in ((one, other), (other, one)):
            log = Log()
            log.append(first, key="k")
            with pytest.raises(KeyReused, match="'k'"):
                log.append(second, key="k")
            assert data(log.read()) == [first]

    def test_a_key_is_forgotten_with_its_event(self) -> None:
        log = Log(max_events=2)
        for number in range(5):
            log.append(number, key=f"k{number}")
        assert set(log._keys) == {"k3", "k4"}
        assert log.append("again", key="k0").data == "again"


class TestSubscribers:
    def test_each_append_wakes_them_until_they_leave(self) -> None:
        log, woken = Log(), []
        leave = log.subscribe(lambda: woken.append(log.end))
        log.append("a", key="k")
        log.append("a", key="k")
        log.append("b")
        leave()
        leave()
        log.append("c")
        assert woken == [1, 2]

    def test_one_may_leave_while_it_is_woken(self) -> None:
        log, woken = Log(), []
        leave = log.subscribe(lambda: (woken.append(1), leave()))
        log.subscribe(lambda: woken.append(2))
        log.append("a")
        log.append("b")
        assert woken == [1, 2, 2]

    def test_waiting_ends_at_the_next_append(self) -> None:
        log = Log()
        cursor = log.append("a").id
        waits = [threading.Thread(target=log.wait, args=(place, 30.0)) for place in ("now", cursor) * 3]
        for thread in waits:
            thread.start()
        while any(thread.is_alive() for thread in waits):
            log.append("b")
            waits[0].join(0.01)
        assert not log._subscribers

    def test_waiting_where_something_is_already_takes_no_time(self) -> None:
        log = Log()
        log.append("a")
        assert log.wait("start", 0)
        assert log.wait("0123.4", 0)

    def test_waiting_in_vain_says_so(self) -> None:
        log = Log()
        log.append("a")
        assert not log.wait("now", 0.01)
        with pytest.raises(InvalidCursor):
            log.wait("nonsense", 0.01)

    def test_threads_may_read_while_another_appends(self) -> None:
        log, wrong = Log(max_events=5), []

        def read() -> None:
            cursor, seen = NEW, 0
            while seen < 3000:
                batch = log.read(cursor)
                seen += (batch.gap.missed or 0) if batch.gap else 0
                for event in batch.events:
                    if event.data != seen:
                        wrong.append((event.data, seen))
                    seen += 1
                cursor = batch.cursor

        readers = [threading.Thread(target=read) for _ in range(3)]
        for thread in readers:
            thread.start()
        for number in range(3000):
            log.append(number)
        for thread in readers:
            thread.join()
        assert not wrong


class TestEncodings:
    def test_an_encoding_is_made_once(self) -> None:
        log, calls = Log(), []

        def encode(event: Kept) -> bytes:
            calls.append(event.id)
            return event.json + b"\n"

        ids = [log.append(number).id for number in range(4)]
        for _ in range(3):
            parts, end = log.encoded(0, encode, 1 << 20)
            assert [json.loads(part)["data"] for part in parts] == [0, 1, 2, 3]
            assert end == 4
        assert calls == ids

    @pytest.mark.parametrize(
        ("start", "room", "limit", "end"),
        [
            (0, 25, 0, 2),
            (0, 20, 0, 2),
            (0, 19, 0, 1),
            (0, 1, 0, 1),
            (0, 999, 3, 3),
            (0, 999, 9, 5),
            (5, 9, 0, 5),
        ],
    )
    def test_room_and_limit_are_kept_but_one_is_always_given(
        self, start: int, room: int, limit: int, end: int
    ) -> None:
        log = Log()
        for number in range(5):
            log.append(number)
        parts, position = log.encoded(start, lambda _event: b"x" * 10, room, limit)
        assert (len(parts), position) == (end - start, end)


class TestData:
    @pytest.mark.parametrize(
        "value",
        [
            math.nan,
            math.inf,
            [-math.inf],
            "\ud800",
            {"\udfff": 1},
            {1, 2},
            b"bytes",
            object,
            {(1, 2): 3},
            1j,
        ],
        ids=repr,
    )
    def test_what_json_cannot_carry_is_refused(self, value: Any) -> None:
        log = Log()
        with pytest.raises(InvalidData):
            log.append(value)
        assert log.read().events == []

    def test_what_goes_round_in_a_circle_is_refused(self) -> None:
        circle: list[Any] = []
        circle.append(circle)
        with pytest.raises(InvalidData):
            encode_data(circle)

    def test_nesting_has_one_limit_wherever_it_is_checked_from(self) -> None:
        def nested(levels: int) -> Any:
            value: Any = 1
            for level in range(levels):
                value = [value] if level % 2 else {"a": value}
            return value

        encode_data(nested(MAX_NESTING))
        for levels in (MAX_NESTING + 1, 500, 100_000):
            with pytest.raises(InvalidData, match=r"nest|recursion"):
                encode_data(nested(levels))
        encode_data([[[]]] * 500)  # many, but not deep

    def test_it_is_compact_utf_8_on_one_line(self) -> None:
        assert encode_data({"a": [1, "ä\n"]}) == '{"a":[1,"ä\\n"]}'.encode()

    def test_the_time_is_utc_in_milliseconds(self) -> None:
        assert len(now()) == len("2026-01-02T03:04:05.678Z")
        assert now().endswith("Z")


class TestCursors:
    @pytest.mark.parametrize("text", ["a.0", "0123abcd.17", "new.0", "z" * 32 + "." + "9" * 18])
    def test_a_cursor_is_written_as_it_is_read(self, text: str) -> None:
        assert str(Cursor.parse(text)) == text

    @settings(deadline=None)
    @given(st.text())
    def test_anything_else_is_an_invalid_cursor_and_says_what_would_be_right(self, text: str) -> None:
        assume(not re.fullmatch(r"start|last|now|[0-9a-z]{1,32}\.[0-9]{1,18}", text))
        with pytest.raises(InvalidCursor, match="start, last, now") as caught:
            Log().read(text)
        assert isinstance(caught.value, BadInput)

    @pytest.mark.parametrize("name", ["", "a b", "ä", "a/b", "a\n", "x" * 65, "a\0", "٣"])
    def test_a_name_is_of_few_characters(self, name: str) -> None:
        assert not NAME.fullmatch(name)


class LogMachine(RuleBasedStateMachine):
    """Appends, reads and repeats in any order; the model is the list of all that was ever appended."""

    def __init__(self) -> None:
        super().__init__()
        self.log = Log(max_events=4, max_bytes=400)
        self.all: list[Event] = []
        self.sizes: list[int] = []
        self.keys: dict[str, int] = {}

    def first(self) -> int:
        """How many have left the window: it is the longest end of the list within both bounds."""
        kept = 0
        while kept < min(4, len(self.all)) and sum(self.sizes[len(self.all) - kept - 1 :]) <= 400:
            kept += 1
        return len(self.all) - kept

    @rule(value=st.integers(0, 3) | st.text("xä\n", max_size=60))
    def append(self, value: Any) -> None:
        event = self.log.append(value)
        self.remember(event, value)

    def remember(self, event: Event, value: Any) -> None:
        assert event.id == f"{self.log.id}.{len(self.all) + 1}"
        assert event.data == value
        self.all.append(event)
        fields = {"id": event.id, "time": event.time, "data": value}
        self.sizes.append(len(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()))

    @rule(key=st.sampled_from("kl"), value=st.integers(0, 1))
    def append_with_key(self, key: str, value: int) -> None:
        known = self.keys.get(key)
        if known is not None and known >= self.first():
            if self.all[known].data == value:
                assert self.log.append(value, key=key) == self.all[known]
            else:
                with pytest.raises(KeyReused):
                    self.log.append(value, key=key)
        else:
            self.remember(self.log.append(value, key=key), value)
            self.keys[key] = len(self.all) - 1

    @rule(limit=st.none() | st.integers(0, 3), after=st.sampled_from(["start", "last", "now"]))
    def read_from_a_word(self, after: str, limit: int | None) -> None:
        place = {"start": self.first(), "last": max(self.first(), len(self.all) - 1), "now": len(self.all)}
        self.check(after, place[after], None, limit)

    @precondition(lambda self: self.all)
    @rule(limit=st.none() | st.integers(0, 3), back=st.integers(0, 8), new=st.booleans())
    def read_from_a_cursor(self, back: int, limit: int | None, new: bool) -> None:
        place = 0 if new else max(0, len(self.all) - back)
        missed = self.first() - place
        gap = Gap(missed, self.log.cursor(self.first())) if missed > 0 else None
        self.check(NEW if new else self.log.cursor(place), max(place, self.first()), gap, limit)

    @rule(ahead=st.integers(1, 5))
    def read_from_nowhere(self, ahead: int) -> None:
        gap = Gap(None, self.log.cursor(self.first()))
        self.check(self.log.cursor(len(self.all) + ahead), self.first(), gap, None)
        self.check("0123.4", self.first(), gap, None)

    def check(self, after: str, place: int, gap: Gap | None, limit: int | None) -> None:
        end = len(self.all) if limit is None else min(len(self.all), place + limit)
        assert self.log.read(after, limit) == (self.all[place:end], self.log.cursor(end), gap)

    @invariant()
    def the_window_is_what_the_model_says(self) -> None:
        assert (self.log.first, self.log.end) == (self.first(), len(self.all))
        assert self.log.bytes == sum(self.sizes[self.first() :])
        assert len(self.log._keys) == sum(at >= self.first() for at in self.keys.values())


TestLogAgainstAList = LogMachine.TestCase
TestLogAgainstAList.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
