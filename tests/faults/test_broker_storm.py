"""Processes, connections and brokers fail, and each reader has each acknowledged event once and in order."""

import pytest

from rtlab.errors import BadInput
from rtlab.measure.broker_storm import Plan, storm


@pytest.mark.limit(150)
@pytest.mark.parametrize("broker", ["redis", "kafka"])
def test_each_reader_has_each_acknowledged_event_once_and_in_order(broker: str) -> None:
    after = storm(
        Plan(broker, processes=2, readers=10, events=200, publishers=2, kill_every=2.0, cuts=2, seconds=120)
    )
    assert after.faults == []
    assert (after.acknowledged, after.delivered) == (200, 10 * 100)
    assert (after.cuts, after.broker_faults) == (2, 1)


def test_a_storm_without_readers_is_refused() -> None:
    with pytest.raises(BadInput):
        Plan(readers=0)
