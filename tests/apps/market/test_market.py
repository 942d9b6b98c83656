"""The exchange on a server: orders over its channel, books that fold, and what only the exchange may say."""

import threading
import time
from collections import Counter

import pytest

from rtlab import Lab, LongPolling, ServerSentEvents, ShortPolling, WebSocket, publish
from rtlab.apps.market import Market
from rtlab.apps.site import Applications
from rtlab.errors import BadInput, ServerError
from rtlab.event import Event, Gap

ORDER = {"kind": "order", "trader": "Ada", "stock": "ACME", "side": "buy", "quantity": 10, "price": "99.50"}


@pytest.fixture
def lab():
    with Lab(extensions=[Applications([Market(rate=0)])]) as lab:
        yield lab


@pytest.fixture
def busy():
    with Lab(extensions=[Applications([Market(rate=500)])]) as lab:
        yield lab


def told(reader, kind):
    """The next event of a kind."""
    return next(event.data for event in reader.events(timeout=20) if event.data["kind"] == kind)


def test_an_order_over_a_socket_is_acknowledged_on_the_same_socket(lab):
    with WebSocket(lab.channel("market")) as reader:
        id = reader.send(ORDER)
        answer = told(reader, "ack")
    assert (answer["of"], answer["order"], answer["status"], answer["price"]) == (id, id, "waiting", 9950)


def test_what_cannot_be_traded_is_refused_before_it_is_in_the_log(lab):
    with pytest.raises(ServerError, match="Stock 'ACNE' is not listed"):
        publish(lab.channel("market"), ORDER | {"stock": "ACNE"})
    with pytest.raises(ServerError, match=r"on market\.ACME only the exchange speaks"):
        publish(lab.channel("market.ACME"), {"kind": "book"})
    with LongPolling(lab.channel("market"), after="start") as reader:
        assert list(reader.events(timeout=0.1)) == []


def test_a_book_is_told_whole_and_the_newest_is_there_at_once(lab):
    publish(lab.channel("market"), ORDER)
    publish(lab.channel("market"), ORDER | {"side": "sell", "price": 10_000, "quantity": 4})
    with LongPolling(lab.channel("market"), after="start") as reader:
        for _ in range(2):
            told(reader, "ack")
    with LongPolling(lab.channel("market.ACME"), after="last") as reader:
        book = told(reader, "book")
    assert (book["bids"], book["asks"], book["n"]) == ([[9950, 10]], [[10_000, 4]], 3)


def test_a_reader_slower_than_the_market_gets_the_newest_book_and_how_many_it_replaced(busy):
    with LongPolling(busy.channel("market.ACME"), after="last") as reader:
        items = []
        for item in reader.events(limit=5, timeout=20):
            items.append(item)
            if isinstance(item, Event):
                threading.Event().wait(0.1)  # busy with something else
    books = [item.data["n"] for item in items if isinstance(item, Event)]
    assert books == sorted(set(books)), "never an old one after a new one"
    assert books[-1] - books[0] > 2 * len(books)
    assert any(isinstance(item, Gap) and item.missed > 0 for item in items)


def test_bots_trade_on_every_stock_by_themselves(busy):
    with WebSocket(busy.channel("market"), after="start") as reader:
        wanted = {"ACME", "BOLT", "CORK", "EURUSD"}
        for event in reader.events(timeout=20):
            wanted.discard(event.data["stock"])
            if not wanted:
                break
    assert not wanted


@pytest.mark.parametrize("reader", [ShortPolling, LongPolling, ServerSentEvents])
def test_the_bots_trade_only_while_somebody_reads_by_whatever_technique(reader):
    market = Market(rate=500)
    with Lab(extensions=[Applications([market])]) as lab:
        threading.Event().wait(0.5)
        assert set(market.changes.values()) == {1}, "each book was told once, for whoever comes"
        with reader(lab.channel("market.ACME"), after="last") as client:
            assert len([*client.events(limit=3, timeout=20)]) >= 3
        for audience in market._audiences.values():
            audience.memory = 0.2  # seconds that it still counts on the last reader
        deadline, before = time.monotonic() + 20, Counter()
        while before != market.changes and time.monotonic() < deadline:
            before = market.changes.copy()
            threading.Event().wait(0.5)
        assert before == market.changes
        number = publish(lab.channel("market"), ORDER)
        with LongPolling(lab.channel("market"), after="start") as client:
            acks = (event.data for event in client.events(timeout=20) if event.data["kind"] == "ack")
            assert next(acks)["of"] == number, "people are answered all the same"


def test_an_impossible_rate_is_refused():
    for options in ({"rate": -1}, {"rate": 10_001}, {"day": 0}):
        with pytest.raises(BadInput, match="orders a second"):
            Market(**options)
