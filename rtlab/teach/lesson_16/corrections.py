"""Exercise 16.3: the score that follows from a feed in which later events amend earlier ones."""

from rtlab.teach.checks import Case, Cases, Symptom
from rtlab.teach.exercises import Exercise, WrongAnswer

HOME, AWAY = {"kind": "goal", "side": "home"}, {"kind": "goal", "side": "away"}


def _amend(of: str, to: dict[str, str] | None) -> dict[str, object]:
    return {"kind": "amend", "of": of, "to": to}


SCORE = '''
def score(feed):
    """Return the goals of home and away that follow from a feed of (id, data)."""
    home = away = 0
    for id, data in feed:
        if data["kind"] == "goal" and data["side"] == "home":
            home += 1
        if data["kind"] == "goal" and data["side"] == "away":
            away += 1
    return home, away
'''

_RIGHT = '''
def score(feed):
    """Return the goals of home and away that follow from a feed of (id, data)."""
    goals = {}
    for id, data in feed:
        if data["kind"] == "goal":
            goals[id] = data
        elif data["kind"] == "amend":
            goals[data["of"]] = data["to"]
    sides = [goal["side"] for goal in goals.values() if goal is not None]
    return sides.count("home"), sides.count("away")
'''
_MINUS = """
def score(feed):
    goals, sides = {}, []
    for id, data in feed:
        if data["kind"] == "goal":
            goals[id] = data["side"]
            sides.append(data["side"])
        elif data["kind"] == "amend":
            sides.remove(goals[data["of"]])
    return sides.count("home"), sides.count("away")
"""
_ONCE = """
def score(feed):
    goals = {}
    for id, data in feed:
        if data["kind"] == "goal":
            goals[id] = data
        elif data["to"] is None:
            goals.pop(data["of"], None)
    sides = [goal["side"] for goal in goals.values()]
    return sides.count("home"), sides.count("away")
"""


def the_score() -> Exercise:
    """Return 16.3: corrections."""
    return Exercise(
        id="16.3",
        title="apply the corrections (modify)",
        task='This `score(feed)` counts goals. But a feed also has corrections: `{"kind": "amend", "of": ID, "to": …}` '
        "says what is now to be thought of the earlier event with that id: `None`, it did not happen; or its new data, "
        "a goal of the other side, say. The last correction of an event holds. Change `score` so that it is right.",
        name="score",
        stub=SCORE,
        reference=_RIGHT,
        judge=Cases(
            (
                Case(([("1", HOME), ("2", AWAY), ("3", HOME)],), (2, 1)),
                Case(([("1", HOME), ("2", HOME), ("3", _amend("1", None))],), (1, 0)),
                Case(([("1", HOME), ("2", _amend("1", AWAY))],), (0, 1)),
                Case(([("1", HOME), ("2", _amend("1", None)), ("3", _amend("1", HOME))],), (1, 0)),
                Case(([("1", HOME), ("2", _amend("1", None)), ("3", _amend("1", None))],), (0, 0)),
                Case(
                    ([("1", HOME), ("2", AWAY), ("3", _amend("1", AWAY)), ("4", _amend("2", HOME))],), (1, 1)
                ),
                Case(([],), (0, 0)),
            ),
            "`(home, away)`, as they follow from every event with its last correction",
            (
                Symptom(
                    lambda got, case: sum(got) > sum(case.result),
                    "A goal that was taken back still counts.",
                ),
                Symptom(
                    lambda got, case: sum(got) < sum(case.result),
                    "A goal is missing: an amended goal is a goal, with its new data.",
                ),
                Symptom(
                    lambda got, case: sum(got) == sum(case.result),
                    "The goal counts for the side that it had before it was amended.",
                ),
            ),
        ),
        hints=(
            "Do not change the score when a correction comes. Keep what is to be thought of each event, by its id.",
            "A `dict` from id to data: a goal sets its own, a correction sets that of the event it names. Count last.",
        ),
        wrong=(
            WrongAnswer(SCORE.replace("home += 1", "home = home + 1"), "still counts"),
            WrongAnswer(_ONCE, "that it had before"),
            WrongAnswer(_MINUS, "an amended goal is a goal"),
            WrongAnswer(
                _RIGHT.replace(
                    'return sides.count("home"), sides.count("away")',
                    'return [sides.count("home"), sides.count("away")]',
                ),
                "Give them as a tuple",
            ),
        ),
        why="What you know is the sum of the events that you have, not a number that you change as they pass. So who "
        "was there from the start and who came late agree, and a correction that comes twice does no harm.",
    )
