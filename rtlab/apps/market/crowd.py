"""All the bots of an exchange, and what they hold its stocks to be worth."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from rtlab.apps.market.book import Fill
from rtlab.apps.market.bots import LEVELS, Bot, Desk, Follower, Maker, Noise
from rtlab.apps.market.exchange import Exchange


class Walk:
    """What a stock is worth where nobody recorded it: up or down by a tick now and then."""

    def __init__(self, price: int, chance: random.Random) -> None:
        self.price, self.chance = price, chance

    def __call__(self) -> int:
        """The worth now; asking moves it."""
        self.price = max(LEVELS + 1, self.price + self.chance.choice((-1, 0, 0, 0, 1)))
        return self.price


class Crowd:
    """All bots of an exchange. `worth` says for a stock what it is worth; without it, its price walks."""

    def __init__(
        self, exchange: Exchange, seed: int = 0, worth: Mapping[str, Callable[[], int]] | None = None
    ) -> None:
        self.chance = random.Random(seed)
        self._turns: list[tuple[str, Bot]] = []
        for symbol, stock in exchange.stocks.items():
            value = (worth or {}).get(symbol) or Walk(stock.price, self.chance)
            makers = [Maker(Desk(exchange, symbol, f"bot maker {n}", self.chance), value) for n in (1, 2)]
            noise = Noise(Desk(exchange, symbol, "bot noise", self.chance))
            follower = Follower(Desk(exchange, symbol, "bot follower", self.chance))
            turns: list[Bot] = [*makers * 3, *[noise] * 2, follower]
            self._turns += [(symbol, bot) for bot in turns]
            for _ in range(10 * LEVELS):  # before the doors open, so that there is a book to look at
                for maker in makers:
                    maker.act()

    def act(self) -> tuple[str, list[Fill]]:
        """Let one bot have its turn: the stock it trades, and what trades it made."""
        symbol, bot = self.chance.choice(self._turns)
        return symbol, bot.act()
