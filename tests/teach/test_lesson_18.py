"""Lesson 18's own things: a key's way to the log and back, what it costs, and the letters with their names."""

import pytest

from rtlab import Lab
from rtlab.apps.text.replica import Replica
from rtlab.apps.text.writer import Writer
from rtlab.teach.lesson_18.picture import letters
from rtlab.teach.lesson_18.writers import key_costs, own_key_delays


@pytest.fixture
def lab():
    with Lab() as lab:
        yield lab


def test_a_key_comes_back_from_the_log_after_two_transits_at_the_least(lab):
    lab.network(delay=0.02)
    waits = own_key_delays(lab, Writer, ["short", "websocket"], keys=1, writers=2)
    assert list(waits) == ["short", "websocket"]
    assert min(waits.values()) >= 0.04


def test_several_keys_in_an_event_cost_what_the_tap_saw_and_less_for_each(lab):
    costs = key_costs(lab, Writer, ["sse", "websocket"], "abcdef", together=[1, 3], rate=100)
    single, folded = costs[1], costs[3]
    for by in ("sse", "websocket"):
        assert (single[by].keys, single[by].events, folded[by].events) == (6, 6, 2)
        assert 2 < single[by].bytes_per_key / folded[by].bytes_per_key < 3, (
            "an envelope for three, not for each"
        )
        assert min(single[by].up, single[by].down) > 0
    assert single["websocket"].bytes_per_key < single["sse"].bytes_per_key


def test_the_picture_has_every_letter_with_its_name_its_place_and_what_became_of_it():
    ada = Replica("ada")
    ada.insert(0, "a<")
    ada.delete(0)
    panel = letters("What is there", {"Ada's": ada})
    assert panel.text == "What is there\n           Ada's: [a] <"
    assert (
        '<i class="dead" style="border-color:var(--sse)"><b>a</b><small>1@ada<br>behind<br>nothing'
        in panel.html
    )
    assert "<b>&lt;</b><small>2@ada<br>behind<br>1@ada" in panel.html
