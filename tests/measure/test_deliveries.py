"""Appends and arrivals joined by id: what was lost, repeated, out of order is found, and what is counted."""

from pathlib import Path

import numpy as np
import pytest

from rtlab.measure.deliveries import Deliveries, join, read_appends

SECOND = 1_000_000_000
APPENDS = {"a": np.array([1, 2, 3, 4]) * SECOND, "b": np.array([2]) * SECOND}


def joined(rows: list[tuple[int, int, float]], begin: float = 0, end: float = 100) -> Deliveries:
    arrivals = np.array([(c, p, int(at * SECOND)) for c, p, at in rows], dtype=np.int64).reshape(-1, 3)
    return join(arrivals, APPENDS, ["a", "b"], 2, int(begin * SECOND), int(end * SECOND))


ALL = [(0, 1, 1.1), (1, 1, 2.5), (0, 2, 2.1), (0, 3, 3.1), (0, 4, 4.2)]


def test_everything_arrived_once_and_in_order() -> None:
    got = joined(ALL)
    assert (got.lost, got.repeated, got.out_of_order) == (0, 0, 0)
    assert list(got.latencies) == pytest.approx([0.1, 0.1, 0.5, 0.1, 0.2])


def test_only_events_appended_in_the_counted_time_have_a_latency() -> None:
    assert list(joined(ALL, 3, 4).latencies) == pytest.approx([0.1])


def test_a_loss_is_counted_also_outside_the_counted_time() -> None:
    assert joined(ALL[1:], 3, 4).lost == 1
    assert joined([], 3, 4).lost == 5


def test_a_repetition_is_counted_and_the_first_arrival_is_the_latency() -> None:
    got = joined([*ALL, (0, 2, 9.0)])
    assert (got.lost, got.repeated, got.out_of_order) == (0, 1, 0)
    assert got.latencies.max() == pytest.approx(0.5)


def test_what_overtakes_is_counted() -> None:
    swapped = [(1, 1, 2.5), (0, 2, 2.1), (0, 1, 2.2), (0, 3, 3.1), (0, 4, 4.2)]
    got = joined(swapped)
    assert (got.lost, got.repeated, got.out_of_order) == (0, 0, 1)


def test_the_side_file_is_read_channel_by_channel(tmp_path: Path) -> None:
    (tmp_path / "appends").write_text("a x.1 10\nb y.1 11\na x.2 12\n")
    appends = read_appends(tmp_path / "appends")
    assert {name: list(at) for name, at in appends.items()} == {"a": [10, 12], "b": [11]}
