"""Bots keep a book full, trade the same with the same seed, and neither make nor lose money or shares."""

from itertools import pairwise

import pytest

from rtlab.apps.market import recorded
from rtlab.apps.market.book import BUY, SELL
from rtlab.apps.market.crowd import Crowd
from rtlab.apps.market.exchange import Exchange
from rtlab.apps.market.listing import INVENTED


def run(seed, turns=2000, exchange=None, **options):
    exchange = exchange or Exchange(INVENTED)
    crowd = Crowd(exchange, seed, **options)
    trades = [
        (stock, fill.price, fill.quantity)
        for stock, fills in (crowd.act() for _ in range(turns))
        for fill in fills
    ]
    return exchange, trades


def test_one_seed_gives_one_market_and_another_seed_another():
    assert run(1)[1] == run(1)[1]
    assert run(1)[1] != run(2)[1]


@pytest.mark.parametrize("seed", range(3))
def test_they_trade_every_stock_and_leave_buyers_and_sellers_in_each_book(seed):
    exchange, trades = run(seed)
    assert {stock for stock, _, _ in trades} == set(exchange.stocks)
    for book in exchange.books.values():
        assert len(book.depth(BUY, 10)) >= 3
        assert len(book.depth(SELL, 10)) >= 3


def test_what_they_trade_adds_up_to_nothing():
    accounts = run(5)[0].accounts.values()
    assert sum(account.money for account in accounts) == 0
    assert all(sum(account.shares[stock.symbol] for account in accounts) == 0 for stock in INVENTED)


def test_their_orders_do_not_pile_up():
    exchange, _ = run(4, turns=5000)
    assert all(len(account.open) <= 20 for account in exchange.accounts.values())


def test_recorded_days_are_those_that_the_bank_published():
    days = recorded.days()
    assert (len(days), days[0].date.isoformat(), days[0].price) == (255, "2008-07-01", 15775)
    assert all(day.date < later.date for day, later in pairwise(days))


def test_a_recorded_price_is_where_the_bots_trade():
    replay = recorded.Replay(recorded.days())
    exchange = Exchange([replay.stock])
    crowd = Crowd(exchange, 3, {replay.stock.symbol: replay})
    for _ in range(40):
        replay.next_day()
        for _ in range(100):
            crowd.act()
        assert abs(exchange.last["EURUSD"] - replay()) < 50


def test_after_the_last_recorded_day_the_first_comes_again():
    replay = recorded.Replay(recorded.days()[:3])
    dates = []
    for _ in range(4):
        dates.append(replay.date.day)
        replay.next_day()
    assert dates == [1, 2, 3, 1]
