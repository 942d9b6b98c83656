"""What is traded: the name of a stock, and the price that it opens at."""

from __future__ import annotations

from typing import NamedTuple


class Stock(NamedTuple):
    """A stock as the exchange lists it. Prices are whole ticks, and a tick is a cent: 10150 is 101.50."""

    symbol: str
    name: str
    price: int  # ticks, that it opens at


INVENTED = (
    Stock("ACME", "Anvils and springs", 10_150),
    Stock("BOLT", "Overland couriers", 4_820),
    Stock("CORK", "Bottled notes", 23_475),
)
