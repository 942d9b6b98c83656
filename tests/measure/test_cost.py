"""Bytes, server CPU, and Lubbers and Greco's table."""

import math
from collections.abc import Callable

import pytest

from rtlab.errors import BadInput
from rtlab.measure import cost, models


@pytest.mark.parametrize(
    ("clients", "polling", "websocket"),
    [(1_000, 6.6, 0.015), (10_000, 66, 0.153), (100_000, 665, 1.526)],
)
def test_lubbers_and_greco_are_repeated(clients: int, polling: float, websocket: float) -> None:
    row = cost.lubbers_greco(clients)
    assert row.polling == pytest.approx(polling, rel=0.01)
    assert row.websocket == pytest.approx(websocket, rel=0.02)


def test_their_ratio_shrinks_with_all_that_crosses_the_wire_too() -> None:
    def ratio(**also: bool | int) -> float:
        return cost.lubbers_greco(1000, **also).ratio  # type: ignore[arg-type]

    assert round(ratio(), 1) == 435.5
    assert round(ratio(packets=True)) == 23
    assert round(ratio(packets=True, acknowledgements=True)) == 12
    everything = ratio(packets=True, acknowledgements=True, tls=True)
    assert everything == pytest.approx((991 + 44) / (82 + 22))
    assert ratio(packets=True, acknowledgements=True, tls=True, payload=1000, frame=4) < 2
    assert cost.lubbers_greco(1000, rate=5.0).polling == pytest.approx(5 * cost.lubbers_greco(1000).polling)


def test_bytes_of_polling_count_every_exchange_and_each_event_once() -> None:
    heads = cost.Heads(request=200, empty=100, answer=150)
    short = models.short_polling(0.5, 1.0, 0.0)  # two requests an event, e^(−1/2) of them empty
    expected = 2 * (200 + math.exp(-0.5) * 100 + (1 - math.exp(-0.5)) * 150) + 60
    assert cost.polling_bytes(short, heads, 60) == pytest.approx(expected)
    assert cost.polling_bytes(models.long_polling(1e-6, 0.0), heads, 60) == pytest.approx(200 + 150 + 60)


def test_bytes_of_push_share_the_heartbeats() -> None:
    assert cost.push_bytes(0.5, 100, overhead=2) == 102
    assert cost.push_bytes(0.5, 100, overhead=2, heartbeat=6, every=20.0) == pytest.approx(102.6)


@pytest.mark.parametrize(
    ("payload", "down", "up"), [(0, 2, 6), (125, 2, 6), (126, 4, 8), (65_535, 4, 8), (65_536, 10, 14)]
)
def test_a_frame_costs_what_the_rfc_says(payload: int, down: int, up: int) -> None:
    assert (cost.frame_overhead(payload), cost.frame_overhead(payload, to_server=True)) == (down, up)


@pytest.mark.parametrize("item", [0.0, 5e-6])
def test_at_the_crossover_both_cost_the_same(item: float) -> None:
    poll, write, interval = 100e-6, 20e-6, 0.5
    rate = cost.crossover_rate(interval, poll, write, item)

    def difference(at: float) -> float:
        return cost.polling_cpu(10, interval, at, poll, item) - cost.push_cpu(10, at, write)

    assert difference(rate) == pytest.approx(0, abs=1e-12)
    assert difference(rate / 2) > 0 > difference(rate * 2)


def test_without_a_dearer_write_there_is_no_crossover() -> None:
    assert cost.crossover_rate(1.0, 100e-6, 20e-6, item=20e-6) == math.inf


@pytest.mark.parametrize("rate", [0.1, 1.0, 100.0, 1e5])
def test_coalesced_push_is_cheaper_than_polling_at_every_rate(rate: float) -> None:
    polling = cost.polling_cpu(10, 0.5, rate, poll=100e-6, item=5e-6)
    assert cost.push_cpu(10, rate, write=20e-6, interval=0.5, item=5e-6) < polling


def test_coalescing_over_no_time_is_a_write_for_each() -> None:
    assert cost.push_cpu(3, 2.0, 1e-3, interval=1e-9) == pytest.approx(cost.push_cpu(3, 2.0, 1e-3))


@pytest.mark.parametrize(
    "call",
    [
        lambda: cost.lubbers_greco(0),
        lambda: cost.lubbers_greco(1.5),  # type: ignore[arg-type]
        lambda: cost.lubbers_greco(10, payload=-1),
        lambda: cost.polling_bytes(models.push(1, 0), cost.Heads(-1, 0, 0), 10),
        lambda: cost.push_bytes(0, 1, 2),
        lambda: cost.push_bytes(1, 1, 2, heartbeat=6, every=0),
        lambda: cost.polling_cpu(1, 0, 1, 1e-3),
        lambda: cost.push_cpu(1, 1, -1e-3),
        lambda: cost.crossover_rate(1, 1, math.nan),
        lambda: cost.frame_overhead(-1),
    ],
)
def test_costs_that_cannot_be_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(BadInput, match="must be"):
        call()
