"""States by WebSocket and by datagrams on lossy paths: by the one nothing is missing, by the other nothing waits."""

import pytest

from rtlab import Lab
from rtlab.teach.lesson_18.offer import NOTES, annotated
from rtlab.teach.lesson_18.streams import compare_streams


def test_a_websocket_brings_all_and_a_datagram_that_is_lost_does_not_come():
    with Lab() as lab:
        streams = compare_streams(lab, [0.0, 0.1], 1.0, every=0.02, delay=0.01, after=0.05, readers=3)
    assert [(each.by, each.share) for each in streams] == [
        ("websocket", 0.0),
        ("websocket", 0.1),
        ("datagrams", 0.0),
        ("datagrams", 0.1),
    ]
    assert [each.arrived for each in streams[:3]] == [1.0, pytest.approx(1.0), 1.0]
    assert 0.7 < streams[3].arrived < 1.0
    for each in streams:
        assert each.sent == 50
        assert each.age > 0.01 + 0.02 / 2 - 0.001, "no state is younger than its way"
        for heard in each.heard:
            assert [sent for sent, _ in heard] == sorted({sent for sent, _ in heard}), "no late one was taken"
        moments, ages = each.ages(0)
        assert len(moments) == len(ages) > 20
        assert min(ages) >= 0.01


def test_the_lines_of_an_offer_are_explained_and_fit():
    lines = annotated()
    assert [line.split(":")[0] for line, _ in lines].count("a=candidate") == 2
    assert all(len(line) <= 44 and note for line, note in lines)
    assert {note for _, note in lines} == set(NOTES.values())
