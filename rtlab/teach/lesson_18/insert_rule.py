"""Exercise 18.1: where a letter goes that others were put in beside: the rule by which all copies agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

Letter = tuple[
    tuple[int, str], tuple[int, str] | None, str
]  # its id, the id that it stands behind, what it is

A: Letter = ((1, "ada"), None, "a")


@dataclass(frozen=True)
class Meeting:
    """What happened, and the orders in which two copies hear of it."""

    happened: str
    first: Sequence[Letter]
    second: Sequence[Letter]


AFTER_A = [((2, "bob"), (1, "ada"), "b"), ((2, "eve"), (1, "ada"), "e")]
WORDS = [
    [((2, "bob"), (1, "ada"), "b"), ((3, "bob"), (2, "bob"), "o"), ((4, "bob"), (3, "bob"), "b")],
    [((2, "eve"), (1, "ada"), "e"), ((3, "eve"), (2, "eve"), "v"), ((4, "eve"), (3, "eve"), "e")],
]
MEETINGS = (
    Meeting(
        "Bob put b in behind a; Ada saw it, and put x in behind a",
        [A, ((2, "bob"), (1, "ada"), "b"), ((3, "ada"), (1, "ada"), "x")],
        [A, ((2, "bob"), (1, "ada"), "b"), ((3, "ada"), (1, "ada"), "x")],
    ),
    Meeting("two put a letter in behind the same a", [A, *AFTER_A], [A, *reversed(AFTER_A)]),
    Meeting("two wrote a word behind the same a", [A, *WORDS[0], *WORDS[1]], [A, *WORDS[1], *WORDS[0]]),
    Meeting(
        "three put a letter in behind the same a",
        [A, *AFTER_A, ((2, "ada"), (1, "ada"), "x")],
        [A, ((2, "ada"), (1, "ada"), "x"), *reversed(AFTER_A)],
    ),
)


def check_put(put: Callable[..., Any]) -> None:
    """Let two copies hear of the same letters in two orders."""
    for meeting in MEETINGS:
        one, other = (_read(put, order) for order in (meeting.first, meeting.second))
        heard = (
            "heard of it in the same order"
            if meeting.first == meeting.second
            else "heard of it in two orders"
        )
        did = f"{meeting.happened}; two copies {heard}"
        wanted = _read(_right, meeting.first)
        if one != other:
            advice = (
                "Nobody is right or wrong here, they must only agree. Behind `after` letters may stand already that "
                "others put in at the same time: which of them stay in front of the new one?"
            )
            raise Wrong(did, f"{show(one)} and {show(other)}", "the same text in both", advice)
        if one != wanted:
            raise Wrong(
                did, show(one), "of those behind one letter, the highest id first", _advice(meeting, one)
            )


def _advice(meeting: Meeting, got: str) -> str:
    if meeting is MEETINGS[0] and got == "abx":
        return "x was put in behind a, and now stands behind b: its id is the highest, nothing stays in front of it."
    return "Both agree, and not on what was meant: a word that somebody wrote was torn apart, or stands elsewhere."


def _read(put: Callable[..., Any], order: Sequence[Letter]) -> str:
    letters: list[Letter] = []
    for number, letter in enumerate(order, 1):
        put(letters, letter)
        if sorted(letters) != sorted(order[:number]):
            did = f"put {number} letters in, one after another"
            raise Wrong(
                did, show(letters), "each of them in the list, once", "Change the list `letters` itself."
            )
    return "".join(text for _, _, text in letters)


def _right(letters: list[Letter], new: Letter) -> None:
    """The rule, by another way: what stands behind a letter is a tree, and of its branches the highest comes first."""
    known = {letter[0]: letter for letter in [*letters, new]}
    letters.clear()

    def write(after: tuple[int, str] | None) -> None:
        for id in sorted((id for id, letter in known.items() if letter[1] == after), reverse=True):
            letters.append(known[id])
            write(id)

    write(None)


PUT = '''
def put(letters, new):
    """Put a letter in its place in the list. A letter is (id, after, text), an id (count, site).

    `after` is the id of the letter that it was put in behind; None: the beginning. Changes `letters`.
    """
    id, after, text = new
    ids = [letter[0] for letter in letters]
    place = 0 if after is None else ids.index(after) + 1
    letters.insert(place, new)
'''
RIGHT = PUT.replace(
    "    letters.insert(",
    "    while place < len(letters) and ids[place] > id:\n        place += 1\n    letters.insert(",
)


def who_stands_first() -> Exercise:
    """Return 18.1: the rule of RGA."""
    return Exercise(
        id="18.1",
        title="who stands first (modify)",
        task="This `put` puts a letter directly behind the one that it names. Two copies that hear of two letters "
        "behind the same one in different orders then differ. Change it: step over every letter that stands there with "
        "a *higher id* than the new one has. (Ids are pairs, and Python compares pairs: first the count, then the "
        "site.)",
        name="put",
        stub=PUT,
        reference=RIGHT,
        judge=check_put,
        hints=(
            "`place` is where it would go. Move it on while a letter stands there that stays in front.",
            "A loop, not a question: a whole word may have come in between, and each of its letters has a higher id.",
        ),
        wrong=(
            WrongAnswer(RIGHT.replace("while place", "if place"), "must only agree"),
            WrongAnswer(RIGHT.replace("ids[place] > id", "ids[place] < id"), "nothing stays in front of it"),
            WrongAnswer(RIGHT.replace("ids[place] > id", "ids[place][1] > id[1]"), "its id is the highest"),
            WrongAnswer(
                PUT.replace("letters.insert(place, new)", "letters.append(new)\n    letters.sort()"), "abx"
            ),
            WrongAnswer(
                PUT.replace("letters.insert(place, new)", "return [*letters, new]"),
                "the list `letters` itself",
            ),
        ),
        why="That is the whole merge: a name for each letter, the letter that it stands behind, and one rule for those "
        "who stand behind the same one. No server, no clock, no lock, and any order of arrival.",
    )
