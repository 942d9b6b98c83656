"""Who is the cheapest where: each relation that a map must show, and the figures behind it."""

import dataclasses

import pytest

from rtlab.errors import BadInput
from rtlab.measure import cost
from rtlab.measure.offers import Offer, Place, offers
from rtlab.measure.unit_costs import EXAMPLE, Estimate
from rtlab.measure.winner import NONE, steps, winner, winner_map
from rtlab.technique import TECHNIQUES

PLACE = Place(rate=1.0, clients=100, delay=0.04, budget=1.0)
RATES = steps(0.01, 1000, 13)


def by_key(place: Place) -> dict[str, Offer]:
    return {offer.key: offer for offer in offers(place, EXAMPLE)}


@pytest.mark.parametrize("promise", ["mean", "worst"])
@pytest.mark.parametrize("budget", [0.2, 1.0, 60.0])
@pytest.mark.parametrize("technique", ["short", "adaptive", "sse in batches"])
def test_an_interval_that_is_free_uses_the_budget_up(technique: str, budget: float, promise: str) -> None:
    offer = by_key(dataclasses.replace(PLACE, rate=10.0, budget=budget, promise=promise))[technique]
    assert not offer.why_not
    assert offer.latency == pytest.approx(budget, rel=0.02)
    assert offer.latency <= budget * (1 + 1e-9)


def test_what_cannot_keep_the_budget_is_out_and_says_why() -> None:
    found = winner(dataclasses.replace(PLACE, budget=0.06), EXAMPLE)
    assert found.winner in ("sse", "websocket")
    assert {offer.technique: offer.why_not for offer in found.out}["short"].endswith("the budget is 0.06 s")
    late = winner(dataclasses.replace(PLACE, budget=0.03), EXAMPLE)
    assert (late.winner, late.runner_up, late.is_close) == (NONE, NONE, False)


def test_a_full_server_is_out_unless_there_are_more() -> None:
    place = dataclasses.replace(PLACE, clients=100_000, rate=10.0)
    assert winner(place, EXAMPLE).winner == NONE
    assert "cores" in by_key(place)["sse"].why_not or "late" in by_key(place)["sse"].why_not
    assert winner(dataclasses.replace(place, cores=None), EXAMPLE).winner != NONE


def test_the_last_of_many_clients_waits_for_all_writes_before_its_own() -> None:
    many = dataclasses.replace(PLACE, clients=10_000)
    write = EXAMPLE.sse.value
    assert by_key(many)["sse"].latency == pytest.approx(0.04 + 10_001 / 2 * write)
    worst = dataclasses.replace(many, promise="worst")
    assert by_key(worst)["sse"].latency == pytest.approx(0.04 + 10_000 * write)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("cheapest", ["cpu", "bytes", "money"])
def test_adaptive_polling_never_beats_a_fixed_interval_on_poisson_events(rate: float, cheapest: str) -> None:
    found = winner(dataclasses.replace(PLACE, rate=rate), EXAMPLE, cheapest, techniques=("short", "adaptive"))
    assert found.winner in ("short", NONE)


def test_batches_win_where_events_are_dense_and_polling_does_without_them() -> None:
    dense = dataclasses.replace(PLACE, rate=100.0)
    assert winner(dense, EXAMPLE).winner == "sse in batches"
    assert winner(dense, EXAMPLE, batches=False).winner == "short"
    assert winner(dataclasses.replace(PLACE, rate=0.1), EXAMPLE).winner == "sse"


def test_the_border_lies_at_the_crossover_of_theory() -> None:
    interval = 2 * (1.0 - 0.04 - EXAMPLE.poll.value)
    crossover = cost.crossover_rate(interval, EXAMPLE.poll.value, EXAMPLE.sse.value, EXAMPLE.item.value)
    for factor, wins in ((0.95, "sse"), (1.05, "short")):
        place = dataclasses.replace(PLACE, rate=factor * crossover)
        found = winner(place, EXAMPLE, techniques=("short", "sse"), batches=False)
        assert (found.winner, found.is_close) == (wins, True)
    far = dataclasses.replace(PLACE, rate=10 * crossover, clients=10)
    assert not winner(far, EXAMPLE, techniques=("short", "sse"), batches=False).is_close


@pytest.mark.parametrize("rate", RATES)
def test_batches_are_never_dearer_than_a_write_for_each(rate: float) -> None:
    place = dataclasses.replace(PLACE, rate=rate, cores=None)
    here = by_key(place)
    for technique in ("sse", "websocket"):
        assert here[f"{technique} in batches"].cpu.value <= here[technique].cpu.value * (1 + 1e-9)


def test_heartbeats_cost_where_nothing_happens() -> None:
    rare = by_key(dataclasses.replace(PLACE, rate=1e-6))["sse"]
    assert rare.cpu.value == pytest.approx(100 / 15 * EXAMPLE.sse.value, rel=1e-3)
    assert rare.traffic.value == pytest.approx(100 / 15 * EXAMPLE.heartbeat.value, rel=1e-2)


def test_every_figure_has_its_error() -> None:
    for offer in offers(PLACE, EXAMPLE):
        assert offer.cpu.low < offer.cpu.value < offer.cpu.high
        assert offer.memory.low < offer.memory.value < offer.memory.high


@pytest.mark.parametrize(
    ("other", "axis", "end"),
    [({"clients": [10, 100, 1000]}, "clients", 1000), ({"delay": [0.01, 0.1, 0.5]}, "delay", 0.5)],
)
def test_a_map_has_a_cell_for_each_place(other: dict[str, list[float]], axis: str, end: float) -> None:
    found = winner_map(EXAMPLE, RATES, **other)  # type: ignore[arg-type]
    assert found.axis == axis
    assert [len(row) for row in found.cells] == [len(RATES)] * 3
    assert getattr(found.at(1000, end).place, axis) == end
    assert sum(found.counts().values()) == 3 * len(RATES)


def test_without_a_line_to_wait_in_clients_only_multiply() -> None:
    found = winner_map(EXAMPLE, RATES, clients=[1, 1000], cores=None)
    assert [cell.winner for cell in found.cells[0]] == [cell.winner for cell in found.cells[1]]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(BadInput, match="second axis"):
        winner_map(EXAMPLE, RATES)
    with pytest.raises(BadInput, match="second axis"):
        winner_map(EXAMPLE, RATES, clients=[1, 2], delay=[0.1, 0.2])
    with pytest.raises(BadInput, match="cheapest"):
        winner(PLACE, EXAMPLE, "beauty")
    with pytest.raises(BadInput, match="one of short"):
        offers(PLACE, EXAMPLE, ("carrier pigeon",))
    with pytest.raises(BadInput, match="rate"):
        Place(0, 1, 0, 1)
    with pytest.raises(BadInput, match="steps"):
        steps(1, 1, 2)
    assert len(TECHNIQUES) == 5


def test_unit_costs_decide() -> None:
    cheap = dataclasses.replace(EXAMPLE, websocket=Estimate.exactly(5e-6))
    assert winner(PLACE, cheap).winner == "websocket in batches"
