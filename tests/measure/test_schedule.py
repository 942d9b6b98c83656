"""What the publisher is given: all events in the order of their times; collected ones at multiples of the interval."""

from pathlib import Path

import numpy as np
import pytest

from rtlab.measure.schedule import Schedule, collected
from rtlab.measure.setup import Setup


def test_the_file_has_every_event_once_in_the_order_of_time(tmp_path: Path) -> None:
    setups = [Setup("sse", clients=5, channels=2, seed=1), Setup("long", clients=3, channels=3, size=7)]
    schedule = Schedule(setups)
    schedule.save(tmp_path / "s.npz")
    with np.load(tmp_path / "s.npz") as file:
        times, channels, sizes = file["times"], file["channels"], file["sizes"]
    assert np.all(np.diff(times) >= 0)
    for names, setup in zip(schedule.channels, setups, strict=True):
        for name, events in zip(names, setup.workloads(), strict=True):
            assert list(times[channels == name]) == list(events.times)
            assert list(sizes[channels == name]) == list(events.sizes)
    assert len(times) == sum(len(events) for setup in setups for events in setup.workloads())


def test_deliveries_are_events_times_the_clients_that_read_them() -> None:
    setup = Setup("sse", clients=5, channels=2)
    first, second = (len(events) for events in setup.workloads())
    assert Schedule([setup]).deliveries == [3 * first + 2 * second]


def test_a_collected_event_comes_at_the_next_multiple_and_never_before_it_happens() -> None:
    times = np.array([0.0, 0.01, 0.25, 0.26, 0.99])
    assert list(collected(times, 0.25, 0.0)) == pytest.approx([0.0, 0.25, 0.25, 0.5, 1.0])
    assert list(collected(times, 0.25, 0.5)) == pytest.approx([0.125, 0.125, 0.375, 0.375, 1.125])
    many = np.sort(np.random.default_rng(1).random(10_000)) * 100
    late = collected(many, 0.25, 0.3)
    assert np.all(late >= many)
    assert np.all(late - many <= 0.25 + 1e-9)


def test_channels_are_collected_apart_from_each_other() -> None:
    schedule = Schedule([Setup("sse", clients=4, channels=4, coalesce=1.0, rate=5.0)])
    phases = {name: set(np.round(due % 1.0, 6)) for name, due in schedule.due.items()}
    assert list(phases.values()) == [{0.0}, {0.25}, {0.5}, {0.75}]
    assert list(schedule.happen["c0-0"]) != list(schedule.due["c0-0"])
