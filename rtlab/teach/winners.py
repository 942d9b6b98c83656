"""The winner map of lesson 09: worked out from unit costs, and drawn."""

from collections.abc import Mapping, Sequence

from rtlab.measure.winner import WinnerMap
from rtlab.view.chart_parts import Quantity
from rtlab.view.layout import Point
from rtlab.view.picture import Picture
from rtlab.view.winner_map import winner_map

RATE = Quantity("events per second", log=True)
AXES = {
    "clients": Quantity("clients", log=True),
    "delay": Quantity("one-way delay", "s", log=True),
}
MEASURES = {"cpu": "server CPU", "bytes": "bytes", "money": "money"}


def draw(
    found: WinnerMap,
    *,
    crossover: Mapping[str, Sequence[Point]] | None = None,
    confirmed: Sequence[tuple[float, float, str]] = (),
    title: str | None = None,
    dark: bool = False,
) -> Picture:
    """Draw what `winner.winner_map` found, with stripes where the errors of the two cheapest overlap.

    `crossover` and `confirmed` as in the view: lines of theory by name, and who won a place in measurement.
    """
    cells = found.cells
    return winner_map(
        found.rates,
        found.others,
        [[cell.winner for cell in row] for row in cells],
        seconds=[[cell.runner_up if cell.is_close else None for cell in row] for row in cells],
        x=RATE,
        y=AXES[found.axis],
        crossover=crossover,
        confirmed=confirmed,
        title=title or f"The least {MEASURES[found.cheapest]} within {found.budget:g} s",
        dark=dark,
    )


def vertical(rate: float, found: WinnerMap) -> list[Point]:
    """Return a line at one rate, from the bottom of the map to its top: a crossover that only the rate decides."""
    return [(rate, found.others[0]), (rate, found.others[-1])]
