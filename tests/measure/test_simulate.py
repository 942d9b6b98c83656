"""One client in virtual time: agrees with the closed forms, loses nothing, and shows what it did.

Seeds are fixed, so each figure is the same in every run: the tolerances say how well simulation and theory agree.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest

from rtlab.clients import pace
from rtlab.errors import BadInput
from rtlab.measure import models, simulate
from rtlab.measure.models import Prediction
from rtlab.measure.network import Network
from rtlab.measure.outcome import Simulated, SimulatedMessage
from rtlab.measure.workload import Workload, at_times, bursty, poisson, recorded, steady

D = 0.04
NETWORK = Network(D)
ROUGH = Network(D, jitter=0.02, loss=0.02)
EVENTS = 100_000
Simulate = Callable[[Workload, Network], Simulated]

TECHNIQUES: dict[str, Simulate] = {
    "short": lambda w, n: simulate.short_polling(w, 0.25, n),
    "short, always asking": lambda w, n: simulate.short_polling(w, 0.0, n),
    "sleeping": lambda w, n: simulate.sleeping_poll(w, 0.25, n),
    "back-off": lambda w, n: simulate.adaptive_polling(w, pace.Backoff(0.25, 8.0, 2.0), n),
    "fixed pace": lambda w, n: simulate.adaptive_polling(w, pace.Fixed(0.25), n),
    "long": lambda w, n: simulate.long_polling(w, n),
    "long, held 2 s": lambda w, n: simulate.long_polling(w, n, hold=2.0),
    "long, TCP": lambda w, n: simulate.long_polling(w, n, transits=4),
    "long, TLS": lambda w, n: simulate.long_polling(w, n, transits=6),
    "push": lambda w, n: simulate.push(w, n),
    "coalesced": lambda w, n: simulate.push(w, n, technique="sse", interval=0.25),
}
THEORY: dict[str, Callable[[float], Prediction]] = {
    "short": lambda rate: models.short_polling(rate, 0.25, D),
    "short, always asking": lambda rate: models.short_polling(rate, 0.0, D),
    "sleeping": lambda rate: models.sleeping_poll(rate, 0.25, D),
    "back-off": lambda rate: models.backoff_polling(rate, 0.25, 8.0, 2.0, D),
    "fixed pace": lambda rate: models.short_polling(rate, 0.25, D),
    "long": lambda rate: models.long_polling(rate, D),
    "long, held 2 s": lambda rate: models.long_polling(rate, D, hold=2.0),
    "long, TCP": lambda rate: models.long_polling(rate, D, gap=4 * D),
    "long, TLS": lambda rate: models.long_polling(rate, D, gap=6 * D),
    "push": lambda rate: models.push(rate, D),
    "coalesced": lambda rate: models.coalesced_push(rate, 0.25, D),
}
techniques = pytest.mark.parametrize("name", TECHNIQUES)


@techniques
@pytest.mark.parametrize("rate", [0.5, 5.0])
def test_poisson_events_agree_with_the_closed_form_within_one_per_cent(name: str, rate: float) -> None:
    theory = THEORY[name](rate)
    found = TECHNIQUES[name](poisson(rate, EVENTS / rate, seed=1), NETWORK)
    assert found.mean_latency == pytest.approx(theory.mean_latency, rel=0.01)
    assert found.requests_per_event == pytest.approx(theory.requests_per_event, rel=0.01)
    assert found.empty_fraction == pytest.approx(theory.empty_fraction, rel=0.01, abs=0.001)
    assert found.max_latency <= theory.max_latency + 1e-6
    for latency in (0.05, 0.1, 0.15, 0.25, 1.0):
        assert np.mean(found.latencies <= latency) == pytest.approx(theory.cdf(latency), abs=0.005)
    assert found.quantile(0.99) == pytest.approx(theory.quantile(0.99), rel=0.02)


def test_the_band_holds_the_closed_form_in_about_95_of_100_runs() -> None:
    runs = [(poisson(2.0, 500.0, seed=seed), seed) for seed in range(400)]
    for theory, bands in (
        (THEORY["short"], [simulate.short_polling(w, 0.25, NETWORK, seed=seed).band() for w, seed in runs]),
        (THEORY["long"], [simulate.long_polling(w, NETWORK, seed=seed).band() for w, seed in runs]),
    ):
        held = sum(low <= theory(2.0).mean_latency <= high for low, high in bands)
        assert held / len(runs) == pytest.approx(0.95, abs=0.03)


@techniques
@pytest.mark.parametrize("network", [NETWORK, ROUGH], ids=["steady", "rough"])
def test_every_event_arrives_once_and_none_before_it_could(name: str, network: Network) -> None:
    for workload in (
        bursty(3.0, 300.0, seed=4),
        recorded(),
        steady(3.0, 300.0),
        poisson(30.0, 300.0, seed=4),
    ):
        found = TECHNIQUES[name](workload, network)
        assert len(found.latencies) == found.events == len(workload)
        assert found.latencies.min() >= D - 1e-9
        carried = [event for message in found.messages() for event in message.events]
        assert carried == list(range(len(workload)))
        for message in found.messages():
            assert all(workload.times[event] <= message.left + 1e-9 for event in message.events)


@techniques
def test_jitter_and_loss_make_it_later(name: str) -> None:
    workload = poisson(2.0, 5_000.0, seed=6)
    assert TECHNIQUES[name](workload, ROUGH).mean_latency > TECHNIQUES[name](workload, NETWORK).mean_latency


@techniques
def test_the_same_seed_gives_the_same_run(name: str) -> None:
    workload = poisson(2.0, 100.0, seed=6)
    one, same = (TECHNIQUES[name](workload, ROUGH) for _ in range(2))
    assert np.array_equal(one.latencies, same.latencies)


@techniques
def test_a_quiet_channel_has_requests_and_no_latency(name: str) -> None:
    found = TECHNIQUES[name](at_times([], 10.0), NETWORK)
    assert found.events == 0
    assert math.isnan(found.mean_latency)
    assert math.isnan(found.requests_per_event)
    assert math.isnan(found.quantile(0.5))
    assert math.isnan(found.band()[0])
    assert found.empty == found.requests - name.startswith("long")  # one long poll is still held


def test_messages_of_one_connection_do_not_overtake_each_other() -> None:
    found = simulate.push(poisson(50.0, 100.0, seed=1), ROUGH)
    arrivals = [message.arrived for message in found.messages()]
    assert arrivals == sorted(arrivals)


def test_jitter_of_a_push_is_its_mean_as_long_as_nothing_waits_for_others() -> None:
    found = simulate.push(poisson(0.05, EVENTS / 0.05, seed=1), Network(D, jitter=0.01))
    assert found.mean_latency == pytest.approx(0.05, rel=0.01)


@pytest.mark.parametrize("period", [0.25, 0.5, 1.0, 0.3])
def test_periodic_events_keep_the_phase_of_their_run(period: float) -> None:
    theory = models.periodic_short_polling(period, 0.25, D)
    means = []
    for seed in range(40):
        found = simulate.short_polling(
            steady(1 / period, 300 * period, seed=100 + seed), 0.25, NETWORK, seed=seed
        )
        means.append(found.mean_latency)
        assert theory.lowest_mean - 1e-6 <= found.mean_latency <= theory.highest_mean + 1e-6
        assert found.requests_per_event == pytest.approx(theory.requests_per_event, rel=0.01)
        assert found.empty_fraction == pytest.approx(theory.empty_fraction, abs=0.01)
    spread = theory.highest_mean - theory.lowest_mean
    assert max(means) - min(means) > 0.8 * spread
    assert np.mean(means) == pytest.approx(theory.mean_latency, abs=0.2 * spread)


def test_a_phase_can_be_chosen_and_gives_one_latency_for_ever() -> None:
    found = simulate.short_polling(steady(4.0, 100.0, phase=0.0), 0.25, NETWORK, phase=0.5)
    assert found.latencies == pytest.approx((0.125 + 2 * D) % 0.25 + 0 * found.latencies)


@pytest.mark.parametrize("delay", [0.01, 0.1, 0.12])
def test_long_polling_of_rare_periodic_events_takes_one_transit(delay: float) -> None:
    found = simulate.long_polling(steady(4.0, 1000.0), Network(delay))
    assert found.latencies == pytest.approx(delay + 0 * found.latencies)
    assert found.requests_per_event == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize("delay", [0.13, 0.17, 0.2])
def test_long_polling_of_dense_periodic_events_is_short_polling_at_every_gap(delay: float) -> None:
    theory = models.periodic_long_polling(0.25, delay)
    found = simulate.long_polling(steady(4.0, 5000.0), Network(delay))
    assert theory.lowest_mean - 1e-6 <= found.mean_latency <= theory.highest_mean + 1e-6
    assert found.requests_per_event == pytest.approx(theory.requests_per_event, rel=0.01)
    assert found.empty == 0
    rough = simulate.long_polling(steady(4.0, 50_000.0), Network(delay - 0.005, jitter=0.005))
    assert rough.mean_latency == pytest.approx(2 * delay, rel=0.02)  # jitter mixes the phases


def test_adaptive_polling_loses_on_poisson_events_and_wins_on_bursts_at_equal_requests() -> None:
    def gain(workload: Workload) -> float:
        adaptive = simulate.adaptive_polling(workload, pace.AIMD(0.25, 8.0, 0.25), NETWORK)
        fixed = simulate.short_polling(workload, workload.duration / adaptive.requests, NETWORK)
        assert fixed.requests == pytest.approx(adaptive.requests, rel=0.001)
        return fixed.mean_latency / adaptive.mean_latency

    assert gain(poisson(0.3, 60_000.0, seed=1)) < 0.9
    assert gain(bursty(0.3, 60_000.0, branching=0.95, decay=0.3, seed=1)) > 1.5


def test_the_picture_of_a_short_poll() -> None:
    found = simulate.short_polling(at_times([0.7], 1.5), 1.0, Network(0.125), phase=0.0)
    assert found.messages() == [
        SimulatedMessage("request", "up", 0.0, 0.125),
        SimulatedMessage("response", "down", 0.125, 0.25),
        SimulatedMessage("request", "up", 1.0, 1.125),
        SimulatedMessage("response", "down", 1.125, 1.25, (0,)),
        SimulatedMessage("request", "up", 2.0, 2.125),
        SimulatedMessage("response", "down", 2.125, 2.25),
    ]
    assert found.latencies == pytest.approx([0.55])
    assert (found.requests, found.empty) == (2, 1)


def test_the_picture_of_a_long_poll_that_misses_the_second_event_and_is_held_at_the_end() -> None:
    found = simulate.long_polling(at_times([0.5, 0.625], 2.0), Network(0.125))
    assert found.messages() == [
        SimulatedMessage("request", "up", -0.125, 0.0),
        SimulatedMessage("response", "down", 0.5, 0.625, (0,)),
        SimulatedMessage("request", "up", 0.625, 0.75),
        SimulatedMessage("response", "down", 0.75, 0.875, (1,)),
        SimulatedMessage("request", "up", 0.875, 1.0),
    ]
    assert found.latencies.tolist() == [0.125, 0.25]
    assert (found.requests, found.empty) == (3, 0)


def test_the_picture_of_a_long_poll_that_times_out() -> None:
    found = simulate.long_polling(at_times([2.0], 2.5), Network(0.125), hold=1.0)
    assert [(message.kind, message.left, message.events) for message in found.messages()] == [
        ("request", -0.125, ()),
        ("response", 1.0, ()),
        ("request", 1.125, ()),
        ("response", 2.0, (0,)),
        ("request", 2.125, ()),
    ]
    assert (found.requests, found.empty) == (3, 1)


@pytest.mark.parametrize(
    ("technique", "opening", "carrier"),
    [("sse", "response", "event"), ("websocket", "handshake", "frame"), ("push", "response", "event")],
)
def test_the_picture_of_a_push(technique: str, opening: str, carrier: str) -> None:
    found = simulate.push(at_times([0.5], 1.0), Network(0.125), technique=technique)
    assert found.messages() == [
        SimulatedMessage("request", "up", -0.25, -0.125),
        SimulatedMessage(opening, "down", -0.125, 0.0),
        SimulatedMessage(carrier, "down", 0.5, 0.625, (0,)),
    ]
    assert (found.requests, found.technique) == (0, technique)


def test_a_coalesced_push_writes_once_for_all_that_waits() -> None:
    workload = poisson(20.0, 5_000.0, seed=1)
    writes = [m for m in simulate.push(workload, interval=0.25).messages() if m.kind == "frame"]
    assert len(writes) / len(workload) == pytest.approx(-math.expm1(-5.0) / 5.0, rel=0.01)


class Stuck:
    """A policy that says something that is no interval."""

    def __init__(self, answer: float) -> None:
        self.interval, self.answer = 1.0, answer

    def next(self, events: int, elapsed: float, hint: float | None = None) -> float:
        return self.answer


@pytest.mark.parametrize(
    ("complaint", "call"),
    [
        ("interval", lambda w: simulate.short_polling(w, -1.0)),
        ("interval or network.delay", lambda w: simulate.short_polling(w, 0.0)),
        ("interval", lambda w: simulate.sleeping_poll(w, math.nan)),
        ("phase", lambda w: simulate.short_polling(w, 1.0, phase=1.0)),
        ("hold", lambda w: simulate.long_polling(w, hold=-1.0)),
        ("give 2, 4 or 6", lambda w: simulate.long_polling(w, transits=3)),
        ("a hold unless there is a delay", lambda w: simulate.long_polling(w, hold=0.0)),
        ("technique must be one of", lambda w: simulate.push(w, technique="fax")),
        ("interval", lambda w: simulate.push(w, interval=-1.0)),
        ("the pace said 0", lambda w: simulate.adaptive_polling(w, Stuck(0))),
        ("the pace said nan", lambda w: simulate.adaptive_polling(w, Stuck(math.nan))),
        ("the pace said inf", lambda w: simulate.adaptive_polling(w, Stuck(math.inf), NETWORK)),
    ],
)
def test_what_cannot_be_is_refused(complaint: str, call: Callable[[Workload], object]) -> None:
    with pytest.raises(BadInput, match=complaint):
        call(poisson(1.0, 10.0))
