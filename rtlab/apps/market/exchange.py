"""An exchange: a book for each stock, and an account for each trader, in which every trade is settled at once.

    exchange = Exchange(INVENTED)
    exchange.place(Order("1", "ada", "buy", 10, 10_150), "ACME")    # → the trades it made, none as yet

Accounts begin empty and may go below zero: what one trader gains another gives, so over all traders each stock and
the money add up to nothing, always. A test holds the exchange to it with thousands of random orders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rtlab.apps.market.book import BUY, SELL, Book, Fill, Order
from rtlab.apps.market.listing import Stock
from rtlab.errors import BadInput, InvalidField, LimitExceeded


@dataclass
class Account:
    """What a trader has: money in ticks, shares by stock, and the orders that wait in a book."""

    money: int = 0
    shares: Counter[str] = field(default_factory=Counter)
    open: dict[str, str] = field(default_factory=dict)  # id of an order → its stock, oldest first


class Exchange:
    """Books and accounts. `max_open` orders of one trader may wait at once, and `max_traders` may have an account."""

    def __init__(self, stocks: Iterable[Stock], *, max_open: int = 50, max_traders: int = 1_000) -> None:
        self.stocks = {stock.symbol: stock for stock in stocks}
        self.books = {symbol: Book() for symbol in self.stocks}
        self.last = {
            symbol: stock.price for symbol, stock in self.stocks.items()
        }  # price of the newest trade
        self.traded: Counter[str] = Counter()  # shares of each stock so far
        self.accounts: dict[str, Account] = {}
        self.max_open, self.max_traders = max_open, max_traders

    def book(self, symbol: str) -> Book:
        """The book of a stock. Raises InvalidField for one that is not listed."""
        if symbol not in self.books:
            raise InvalidField(
                "stock", f"Stock {symbol[:20]!r} is not listed here: choose one of {', '.join(self.books)}"
            )
        return self.books[symbol]

    def account(self, trader: str) -> Account:
        """A trader's account, opened at the first order. Raises LimitExceeded."""
        if trader not in self.accounts:
            if len(self.accounts) >= self.max_traders:
                most = self.max_traders
                raise LimitExceeded("max_traders", most, f"the exchange has its {most} traders: try tomorrow")
            self.accounts[trader] = Account()
        return self.accounts[trader]

    def place(self, order: Order, symbol: str) -> list[Fill]:
        """Take an order: it trades with those who wait, and what is left of a limit order waits too.

        Raises InvalidField (no such stock) and LimitExceeded (too many orders of this trader wait already).
        """
        book, account = self.book(symbol), self.account(order.trader)
        if order.price is not None and len(account.open) >= self.max_open:
            message = f"{self.max_open} of your orders are waiting: cancel one before you place another"
            raise LimitExceeded("max_open", self.max_open, message)
        fills = book.add(order)
        for fill in fills:
            self._settle(fill, symbol)
        if order.id in book.waiting:
            account.open[order.id] = symbol
        return fills

    def _settle(self, fill: Fill, symbol: str) -> None:
        """Shares go one way and money the other."""
        for order in (fill.taker, fill.maker):
            account = self.accounts[order.trader]
            bought = fill.quantity if order.side == BUY else -fill.quantity
            account.shares[symbol] += bought
            account.money -= bought * fill.price
        if not fill.maker.quantity:
            del self.accounts[fill.maker.trader].open[fill.maker.id]
        self.last[symbol] = fill.price
        self.traded[symbol] += fill.quantity

    def find(self, id: str, trader: str) -> tuple[Order, str] | None:
        """A trader's own waiting order and its stock; None if it waits no more. Raises BadInput if it is another's."""
        for symbol, book in self.books.items():
            if (order := book.waiting.get(id)) is not None:
                if order.trader != trader:
                    raise BadInput(f"Order {id} is {order.trader}'s: only who placed it can cancel it")
                return order, symbol
        return None

    def cancel(self, id: str, trader: str) -> tuple[Order, str]:
        """Take a trader's own order out of its book. Raises BadInput: it is another's, or waits no more."""
        if (found := self.find(id, trader)) is None:
            raise BadInput(f"Order {id[:40]} does not wait here: it was filled, cancelled, or never placed")
        order, symbol = found
        self.books[symbol].cancel(id)
        del self.accounts[trader].open[id]
        return order, symbol

    def waiting(self, trader: str) -> list[tuple[Order, str]]:
        """A trader's orders that wait, oldest first, each with its stock."""
        account = self.accounts.get(trader, Account())
        return [(self.books[symbol].waiting[id], symbol) for id, symbol in account.open.items()]

    def snapshot(self, symbol: str, levels: int = 10) -> dict[str, object]:
        """All that a watcher of one stock needs to know; the next one takes its place entirely."""
        book = self.books[symbol]
        return {
            "stock": symbol,
            "bids": book.depth(BUY, levels),
            "asks": book.depth(SELL, levels),
            "last": self.last[symbol],
            "traded": self.traded[symbol],
        }
