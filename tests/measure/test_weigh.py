"""Messages are weighed as they crossed the wire."""

import pytest

from rtlab.errors import BadInput
from rtlab.measure.cost import frame_overhead
from rtlab.measure.weigh import weigh


def test_an_event_weighs_its_data_by_every_technique_and_the_heads_do_not_change() -> None:
    light, heavy = weigh(2), weigh(102)
    assert heavy.event - light.event == heavy.block - light.block == 100
    assert heavy.frame - light.frame == 100 + frame_overhead(150) - frame_overhead(80)
    assert (heavy.request, heavy.empty, heavy.answer) == (light.request, light.empty, light.answer)


def test_heads_are_paid_for_each_poll_and_once_for_a_stream() -> None:
    found = weigh()
    assert found.long_request - found.request == len("&wait=25") + len("long") - len("short")
    assert found.heads > 2 * found.event > found.block > found.event
    assert found.frame - found.event == len('"type": "event", ') - 3 + frame_overhead(found.event)
    assert 300 < found.socket_opening < found.stream_opening < 500


def test_data_of_no_size_is_refused() -> None:
    with pytest.raises(BadInput, match="size"):
        weigh(0)
