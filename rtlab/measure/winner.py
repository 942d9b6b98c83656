"""The winner map: which technique is the cheapest within a latency budget, place by place.

One axis is the rate of events, the other the number of clients or the one-way delay. A technique that cannot meet the
budget at a place, or would fill the server, is out there. Where the errors of the cheapest and the second overlap,
nobody knows which is cheaper: such cells are `close`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log

from rtlab.errors import BadInput
from rtlab.measure.bounds import one_of
from rtlab.measure.offers import CHEAPEST, Offer, Place, offers
from rtlab.measure.unit_costs import Costs, Estimate, Prices
from rtlab.technique import TECHNIQUES

NONE = "none"  # the winner where nobody meets the budget


@dataclass(frozen=True)
class Ranked:
    """An offer and what it costs in the measure that was asked for."""

    offer: Offer
    cost: Estimate


@dataclass(frozen=True)
class Cell:
    """One place: who is in the contest, the cheapest first, and who is out, with why."""

    place: Place
    ranked: tuple[Ranked, ...]
    out: tuple[Offer, ...]

    @property
    def winner(self) -> str:
        """The key of the cheapest offer, or `none`."""
        return self.ranked[0].offer.key if self.ranked else NONE

    @property
    def runner_up(self) -> str:
        """The key of the second cheapest, or `none`."""
        return self.ranked[1].offer.key if len(self.ranked) > 1 else NONE

    @property
    def is_close(self) -> bool:
        """Whether the errors of winner and runner-up overlap: then nobody knows which of the two is cheaper.

        What both share, such as the cost of an item, is in both intervals: so this is said rather too often.
        """
        return len(self.ranked) > 1 and self.ranked[0].cost.overlaps(self.ranked[1].cost)


@dataclass(frozen=True)
class WinnerMap:
    """All cells: `cells[j][i]` is at `rates[i]` and `others[j]`; `axis` says what the others are: clients or delay."""

    rates: tuple[float, ...]
    others: tuple[float, ...]
    axis: str
    cells: tuple[tuple[Cell, ...], ...]
    budget: float
    cheapest: str

    def at(self, rate: float, other: float) -> Cell:
        """Return the cell nearest to a place, by ratio for rates and clients."""
        column = min(range(len(self.rates)), key=lambda i: abs(_ratio(self.rates[i], rate)))
        row = min(range(len(self.others)), key=lambda j: abs(_ratio(self.others[j], other)))
        return self.cells[row][column]

    def counts(self) -> Counter[str]:
        """Return how many cells each winner has."""
        return Counter(cell.winner for row in self.cells for cell in row)


def winner(
    place: Place,
    costs: Costs,
    cheapest: str = "cpu",
    *,
    prices: Prices | None = None,
    techniques: tuple[str, ...] = TECHNIQUES,
    batches: bool = True,
) -> Cell:
    """Rank the techniques at one place by `cheapest`: server `cpu`, `bytes` on the connections, or `money`.

    `batches`: whether push in batches takes part, as a fair comparison needs it.
    """
    one_of(CHEAPEST, cheapest=cheapest)
    made = offers(place, costs, techniques, batches=batches)
    paid = prices or Prices()
    fit = [Ranked(offer, offer.price(cheapest, paid)) for offer in made if not offer.why_not]
    fit.sort(key=lambda ranked: ranked.cost.value)
    return Cell(place, tuple(fit), tuple(offer for offer in made if offer.why_not))


def winner_map(
    costs: Costs,
    rates: Sequence[float],
    *,
    clients: int | Sequence[int] = 1000,
    delay: float | Sequence[float] = 0.04,
    budget: float = 1.0,
    cheapest: str = "cpu",
    prices: Prices | None = None,
    techniques: tuple[str, ...] = TECHNIQUES,
    batches: bool = True,
    promise: str = "mean",
    hold: float = 25.0,
    cores: int | None = 1,
) -> WinnerMap:
    """Find the winner for each of `rates` and each of `clients`, or each of `delay`: one of the two is a sequence.

    See `Place` for `promise`, `hold` and `cores`, `winner` for the rest. With `cores=None` clients only multiply what
    everybody costs, and a map over them has straight borders. Raises BadInput unless exactly one is a sequence.
    """
    axis, others, moved = _axis(clients, delay)
    start = Place(
        rates[0],
        clients if isinstance(clients, int) else clients[0],
        delay if isinstance(delay, (int, float)) else delay[0],
        budget,
        promise,
        hold,
        cores,
    )

    def cell(rate: float, other: float) -> Cell:
        place = moved(replace(start, rate=rate), other)
        return winner(place, costs, cheapest, prices=prices, techniques=techniques, batches=batches)

    cells = tuple(tuple(cell(rate, other) for rate in rates) for other in others)
    return WinnerMap(tuple(rates), others, axis, cells, budget, cheapest)


def steps(least: float, most: float, number: int) -> list[float]:
    """Return `number` values from `least` to `most`, each the same multiple of the one before."""
    if not (0 < least < most and number > 1):
        raise BadInput(f"from {least} to {most} in {number} steps: give 0 < least < most and 2 steps or more")
    return [least * (most / least) ** (i / (number - 1)) for i in range(number)]


def _axis(
    clients: int | Sequence[int], delay: float | Sequence[float]
) -> tuple[str, tuple[float, ...], Callable[[Place, float], Place]]:
    """Return the name of the second axis, its values, and how a place moves along it."""
    if isinstance(delay, (int, float)) and not isinstance(clients, int) and len(clients):
        return "clients", tuple(clients), lambda place, value: replace(place, clients=round(value))
    if isinstance(clients, int) and not isinstance(delay, (int, float)) and len(delay):
        return "delay", tuple(delay), lambda place, value: replace(place, delay=value)
    raise BadInput("give either several numbers of clients or several delays: that is the second axis")


def _ratio(value: float, wanted: float) -> float:
    """How far apart two values are on a logarithmic axis; 0 is as near as a millionth."""

    return log(max(value, 1e-6) / max(wanted, 1e-6))
