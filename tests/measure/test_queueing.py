"""The server as a queue: closed forms against the line played customer by customer, and against each other."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from rtlab.errors import BadInput
from rtlab.measure import queueing
from rtlab.measure.queueing import Line
from rtlab.measure.workload import poisson

CUSTOMERS = 1_000_000


def exponential(mean: float, number: int, seed: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return -mean * np.log1p(-np.random.default_rng(seed).random(number))


@pytest.mark.parametrize("rho", [0.2, 0.5, 0.7])
def test_equal_service_times_wait_as_md1_says(rho: float) -> None:
    arrivals = poisson(rho, CUSTOMERS / rho, seed=1).times
    waits = Line().serve(arrivals, 1.0) - arrivals
    assert waits.mean() == pytest.approx(queueing.md1(rho, 1.0).mean_wait, rel=0.01)


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_exponential_service_times_wait_as_mm1_and_erlang_say(cores: int) -> None:
    rate = 0.6 * cores
    arrivals = poisson(rate, CUSTOMERS / rate, seed=2).times
    waits = Line(cores).serve(arrivals, exponential(1.0, len(arrivals), seed=3)) - arrivals
    line = queueing.mmk(rate, 1.0, cores)
    assert waits.mean() == pytest.approx(line.mean_wait, rel=0.01)
    assert line.utilisation == pytest.approx(0.6)


def test_one_core_of_erlang_is_mm1_and_twice_md1() -> None:
    for rho in (0.1, 0.5, 0.9):
        mm1 = queueing.mm1(rho / 2, 2.0)
        assert queueing.mmk(rho / 2, 2.0, 1) == queueing.Queue(
            "M/M/1", pytest.approx(rho), pytest.approx(mm1.mean_wait), pytest.approx(mm1.mean_sojourn)
        )
        assert queueing.md1(rho / 2, 2.0).mean_wait == pytest.approx(mm1.mean_wait / 2)
        assert mm1.mean_sojourn == pytest.approx(2.0 / (1 - rho))


def test_a_full_server_lets_everybody_wait_for_ever() -> None:
    for line in (queueing.mm1(1.0, 1.0), queueing.md1(2.0, 1.0), queueing.mmk(4.0, 1.0, 4)):
        assert line.mean_wait == line.mean_sojourn == math.inf


@pytest.mark.parametrize("cores", [1, 2, 3, 7])
def test_equal_services_on_several_cores_go_as_if_played_one_by_one(cores: int) -> None:
    """Also when the arrivals come in several calls, with a backlog or without."""
    rng = np.random.default_rng(cores)
    at_once, one_by_one = Line(cores), Line(cores)
    now = 0.0
    for _ in range(200):
        arrivals = now + np.sort(rng.random(rng.integers(1, 12))) * 3
        now = arrivals[-1]
        starts = at_once.serve(arrivals, 0.7)
        assert starts == pytest.approx(one_by_one._serve_one_by_one(arrivals, np.full(len(arrivals), 0.7)))
        assert at_once.free == pytest.approx(one_by_one.free)


@pytest.mark.parametrize("cores", [1, 3, 8])
def test_a_herd_waits_as_its_closed_form_says(cores: int) -> None:
    starts = Line(cores).serve(np.zeros(200), 0.002)
    herd = queueing.herd(200, 0.002, cores)
    assert starts.mean() == pytest.approx(herd.mean_wait)
    assert starts.max() == pytest.approx(herd.max_wait)
    assert starts.max() + 0.002 == pytest.approx(herd.busy)


def test_a_herd_of_200_waits_199_ms_on_average() -> None:
    assert queueing.herd(200, 0.002).mean_wait == pytest.approx(0.199)


@pytest.mark.parametrize("model", ["M/M/1", "M/D/1"])
@pytest.mark.parametrize("clients", [10, 1000])
def test_the_knee_is_where_a_shorter_interval_makes_it_worse(model: queueing.Model, clients: int) -> None:
    knee = queueing.knee(clients, 0.001, model)
    there, shorter, longer = (
        queueing.polling_latency(clients, knee.interval * by, 0.0, 0.001, model) for by in (1, 0.99, 1.01)
    )
    assert there < shorter
    assert there < longer
    assert queueing.utilisation(clients, knee.interval, 0.001) == pytest.approx(knee.utilisation)


def test_evenly_spaced_polls_have_their_knee_where_the_server_is_full() -> None:
    assert queueing.knee(500, 0.002, "D/D/1") == queueing.Knee("D/D/1", 1.0, 1.0)
    latencies = [queueing.polling_latency(500, t, 0.04, 0.002, "D/D/1") for t in (2.0, 1.0, 0.5, 0.1)]
    assert latencies == pytest.approx([1.042, 0.542, 0.542, 0.542])


@pytest.mark.parametrize(
    ("complaint", "call"),
    [
        ("service", lambda: queueing.mm1(1, 0)),
        ("rate", lambda: queueing.md1(math.nan, 1)),
        ("cores", lambda: queueing.mmk(1, 1, 0)),
        ("clients", lambda: queueing.herd(0, 1)),
        ("clients", lambda: queueing.utilisation(-3, 1, 1)),
        ("model must be one of M/M/1, M/D/1, D/D/1", lambda: queueing.knee(1, 1, "G/G/1")),  # type: ignore[arg-type]
        ("cores", lambda: Line(0)),
        ("sort them", lambda: Line().serve(np.array([2.0, 1.0]), 1.0)),
    ],
)
def test_what_cannot_be_is_refused(complaint: str, call: Callable[[], object]) -> None:
    with pytest.raises(BadInput, match=complaint):
        call()
