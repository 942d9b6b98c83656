"""Unit costs are found again from what they add up to, and one real trial has work in every slice."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from rtlab.errors import BadInput, RtlabError
from rtlab.measure import bench, calibrate
from rtlab.measure.setup import Setup
from rtlab.measure.trial import Slice, Trial, trial
from rtlab.measure.unit_costs import EXAMPLE, Estimate
from rtlab.measure.weigh import Weights

APPEND, POLL, ITEM, HELD, SSE, WEBSOCKET = 130e-6, 400e-6, 1e-6, 350e-6, 5e-6, 6e-6
WEIGHTS = Weights(100, 174, 181, 247, 247, 162, 190, 180, 432, 352)
WOBBLE = (1.02, 0.98, 1.03, 0.97, 1.01, 0.99)  # of the CPU from slice to slice


def played(setup: Setup, wobble: tuple[float, ...] = WOBBLE) -> Trial:
    """A trial in which everything costs what it is said to cost."""
    events, clients, seconds = setup.rate * 0.25, setup.clients, 0.25
    write = {"sse": SSE, "websocket": WEBSOCKET}.get(setup.technique)
    requests = 0.0
    if setup.technique == "short":
        requests = clients / setup.interval * seconds
    elif setup.technique == "long":
        requests = events * clients
    writes = events * clients if write else 0.0
    exchange = {"short": POLL, "long": HELD}.get(setup.technique, 0.0)
    items = 0.0 if write else events * clients
    cpu = events * APPEND + writes * (write or 0.0) + requests * exchange + items * ITEM
    result = SimpleNamespace(
        setup=setup, memory_per_client=15_000.0, notes=("the machine was busy", "few events")
    )
    parts = [
        Slice(seconds, cpu * more, round(requests), round(events), round(writes), round(writes))
        for more in wobble
    ]
    return Trial(cast(Any, result), tuple(parts))


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> calibrate.Calibration:
    monkeypatch.setattr(calibrate, "trial", lambda setup, progress: played(setup))
    monkeypatch.setattr(calibrate, "weigh", lambda: WEIGHTS)
    return calibrate.calibrate(seconds=1.5)


def test_each_unit_cost_is_found_again_within_its_interval(found: calibrate.Calibration) -> None:
    for cost, value in (
        (found.append, APPEND),
        (found.costs.poll, POLL),
        (found.costs.item, ITEM),
        (found.costs.held, HELD),
        (found.costs.sse, SSE),
        (found.costs.websocket, WEBSOCKET),
    ):
        assert cost.value == pytest.approx(value, rel=0.05)
        assert cost.low < value < cost.high
        assert cost.high > 1.04 * cost.value  # two runs differ by more than the slices of one


def test_what_is_taken_off_widens_the_interval(found: calibrate.Calibration) -> None:
    item, poll = found.costs.item, found.costs.poll
    assert (item.high - item.low) / item.value > 3 * (poll.high - poll.low) / poll.value


def test_bytes_are_exact_and_memory_is_not(found: calibrate.Calibration) -> None:
    costs = found.costs
    assert costs.event == Estimate.exactly(162)
    assert costs.request == Estimate(174, 174, 181)
    assert costs.websocket_overhead == Estimate.exactly(18)
    assert costs.long_memory.value == 15_000
    assert costs.long_memory.high - 15_000 == pytest.approx(2**20 / 400)


def test_what_the_machine_did_meanwhile_is_said_once(found: calibrate.Calibration) -> None:
    assert found.notes == ("the machine was busy",)


def test_of_each_kind_of_note_the_worst_is_said() -> None:
    busy = played(Setup("short", channels=1))
    busier = played(Setup("short", channels=1))
    cast(Any, busy.result).notes = ("the machine spent 20% of its time on something else",)
    cast(Any, busier.result).notes = ("the machine spent 35% of its time on something else",)
    both = calibrate.Calibration(EXAMPLE, EXAMPLE.item, {"a": busier, "b": busy}, WEIGHTS)
    assert both.notes == busier.result.notes


def test_a_clients_share_of_an_interval_is_what_the_unit_costs_say(found: calibrate.Calibration) -> None:
    pull = found.per_interval(found.trials["dense"], 2.0)  # 400 events in it
    push = found.per_interval(found.trials["websocket"], 8.0)  # 400 as well
    assert pull.value == pytest.approx(POLL + 400 * ITEM, rel=0.05)
    assert push.value == pytest.approx(400 * WEBSOCKET, rel=0.05)


def test_the_table_has_every_cost_with_its_interval_beside_the_examples(found: calibrate.Calibration) -> None:
    console = Console(width=160)
    with console.capture() as printed:
        console.print(bench.costs_table(found.costs))
    lines = printed.get().splitlines()
    assert len([line for line in lines if "│" in line]) == len(bench.UNITS)
    assert any("poll" in line and "401 µs" in line and "650 µs" in line for line in lines)
    assert any("event" in line and "162 bytes" in line and "exact" in line for line in lines)


def test_the_crossover_is_said_and_where_there_is_none_too() -> None:
    cheap = replace(EXAMPLE, poll=Estimate.exactly(400e-6), item=Estimate.exactly(2e-6))
    assert "from 80 events in an interval on" in bench.crossover(
        replace(cheap, websocket=Estimate.exactly(7e-6))
    )
    dear = replace(EXAMPLE, item=Estimate.exactly(EXAMPLE.websocket.value))
    assert "never cheaper" in bench.crossover(dear)


def test_a_single_slice_says_that_nothing_is_sure() -> None:
    one = played(Setup("short", channels=1, clients=100), wobble=(1.0,)).each(lambda part: part.requests)
    assert one.low == 0
    assert one.high == pytest.approx(2 * one.value)


def test_nothing_to_divide_by_is_an_error_with_advice() -> None:
    with pytest.raises(RtlabError, match="take longer"):
        played(Setup("sse", channels=1)).each(lambda part: part.requests)


def test_a_time_of_no_length_is_refused() -> None:
    with pytest.raises(BadInput, match="seconds"):
        calibrate.calibrate(seconds=0)


def test_a_real_trial_counts_at_the_server_what_the_clients_count() -> None:
    setup = Setup(
        "websocket", rate=40.0, clients=20, channels=1, delay=0.0, warm_up=0.1, duration=0.6, load="asyncio"
    )
    found = trial(setup)
    events, deliveries, writes = (
        sum(getattr(part, name) for part in found.slices) for name in ("events", "deliveries", "writes")
    )
    assert found.result.lost == found.result.repeated == 0
    assert 0 < writes <= deliveries
    assert (
        abs(deliveries - 20 * events) <= 20 * events
    )  # an event may be appended in one slice and written in the next
    assert all(part.cpu >= 0 and part.seconds > 0 for part in found.slices)
    assert found.cores.value > 0
    assert found.rate(lambda part: part.deliveries) > 0
    assert found.work == found.rate(lambda part: part.writes)
