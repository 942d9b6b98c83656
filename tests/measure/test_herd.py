"""Herds and storms: what stays together, what spreads, and what the server sees of it."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from rtlab.errors import BadInput
from rtlab.measure import herd, queueing


def test_on_a_fixed_schedule_the_herd_stays_together() -> None:
    waits = herd.polls(200, 0.002, interval=1.0, rounds=5).waits
    expected = queueing.herd(200, 0.002)
    assert waits.mean(axis=1) == pytest.approx([expected.mean_wait] * 5)
    assert waits.max(axis=1) == pytest.approx([expected.max_wait] * 5)


def test_sleeping_after_the_answer_spreads_it_after_the_first_round() -> None:
    waits = herd.polls(200, 0.002, interval=1.0, rounds=5, schedule="sleep").waits
    assert waits.mean(axis=1) == pytest.approx([0.199, 0, 0, 0, 0], abs=1e-9)


def test_jitter_spreads_it_at_once() -> None:
    waits = herd.polls(200, 0.002, interval=1.0, rounds=5, schedule="jitter", seed=1).waits
    assert waits.mean(axis=1).max() < 0.002


@pytest.mark.parametrize("cores", [2, 3])
def test_more_cores_shorten_the_line(cores: int) -> None:
    waits = herd.polls(200, 0.002, interval=1.0, rounds=2, cores=cores, delay=0.04).waits
    assert waits.mean(axis=1) == pytest.approx([queueing.herd(200, 0.002, cores).mean_wait] * 2)


def test_a_herd_too_large_for_its_interval_asks_as_often_as_it_is_answered() -> None:
    found = herd.polls(100, 0.02, interval=0.5, rounds=6, delay=0.04)
    rounds = np.diff(found.arrived[-2:, 0])
    assert rounds == pytest.approx(100 * 0.02)  # not every 0.5 s


def test_the_load_counts_every_request_once_and_the_line_drains() -> None:
    found = herd.polls(200, 0.002, interval=1.0, rounds=3)
    load = found.load()
    assert load.arrivals.sum() == 600
    assert load.arrivals.max() == 200  # all in one slot
    assert load.times[np.flatnonzero(load.arrivals)] == pytest.approx([0.0, 1.0, 2.0])
    assert load.waiting[0] == 195  # 5 of them are served, or being served, within 10 ms
    assert load.waiting[-1] == 0
    assert load.waiting.min() == 0


def test_without_jitter_all_come_back_in_one_slot_and_with_it_a_few_at_a_time() -> None:
    storms = {
        jitter: herd.reconnections(2_000, 0.0005, outage=5.0, jitter=jitter, delay=0.04, seed=1)
        for jitter in ("none", "full", "decorrelated")
    }
    line = {jitter: int(storm.attempts.load().waiting.max()) for jitter, storm in storms.items()}
    assert storms["none"].attempts.load().arrivals.max() == 2_000
    assert line["none"] > 1_900
    assert line["full"] < 200
    assert line["decorrelated"] < 400


@pytest.mark.parametrize("jitter", ["none", "full", "decorrelated"])
@pytest.mark.parametrize("outage", [0.0, 5.0, 60.0])
def test_everybody_is_back_after_the_outage(jitter: herd.Jitter, outage: float) -> None:
    storm = herd.reconnections(500, 0.001, outage, jitter=jitter, delay=0.04, seed=2)
    refused = np.isnan(storm.attempts.started)
    assert len(storm.back) == 500
    assert np.all(np.diff(storm.back) >= 0)
    assert np.all(storm.attempts.arrived[refused] < outage)
    assert np.all(storm.attempts.arrived[~refused] >= outage)
    assert np.count_nonzero(~refused) == 500
    assert storm.back_by(0.0) <= storm.back_by(0.5) <= storm.back_by(1.0) == storm.back[-1]
    # The longest pause is 10 s, then the way there, the line and the way back.
    assert storm.back_by(1.0) <= outage + 10 + 500 * 0.001 + 3 * 0.04


def test_attempts_without_jitter_come_at_the_sums_of_the_pauses() -> None:
    storm = herd.reconnections(3, 0.001, outage=2.0, jitter="none", first=0.5, longest=1.0)
    assert sorted(set(storm.attempts.arrived)) == pytest.approx([0.5, 1.5, 2.5])
    assert storm.back == pytest.approx([2.501, 2.502, 2.503])


def test_a_million_come_back() -> None:
    storm = herd.reconnections(1_000_000, 2e-6, outage=5.0, seed=1)
    assert len(storm.back) == 1_000_000
    assert storm.attempts.load().arrivals.sum() == storm.attempts.arrived.size


@pytest.mark.parametrize(
    ("complaint", "call"),
    [
        ("clients", lambda: herd.polls(0, 0.001, 1.0)),
        ("service", lambda: herd.polls(1, 0, 1.0)),
        ("interval", lambda: herd.polls(1, 0.001, -1.0)),
        ("schedule must be one of fixed, sleep, jitter", lambda: herd.polls(1, 1, 1, schedule="x")),  # type: ignore[arg-type]
        ("delay", lambda: herd.polls(1, 1, 1, delay=math.nan)),
        ("slot", lambda: herd.polls(1, 1, 1).load(0)),
        ("outage", lambda: herd.reconnections(1, 1, -1)),
        ("jitter", lambda: herd.reconnections(1, 1, 1, jitter="some")),  # type: ignore[arg-type]
        ("share", lambda: herd.reconnections(1, 1, 1).back_by(2)),
    ],
)
def test_what_cannot_be_is_refused(complaint: str, call: Callable[[], object]) -> None:
    with pytest.raises(BadInput, match=complaint):
        call()
