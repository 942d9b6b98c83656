"""Exercise 17.1: a device that comes back on the air reads on from its cursor, and drops what is too late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rtlab.log import Log
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

MOST = 3  # orders in one answer
NOW = 100.0
PATIENCE = 20  # questions, where four are enough
KNOWN = 2  # orders that it had obeyed before it went off the air
DUES = (150, 160, 150, 90, 100, 110, 99, 130, 140)  # when each order's time is up


def check_back(back: Callable[..., Any]) -> None:
    """Let a device come back to a log with more than one answer's worth of orders."""
    log = Log()
    for number, due in enumerate(DUES):
        log.append({"word": f"order {number + 1}", "due": float(due)})
    start = log.cursor(KNOWN)
    did = (
        f"came back at {NOW:g} s to {len(DUES) - KNOWN} orders behind the cursor, at most {MOST} in an answer"
    )
    obeyed: list[str] = []
    answers: list[tuple[Any, Any]] = []
    asked: list[str] = []

    def read(cursor: str) -> dict[str, Any]:
        asked.append(cursor)
        if len(asked) > PATIENCE:
            advice = "Ask from the new cursor each time, and return when an answer is empty: that is the end."
            raise Wrong(
                did, f"more than {PATIENCE} questions, and no end", "to the end, and no further", advice
            )
        batch = log.read(cursor, limit=MOST)
        events = [vars(event).copy() for event in batch.events]
        return {"events": events, "cursor": batch.cursor, "gap": None}

    cursor = back(read, start, NOW, obeyed.append, lambda id, word: answers.append((id, word)))
    late = [f"order {n + 1}" for n, due in enumerate(DUES) if n >= KNOWN and due < NOW]
    wanted = [f"order {n + 1}" for n, due in enumerate(DUES) if n >= KNOWN and due >= NOW]
    rule = "every order that is not too late, once and in order"
    if old := [word for word in obeyed if word in ("order 1", "order 2")]:
        raise Wrong(
            did,
            f"{show(old[0])} obeyed again",
            rule,
            "That was done before it went off the air: begin at `cursor`.",
        )
    if obeyed and (too_late := [word for word in obeyed if word in late]):
        advice = "Somebody wanted that long ago: a valve that opens a day late does harm. Look at `due`."
        raise Wrong(did, f"{show(too_late[0])} obeyed", rule, advice)
    if obeyed != wanted:
        raise Wrong(did, show(obeyed), rule, _missing(obeyed, wanted))
    if [word for _, word in answers if word == "expired"] != ["expired"] * len(late):
        said = "Who gave an order that was dropped must be told, or waits for ever: `answer(id, 'expired')`."
        raise Wrong(
            did, f"{len(answers)} answers", f"an answer `expired` for each of {len(late)} orders", said
        )
    if [id for id, _ in answers] != [log.cursor(n + 1) for n, d in enumerate(DUES) if n >= KNOWN and d < NOW]:
        advice = "Answer with the event's `id`, and only for what is dropped: what is obeyed is reported elsewhere."
        raise Wrong(did, show(answers), "the id of each order that was dropped", advice)
    if cursor != log.cursor(len(DUES)):
        advice = "The next time it goes on from what you return: remember what was read, dropped orders too."
        raise Wrong(did, show(cursor), "the cursor behind the last order", advice)


def _missing(obeyed: list[str], wanted: list[str]) -> str:
    if obeyed == wanted[: len(obeyed)]:
        return "One answer holds only a few: ask again until an answer is empty."
    return "An order whose time is up just now is not late yet."


BACK = '''
def back(read, cursor, now, obey, answer):
    """Read on from `cursor` until there is nothing left; return the cursor behind it.

    `read(cursor)` returns {"events", "cursor"}. Each event's data has a "word" and "due", the time until which it is
    wanted. Call `obey(word)` for what is still wanted, `answer(id, "expired")` for what is not.
    """
    while True:
        batch = read(cursor)
        ...
'''
RIGHT = """
def back(read, cursor, now, obey, answer):
    while True:
        batch = read(cursor)
        if not batch["events"]:
            return cursor
        for event in batch["events"]:
            if event["data"]["due"] < now:
                answer(event["id"], "expired")
            else:
                obey(event["data"]["word"])
        cursor = batch["cursor"]
"""


def back_on_the_air() -> Exercise:
    """Return 17.1: from the cursor on, what is still wanted."""
    return Exercise(
        id="17.1",
        title="back on the air",
        task="Complete `back`. A device was off the air for a while. What was ordered meanwhile waits in the log: "
        "read it from the device's cursor on, to the end. Obey what is still wanted (`due` is `now` or later), "
        "answer `expired` for what is not, and return the new cursor.",
        name="back",
        stub=BACK,
        reference=RIGHT,
        judge=check_back,
        hints=(
            "It is the poll loop of lesson 02, with an end: an empty answer.",
            "The cursor moves over dropped orders as well: they have been dealt with.",
        ),
        wrong=(
            WrongAnswer(
                RIGHT.replace('event["data"]["due"] < now', "False"), "Somebody wanted that long ago"
            ),
            WrongAnswer(
                RIGHT.replace('        cursor = batch["cursor"]', '        return batch["cursor"]'),
                "ask again",
            ),
            WrongAnswer(RIGHT.replace('answer(event["id"], "expired")', "pass"), "must be told"),
            WrongAnswer(
                RIGHT.replace("    while True:", '    cursor = "start"\n    while True:'), "begin at `cursor`"
            ),
            WrongAnswer(RIGHT.replace("< now", "<= now"), "just now"),
            WrongAnswer(RIGHT.replace("return cursor", "pass"), "that is the end"),
            WrongAnswer(RIGHT.replace('answer(event["id"], ', "answer(event, "), "only for what is dropped"),
        ),
        why="The log remembers for a device that sleeps, the cursor says where it was, and the time says what is still "
        "wanted. None of the three needs a connection.",
    )
