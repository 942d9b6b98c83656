"""The figures in words: measured above predicted, a dash where there is none, and every doubt with its technique."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from rtlab.measure.models import Prediction
from rtlab.measure.result import Latency, Result
from rtlab.measure.setup import Setup
from rtlab.report import figures


def test_every_line_has_a_value_for_each_technique(results: list[Result]) -> None:
    lines = figures.lines(results)
    assert {len(line.values) for line in lines} == {5}
    names = [line.name for line in lines]
    for name in ("mean latency", "median latency", "p99 latency", "worst latency", "requests per event",
                 "empty answers", "bytes per event", "server CPU, 1,000 events", "memory per client"):  # fmt: skip
        assert name in names


def test_what_theory_says_stands_below_what_was_measured(results: list[Result]) -> None:
    lines = figures.lines(results)
    above = [before.name for before, line in pairwise(lines) if line.name == "predicted"]
    assert above == ["95 % interval", "worst latency", "requests per event", "empty answers"]
    assert lines[2].values == ("540 ms", "621 ms", "43.2 ms", "40 ms", "40 ms")


def test_what_is_not_known_is_a_dash(results: list[Result]) -> None:
    nothing = replace(
        results[0], events=0, latency=Latency.of(np.empty(0)), server_cpu_seconds=math.nan,
        server_memory_bytes=math.nan, predicted=Prediction(math.nan, math.nan, math.nan, math.nan),
    )  # fmt: skip
    values = {line.name: line.values[0] for line in figures.lines([nothing])}
    assert values.pop("empty answers") != "–"
    assert set(values.values()) == {"–"}


def test_agreement_is_said_with_its_size_and_its_interval(results: list[Result]) -> None:
    low, high = results[0].latency.interval
    exact = replace(results[0], predicted=replace(results[0].predicted, mean_latency=(low + high) / 2))
    off = replace(results[0], predicted=replace(results[0].predicted, mean_latency=low / 2))
    (_, (near,)), (_, (far,)) = figures.agreement([exact, off])
    assert near.endswith("within its interval")
    assert "above theory, outside its interval" in far
    few = replace(results[0], latency=replace(results[0].latency, interval=(math.nan, math.nan)))
    assert "too few events" in figures.agreement([few])[0][1][0]


def test_only_techniques_with_doubts_are_listed(results: list[Result]) -> None:
    assert figures.doubts(results) == [("long polling", ("one <reason>", "another"))]


def test_a_doubt_about_every_technique_is_said_once(results: list[Result]) -> None:
    doubted = [replace(result, notes=("all alike", *result.notes)) for result in results]
    assert figures.doubts(doubted) == [
        ("every technique", ("all alike",)),
        ("long polling", ("one <reason>", "another")),
    ]
    assert figures.doubts(doubted[:1]) == [("short polling", ("all alike",))]


def test_a_loss_is_never_left_out(results: list[Result]) -> None:
    assert "nothing lost, nothing repeated, nothing out of order" in figures.delivered(results)
    wrong = [*results[:4], replace(results[4], lost=3)]
    assert figures.delivered(wrong).endswith("counted: 3 lost, 0 repeated, 0 out of order.")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"clients": 40, "channels": 40}, "40 clients, each on a channel of its own; 1 event a second"),
        ({"clients": 40, "channels": 20, "rate": 2.0}, "40 clients, on 20 channels; 2 events a second"),
        ({"clients": 1, "channels": 1}, "1 client, on one channel"),
    ],
)
def test_the_workload_is_a_sentence(
    make: Callable[[Setup], Result], settings: dict[str, object], says: str
) -> None:
    assert figures.workload(Setup("sse", **settings)).startswith(says)  # type: ignore[arg-type]
