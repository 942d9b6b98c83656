"""Market: a small exchange with an order book for each stock, where the visitor trades with bots and with others.

Two kinds of news, two kinds of channel. On `market` every event counts: people's orders come in there, and trades and
acknowledgements go out; nothing of it may be lost. On `market.ACME` each event is the whole book of that stock, so
that the next one makes it worthless: its log keeps *one* event. A reader who is slower than the market finds its
cursor fallen out of that window, and gets a gap and the newest book instead of a backlog. That is conflation, on
every technique and at each reader's own pace, and it needs nothing that a log does not have. `n` counts a book's
changes, so that a reader sees how many were folded into the one that it got.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from rtlab.apps.app import App, Hub
from rtlab.apps.audience import Audience
from rtlab.apps.market import recorded
from rtlab.apps.market.crowd import Crowd
from rtlab.apps.market.exchange import Exchange
from rtlab.apps.market.listing import INVENTED
from rtlab.apps.market.requests import KINDS, understand
from rtlab.apps.market.told import Told, answer, traded
from rtlab.errors import BadInput, Missing
from rtlab.event import Gap
from rtlab.server.app import Server

BEAT = 0.002  # seconds at least between two turns of the bots: what is due by then shares a turn of the loop
IDLE = 0.1  # seconds between two looks whether anybody has come


class Market(App):
    """The exchange and its bots, who send `rate` orders a second (0: no bots); one `seed` gives the same trades.

    The bots act while somebody reads a book, or follows `market` by a stream or a socket; people are always answered.
    A recorded price goes on to the next recorded day every `day` seconds. The state is in memory: a server that is
    started again begins with new books, empty accounts and no open orders.
    """

    name, title = "market", "Market"
    summary = "An order book, bots that trade, and orders of your own"

    def __init__(self, rate: float = 300.0, seed: int = 0, day: float = 1.0) -> None:
        if not 0 <= rate <= 10_000 or not day > 0:
            raise BadInput(f"{rate:g} orders a second, days of {day:g} s: give 0 to 10000, and more than 0")
        self.rate, self.seed, self.day = rate, seed, day
        self.replay: recorded.Replay | None = None
        with contextlib.suppress(Missing):  # then there is a stock less
            self.replay = recorded.Replay(recorded.days())
        listed = (*INVENTED, *([self.replay.stock] if self.replay else []))
        self.exchange = Exchange(listed)
        self.changes: Counter[str] = Counter()  # of each book

    @property
    def keeps(self) -> Mapping[str, int]:
        """Of a book only the newest state is worth keeping."""
        return {f"{self.name}.{symbol}": 1 for symbol in self.exchange.stocks}

    def attend(self, server: Server) -> None:
        """See who reads here."""
        self._channels = server.channels
        self._audiences = {stock: Audience(server, f"{self.name}.{stock}") for stock in self.exchange.stocks}

    @property
    def watched(self) -> bool:
        """Whether anybody would see what the bots do. On `market` the exchange itself reads, but not by a stream."""
        present = [
            audience.present for audience in self._audiences.values()
        ]  # all: each remembers what it saw
        return any(present) or bool(self._channels.find(self.name).readers)

    def check(self, channel: str, data: Any) -> None:
        """Refuse what cannot be traded before it is appended."""
        if channel != self.name:
            raise BadInput(f"on {channel} only the exchange speaks: send orders to {self.name}")
        understand(data, "", self.exchange)

    async def run(self, hub: Hub) -> None:
        """Let the bots trade, and answer people's orders."""
        crowd = None
        if self.rate:
            worth = {recorded.SYMBOL: self.replay} if self.replay else None
            crowd = Crowd(self.exchange, self.seed, worth)
        await self._tell(hub, [], list(self.exchange.stocks))
        await asyncio.gather(self._answer(hub), *([self._trade(hub, crowd)] if crowd else []))

    async def _answer(self, hub: Hub) -> None:
        async for item in hub.read(self.name):
            if isinstance(item, Gap):
                await hub.publish(self.name, {"kind": "overrun", "missed": item.missed})
            elif isinstance(item.data, dict) and item.data.get("kind") in KINDS:
                stock, told = answer(self.exchange, item.id, item.data)
                await self._tell(hub, told, [stock] if stock else [])

    async def _trade(self, hub: Hub, crowd: Crowd) -> None:
        due = turned = time.monotonic()
        while True:
            await asyncio.sleep(max(BEAT, due - time.monotonic()))
            if not self.watched:
                await self._rest(hub)
                due = turned = time.monotonic()
                continue
            now = time.monotonic()
            due = max(due, now - 1.0)  # a machine that was busy for longer does not catch up
            if self.replay and now - turned >= self.day:
                self.replay.next_day()
                turned = now
            told: list[Told] = []
            stocks: list[str] = []
            while due <= now:
                stock, fills = crowd.act()
                told += traded(self.exchange, fills, stock)
                stocks.append(stock)
                due += 1 / self.rate
            await self._tell(hub, told, stocks)

    async def _rest(self, hub: Hub) -> None:
        """Nobody is there: see only that whoever comes finds the books."""
        for stock, audience in self._audiences.items():
            if audience.forgotten:
                await hub.publish(f"{self.name}.{stock}", self.book(stock))
        await asyncio.sleep(IDLE)

    async def _tell(self, hub: Hub, told: Iterable[Told], stocks: Sequence[str]) -> None:
        """Publish the news, and of each book that has changed the newest state, once."""
        for data in told:
            await hub.publish(self.name, data)
        self.changes.update(stocks)
        for stock in dict.fromkeys(stocks):
            await hub.publish(f"{self.name}.{stock}", self.book(stock))

    def book(self, stock: str) -> Told:
        """The whole state of one stock, with its changes so far as `n`, and the last price of every stock."""
        day = self.replay.date.isoformat() if self.replay and stock == recorded.SYMBOL else None
        snapshot = self.exchange.snapshot(stock)
        return {
            "kind": "book",
            "n": self.changes[stock],
            **snapshot,
            "day": day,
            "prices": self.exchange.last,
        }


class Unfolded(Market):
    """The same exchange, whose books keep every state that they were in: to see what that does to a slow reader."""

    name, title = "unfolded", "Market without conflation"
    keeps: ClassVar = {}
