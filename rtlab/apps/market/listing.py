"""What is traded: the name of a stock, the size of its tick, and the price that it opens at."""

from __future__ import annotations

from typing import NamedTuple


class Stock(NamedTuple):
    """A stock as the exchange lists it. Prices are whole ticks of 10^-`decimals` of its currency."""

    symbol: str
    name: str
    price: int  # ticks, that it opens at
    decimals: int = 2

    def money(self, ticks: int) -> str:
        """A price for people: 10150 ticks of a cent are 101.50."""
        return f"{ticks / 10**self.decimals:.{self.decimals}f}"


INVENTED = (
    Stock("ACME", "Anvils and springs", 10_150),
    Stock("BOLT", "Overland couriers", 4_820),
    Stock("CORK", "Bottled notes", 23_475),
)
