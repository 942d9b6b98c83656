"""Crowds: what each client of many meets, against one client, against closed forms, and counted by brute force."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from rtlab.clients import pace
from rtlab.errors import BadInput
from rtlab.measure import crowd, models, queueing, simulate, tally
from rtlab.measure.crowd import Server
from rtlab.measure.network import Network
from rtlab.measure.outcome import Simulated
from rtlab.measure.workload import Workload, at_times, bursty, poisson, steady

D = 0.04
NETWORK = Network(D)
ROUGH = Network(D, jitter=0.01, loss=0.01)
POISSON = poisson(2.0, 2_000.0, seed=1)

TECHNIQUES: dict[str, Callable[..., Simulated]] = {
    "short": lambda w, n, *rest: crowd.short_polling(w, 0.25, n, *rest),
    "sleeping": lambda w, n, *rest: crowd.short_polling(w, 0.25, n, *rest, sleeping=True),
    "long": crowd.long_polling,
    "push": crowd.push,
}
techniques = pytest.mark.parametrize("name", TECHNIQUES)


def figures(found: Simulated) -> tuple[float, ...]:
    return found.events, found.requests, found.empty, found.mean_latency, found.max_latency


@pytest.mark.parametrize(
    "workload",
    [poisson(2.0, 500.0, seed=1), bursty(2.0, 300.0, seed=2), steady(4.0, 200.0)],
    ids=lambda w: w.name,
)
@pytest.mark.parametrize("sleeping", [False, True])
@pytest.mark.parametrize("server", [Server(), Server(0.002), Server(0.002, 3), Server(0.02)], ids=repr)
def test_rounds_that_repeat_count_as_if_all_were_played(
    workload: Workload, sleeping: bool, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run() -> Simulated:
        return crowd.short_polling(workload, 0.5, 50, NETWORK, server, sleeping=sleeping, seed=3)

    at_once = run()
    monkeypatch.setattr(crowd, "_repeats", lambda *_: False)
    one_by_one = run()
    assert figures(at_once) == pytest.approx(figures(one_by_one), rel=1e-6)
    assert np.sort(at_once.latencies) == pytest.approx(np.sort(one_by_one.latencies), abs=1e-6)


def test_a_crowd_on_its_own_phases_is_so_many_single_clients() -> None:
    clients, interval = 40, 0.25
    found = crowd.short_polling(POISSON, interval, clients, NETWORK, seed=5)
    phases = np.sort(np.random.default_rng(5).random(clients))
    singles = [simulate.short_polling(POISSON, interval, NETWORK, phase=float(phase)) for phase in phases]
    assert found.events == sum(single.events for single in singles)
    assert found.requests == sum(single.requests for single in singles)
    assert found.empty == sum(single.empty for single in singles)
    assert found.mean_latency == pytest.approx(np.mean([single.mean_latency for single in singles]))
    assert found.max_latency == pytest.approx(max(single.max_latency for single in singles))
    assert len(found.latencies) == found.events


def test_the_kept_latencies_are_a_fair_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = crowd.short_polling(POISSON, 0.25, 2_000, NETWORK, seed=5)
    monkeypatch.setattr(tally, "SAMPLE", 100_000)
    sample = crowd.short_polling(POISSON, 0.25, 2_000, NETWORK, seed=5)
    assert figures(sample) == figures(everything)
    assert 50_000 < len(sample.latencies) < 200_000
    assert sample.quantile(0.99) == pytest.approx(everything.quantile(0.99), rel=0.01)


@techniques
def test_one_client_of_a_crowd_is_the_single_client(name: str) -> None:
    single = {
        "short": simulate.short_polling(POISSON, 0.25, NETWORK),
        "sleeping": simulate.sleeping_poll(POISSON, 0.25, NETWORK),
        "long": simulate.long_polling(POISSON, NETWORK),
        "push": simulate.push(POISSON, NETWORK),
    }[name]
    found = TECHNIQUES[name](POISSON, 1, NETWORK)
    assert found.mean_latency == pytest.approx(single.mean_latency, rel=0.02)  # its phase may be another
    assert found.requests == pytest.approx(single.requests, abs=2)
    assert found.empty == pytest.approx(single.empty, rel=0.01, abs=2)


@pytest.mark.parametrize("hold", [math.inf, 0.5])
def test_a_crowd_of_long_polls_agrees_with_the_closed_form(hold: float) -> None:
    workload = poisson(2.0, 5_000.0, seed=1)
    theory = models.long_polling(2.0, D, hold=None if hold == math.inf else hold)
    found = crowd.long_polling(workload, 20, NETWORK, hold=hold)
    single = simulate.long_polling(workload, NETWORK, hold=hold)
    assert found.mean_latency == pytest.approx(single.mean_latency, rel=1e-9)
    assert (found.requests, found.empty) == (20 * single.requests, 20 * single.empty)
    assert found.mean_latency == pytest.approx(theory.mean_latency, rel=0.01)
    assert found.requests_per_event == pytest.approx(theory.requests_per_event, rel=0.01)


@techniques
def test_jitter_and_loss_hit_a_crowd_as_they_hit_one_client(name: str) -> None:
    single = {
        "short": lambda w, seed: simulate.short_polling(w, 0.25, ROUGH, seed=seed),
        "sleeping": lambda w, seed: simulate.sleeping_poll(w, 0.25, ROUGH, seed=seed),
        "long": lambda w, seed: simulate.long_polling(w, ROUGH, seed=seed),
        "push": lambda w, seed: simulate.push(w, ROUGH, seed=seed),
    }[name]
    workload = poisson(2.0, 500.0, seed=8)
    singles = [single(workload, seed) for seed in range(100)]
    found = TECHNIQUES[name](workload, 500, ROUGH)
    assert found.mean_latency == pytest.approx(np.mean([one.mean_latency for one in singles]), rel=0.01)
    requests = np.mean([one.requests for one in singles])
    assert found.requests / 500 == pytest.approx(requests, rel=0.01)


@pytest.mark.parametrize("interval", [2.0, 1.2, 0.8, 0.2])
def test_polls_at_phases_of_their_own_agree_with_the_knee_of_evenly_spaced_ones(interval: float) -> None:
    """N c = 1 s: down to there T/2 + c + d, from there on a shorter interval gives nothing."""
    found = crowd.short_polling(poisson(5.0, 2_000.0, seed=1), interval, 500, NETWORK, Server(0.002))
    expected = queueing.polling_latency(500, interval, D, 0.002, "D/D/1")
    assert found.mean_latency == pytest.approx(expected, rel=0.01)
    assert found.server_seconds / 2_000 == pytest.approx(min(1, 500 * 0.002 / interval), rel=0.01)


def test_more_cores_move_the_knee() -> None:
    one, four = (
        crowd.short_polling(POISSON, 0.5, 1_000, NETWORK, Server(0.002, cores)).mean_latency
        for cores in (1, 4)
    )
    assert one == pytest.approx(1.0 + 0.002 + D, rel=0.01)
    assert four == pytest.approx(0.25 + 0.002 + D, rel=0.01)


def test_a_push_to_many_is_a_line_of_its_own() -> None:
    rare = steady(0.1, 1_000.0)
    found = crowd.push(rare, 1_000, NETWORK, Server(0.001))
    assert found.mean_latency == pytest.approx(D + 1_001 * 0.001 / 2)
    assert found.max_latency == pytest.approx(D + 1.0)
    assert found.server_seconds == pytest.approx(len(rare) * 1.0)
    two = crowd.push(rare, 1_000, NETWORK, Server(0.001, cores=2))
    assert two.max_latency == pytest.approx(D + 0.5)


def test_a_backlog_makes_batches_so_that_a_slow_server_keeps_up() -> None:
    dense = poisson(50.0, 200.0, seed=1)
    found = crowd.push(dense, 1_000, NETWORK, Server(0.0005))  # 25 times what it could do one by one
    assert found.max_latency <= D + 1.0 + 1e-9  # the round under way and the next one
    assert found.server_seconds == pytest.approx(200.0, rel=0.02)


def test_long_polls_wait_for_each_other_too() -> None:
    rare = steady(0.1, 1_000.0)
    found = crowd.long_polling(rare, 1_000, NETWORK, Server(0.001))
    assert found.mean_latency == pytest.approx(D + 1_001 * 0.001 / 2)
    assert found.requests == 1_000 * (len(rare) + 1)


def test_those_next_to_each_other_in_line_are_followed_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    workload = poisson(2.0, 500.0, seed=4)
    everybody = crowd.long_polling(workload, 2_000, NETWORK, Server(0.0001), hold=2.0)
    monkeypatch.setattr(tally, "SAMPLE", 100 * len(workload))
    followed = crowd.long_polling(workload, 2_000, NETWORK, Server(0.0001), hold=2.0)
    assert len(followed.latencies) == 100 * len(workload)
    assert followed.events == everybody.events
    assert followed.mean_latency == pytest.approx(everybody.mean_latency, rel=0.01)
    assert followed.requests == pytest.approx(everybody.requests, rel=0.01)


@pytest.mark.parametrize("service", [0.0, 0.0004, 0.002])
@pytest.mark.parametrize("cores", [1, 2])
def test_of_a_large_crowd_with_jitter_a_part_is_followed_that_fares_alike(
    service: float, cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run() -> Simulated:
        return crowd.short_polling(workload, 1.0, 1_000, ROUGH, Server(service, cores))

    workload = poisson(2.0, 200.0, seed=4)
    everybody = run()
    monkeypatch.setattr(tally, "SAMPLE", 100 * len(workload))
    followed = run()
    assert len(followed.latencies) < len(everybody.latencies) / 5
    assert followed.events == everybody.events
    assert followed.mean_latency == pytest.approx(everybody.mean_latency, rel=0.01)
    assert followed.requests == pytest.approx(everybody.requests, rel=0.01)
    assert followed.empty_fraction == pytest.approx(everybody.empty_fraction, rel=0.02)
    assert followed.server_seconds == pytest.approx(everybody.server_seconds, rel=0.01)


def test_adaptive_polling_of_a_crowd_agrees_with_the_closed_form() -> None:
    theory = models.backoff_polling(2.0, 0.25, 8.0, 2.0, D)
    found = crowd.adaptive_polling(poisson(2.0, 10_000.0, seed=1), pace.Backoff, 1_000, NETWORK, followed=10)
    assert found.mean_latency == pytest.approx(theory.mean_latency, rel=0.01)
    assert found.requests_per_event == pytest.approx(theory.requests_per_event, rel=0.01)
    assert found.empty_fraction == pytest.approx(theory.empty_fraction, rel=0.01)


def test_a_million_clients_poll_for_an_hour() -> None:
    hour = poisson(1.0, 3600.0, seed=3)
    found = crowd.short_polling(hour, 1.0, 1_000_000, NETWORK)
    theory = models.short_polling(1.0, 1.0, D)
    assert found.requests == 3_600_000_000
    assert found.events == 1_000_000 * len(hour)
    assert found.mean_latency == pytest.approx(theory.mean_latency, rel=1e-4)
    assert found.max_latency == pytest.approx(theory.max_latency, rel=1e-4)


@pytest.mark.parametrize("name", ["long", "push"])
def test_a_million_clients_hear_of_an_hours_events(name: str) -> None:
    hour = poisson(1.0, 3600.0, seed=3)
    found = TECHNIQUES[name](hour, 1_000_000, NETWORK)
    single = {"long": simulate.long_polling, "push": simulate.push}[name](hour, NETWORK)
    assert found.events == 1_000_000 * len(hour)
    assert found.mean_latency == pytest.approx(single.mean_latency)
    assert found.requests == 1_000_000 * single.requests


@techniques
def test_a_quiet_channel_brings_nothing(name: str) -> None:
    found = TECHNIQUES[name](at_times([], 10.0), 10, NETWORK)
    assert found.events == 0
    assert math.isnan(found.mean_latency)
    assert found.empty == (found.requests if name in ("short", "sleeping") else 0)


@pytest.mark.parametrize(
    ("complaint", "call"),
    [
        ("clients", lambda: crowd.short_polling(POISSON, 1.0, 0)),
        ("clients", lambda: crowd.push(POISSON, -1)),
        ("clients", lambda: crowd.long_polling(POISSON, 1.5)),  # type: ignore[arg-type]
        ("interval", lambda: crowd.short_polling(POISSON, -1.0, 1)),
        ("interval or network.delay", lambda: crowd.short_polling(POISSON, 0.0, 1)),
        ("hold", lambda: crowd.long_polling(POISSON, 1, hold=0.0)),
        ("service", lambda: Server(-1.0)),
        ("cores", lambda: Server(1.0, 0)),
        ("technique", lambda: crowd.push(POISSON, 1, technique="fax")),
        ("of many clients are not kept", lambda: crowd.push(POISSON, 2).messages()),
    ],
)
def test_what_cannot_be_is_refused(complaint: str, call: Callable[[], object]) -> None:
    with pytest.raises(BadInput, match=complaint):
        call()
