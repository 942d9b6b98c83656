"""The chooser of lesson 09: requirements in by sliders; a technique, its reasons and all figures out."""

from collections.abc import Mapping
from typing import Any

from rtlab.measure.choice_figures import COLUMNS, figures
from rtlab.measure.choose import BATTERIES, DIRECTIONS, INTERMEDIARIES, Requirements, choose
from rtlab.measure.unit_costs import EXAMPLE, Costs, Prices
from rtlab.view import chooser as view
from rtlab.view.knobs import Knobs, Steps
from rtlab.view.picture import Picture

RATES: Mapping[str, float] = {
    "3 a day": 3 / 86_400,
    "1 an hour": 1 / 3600,
    "1 a minute": 1 / 60,
    "1 a second": 1.0,
    "10 a second": 10.0,
    "100 a second": 100.0,
    "1,000 a second": 1000.0,
}
CLIENTS: Mapping[str, int] = {f"{10**k:,}": 10**k for k in range(7)}
BUDGETS: Mapping[str, float] = {
    "0.1 s": 0.1,
    "0.5 s": 0.5,
    "1 s": 1.0,
    "10 s": 10.0,
    "1 min": 60.0,
    "10 min": 600.0,
}


def chosen(
    wanted: Requirements, costs: Costs = EXAMPLE, prices: Prices | None = None, *, dark: bool = False
) -> Picture:
    """Choose, and draw the choice with its reasons and figures."""
    choice = choose(wanted, costs, prices)
    rows = [view.Row(option.key, figures(option), option.why_not) for option in choice.options]
    return view.chooser(choice.key, choice.reasons, COLUMNS, rows, dark=dark)


def chooser(costs: Costs = EXAMPLE, prices: Prices | None = None, *, dark: bool = False) -> Knobs:
    """Return the chooser; without widgets, the choice as its sliders stand."""

    def draw(rate: str, clients: str, latency_budget: str, delay_ms: int, **others: Any) -> Picture:
        wanted = Requirements(
            RATES[rate], CLIENTS[clients], delay_ms / 1000, BUDGETS[latency_budget], **others
        )
        return chosen(wanted, costs, prices, dark=dark)

    return Knobs(
        draw,
        rate=Steps(RATES, "1 a second"),
        clients=Steps(CLIENTS, "1,000"),
        latency_budget=Steps(BUDGETS, "1 s"),
        delay_ms=(1, 40, 400),
        direction=list(DIRECTIONS),
        intermediaries=list(INTERMEDIARIES),
        battery=list(BATTERIES),
        closed_app=False,
    )
