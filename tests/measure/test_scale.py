"""From unit costs to servers and money, by hand and by rtlab."""

import pytest

from rtlab.errors import BadInput
from rtlab.measure.offers import Place
from rtlab.measure.scale import GIGABIT, Bill, Machine, bills
from rtlab.measure.unit_costs import EXAMPLE, MONTH, Prices

MILLION = Place(rate=1.0, clients=1_000_000, delay=0.04, budget=1.0, cores=None)


def bill_of(key: str, place: Place = MILLION, machine: Machine | None = None) -> Bill:
    return next(bill for bill in bills(place, EXAMPLE, machine) if bill.offer.key == key)


def test_a_million_writes_a_second_are_servers_by_hand() -> None:
    bill = bill_of("sse")
    assert bill.cores == pytest.approx(
        1e6 * EXAMPLE.sse.value
    )  # every heartbeat finds that something was written
    assert bill.servers == -(-bill.cores // (8 * 0.6))
    assert bill.limit == "CPU"
    assert bill.gigabits == pytest.approx(8e-9 * 1e6 * (161 + 29), rel=1e-3)
    assert bill.gigabytes == pytest.approx(14.4)


def test_money_is_whole_servers_and_the_traffic() -> None:
    bill, prices = bill_of("websocket"), Prices()
    servers = bill.servers * (8 * prices.core + 32 * prices.memory)
    assert bill.money == pytest.approx(servers + bill.offer.traffic.value * MONTH / 1e9 * prices.traffic)


def test_the_cheapest_comes_first_and_what_is_too_late_has_no_bill() -> None:
    money = [bill.money for bill in bills(MILLION, EXAMPLE)]
    assert money == sorted(money)
    late = Place(rate=1.0, clients=1_000_000, delay=0.04, budget=0.045, cores=None)
    assert {bill.offer.technique for bill in bills(late, EXAMPLE)} <= {"long", "sse", "websocket"}


def test_what_runs_out_first_is_named() -> None:
    quiet = Place(rate=1e-4, clients=1_000_000, delay=0.04, budget=1.0, cores=None)
    assert bill_of("websocket", quiet, Machine(memory=2e9)).limit == "memory"
    assert bill_of("websocket", MILLION, Machine(bandwidth=0.1 * GIGABIT)).limit == "network"


@pytest.mark.parametrize("settings", [{"cores": 0}, {"memory": 0.0}, {"busy": 0.0}, {"busy": 1.0}])
def test_a_machine_that_cannot_be_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        Machine(**settings)  # type: ignore[arg-type]
