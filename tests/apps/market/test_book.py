"""The book keeps its two rules, price first and then time, and never loses or makes a share."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.apps.market.book import BUY, SELL, Book, Order

SIDES = (BUY, SELL)


def order(id, side, quantity, price=None, trader="ada"):
    return Order(str(id), trader, side, quantity, price)


def traded(fills):
    return [(fill.price, fill.quantity, fill.maker.id) for fill in fills]


def test_the_best_price_trades_first_at_the_price_of_who_was_waiting():
    book = Book()
    for id, price in ((1, 103), (2, 101), (3, 102)):
        book.add(order(id, SELL, 5, price))
    assert traded(book.add(order(4, BUY, 8, 110))) == [(101, 5, "2"), (102, 3, "3")]


def test_at_one_price_who_came_first_is_served_first():
    book = Book()
    for id in (1, 2, 3):
        book.add(order(id, BUY, 5, 100))
    assert traded(book.add(order(4, SELL, 12, 100))) == [(100, 5, "1"), (100, 5, "2"), (100, 2, "3")]
    assert book.waiting["3"].quantity == 3


def test_who_leaves_loses_the_place_in_the_queue():
    book = Book()
    for id in (1, 2):
        book.add(order(id, BUY, 5, 100))
    book.cancel("1")
    book.add(order(3, BUY, 5, 100))
    assert traded(book.add(order(4, SELL, 6, 100))) == [(100, 5, "2"), (100, 1, "3")]


def test_a_limit_order_trades_no_worse_than_its_limit_and_the_rest_waits():
    book = Book()
    book.add(order(1, SELL, 5, 100))
    book.add(order(2, SELL, 5, 105))
    assert traded(book.add(order(3, BUY, 9, 104))) == [(100, 5, "1")]
    assert book.depth(BUY, 5) == [(104, 4)]
    assert book.depth(SELL, 5) == [(105, 5)]


def test_a_market_order_takes_what_there_is_and_never_waits():
    book = Book()
    book.add(order(1, SELL, 5, 100))
    left = order(2, BUY, 9)
    assert traded(book.add(left)) == [(100, 5, "1")]
    assert left.quantity == 4
    assert not book.waiting


def test_a_cancelled_order_is_gone_and_its_price_with_it():
    book = Book()
    book.add(order(1, BUY, 5, 100))
    book.add(order(2, BUY, 5, 99))
    assert book.cancel("1").id == "1"
    assert book.best(BUY) == 99
    with pytest.raises(KeyError):
        book.cancel("1")


def test_depth_adds_up_the_orders_of_a_price_best_first():
    book = Book()
    for id, price in enumerate((100, 98, 100, 99)):
        book.add(order(id, BUY, 5, price))
    assert book.depth(BUY, 2) == [(100, 10), (99, 5)]
    assert book.depth(SELL, 2) == []


ORDERS = st.lists(
    st.tuples(
        st.sampled_from(SIDES), st.integers(1, 30), st.none() | st.integers(95, 105), st.integers(0, 10)
    ),
    max_size=60,
)


@settings(deadline=None)
@given(ORDERS)
def test_whatever_comes_no_share_is_lost_no_price_undercut_and_the_book_never_crosses(orders):
    book, sent, filled, cancelled = Book(), Counter(), Counter(), Counter()
    for id, (side, quantity, price, cancel) in enumerate(orders):
        new = order(id, side, quantity, price)
        waited = list(book.waiting.values())
        sent[new.id] = quantity
        for fill in book.add(new):
            assert fill.quantity > 0
            assert fill.price == fill.maker.price
            assert price is None or (fill.price <= price if side == BUY else fill.price >= price)
            better = [o for o in waited if o.side == fill.maker.side and o.quantity and ahead(o, fill.maker)]
            assert not better, "somebody with a better price, or who came earlier, was passed over"
            filled[fill.taker.id] += fill.quantity
            filled[fill.maker.id] += fill.quantity
        if new.id not in book.waiting:
            cancelled[new.id] = new.quantity
        if str(cancel) in book.waiting:
            cancelled[str(cancel)] = book.cancel(str(cancel)).quantity
        bid, ask = book.best(BUY), book.best(SELL)
        assert bid is None or ask is None or bid < ask
    left = Counter({id: waiting.quantity for id, waiting in book.waiting.items()})
    assert all(sent[id] == filled[id] + cancelled[id] + left[id] for id in sent)
    shown = {side: sum(quantity for _, quantity in book.depth(side, 100)) for side in SIDES}
    assert shown == {side: sum(o.quantity for o in book.waiting.values() if o.side == side) for side in SIDES}


def ahead(one, other):
    """Whether the rules serve `one` strictly before `other`."""
    sign = -1 if one.side == BUY else 1
    return (sign * one.price, int(one.id)) < (sign * other.price, int(other.id))
