"""Processes, connections and brokers fail, and each reader has each acknowledged event once and in order."""

import pytest

from rtlab.errors import BadInput, RtlabError
from rtlab.measure import broker_print
from rtlab.measure.broker_storm import Aftermath, Plan, storm


@pytest.mark.limit(150)
@pytest.mark.parametrize("broker", ["redis", "kafka"])
def test_each_reader_has_each_acknowledged_event_once_and_in_order(broker: str) -> None:
    after = storm(
        Plan(broker, processes=2, readers=10, events=200, publishers=2, kill_every=2.0, cuts=2, seconds=120)
    )
    assert after.faults == []
    assert (after.acknowledged, after.delivered) == (200, 10 * 100)
    assert (after.cuts, after.broker_faults) == (2, 1)


def test_more_events_have_more_time_unless_it_was_said() -> None:
    assert Plan(events=4_000).limit == 600
    assert Plan(events=20_000).limit == 1_200
    assert Plan(events=20_000, seconds=5).limit == 5


def test_each_kind_is_tried_whatever_became_of_the_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failed(plan: Plan) -> Aftermath:
        return Aftermath(plan, faults=[f"{plan.broker} fault {n}" for n in range(5)])

    monkeypatch.setattr(broker_print, "storm", failed)
    with pytest.raises(RtlabError, match=r"redis: 5 things.*; kafka: 5 things.*fault 0"):
        broker_print.print_storm(100, 1)
    printed = capsys.readouterr().out
    assert "redis fault 2" in printed
    assert "kafka fault 2" in printed
    assert "fault 3" not in printed
    with pytest.raises(RtlabError, match=r"^kafka"):
        broker_print.print_storm(100, 1, ["kafka"])


def test_a_storm_without_readers_is_refused() -> None:
    with pytest.raises(BadInput):
        Plan(readers=0)
