"""Five hundred faults, and every reader has every event once and in order, or was told how many are missing."""

import pytest

from rtlab.errors import BadInput
from rtlab.measure.fault_storm import BLOWS, BOXES, OF_HTTP, Plan, storm


@pytest.mark.limit(180)
def test_five_hundred_faults_lose_nothing_repeat_nothing_and_hide_nothing() -> None:
    after = storm(Plan(faults=500, seed=20))
    assert after.verdict.faults == []
    assert after.faults.total() == 500
    assert set(after.faults) == {*BOXES, *BLOWS}
    assert after.acknowledged > 0
    assert after.verdict.gaps > 0
    assert after.verdict.events > 500


@pytest.mark.limit(120)
def test_nor_do_a_hundred_inside_tls_where_proxies_open_it() -> None:
    after = storm(Plan(faults=100, seed=3, tls=True))
    assert after.verdict.faults == []
    assert set(after.faults) >= OF_HTTP
    assert after.acknowledged > 0
    assert after.verdict.events > 100


def test_a_storm_of_nothing_is_refused() -> None:
    with pytest.raises(BadInput):
        Plan(faults=-1)
