"""Results as plain data: figures per event, several runs summed up, JSON and CSV with the machine."""

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rtlab.errors import BadInput
from rtlab.measure.machine import describe
from rtlab.measure.result import Latency, Result, save, spread
from rtlab.measure.setup import Setup

SETUP = Setup("long", clients=4, channels=4)
LATENCIES = np.linspace(0.04, 0.06, 200)
RESULT = Result(
    setup=SETUP, events=200, lost=0, repeated=0, out_of_order=0, latency=Latency.of(LATENCIES), requests=300,
    empty=100, bytes_up=60_000, bytes_down=40_000, server_cpu_seconds=0.1, client_cpu_seconds=0.2,
    server_memory_bytes=40_000.0, socket_buffer_bytes=0, connections=4, files=4, predicted=SETUP.predict(),
    notes=("one", "two"), latencies=LATENCIES,
)  # fmt: skip


def test_figures_per_event_and_per_client_follow() -> None:
    assert RESULT.requests_per_event == 1.5
    assert RESULT.empty_fraction == pytest.approx(1 / 3)
    assert RESULT.bytes_per_event == 500
    assert RESULT.cpu_per_event == pytest.approx(0.0005)
    assert RESULT.memory_per_client == 10_000
    assert RESULT.latency.mean == pytest.approx(0.05)
    assert RESULT.latency.max == pytest.approx(0.06)


def test_json_has_the_shape_that_was_promised_and_the_machine(tmp_path: Path) -> None:
    save([RESULT, replace(RESULT, server_cpu_seconds=math.nan)], tmp_path / "r.json")
    first, second = json.loads((tmp_path / "r.json").read_text())
    for name in ("clients", "events", "lost", "repeated", "out_of_order", "requests", "empty", "bytes_up",
                 "bytes_down", "server_cpu_seconds", "client_cpu_seconds", "server_memory_bytes"):  # fmt: skip
        assert isinstance(first[name], int | float)
    assert first["technique"] == "long"
    assert set(first["latency"]) >= {"mean", "p50", "p99", "max"}
    assert set(first["predicted"]) == {
        "mean_latency", "max_latency", "requests_per_event", "empty_fraction"
    }  # fmt: skip
    assert second["server_cpu_seconds"] is None
    assert first["machine"] == describe()
    assert first["setup"]["hold"] == 25.0


def test_csv_has_a_row_for_each_result(tmp_path: Path) -> None:
    save([RESULT, RESULT], tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert float(rows[0]["latency.mean"]) == pytest.approx(0.05)
    assert rows[0]["notes"] == "one; two"
    assert rows[0]["machine.cores"] == str(describe()["cores"])


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"r\.txt is neither \.json nor \.csv"):
        save([RESULT], tmp_path / "r.txt")


def test_no_latencies_have_no_figures() -> None:
    assert math.isnan(Latency.of(np.empty(0)).mean)
    assert math.isnan(replace(RESULT, events=0).requests_per_event)


def test_several_runs_have_an_interval_by_students_t() -> None:
    found = spread([1.0, 2.0, 3.0])
    assert (found.mean, found.runs) == (2.0, 3)
    assert found.high - found.mean == pytest.approx(4.303 / math.sqrt(3))
    assert math.isnan(spread([1.0]).low)
    with pytest.raises(BadInput, match="at least one value"):
        spread([])


def test_the_interval_of_runs_holds_the_mean_95_times_of_100() -> None:
    rng = np.random.default_rng(3)
    runs = [spread(rng.standard_normal(4).tolist()) for _ in range(1000)]
    assert 0.93 <= np.mean([run.low <= 0 <= run.high for run in runs]) <= 0.97
