"""Exercise 16.2: fold a backlog, so that a slow reader gets the newest of each and nothing that was replaced."""

from rtlab.teach.checks import Case, Cases, Symptom
from rtlab.teach.exercises import Exercise, WrongAnswer

FOLD = '''
def fold(backlog):
    """Return of each stock the newest book only, in the order in which these came."""
    return backlog
'''

_RIGHT = '''
def fold(backlog):
    """Return of each stock the newest book only, in the order in which these came."""
    newest = {}
    for stock, n in backlog:
        newest.pop(stock, None)  # or it keeps the place of the first
        newest[stock] = n
    return list(newest.items())
'''
_EASY = """
def fold(backlog):
    return list(dict(backlog).items())
"""
_FIRST = """
def fold(backlog):
    kept = {}
    for stock, n in backlog:
        kept.setdefault(stock, n)
    return list(kept.items())
"""


def _stocks(pairs: list[tuple[str, int]]) -> list[str]:
    return [stock for stock, _ in pairs]


def fold_a_backlog() -> Exercise:
    """Return 16.2: conflation of a backlog."""
    return Exercise(
        id="16.2",
        title="fold a backlog (modify)",
        task="A reader was away, and a backlog of books waits for it: `[(stock, n), …]`, oldest first, where a stock's "
        "next book replaces the one before. This `fold(backlog)` hands on all of it. Change it so that it returns of "
        "each stock only the newest, in the order in which these newest ones came.",
        name="fold",
        stub=FOLD,
        reference=_RIGHT,
        judge=Cases(
            (
                Case(([("ACME", 1), ("ACME", 2), ("ACME", 3)],), [("ACME", 3)]),
                Case(([("ACME", 1), ("BOLT", 7), ("ACME", 2)],), [("BOLT", 7), ("ACME", 2)]),
                Case(([("BOLT", 7), ("ACME", 1), ("CORK", 4)],), [("BOLT", 7), ("ACME", 1), ("CORK", 4)]),
                Case(
                    ([("A", 1), ("B", 1), ("A", 2), ("B", 2), ("C", 1), ("A", 3)],),
                    [("B", 2), ("C", 1), ("A", 3)],
                ),
                Case(([],), []),
            ),
            "`[(stock, n), …]`: of each stock its newest book, once, in the order in which these came",
            (
                Symptom(
                    lambda got, _: len(set(_stocks(got))) < len(_stocks(got)),
                    "A stock is there twice: whoever draws the older one has worked for nothing.",
                ),
                Symptom(
                    lambda got, case: set(_stocks(got)) < set(_stocks(case.result)),
                    "A stock is missing: another stock's news does not replace it.",
                ),
                Symptom(
                    lambda got, case: sorted(got) == sorted(case.result),
                    "The right ones, in the wrong order. A key that is already in a `dict` keeps its old place.",
                ),
                Symptom(
                    lambda got, case: set(_stocks(got)) == set(_stocks(case.result)),
                    "That book was replaced: the newest is the one that came last.",
                ),
            ),
        ),
        hints=(
            "A `dict` from stock to newest book does nearly all of it. Where does a key stand that is set twice?",
            "Take the stock out before you put it in again: then it stands at the end.",
        ),
        wrong=(
            WrongAnswer(_EASY, "in the wrong order"),
            WrongAnswer(_FIRST, "was replaced"),
            WrongAnswer("def fold(backlog):\n    return backlog[-1:]\n", "A stock is missing"),
            WrongAnswer("def fold(backlog):\n    return dict(backlog).items()\n", "a list of tuples"),
        ),
        why="A backlog of states is as long as there are things, not as long as the reader was away. Where each event "
        "is a step and not a state (a trade, a goal), there is nothing to fold.",
    )
