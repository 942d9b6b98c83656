"""Whoever has read the same events knows the same score, however they came by them."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.apps.scores.board import Board
from rtlab.apps.scores.season import match_day

ROUND = {"kind": "round", "matches": [{"match": "1", "home": "Iris", "away": "Ember"}]}
GOAL = {"kind": "goal", "match": "1", "side": "home", "minute": 12, "player": "Ito"}


def board(*feed):
    known = Board()
    for id, data in feed:
        known.take(id, data)
    return known


def test_the_score_follows_from_the_goals():
    known = board(("x.1", ROUND), ("x.2", GOAL), ("x.3", GOAL | {"side": "away"}), ("x.4", GOAL))
    assert known.scores == {"1": (2, 1)}


def test_a_goal_that_is_taken_back_does_not_count_and_stays_to_be_seen():
    void = {"kind": "amend", "of": "x.2", "to": None, "why": "offside"}
    known = board(("x.1", ROUND), ("x.2", GOAL), ("x.3", void))
    assert known.scores == {"1": (0, 0)}
    assert known.facts["x.2"]["void"]
    assert known.amended == {"x.2": "offside"}


def test_the_last_correction_of_an_event_holds():
    other = {"kind": "amend", "of": "x.2", "to": GOAL | {"player": "Abe"}, "why": "another scorer"}
    void = {"kind": "amend", "of": "x.2", "to": None, "why": "offside"}
    assert board(("x.1", ROUND), ("x.2", GOAL), ("x.3", other)).facts["x.2"]["player"] == "Abe"
    assert board(("x.1", ROUND), ("x.2", GOAL), ("x.3", void), ("x.4", other)).scores == {"1": (1, 0)}
    assert board(("x.1", ROUND), ("x.2", GOAL), ("x.3", other), ("x.4", void)).scores == {"1": (0, 0)}


def test_a_new_round_begins_at_nil():
    known = board(("x.1", ROUND), ("x.2", GOAL), ("x.3", ROUND))
    assert (known.scores, known.facts) == ({"1": (0, 0)}, {})
    known.take("x.4", {"kind": "amend", "of": "x.2", "to": None, "why": "too late"})
    assert known.facts == {}


def feed(seed):
    happenings = match_day(seed)
    return [
        (f"x.{n}", each.data if each.of is None else each.data | {"of": f"x.{each.of}"})
        for n, each in enumerate(happenings)
    ]


@settings(deadline=None)
@given(st.integers(0, 20), st.lists(st.integers(0, 200), max_size=5))
def test_who_reads_pieces_twice_or_comes_late_knows_the_same(seed, cuts):
    events = feed(seed)
    restless = Board()
    begin = 0
    for end in [*sorted(min(cut, len(events)) for cut in cuts), len(events)]:
        for id, data in events[max(0, begin - 3) : end]:  # after a cut without a cursor: the last ones again
            restless.take(id, data)
        begin = end
    assert restless.scores == board(*events).scores


@pytest.mark.parametrize("seed", range(5))
def test_a_match_day_is_told_in_order_and_amends_what_was_told_before(seed):
    day = match_day(seed)
    assert all(a.minute <= b.minute for a, b in itertools.pairwise(day))
    for place, happening in enumerate(day):
        if happening.of is not None:
            assert happening.of < place
            assert day[happening.of].data["kind"] == "goal"
    assert sum(happening.data["kind"] == "end" for happening in day) == 6


def test_a_seed_gives_the_same_match_day_and_the_goals_are_as_many_as_in_a_real_one():
    assert match_day(3) == match_day(3) != match_day(4)
    goals = [sum(happening.data["kind"] == "goal" for happening in match_day(seed)) for seed in range(100)]
    assert 2.2 < sum(goals) / 600 < 3.4
    corrected = sum(happening.of is not None for seed in range(100) for happening in match_day(seed))
    assert 0.15 < corrected / sum(goals) < 0.25
