"""Lesson 16's own things: readers of every technique at once, slow ones, and traders who wait for their answers."""

import pytest

from rtlab import Lab
from rtlab.apps.market import Market, Unfolded
from rtlab.teach.lesson_16.answers import order_and_wait
from rtlab.teach.lesson_16.crowd import READERS, read_together
from rtlab.teach.lesson_16.slow import draw_slowly, read_slowly


@pytest.fixture
def lab():
    with Lab() as lab:
        lab.app(Market)
        yield lab


def test_every_technique_reads_the_same_channel_and_says_what_it_cost(lab):
    readings = read_together(lab, "market.ACME", list(READERS), 0.5, interval=0.1)
    assert [each.technique for each in readings] == list(READERS)
    for each in readings:
        assert each.stats.events == len(each.latencies) > 0
        assert all(late > 0 for late in each.latencies)
        assert each.mean > 0
        assert min(each.per_second()) > 0
    by = {each.technique: each for each in readings}
    assert by["short"].missed > 0


def test_an_order_is_answered_by_every_technique(lab):
    for each in order_and_wait(lab, list(READERS), orders=3, interval=0.1):
        assert len(each.logged) == len(each.answered) == 3
        logged, answered = each.medians
        assert logged > 0
        assert answered > 0
        assert each.bytes_up > 50


def test_a_slow_reader_of_every_state_grows_old_and_one_of_the_newest_does_not(lab):
    lab.app(Unfolded)
    every = read_slowly(lab, "long", "unfolded.ACME", 1.0, work=0.1, name="every")
    newest = read_slowly(lab, "long", "market.ACME", 1.0, work=0.1)
    assert (every.name, newest.name) == ("every", "long")
    assert every.replaced == 0 < newest.replaced
    assert every.ages[-1] > newest.ages[-1]
    drawn = draw_slowly(lab, "websocket", "market.ACME", 1.0, work=0.1)
    assert drawn.replaced > 0
    assert drawn.changes == sorted(set(drawn.changes))
