"""A result as dots and as words: n, interval, percent, doubts."""

import numpy as np
import pytest

from rtlab.errors import BadInput
from rtlab.measure import models, simulate, workload
from rtlab.measure.network import Network
from rtlab.measure.result import Latency, Result
from rtlab.measure.setup import Setup
from rtlab.teach.measured import agreement, band, distribution, dots, line, replayed
from rtlab.view.chart_parts import Measurement, Theory


def result(*, shift: float = 0.0, events: int = 1000, notes: tuple[str, ...] = (), **setup: object) -> Result:
    """What short polling every 250 ms might have found, each event `shift` seconds late."""
    asked = Setup("short", interval=0.25, **setup)  # type: ignore[arg-type]
    latencies = 0.04 + shift + 0.25 * (np.random.default_rng(1).permutation(events) + 0.5) / max(1, events)
    return Result(
        setup=asked,
        events=events,
        lost=0,
        repeated=0,
        out_of_order=0,
        latency=Latency.of(latencies),
        requests=10,
        empty=0,
        bytes_up=1,
        bytes_down=1,
        server_cpu_seconds=0.1,
        client_cpu_seconds=0.1,
        server_memory_bytes=1,
        socket_buffer_bytes=1,
        connections=1,
        files=1,
        predicted=asked.predict(),
        notes=notes,
        latencies=latencies,
    )


def test_a_mean_whose_interval_holds_the_theory_is_inside() -> None:
    said = agreement(result())
    assert said.startswith("short polling: 165.0 ms, 95 % interval ")
    assert "n = 1,000; theory 165.0, inside (" in said


def test_a_mean_that_is_off_is_outside_and_says_how_far() -> None:
    assert "outside: measured 30.0 ms more (+18.2%)" in agreement(result(shift=0.030))
    assert "outside: measured 30.0 ms less (-18.2%)" in agreement(result(shift=-0.030))


def test_every_doubt_is_said_below() -> None:
    said = agreement(result(notes=("the machine was busy", "the load was late"))).splitlines()
    assert [line.strip() for line in said[1:]] == ["but the machine was busy", "but the load was late"]


def test_a_doubt_that_several_share_is_said_once_below() -> None:
    few = (
        result(rate=1.0, notes=("busy", "late", "slow")),
        result(rate=4.0, notes=("busy", "slow")),
        result(notes=("busy",)),
    )
    said = agreement(*few, label=lambda setup: f"λ = {setup.rate:g}:").splitlines()
    assert said[0].startswith("λ = 1: short polling: 165.0 ms")
    assert said[1] == "   but late"
    assert said[2].startswith("λ = 4: short polling")
    assert said[4:] == ["all of them: busy", "2 of them: slow"]


def test_few_events_have_no_interval_and_none_have_no_figure() -> None:
    assert "n = 20, too few for an interval; theory 165.0" in agreement(result(events=20))
    assert agreement(result(events=0)) == "short polling: nothing arrived"


def test_dots_are_milliseconds_with_their_intervals() -> None:
    drawn = dots([result(rate=1.0), result(rate=4.0)], lambda setup: setup.rate, name="mine")
    assert (drawn.technique, drawn.name, list(drawn.x)) == ("short", "mine", [1.0, 4.0])
    assert drawn.y == pytest.approx([165, 165])
    assert drawn.low is not None
    assert drawn.high is not None
    assert drawn.low[0] < 165 < drawn.high[0]


def test_a_line_and_a_band_are_milliseconds_and_go_together() -> None:
    intervals = [0.1, 0.5, 1.0]
    theory = line("short", intervals, lambda interval: models.short_polling(2.0, interval, 0.04))
    assert theory.y == pytest.approx([90, 290, 540])
    events = [workload.poisson(2.0, 100.0, seed=number) for number in range(40)]
    found = band(
        "short",
        intervals,
        lambda interval, number: simulate.short_polling(events[number], interval, Network(0.04), seed=number),
        runs=40,
    )
    assert (found.technique, found.x) == ("short", intervals)
    for low, mean, high in zip(found.low, theory.y, found.high, strict=True):
        assert 0.8 * mean < low < mean < high < 1.2 * mean


def test_a_distribution_is_a_line_and_dots_that_lie_on_it() -> None:
    theory, measured = distribution(result(), longest=300)
    assert isinstance(theory, Theory)
    assert isinstance(measured, Measurement)
    on_the_line = np.interp(measured.x, theory.x, theory.y)
    assert on_the_line == pytest.approx(np.array(measured.y), abs=0.01)


def test_replayed_events_are_those_that_are_counted() -> None:
    setup = Setup("long", rate=2.0, delay=0.04, clients=3, channels=3, duration=10.0)
    counted = sum(int((events.times >= setup.warm_up).sum()) for events in setup.workloads())
    latencies = replayed(setup, 0.04)
    assert len(latencies) == counted > 30
    assert 0.04 - 1e-9 <= latencies.min() <= latencies.max() <= 0.12 + 1e-9
    assert replayed(setup, 0.05).mean() > latencies.mean() + 0.01
    assert replayed(Setup("sse", delay=0.04), 0.05) == pytest.approx(0.05)


def test_what_has_a_phase_cannot_be_replayed() -> None:
    with pytest.raises(BadInput, match="short polling has a phase"):
        replayed(Setup("short"), 0.04)


def test_without_a_closed_form_there_is_no_line() -> None:
    with pytest.raises(BadInput, match="no spread"):
        distribution(result(workload="bursty"), longest=300)
