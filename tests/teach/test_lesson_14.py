"""What lesson 14 measures: nothing lost, nothing twice, and requests and bytes as theory has them."""

import pytest

from rtlab import Lab
from rtlab.measure.weigh import weigh
from rtlab.teach.lesson_14.rooms import READERS, SIZE, Ear, measure, predicted, predicted_bytes


def test_every_technique_hears_every_message_once_and_pays_what_is_predicted_where_no_clock_is_in_it():
    weights = weigh(SIZE)
    with Lab() as lab:
        costs = {cost.technique: cost for cost in measure(lab, rate=1.0, rooms=4, seconds=3.0)}
    assert list(costs) == list(READERS)
    for cost in costs.values():
        assert cost.messages == len(set(cost.ids)) == costs["sse"].messages > 5
        assert min(cost.latencies) > 0
    assert costs["long"].requests <= costs["long"].messages
    assert costs["sse"].requests == costs["websocket"].requests == 0  # opening them was before
    for technique in ("sse", "websocket"):
        assert costs[technique].bytes_per_message == pytest.approx(
            predicted_bytes(technique, 1.0, 0.0, weights), abs=2
        )
    assert costs["websocket"].size < costs["sse"].size < costs["long"].size


def test_each_adaptive_reader_has_a_pace_of_its_own():
    with Lab() as lab:
        paces = [Ear("adaptive", lab.channel(name), 0).reader.pace for name in ("one", "two")]
    assert paces[0] is not paces[1]


@pytest.mark.parametrize("technique", READERS)
def test_theory_has_a_word_on_each(technique):
    assert predicted(technique, 0.5, 0.04).mean_latency >= 0.04
    assert predicted_bytes(technique, 0.5, 0.04, weigh()) > 0
