"""Traders that are programs: makers who keep a book full, noise that trades without a reason, and followers of trends.

They sit inside the exchange and trade with it directly; only people's orders come over a channel. All chance comes
from the one generator that they share, so that the same seed gives the same trades, price by price.
"""

from __future__ import annotations

import itertools
import random
from collections import deque
from collections.abc import Callable
from typing import Protocol

from rtlab.apps.market.book import BUY, SELL, Fill, Order, Side
from rtlab.apps.market.exchange import Exchange

LEVELS = 10  # prices on each side at which a maker has an order
SIDES: tuple[Side, Side] = (BUY, SELL)


class Bot(Protocol):
    """Somebody who acts when it is their turn."""

    def act(self) -> list[Fill]:
        """Place or cancel orders; the trades that came of it."""


class Desk:
    """A bot's place in the exchange: one stock, a name, and the generator that all bots share."""

    def __init__(self, exchange: Exchange, symbol: str, name: str, chance: random.Random) -> None:
        self.exchange, self.symbol, self.chance = exchange, symbol, chance
        self.name = f"{name} {symbol}"
        self.book = exchange.book(symbol)
        self._numbers = itertools.count(1)

    def place(self, side: Side, quantity: int, price: int | None = None) -> tuple[str, list[Fill]]:
        """Send an order in; its id and its trades."""
        id = f"{self.name} {next(self._numbers)}"
        return id, self.exchange.place(Order(id, self.name, side, quantity, price), self.symbol)

    def cancel(self, id: str) -> None:
        """Take an order back, if it still waits."""
        if id in self.book.waiting:
            self.exchange.cancel(id, self.name)


class Maker:
    """Offers to buy a little below what the stock is worth and to sell a little above, on `LEVELS` prices each.

    It earns the spread, and loses when its offers are older than the news: so at each turn it renews one of them.
    """

    def __init__(self, desk: Desk, worth: Callable[[], int]) -> None:
        self.desk, self.worth = desk, worth
        self._offers: dict[tuple[Side, int], str] = {}

    def act(self) -> list[Fill]:
        """Renew one offer, near the best price more often than far from it."""
        chance = self.desk.chance
        side, level = chance.choice(SIDES), min(int(chance.expovariate(0.3)), LEVELS - 1)
        if (side, level) in self._offers:
            self.desk.cancel(self._offers[side, level])
        price = self.worth() + (1 + level) * (-1 if side == BUY else 1)
        self._offers[side, level], fills = self.desk.place(side, chance.randint(1, 10) * 10, max(1, price))
        return fills


class Noise:
    """Trades without a reason: now at any price, now at a price of its own, of which it keeps a few open."""

    OPEN = 5

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._open: deque[str] = deque()

    def act(self) -> list[Fill]:
        """Buy or sell a few shares."""
        chance = self.desk.chance
        side, quantity = chance.choice(SIDES), chance.randint(1, 40)
        if chance.random() < 0.5:
            return self.desk.place(side, quantity)[1]
        price = max(1, self.desk.exchange.last[self.desk.symbol] + chance.randint(-4, 4))
        id, fills = self.desk.place(side, quantity, price)
        self._open.append(id)
        if len(self._open) > self.OPEN:
            self.desk.cancel(self._open.popleft())
        return fills


class Follower:
    """Buys what rises and sells what falls, up to `MOST` shares either way."""

    MOST = 500

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._seen = desk.exchange.last[desk.symbol]

    def act(self) -> list[Fill]:
        """Compare the price with the one seen last time."""
        exchange, symbol = self.desk.exchange, self.desk.symbol
        change, self._seen = exchange.last[symbol] - self._seen, exchange.last[symbol]
        owned = exchange.account(self.desk.name).shares[symbol]
        if change > 0 and owned < self.MOST:
            return self.desk.place(BUY, 20)[1]
        if change < 0 and owned > -self.MOST:
            return self.desk.place(SELL, 20)[1]
        return []
