"""Workloads: the rates that were asked for, the same events for the same seed, traces read back."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rtlab.errors import BadInput
from rtlab.measure import workload
from rtlab.measure.workload import Workload

MAKERS: dict[str, Callable[..., Workload]] = {
    "steady": workload.steady,
    "poisson": workload.poisson,
    "bursty": workload.bursty,
    "day_night": workload.day_night,
}
makers = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


def dispersion(events: Workload, window: float) -> float:
    """Variance over mean of the counts in windows: 1 for Poisson, more for bursts, nearly 0 for steady events."""
    counts = np.histogram(events.times, np.arange(0, events.duration + window / 2, window))[0]
    return float(counts.var() / counts.mean())


@makers
def test_the_same_seed_gives_the_same_events_and_another_one_others(make: Callable[..., Workload]) -> None:
    one, same, other = (make(2.0, 500.0, seed=seed) for seed in (7, 7, 8))
    assert np.array_equal(one.times, same.times)
    assert not np.array_equal(one.times, other.times)


@makers
def test_the_mean_rate_is_the_one_asked_for(make: Callable[..., Workload]) -> None:
    events = make(2.0, 2 * workload.DAY, seed=1)
    assert len(events) / events.duration == pytest.approx(2.0, rel=0.01)
    assert (events.rate, events.duration) == (2.0, 2 * workload.DAY)


@makers
def test_times_ascend_within_the_run_and_cannot_be_changed(make: Callable[..., Workload]) -> None:
    events = make(5.0, 100.0, seed=3, size=64)
    assert events.times[0] >= 0
    assert events.times[-1] < 100
    assert np.all(np.diff(events.times) >= 0)
    assert set(events.sizes) == {64}
    assert len(events.sizes) == len(events)
    with pytest.raises(ValueError, match="read-only"):
        events.times[0] = 1


def test_steady_events_are_equally_far_apart_from_a_phase_on() -> None:
    assert workload.steady(4.0, 1.0, phase=0.5).times == pytest.approx([0.125, 0.375, 0.625, 0.875])
    assert workload.steady(4.0, 1.0, phase=0).times == pytest.approx([0, 0.25, 0.5, 0.75])


def test_poisson_waits_are_exponential() -> None:
    waits = np.diff(workload.poisson(2.0, 50_000.0, seed=1).times)
    assert waits.std() == pytest.approx(waits.mean(), rel=0.01)
    assert np.mean(waits > 1.0) == pytest.approx(math.exp(-2.0), rel=0.02)


def test_counts_vary_as_the_kind_of_workload_has_it() -> None:
    assert dispersion(workload.steady(5.0, 20_000.0), 10.0) < 0.01
    assert dispersion(workload.poisson(5.0, 20_000.0, seed=1), 10.0) == pytest.approx(1.0, rel=0.1)
    # A Hawkes process seen through long windows: 1 / (1 − n)².
    bursts = workload.bursty(5.0, 100_000.0, branching=0.5, decay=2.0, seed=1)
    assert dispersion(bursts, 50.0) == pytest.approx(4.0, rel=0.1)


def test_bursty_events_without_followers_are_poisson() -> None:
    assert dispersion(workload.bursty(5.0, 20_000.0, branching=0.0, seed=1), 10.0) == pytest.approx(
        1, rel=0.1
    )


def test_the_night_is_quiet_and_the_day_busy() -> None:
    events = workload.day_night(1.0, 10_000.0, depth=0.9, period=100.0, seed=1)
    hour = np.floor(events.times % 100.0 / 25)  # night, morning, afternoon and evening alike, by quarters
    quarters = np.bincount(hour.astype(int)) / 2500
    expected = 1 - 0.9 * 2 / math.pi * np.array([1, -1, -1, 1])
    assert quarters == pytest.approx(expected, rel=0.1)


def test_a_trace_is_read_with_its_duration(tmp_path: Path) -> None:
    path = tmp_path / "door.csv"
    path.write_text("# a door\n# duration: 8\ntime,size\n0.5,10\n\n1.5,20\n")
    trace = workload.from_csv(path)
    assert trace.times.tolist() == [0.5, 1.5]
    assert trace.sizes.tolist() == [10, 20]
    assert (trace.name, trace.duration, trace.rate) == ("door", 8.0, 0.25)


def test_a_trace_can_be_stretched_to_a_rate(tmp_path: Path) -> None:
    path = tmp_path / "door.csv"
    path.write_text("time,size\n1,10\n3,20\n")  # it ends one mean distance after its last event
    trace = workload.from_csv(path, rate=4.0)
    assert trace.duration == 0.5
    assert trace.rate == 4.0
    assert trace.times == pytest.approx([0.1, 0.3])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("time,size\n1.0,10\nsoon,20\n", "door.csv, line 3: 'soon,20' is not time,size"),
        ("time,size\n1.0\n", "line 2"),
        ("time,size\n1.0,1.5\n", "line 2"),
        ("# nothing\n", "has no events"),
        ("2.0,10\n1.0,10\n", "ascending"),
        ("-1.0,10\n1.0,10\n", "from 0 to the duration"),
        ("nan,10\n", "finite"),
        ("1.0,-10\n2.0,1\n", "0 bytes or more"),
        ("# duration: 1\n0.5,1\n2.0,1\n", "from 0 to the duration"),
    ],
)
def test_a_trace_that_cannot_be_is_refused_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "door.csv"
    path.write_text(text)
    with pytest.raises(BadInput, match=complaint):
        workload.from_csv(path)


def test_the_trace_that_comes_along_is_a_real_one() -> None:
    trace = workload.recorded()
    assert 300 <= len(trace) <= 2000
    assert dispersion(trace, 1.0) > 5  # somebody works: bursts and pauses
    assert len(set(trace.sizes)) > 100
    assert len(workload.recorded(rate=1.0)) == len(trace)
    with pytest.raises(BadInput, match="there is notebook"):
        workload.recorded("elsewhere")


def test_events_can_be_put_by_hand() -> None:
    assert workload.at_times([0.5, 0.1], 1.0).times.tolist() == [0.1, 0.5]
    assert len(workload.at_times([], 1.0)) == 0
    with pytest.raises(BadInput, match="from 0 to the duration"):
        workload.at_times([2.0], 1.0)


@makers
@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf, "1", None])
def test_a_rate_or_duration_that_cannot_be_is_refused(make: Callable[..., Workload], wrong: object) -> None:
    with pytest.raises(BadInput, match="rate"):
        make(wrong, 10.0)
    with pytest.raises(BadInput, match="duration"):
        make(1.0, wrong)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (
            lambda: workload.bursty(1, 10, branching=1.0),
            "branching must be a number from 0 up to, but not, 1",
        ),
        (lambda: workload.bursty(1, 10, decay=0), "decay"),
        (lambda: workload.day_night(1, 10, depth=1.5), "depth must be a number from 0 to 1, not 1.5"),
        (lambda: workload.day_night(1, 10, period=0), "period"),
        (lambda: workload.steady(1, 10, phase=1), "phase"),
        (lambda: workload.poisson(1, 10, size=-1), "size"),
        (lambda: Workload("w", np.zeros(2), np.zeros(1, dtype=np.int64), 1.0, 1.0), "one size for each time"),
    ],
)
def test_other_settings_that_cannot_be_are_refused(call: Callable[[], object], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        call()
