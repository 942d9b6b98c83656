"""From unit costs to servers: what a technique needs for so many clients, on paper, and what runs out first."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rtlab.measure.bounds import fraction, positive, whole
from rtlab.measure.offers import Offer, Place, offers
from rtlab.measure.unit_costs import Costs, Prices

GIGABIT = 1e9 / 8  # bytes


@dataclass(frozen=True)
class Machine:
    """One server as it can be rented: cores, bytes of memory, bytes a second, and how busy each may be on average."""

    cores: int = 8
    memory: float = 32e9
    bandwidth: float = 10 * GIGABIT
    busy: float = 0.6

    def __post_init__(self) -> None:
        whole(cores=self.cores)
        positive(memory=self.memory, bandwidth=self.bandwidth)
        fraction(busy=self.busy)
        positive(busy=self.busy)


@dataclass(frozen=True)
class Bill:
    """What one technique needs: `servers` by what runs out first (`limit`), cores, bytes held and a second, money."""

    offer: Offer
    servers: int
    limit: str
    money: float

    @property
    def cores(self) -> float:
        """Seconds of CPU in a second, all servers together."""
        return self.offer.cpu.value

    @property
    def gigabits(self) -> float:
        """Gigabits a second, both ways, all servers together."""
        return self.offer.traffic.value / GIGABIT

    @property
    def gigabytes(self) -> float:
        """Gigabytes of memory that the connections hold, all servers together."""
        return self.offer.memory.value / 1e9


def bills(
    place: Place, costs: Costs, machine: Machine | None = None, prices: Prices | None = None
) -> list[Bill]:
    """Return a bill for each technique that keeps the budget at `place` (whose `cores` is None: as many as it takes).

    The cheapest comes first. Money is for the cores and the memory of whole servers, and for the traffic, a month.
    """
    rented, paid = machine or Machine(), prices or Prices()
    made = [_bill(offer, rented, paid) for offer in offers(place, costs) if not offer.why_not]
    return sorted(made, key=lambda bill: bill.money)


def _bill(offer: Offer, machine: Machine, prices: Prices) -> Bill:
    needs = {
        "CPU": offer.cpu.value / machine.cores,
        "memory": offer.memory.value / machine.memory,
        "network": offer.traffic.value / machine.bandwidth,
    }
    limit = max(needs, key=lambda name: needs[name])
    servers = max(1, math.ceil(needs[limit] / machine.busy))
    return Bill(
        offer,
        servers,
        limit,
        prices.month(servers * machine.cores, offer.traffic.value, servers * machine.memory),
    )
