"""What the exchange tells: each trade, and to each person what became of their orders.

{"kind": "trade", "stock": "ACME", "price": 10150, "quantity": 10, "side": "buy"}          the side that came
{"kind": "ack", "of": ID, "order": ID, "trader": "Ada", "status": "waiting", "left": 7, "filled": 3, …}

An acknowledgement tells the whole state of an order, not what changed in it: whoever missed one is right again with
the next. `of` is the id of the request that it answers; null where somebody else's order was the cause.
"""

from __future__ import annotations

from typing import Any

from rtlab.apps.market.book import Fill, Order
from rtlab.apps.market.exchange import Exchange
from rtlab.apps.market.requests import RESERVED, Cancel, Mine, Place, understand
from rtlab.errors import BadInput, LimitExceeded

Told = dict[str, Any]


def answer(exchange: Exchange, id: str, data: Any) -> tuple[str | None, list[Told]]:
    """Do what the event of that id asks for: the stock whose book has changed, and what there is to tell."""
    trader = data.get("trader") if isinstance(data, dict) else None
    try:
        request = understand(data, id, exchange)
        if isinstance(request, Mine):
            return None, [mine(exchange, id, request.trader)]
        if isinstance(request, Cancel):
            order, stock = exchange.cancel(request.order, request.trader)
            return stock, [ack(exchange, order, stock, "cancelled", of=id)]
        return _place(exchange, request)
    except (BadInput, LimitExceeded) as problem:
        return None, [{"kind": "ack", "of": id, "trader": trader, "status": "refused", "why": str(problem)}]


def _place(exchange: Exchange, request: Place) -> tuple[str, list[Told]]:
    order, stock = request
    fills = exchange.place(order, stock)
    status = "filled" if not order.quantity else "waiting" if order.price is not None else "dropped"
    mine = ack(exchange, order, stock, status, of=order.id, filled=sum(fill.quantity for fill in fills))
    if status == "dropped":
        other = "sells" if order.side == "buy" else "buys"
        mine["why"] = f"Nobody {other} any more: {order.quantity} shares were not traded, the order is over"
    return stock, [mine, *traded(exchange, fills, stock)]


def traded(exchange: Exchange, fills: list[Fill], stock: str) -> list[Told]:
    """The trades, each followed by the news for the person whose order was waiting, if it was a person's."""
    told: list[Told] = []
    for price, quantity, taker, maker in fills:
        told.append(
            {"kind": "trade", "stock": stock, "price": price, "quantity": quantity, "side": taker.side}
        )
        if not maker.trader.startswith(RESERVED):
            status = "waiting" if maker.id in exchange.books[stock].waiting else "filled"
            told.append(ack(exchange, maker, stock, status, filled=quantity, at=price))
    return told


def ack(
    exchange: Exchange,
    order: Order,
    stock: str,
    status: str,
    *,
    of: str | None = None,
    filled: int = 0,
    at: int | None = None,
) -> Told:
    """What became of an order: `filled` shares just now (the last of them `at` that price), `left` to come."""
    return {
        "kind": "ack",
        "of": of,
        "status": status,
        **described(order, stock),
        "filled": filled,
        "at": exchange.last[stock] if filled and at is None else at,
        **account(exchange, order.trader),
    }


def mine(exchange: Exchange, id: str, trader: str) -> Told:
    """What a trader has, and which orders wait: for somebody who comes back and does not know."""
    orders = [described(order, stock) for order, stock in exchange.waiting(trader)]
    return {"kind": "account", "of": id, "trader": trader, "orders": orders, **account(exchange, trader)}


def described(order: Order, stock: str) -> Told:
    """An order as its owner knows it."""
    return {
        "order": order.id,
        "trader": order.trader,
        "stock": stock,
        "side": order.side,
        "price": order.price,
        "left": order.quantity,
    }


def account(exchange: Exchange, trader: str) -> Told:
    """What a trader has: money in ticks, and shares by stock."""
    held = exchange.accounts.get(trader)
    return {
        "money": held.money if held else 0,
        "shares": {stock: n for stock, n in held.shares.items() if n} if held else {},
    }
