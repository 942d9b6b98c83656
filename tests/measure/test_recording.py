"""A recording notes when a counter of this machine grows, and is read back as a workload."""

from itertools import chain, repeat
from pathlib import Path

import psutil
import pytest

from rtlab.errors import BadInput
from rtlab.measure.recording import disk_bytes, loopback_bytes, record
from rtlab.measure.workload import from_csv


def test_a_recording_notes_each_growth_once(tmp_path: Path) -> None:
    values = chain([100, 100, 130, 130, 135], repeat(135))  # the first is where it starts from
    path = tmp_path / "steps.csv"
    assert record(path, "a staircase", lambda: next(values), seconds=0.2, every=0.001) == 2
    trace = from_csv(path)
    assert trace.sizes.tolist() == [30, 5]
    assert trace.duration == 0.2
    assert path.read_text().startswith("# a staircase\n")


def test_a_counter_that_is_set_back_is_not_an_event(tmp_path: Path) -> None:
    values = chain([100, 5, 8], repeat(8))
    path = tmp_path / "reset.csv"
    assert record(path, "a reset", lambda: next(values), seconds=0.1, every=0.001) == 1
    assert from_csv(path).sizes.tolist() == [3]


def test_the_counters_of_this_machine_can_be_read() -> None:
    assert loopback_bytes() >= 0
    assert disk_bytes() >= 0


def test_a_machine_without_the_counter_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "net_io_counters", lambda pernic: {"eth0": None})
    monkeypatch.setattr(psutil, "disk_io_counters", lambda: None)
    with pytest.raises(BadInput, match="no loopback interface among eth0"):
        loopback_bytes()
    with pytest.raises(BadInput, match="no disk counters"):
        disk_bytes()


def test_a_recording_without_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="seconds"):
        record(tmp_path / "never.csv", "nothing", seconds=0)
