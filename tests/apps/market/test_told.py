"""What is asked is judged with a sentence, and what became of it is told whole."""

import pytest

from rtlab.apps.market.exchange import Exchange
from rtlab.apps.market.listing import INVENTED
from rtlab.apps.market.requests import understand
from rtlab.apps.market.told import answer
from rtlab.errors import BadInput

ORDER = {"kind": "order", "trader": "Ada", "stock": "ACME", "side": "buy", "quantity": 10, "price": 100}


@pytest.fixture
def exchange():
    return Exchange(INVENTED)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"stock": "ACNE"}, "Stock 'ACNE' is not listed here"),
        ({"stock": None}, "Stock 'None' is not listed here"),
        ({"quantity": 0}, "Quantity 0 cannot be traded: give 1 to 1,000,000 whole shares"),
        ({"quantity": -5}, "Quantity -5 cannot"),
        ({"quantity": 2.5}, "Quantity 2.5 cannot"),
        ({"quantity": "ten"}, "Quantity ten cannot"),
        ({"quantity": True}, "Quantity True cannot"),
        ({"quantity": None}, "Quantity None cannot"),
        ({"price": 0}, "Price 0 cannot be traded: give 1 to 1,000,000 whole ticks"),
        ({"price": -1}, "Price -1 cannot"),
        ({"price": 100.5}, "Price 100.5 cannot"),
        ({"price": "101.505"}, "Price '101.505' is not in whole ticks of 0.01: give one such as 101.50"),
        ({"price": "cheap"}, "Price 'cheap' is not in whole ticks"),
        ({"price": "NaN"}, "Price 'NaN' is not in whole ticks"),
        ({"price": "1e99"}, "Price 1000"),
        ({"price": "-1"}, "Price -100 cannot"),
        ({"side": "hold"}, "Side 'hold' is neither buy nor sell"),
        ({"trader": ""}, "Trader: give a name"),
        ({"trader": "<b>"}, "Trader: give a name"),
        ({"trader": "Bot 7"}, "Trader 'Bot 7' sounds like one of the exchange's own"),
        ({"kind": "wish"}, "Kind: send an object"),
        ({"kind": "cancel"}, "Order: say which"),
    ],
)
def test_what_cannot_be_traded_is_refused_with_a_sentence_that_begins_with_its_field(
    exchange, wrong, sentence
):
    with pytest.raises(BadInput, match=sentence):
        understand(ORDER | wrong, "1", exchange)
    stock, (told,) = answer(exchange, "1", ORDER | wrong)
    assert (stock, told["status"]) == (None, "refused")
    assert told["why"].startswith(sentence)


@pytest.mark.parametrize("data", [None, 7, "buy", [], {}])
def test_what_is_no_request_at_all_is_refused(exchange, data):
    with pytest.raises(BadInput, match="Kind"):
        understand(data, "1", exchange)


def test_an_order_that_waits_is_told_with_what_is_left(exchange):
    stock, (told,) = answer(exchange, "x.1", ORDER)
    assert stock == "ACME"
    assert told == {
        "kind": "ack", "of": "x.1", "order": "x.1", "trader": "Ada", "stock": "ACME", "side": "buy", "price": 100,
        "status": "waiting", "left": 10, "filled": 0, "at": None, "money": 0, "shares": {},
    }  # fmt: skip


def test_a_trade_is_told_to_all_and_to_both_whose_it_is(exchange):
    answer(exchange, "x.1", ORDER)
    _, told = answer(exchange, "x.2", ORDER | {"trader": "Bob", "side": "sell", "quantity": 4, "price": None})
    assert [(e["kind"], e.get("trader"), e.get("status"), e.get("left")) for e in told] == [
        ("ack", "Bob", "filled", 0), ("trade", None, None, None), ("ack", "Ada", "waiting", 6),
    ]  # fmt: skip
    assert told[1] == {"kind": "trade", "stock": "ACME", "price": 100, "quantity": 4, "side": "sell"}
    assert (told[0]["money"], told[0]["shares"]) == (400, {"ACME": -4})
    assert (told[2]["money"], told[2]["shares"], told[2]["at"]) == (-400, {"ACME": 4}, 100)


def test_a_market_order_that_finds_nobody_says_so(exchange):
    _, (told,) = answer(exchange, "x.1", ORDER | {"price": None})
    assert (told["status"], told["left"]) == ("dropped", 10)
    assert told["why"] == "Nobody sells any more: 10 shares were not traded, the order is over"


def test_anothers_order_cannot_be_cancelled_and_ones_own_only_once(exchange):
    answer(exchange, "x.1", ORDER)
    cancel = {"kind": "cancel", "trader": "Bob", "order": "x.1"}
    assert "is Ada's" in answer(exchange, "x.2", cancel)[1][0]["why"]
    assert answer(exchange, "x.3", cancel | {"trader": "Ada"})[1][0]["status"] == "cancelled"
    assert "does not wait here" in answer(exchange, "x.4", cancel | {"trader": "Ada"})[1][0]["why"]
    assert understand(cancel | {"trader": "Ada"}, "x.3", exchange), "judged as before, when it comes again"


def test_who_comes_back_can_ask_what_still_waits(exchange):
    answer(exchange, "x.1", ORDER)
    answer(exchange, "x.2", ORDER | {"price": 99, "quantity": 1})
    _, (told,) = answer(exchange, "x.3", {"kind": "mine", "trader": "Ada"})
    assert [(order["order"], order["left"]) for order in told["orders"]] == [("x.1", 10), ("x.2", 1)]


def test_a_price_may_be_said_in_money_and_is_kept_in_ticks(exchange):
    assert understand(ORDER | {"price": "101.5"}, "x.1", exchange).order.price == 10_150
    assert understand(ORDER | {"price": "101.50"}, "x.1", exchange).order.price == 10_150
