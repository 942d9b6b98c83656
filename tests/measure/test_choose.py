"""The chooser's decisions, and that each says why."""

import math

import pytest

from rtlab.errors import BadInput
from rtlab.measure.choose import DIRECTIONS, INTERMEDIARIES, SIMPLE, Requirements, choose
from rtlab.measure.unit_costs import EXAMPLE, Prices

MINUTE, HOUR = 1 / 60, 1 / 3600  # events a second
PUSHES = {"sse", "websocket"}


def wanted(**other: object) -> Requirements:
    return Requirements(**other)  # type: ignore[arg-type]


DECISIONS = [
    (wanted(rate=MINUTE), {"sse"}),
    (wanted(rate=HOUR, clients=100_000), {"sse"}),
    (wanted(rate=100.0, budget=1.0), {"short", "sse in batches", "websocket in batches"}),
    (wanted(rate=100.0, budget=0.1), PUSHES),
    (wanted(rate=MINUTE, intermediaries="buffering proxy"), {"websocket", "long"}),
    (wanted(rate=1.0, intermediaries="strips Upgrade"), {"sse"}),
    (wanted(direction="both, rarely"), {"sse"}),
    (wanted(direction="both, often", budget=0.1), {"websocket"}),
    (wanted(direction="both, often", rate=20.0, budget=0.1), {"websocket"}),
    (wanted(direction="both, often", budget=0.1, intermediaries="strips Upgrade"), {"sse"}),
    (wanted(rate=0.01, budget=600.0, battery="phone"), {"short"}),
    (wanted(rate=0.01, budget=600.0), {"short", "sse"}),
    (wanted(rate=3 / 86_400, battery="phone", closed_app=True), {"push"}),
    (wanted(budget=0.03), {"none"}),
    (wanted(direction="both, often", closed_app=True), {"none"}),
]


@pytest.mark.parametrize(("requirements", "sensible"), DECISIONS)
def test_a_sensible_technique_is_chosen_with_reasons_and_figures(
    requirements: Requirements, sensible: set[str]
) -> None:
    choice = choose(requirements)
    assert choice.key in sensible, choice.reasons
    assert all(reason.endswith(".") for reason in choice.reasons)
    assert {option.key for option in choice.options} == {*SIMPLE, "push"}
    if choice.key != "none":
        assert choice.options[0].key == choice.key
        assert choice.interval == choice.options[0].interval


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("intermediaries", INTERMEDIARIES)
@pytest.mark.parametrize("rate", [1e-4, 0.1, 10.0, 1000.0])
def test_what_is_chosen_keeps_the_budget_and_gets_through(
    rate: float, intermediaries: str, direction: str
) -> None:
    choice = choose(wanted(rate=rate, intermediaries=intermediaries, direction=direction))
    best = choice.options[0]
    assert best.latency <= 1.0 + 1e-9
    assert (choice.technique, intermediaries) not in {
        ("websocket", "strips Upgrade"),
        ("sse", "buffering proxy"),
    }
    assert choice.technique != "adaptive"  # on Poisson events never better than a fixed interval


def test_whoever_is_ruled_out_is_told_why() -> None:
    why = {option.key: option.why_not for option in choose(wanted(intermediaries="strips Upgrade")).options}
    assert "strips Upgrade" in why["websocket"]
    assert why["sse"] == ""
    assert "not needed" in why["push"]
    late = {option.key: option.why_not for option in choose(wanted(budget=0.05)).options}
    assert "the budget is 0.05 s" in late["short"]


def test_a_simpler_technique_is_preferred_where_it_is_hardly_dearer() -> None:
    choice = choose(wanted())
    money = {option.key: option.money.value for option in choice.options}
    assert choice.key == "sse"
    assert money["websocket"] < money["sse"]
    assert "less simple" in " ".join(choice.reasons)


def test_prices_and_unit_costs_decide() -> None:
    dense = wanted(rate=100.0)
    assert choose(dense, EXAMPLE, Prices(core=0, memory=0)).key == "short"  # bytes alone
    assert choose(dense, EXAMPLE, Prices(traffic=0, memory=0)).key == "sse in batches"  # CPU alone


def test_a_push_service_promises_no_time() -> None:
    choice = choose(wanted(rate=HOUR, battery="phone", closed_app=True))
    assert math.isnan(choice.options[0].latency)
    assert "a hope, not a limit" in " ".join(choice.reasons)


def test_a_phone_wakes_for_every_message() -> None:
    joules = {option.key: option.joules for option in choose(wanted(rate=0.01, budget=600.0)).options}
    assert joules["short"] < joules["long"] < joules["sse"]


def test_what_clients_send_costs_a_request_except_on_a_websocket() -> None:
    there = {option.key: option for option in choose(wanted(direction="both, often")).options}
    assert there["sse"].requests_per_event == pytest.approx(5.0)
    assert there["websocket"].requests_per_event == 0
    assert there["sse"].cores.value > 10 * there["websocket"].cores.value


@pytest.mark.parametrize(
    "setting",
    [{"rate": 0.0}, {"clients": 0}, {"delay": -1.0}, {"budget": math.nan}, {"direction": "up"},
     {"intermediaries": "a wall"}, {"battery": "solar"}],
)  # fmt: skip
def test_what_cannot_be_wanted_is_refused(setting: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="must be"):
        wanted(**setting)
