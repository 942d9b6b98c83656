"""The order book of one stock: who wants to buy and who wants to sell, in the order in which they are served.

    book = Book()
    book.add(Order("1", "ada", SELL, quantity=5, price=101))
    book.add(Order("2", "bob", BUY, quantity=3, price=102))     # → [Fill(price=101, quantity=3, …)]

Two rules make a market of it. *Price first*: who offers more buys first, who asks less sells first. *Then time*:
at one price, who came first is served first. A newcomer who meets the other side's price trades at once, at the
price of the one who was waiting; what is left of a limit order waits, what is left of a market order is dropped.

Prices are whole ticks and quantities whole shares, so that no money is lost to rounding. Here is neither a clock
nor a socket nor chance: the same orders in the same order always give the same fills.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

Side = Literal["buy", "sell"]
BUY: Side = "buy"
SELL: Side = "sell"


@dataclass
class Order:
    """An order to trade `quantity` shares at `price` ticks or better; without a price at any (a market order).

    `quantity` is what is still to be traded: it falls with each fill.
    """

    id: str
    trader: str
    side: Side
    quantity: int
    price: int | None = None


class Fill(NamedTuple):
    """One trade: the order that came (`taker`) met one that waited (`maker`), whose price it is."""

    price: int
    quantity: int
    taker: Order
    maker: Order


class Queue:
    """One side of a book: a queue of orders at each price, and the prices from the best to the worst.

    A dict keeps its entries in the order in which they came, so it is a queue that can also be left from the middle.
    """

    def __init__(self, side: Side) -> None:
        self.sign = (
            -1 if side == BUY else 1
        )  # the best buyer has the highest price, the best seller the lowest
        self.levels: dict[int, dict[str, Order]] = {}
        self._ranks: list[int] = []  # sign × price of each level, ascending

    def __iter__(self) -> Iterator[int]:
        """The prices, best first."""
        return (self.sign * rank for rank in self._ranks)

    @property
    def best(self) -> int | None:
        """The price that trades next; None if nobody waits here."""
        return self.sign * self._ranks[0] if self._ranks else None

    def accepts(self, price: int | None) -> bool:
        """Whether the other side's `price` is good enough for the best order here."""
        return bool(self._ranks) and (price is None or self._ranks[0] <= self.sign * price)

    def first(self) -> Order:
        """The order that is served next."""
        return next(iter(self.levels[self.sign * self._ranks[0]].values()))

    def join(self, order: Order, price: int) -> None:
        """Let an order wait behind all others of its price."""
        if price not in self.levels:
            self.levels[price] = {}
            insort(self._ranks, self.sign * price)
        self.levels[price][order.id] = order

    def leave(self, order: Order, price: int) -> None:
        """Take an order out, wherever in the queue it is; a price that nobody is left at goes with it."""
        del self.levels[price][order.id]
        if not self.levels[price]:
            del self.levels[price]
            del self._ranks[bisect_left(self._ranks, self.sign * price)]


class Book:
    """Two queues that face each other, and never cross: the best buyer offers less than the best seller asks."""

    def __init__(self) -> None:
        self.queues: dict[Side, Queue] = {BUY: Queue(BUY), SELL: Queue(SELL)}
        self.waiting: dict[str, Order] = {}  # by id

    def add(self, order: Order) -> list[Fill]:
        """Trade what can be traded at once, best price first, and let the rest of a limit order wait."""
        across = self.queues[SELL if order.side == BUY else BUY]
        fills = []
        while order.quantity and across.accepts(order.price):
            fills.append(self._trade(order, across.first()))
        if order.quantity and order.price is not None:
            self.queues[order.side].join(order, order.price)
            self.waiting[order.id] = order
        return fills

    def _trade(self, taker: Order, maker: Order) -> Fill:
        """As many shares as both want, at the price of the one who was here first."""
        assert maker.price is not None  # a market order never waits
        quantity = min(taker.quantity, maker.quantity)
        taker.quantity -= quantity
        maker.quantity -= quantity
        if not maker.quantity:
            self.cancel(maker.id)
        return Fill(maker.price, quantity, taker, maker)

    def cancel(self, id: str) -> Order:
        """Take a waiting order out of the book. Raises KeyError if none waits under that id."""
        order = self.waiting.pop(id)
        assert order.price is not None
        self.queues[order.side].leave(order, order.price)
        return order

    def best(self, side: Side) -> int | None:
        """The best price of one side; None if nobody waits there."""
        return self.queues[side].best

    def depth(self, side: Side, levels: int) -> list[tuple[int, int]]:
        """The best prices of one side and how many shares wait at each, best first."""
        queue = self.queues[side]
        best = (price for price, _ in zip(queue, range(levels), strict=False))
        return [(price, sum(order.quantity for order in queue.levels[price].values())) for price in best]
