"""The frontier: fixed polling is the bar on Poisson events, and bursts are where one gets below it."""

from functools import partial

import pytest

from rtlab.clients.pace import AIMD, Backoff, Fixed, ServerHint
from rtlab.errors import BadInput
from rtlab.measure import frontier, models, simulate
from rtlab.measure.frontier import Spot, Told, curve, fixed, gain, looks_back, spot, spots, workload
from rtlab.measure.workload import at_times, poisson


def gains(name: str) -> list[float]:
    events = workload(name)
    return [gain(events, each) for of_one in spots(events).values() for each in of_one]


def test_on_poisson_events_every_policy_that_varies_lies_above_the_curve() -> None:
    assert max(gains("poisson")) < 0.97


def test_on_bursts_every_policy_lies_below_the_curve_and_aimd_halves_the_latency() -> None:
    assert min(gains("bursty")) > 1.05
    assert gain(workload("bursty"), spot(workload("bursty"), lambda: AIMD(0.25, 8, 0.25))) > 1.8


def test_day_and_night_gain_at_most_what_knowing_the_rate_would_give() -> None:
    assert max(gains("day and night")) < 1.17


def test_bursts_that_are_over_before_they_are_noticed_gain_nothing() -> None:
    assert max(gains("recorded")) < 1.02


@pytest.mark.parametrize("name", frontier.WORKLOADS)
def test_a_fixed_interval_lies_on_the_curve(name: str) -> None:
    events = workload(name)
    for policy in (Fixed(2.0), ServerHint(2.0)):
        assert gain(events, spot(events, partial(lambda policy: policy, policy))) == pytest.approx(
            1, rel=0.05
        )


@pytest.mark.parametrize("name", frontier.WORKLOADS)
def test_the_four_workloads_have_about_the_same_rate(name: str) -> None:
    events = workload(name)
    assert len(events) / events.duration == pytest.approx(frontier.RATE, rel=0.4)


def test_the_curve_is_the_closed_form_on_poisson_events() -> None:
    events = poisson(0.3, 40_000, seed=3)
    rate = len(events) / events.duration
    for each in curve(events, 0.5, 4.0, points=5):
        theory = models.fixed_bound(rate, each.requests_per_event, 0.0)
        assert each.mean_latency == pytest.approx(theory.mean_latency, rel=0.03)


def test_a_spot_is_what_the_simulation_says() -> None:
    events = poisson(0.3, 20_000, seed=1)
    run = simulate.adaptive_polling(events, Backoff())
    assert spot(events, Backoff) == Spot(run.requests_per_event, run.mean_latency)


def test_a_server_that_looks_back_says_half_as_long_when_it_is_four_times_as_busy() -> None:
    says = looks_back(at_times([3 + 1 / 3 + n / 100 for n in range(33)], 30.0), scale=1.0, memory=10.0)
    quiet, busy = says(3.0), says(10.0)
    assert quiet == pytest.approx((10 / (1 / 3)) ** 0.5)
    assert busy == pytest.approx(quiet / (33 + 1 / 3) ** 0.5 * (1 / 3) ** 0.5)


def test_a_server_tells_only_what_has_happened() -> None:
    asked: list[float] = []

    def says(now: float) -> float:
        asked.append(now)
        return 1.0

    run = simulate.adaptive_polling(poisson(0.5, 200, seed=1), Told(says), seed=4)
    assert run.exchanges is not None
    assert all(now <= at for now, at in zip(asked, run.exchanges.reached.tolist(), strict=True))
    assert max(run.exchanges.reached - asked) <= 1.0


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(BadInput, match="poisson, bursty"):
        workload("noon")
    with pytest.raises(BadInput, match="without events"):
        spot(at_times([], 10.0), Backoff)
    with pytest.raises(BadInput, match="requests_per_event"):
        fixed(poisson(1, 10), 0.0)
