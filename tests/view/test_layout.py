from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.view.layout import Box, TimeAxis, clusters, columns, round_step, shorten, together, window

S, MS = 1_000_000_000, 1_000_000


class TestTimeAxis:
    def test_time_runs_downwards(self):
        axis = TimeAxis(start=5 * S, end=9 * S, top=100, bottom=300)
        assert [axis.y(at * S) for at in (5, 7, 9, 10)] == [100, 200, 300, 350]

    @pytest.mark.parametrize(
        ("span", "unit", "labels"),
        [
            (4 * S, "s", ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5", "3.0", "3.5", "4.0"]),
            (2 * S, "s", ["0.0", "0.5", "1.0", "1.5", "2.0"]),
            (1990 * MS, "ms", ["0", "500", "1000", "1500"]),
            (130 * MS, "ms", ["0", "20", "40", "60", "80", "100", "120"]),
            (1 * MS, "ms", ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
            (90 * S, "s", ["0", "20", "40", "60", "80"]),
        ],
    )
    def test_ticks_are_round_and_in_a_fitting_unit(self, span: int, unit: str, labels: list[str]):
        axis = TimeAxis(7, 7 + span, 0, 100)
        assert axis.unit == unit
        assert [label for _, label in axis.ticks()] == labels

    @given(st.integers(MS, 10**15))
    def test_ticks_are_few_and_inside(self, span: int):
        ticks = [at for at, _ in TimeAxis(3, 3 + span, 0, 1).ticks(9)]
        assert 2 <= len(ticks) <= 10
        assert ticks[0] == 3
        assert ticks[-1] <= 3 + span + span * 1e-6


@pytest.mark.parametrize(
    ("least", "step"), [(1, 1), (1.1, 2), (2.1, 5), (5.1, 10), (0.03, 0.05), (0.2, 0.2), (99, 100)]
)
def test_a_step_is_the_next_round_number(least: float, step: float):
    assert round_step(least) == pytest.approx(step)


class TestWindow:
    def test_it_spans_everything_that_moved(self):
        assert window([(100, 2_000_000), (50, 70)], [], None, None) == (50, 2_000_000)

    def test_what_was_asked_for_wins(self):
        assert window([(0, 4 * S)], [9 * S], 1 * S, 2 * S) == (1 * S, 2 * S)

    def test_appends_widen_it_by_a_quarter_at_most(self):
        assert window([(10 * S, 14 * S)], [9 * S + 500 * MS, 14 * S + 1], None, None) == (
            9 * S + 500 * MS,
            14 * S + 1,
        )
        assert window([(10 * S, 14 * S)], [0, 100 * S], None, None) == (9 * S, 15 * S)

    def test_appends_alone_have_one_too(self):
        assert window([], [3 * S, 1 * S], None, None) == (1 * S, 3 * S)

    @pytest.mark.parametrize("moves", [[], [(5, 5)]])
    def test_it_is_never_empty(self, moves: list[tuple[int, int]]):
        start, end = window(moves, [], None, None)
        assert end - start == MS


class TestColumns:
    @pytest.mark.parametrize(
        ("spans", "chosen"),
        [
            ([], []),
            ([(0, 1)], [0]),
            ([(0, 1), (1, 2)], [0, 0]),  # one after the other
            ([(0, 2), (1, 2)], [0, 1]),
            ([(0, 5), (1, 2), (3, 4)], [0, 1, 1]),  # the second column is free again
            ([(0, 3), (1, 3), (2, 3), (3, 4)], [0, 1, 2, 0]),  # a batch ends at one moment
        ],
    )
    def test_overlapping_bars_stand_side_by_side(self, spans: list[tuple[float, float]], chosen: list[int]):
        assert columns(spans) == chosen

    @given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=40))
    def test_no_two_bars_of_a_column_overlap_and_no_column_is_wasted(self, bars: list[tuple[int, int]]):
        spans = sorted((start, start + length) for start, length in bars)
        chosen = columns(spans)
        for one in range(len(spans)):
            for other in range(one):
                if chosen[one] == chosen[other]:
                    assert spans[other][1] <= spans[one][0]
        at_once = max((sum(a <= start < b for a, b in spans) for start, _ in spans), default=0)
        assert max(chosen, default=-1) + 1 == at_once


class TestLabels:
    def test_close_marks_share_a_label(self):
        assert clusters([(0, "1"), (4, "2"), (30, "3")], gap=10) == [(2, ["1", "2"]), (30, ["3"])]

    @given(st.lists(st.floats(0, 1000), max_size=60))
    def test_labels_stand_apart_and_none_is_lost(self, heights: list[float]):
        found = clusters([(y, str(y)) for y in heights], gap=11)
        assert sum(len(labels) for _, labels in found) == len(heights)
        assert all(below[0] - above[0] >= 11 - 1e-6 for above, below in pairwise(found))

    @pytest.mark.parametrize(
        ("labels", "said"),
        [(["3"], "3"), (["3", "4"], "3–4"), (["9", "10", "11"], "9–11"), (["goal", "foul"], "goal +1")],
    )
    def test_several_are_said_in_one(self, labels: list[str], said: str):
        assert together(labels) == said

    @pytest.mark.parametrize(
        ("text", "width", "short"),
        [("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abc", 2, ""), ("", 5, "")],
    )
    def test_what_is_too_long_is_cut(self, text: str, width: float, short: str):
        assert shorten(text, width, len) == short


class TestBox:
    def test_boxes_that_share_an_edge_do_not_meet(self):
        box = Box(0, 0, 10, 10)
        assert box.meets(Box(9, 9, 20, 20))
        assert not box.meets(Box(10, 0, 20, 10))
        assert not box.meets(Box(0, 10, 10, 20))

    @pytest.mark.parametrize(
        ("start", "end", "crosses"),
        [
            ((-5, 5), (15, 5), True),
            ((-5, -5), (15, 15), True),
            ((5, -5), (5, 15), True),
            ((2, 2), (3, 3), True),  # wholly inside
            ((-5, 5), (-1, 5), False),  # ends before
            ((-5, 11), (15, 11), False),
            ((-3, 8), (1, 14), False),  # past a corner
            ((0, -5), (0, 15), False),  # along an edge
        ],
    )
    def test_it_knows_the_lines_that_run_through(
        self, start: tuple[float, float], end: tuple[float, float], crosses: bool
    ):
        assert Box(0, 0, 10, 10).crosses(start, end) is crosses
