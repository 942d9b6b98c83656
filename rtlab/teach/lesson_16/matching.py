"""Exercise 16.1: match one order against those who wait, price first and then time."""

from rtlab.teach.checks import Case, Cases, Symptom
from rtlab.teach.exercises import Exercise, WrongAnswer

MATCH = '''
def match(waiting, quantity, limit):
    """Buy `quantity` shares from those who wait; return the trades, [(price, shares), …], in their order."""
    ...
'''

_RIGHT = '''
def match(waiting, quantity, limit):
    """Buy `quantity` shares from those who wait; return the trades, [(price, shares), …], in their order."""
    trades = []
    for price, shares in sorted(waiting, key=lambda seller: seller[0]):
        if quantity == 0 or (limit is not None and price > limit):
            break
        traded = min(shares, quantity)
        trades.append((price, traded))
        quantity -= traded
    return trades
'''


def _total(trades: object) -> int:
    return sum(shares for _, shares in trades) if isinstance(trades, list) else 0


def _prices(trades: object) -> list[int]:
    return [price for price, _ in trades] if isinstance(trades, list) else []


def match_an_order() -> Exercise:
    """Return 16.1: an order to buy, and the sellers whom it meets."""
    return Exercise(
        id="16.1",
        title="match an order (write)",
        task="`waiting` are sellers in the order in which they came, each with a price in ticks and a number of "
        "shares: `[(101, 5), (100, 2)]`. An order to buy `quantity` shares at `limit` ticks or less arrives (`None`: "
        "at any price). Write `match(waiting, quantity, limit)`, which returns the trades in their order. The lowest "
        "price sells first, at one price who came first, and a trade is made at the price of the one who waited.",
        name="match",
        stub=MATCH,
        reference=_RIGHT,
        judge=Cases(
            (
                Case(([(101, 5)], 3, None), [(101, 3)]),
                Case(([(103, 5), (101, 5), (102, 3)], 8, 110), [(101, 5), (102, 3)]),
                Case(([(101, 4), (101, 9), (101, 1)], 6, 101), [(101, 4), (101, 2)]),
                Case(([(100, 5), (105, 5)], 9, 104), [(100, 5)]),
                Case(([(100, 2), (100, 3)], 5, None), [(100, 2), (100, 3)]),
                Case(([(100, 5)], 3, 99), []),
                Case(([], 3, None), []),
            ),
            "`[(price, shares), …]`: the lowest price first, then who came first, no more than was wanted",
            (
                Symptom(
                    lambda got, case: _total(got) > case.arguments[1], "More was traded than was wanted."
                ),
                Symptom(
                    lambda got, case: (
                        case.arguments[2] is not None
                        and any(price > case.arguments[2] for price in _prices(got))
                    ),
                    "That is dearer than the order's limit: it pays so much and no more.",
                ),
                Symptom(
                    lambda got, case: not set(_prices(got)) <= set(_prices(case.arguments[0])),
                    "A trade is made at the price of the one who waited, also where the order would pay more.",
                ),
                Symptom(
                    lambda got, _: _prices(got) != sorted(_prices(got)),
                    "A lower price was waiting: it sells first.",
                ),
                Symptom(
                    lambda got, _: any(shares == 0 for _, shares in got),
                    "A trade of no shares is none: stop when everything is bought.",
                ),
                Symptom(
                    lambda got, case: _total(got) == _total(case.result) and len(got) > len(case.result),
                    "At one price who came first sells first, however few or many shares the others have.",
                ),
            ),
        ),
        hints=(
            "Sort by the price alone: Python's sort is stable, so equal prices keep the order in which they came.",
            "From each seller take `min(shares, quantity)`, and stop at the first price above the limit.",
        ),
        wrong=(
            WrongAnswer(
                _RIGHT.replace("sorted(waiting, key=lambda seller: seller[0])", "waiting"), "sells first"
            ),
            WrongAnswer(
                _RIGHT.replace("sorted(waiting, key=lambda seller: seller[0])", "sorted(waiting)"),
                "who came first",
            ),
            WrongAnswer(_RIGHT.replace("(limit is not None and price > limit)", "False"), "dearer than"),
            WrongAnswer(
                _RIGHT.replace("append((price, traded))", "append((limit or price, traded))"),
                "of the one who waited",
            ),
            WrongAnswer(_RIGHT.replace("min(shares, quantity)", "shares"), "More was traded"),
            WrongAnswer(_RIGHT.replace("quantity == 0 or ", ""), "no shares is none"),
        ),
        why="Price first, then time: with these two rules the same orders in the same order always give the same "
        "trades. That is why the order of events in the log *is* the fairness of the market.",
    )
