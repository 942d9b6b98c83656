"""Trades are settled at once: over all traders, shares and money add up to nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.apps.market.book import BUY, SELL, Order
from rtlab.apps.market.exchange import Exchange
from rtlab.apps.market.listing import INVENTED
from rtlab.errors import BadInput, LimitExceeded


@pytest.fixture
def exchange():
    return Exchange(INVENTED)


def place(exchange, id, trader, side, quantity, price=None, stock="ACME"):
    return exchange.place(Order(str(id), trader, side, quantity, price), stock)


def test_a_trade_moves_shares_one_way_and_money_the_other(exchange):
    place(exchange, 1, "ada", SELL, 5, 100)
    place(exchange, 2, "bob", BUY, 3, 120)
    assert (exchange.accounts["ada"].money, exchange.accounts["ada"].shares["ACME"]) == (300, -3)
    assert (exchange.accounts["bob"].money, exchange.accounts["bob"].shares["ACME"]) == (-300, 3)
    assert exchange.snapshot("ACME") == {
        "stock": "ACME", "bids": [], "asks": [(100, 2)], "last": 100, "traded": 3,
    }  # fmt: skip


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bob", "cyd"]),
        st.sampled_from(["ACME", "BOLT"]),
        st.sampled_from([BUY, SELL]),
        st.integers(1, 20),
        st.none() | st.integers(95, 105),
        st.booleans(),
    ),
    max_size=60,
)


@settings(deadline=None)
@given(STEPS)
def test_whatever_is_traded_shares_and_money_are_conserved_and_open_orders_are_those_that_wait(steps):
    exchange = Exchange(INVENTED)
    for id, (trader, stock, side, quantity, price, cancel) in enumerate(steps):
        place(exchange, id, trader, side, quantity, price, stock)
        if cancel and (mine := exchange.waiting(trader)):
            exchange.cancel(mine[0][0].id, trader)
    accounts = exchange.accounts.values()
    assert sum(account.money for account in accounts) == 0
    assert all(sum(account.shares[stock] for account in accounts) == 0 for stock in exchange.stocks)
    waiting = {id for book in exchange.books.values() for id in book.waiting}
    assert waiting == {id for account in accounts for id in account.open}


def test_a_stock_that_is_not_listed_is_refused_with_those_that_are(exchange):
    with pytest.raises(BadInput, match="Stock 'ACNE' is not listed here: choose one of ACME, BOLT, CORK"):
        place(exchange, 1, "ada", BUY, 5, 100, "ACNE")


def test_only_who_placed_an_order_can_cancel_it(exchange):
    place(exchange, 1, "ada", BUY, 5, 100)
    with pytest.raises(BadInput, match="Order 1 is ada's"):
        exchange.cancel("1", "bob")
    assert exchange.cancel("1", "ada")[0].quantity == 5


def test_an_order_that_waits_no_more_cannot_be_cancelled(exchange):
    with pytest.raises(BadInput, match="does not wait here"):
        exchange.cancel("7", "ada")


def test_a_trader_has_so_many_waiting_orders_and_no_more():
    exchange = Exchange(INVENTED, max_open=2)
    for id in (1, 2):
        place(exchange, id, "ada", BUY, 1, 90 + id)
    with pytest.raises(LimitExceeded, match="2 of your orders are waiting"):
        place(exchange, 3, "ada", BUY, 1, 90)
    exchange.cancel("1", "ada")
    assert place(exchange, 4, "ada", BUY, 1, 90) == []


def test_an_exchange_has_so_many_traders_and_no_more():
    exchange = Exchange(INVENTED, max_traders=1)
    place(exchange, 1, "ada", BUY, 1, 90)
    with pytest.raises(LimitExceeded, match="has its 1 traders"):
        place(exchange, 2, "bob", BUY, 1, 90)
