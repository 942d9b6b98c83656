"""What a trader may ask for, and the sentence for what cannot be done; it begins with the field that it is about.

{"kind": "order", "trader": "ada", "stock": "ACME", "side": "buy", "quantity": 10, "price": 10150}
                                                        a price in ticks, or as money, "101.50"; null: at any price
{"kind": "cancel", "trader": "ada", "order": ID}        ID: what the server gave the event of that order
{"kind": "mine", "trader": "ada"}                       which of my orders are waiting?
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, NamedTuple

from rtlab.apps.market.book import BUY, SELL, Order
from rtlab.apps.market.exchange import Exchange
from rtlab.errors import BadInput, InvalidField

KINDS = ("order", "cancel", "mine")
MOST = 1_000_000  # shares in one order, and ticks in a price
NAME = re.compile(r"[^\W_][\w .'-]{0,23}")
RESERVED = "bot"  # names that begin so are the exchange's own traders


class Place(NamedTuple):
    """An order and its stock."""

    order: Order
    stock: str


class Cancel(NamedTuple):
    """The order to take out of its book."""

    trader: str
    order: str


class Mine(NamedTuple):
    """Tell a trader what waits."""

    trader: str


def understand(data: Any, id: str, exchange: Exchange) -> Place | Cancel | Mine:
    """The request in an event's data; `id` is the event's, and becomes the order's. Raises BadInput.

    It changes nothing, and judges only what stays true: a request that comes twice is judged the same twice.
    """
    if not isinstance(data, dict) or data.get("kind") not in KINDS:
        raise BadInput('Kind: send an object whose kind is "order", "cancel" or "mine"')
    trader = name(data.get("trader"))
    if data["kind"] == "mine":
        return Mine(trader)
    if data["kind"] == "cancel":
        if not isinstance(wanted := data.get("order"), str):
            raise InvalidField("order", "Order: say which, by the id that it was given")
        exchange.find(wanted, trader)
        return Cancel(trader, wanted)
    exchange.book(stock := str(data.get("stock")))
    if (side := data.get("side")) not in (BUY, SELL):
        raise InvalidField("side", f"Side {str(side)[:20]!r} is neither buy nor sell")
    quantity = whole("Quantity", data.get("quantity"), "shares")
    price = data.get("price")
    if isinstance(price, str):
        price = ticks(price)
    if price is not None:
        whole("Price", price, "ticks")
    return Place(Order(id, trader, side, quantity, price), stock)


def name(text: Any) -> str:
    """A trader's name. Raises BadInput."""
    if not isinstance(text, str) or not NAME.fullmatch(text):
        raise InvalidField("trader", "Trader: give a name of 1 to 24 letters and digits, such as Ada")
    if text.lower().startswith(RESERVED):
        raise InvalidField(
            "trader", f"Trader {text!r} sounds like one of the exchange's own: choose another name"
        )
    return text


def ticks(money: str) -> int:
    """A price in ticks: "101.50" is 10150. Raises BadInput for what is no price, or is between two ticks."""
    try:
        price = Decimal(money).scaleb(2)
        if price.is_finite() and price == int(price):
            return int(price)
    except (ArithmeticError, ValueError):
        pass
    raise InvalidField(
        "price", f"Price {money[:20]!r} is not in whole ticks of 0.01: give one such as 101.50"
    )


def whole(field: str, number: Any, unit: str) -> int:
    """A whole number from 1 to `MOST`. Raises BadInput."""
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MOST:
        raise InvalidField(
            field.lower(), f"{field} {str(number)[:20]} cannot be traded: give 1 to {MOST:,} whole {unit}"
        )
    return number
