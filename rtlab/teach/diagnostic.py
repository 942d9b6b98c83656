"""Where to begin: six questions, and the way through or past lesson 01 that the answers point to.

diagnostic()            # the questions, with buttons where there can be any
diagnostic("abcabc")    # the six letters at once: the way
"""

from typing import Any

from rtlab.errors import BadInput
from rtlab.teach.card import Card, Rows, Words, listed
from rtlab.teach.fields import bundle, choose
from rtlab.teach.lesson_00 import DIAGNOSTIC, SECTIONS
from rtlab.teach.questions import question

ACCENT, RIGHT = "#0072B2", "#009E73"
PAST = 4  # of six right answers that lead past lesson 01


class Diagnostic:
    """The six questions. What is chosen is kept as a first vote; the summary at the end of the notebook has it."""

    def vote(self, id: str, letter: str) -> Card:
        """Answer one question; returns the way so far."""
        question(id).vote(letter)
        return way()

    def __repr__(self) -> str:
        return "\n\n".join(repr(question(asked.id).card()) for asked in DIAGNOSTIC)

    def _repr_html_(self) -> str:
        return "".join(question(asked.id).card()._repr_html_() for asked in DIAGNOSTIC)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        cards = {
            asked.id: (question(asked.id).card(), [choice.letter for choice in asked.choices])
            for asked in DIAGNOSTIC
        }
        return bundle(self, choose(cards, self.vote))


def diagnostic(letters: str = "") -> Diagnostic | Card:
    """Ask the six questions; or, with a letter for each, in order, show the way. Raises BadInput for other letters."""
    chosen = "".join(letters.split())
    if not chosen:
        return Diagnostic()
    if len(chosen) != len(DIAGNOSTIC):
        raise BadInput(
            f"{letters!r}: give {len(DIAGNOSTIC)} letters, one for each question, such as 'abcabc'"
        )
    for asked, letter in zip(DIAGNOSTIC, chosen, strict=True):
        question(asked.id).vote(letter)
    return way()


def way() -> Card:
    """Say where to begin, once the six questions are answered. A wrong letter leads to the section that shows more."""
    votes = {asked.id: question(asked.id).first for asked in DIAGNOSTIC}
    answered = [asked for asked in DIAGNOSTIC if votes[asked.id]]
    if len(answered) < len(DIAGNOSTIC):
        return Card(f"{len(answered)} of {len(DIAGNOSTIC)} answered", (), ACCENT)
    missed = [asked.id for asked in DIAGNOSTIC if votes[asked.id] != asked.right]
    right = len(DIAGNOSTIC) - len(missed)
    sections = listed([f"“{SECTIONS[id]}”" for id in missed])
    if not missed:
        title, words = (
            "Go on with lesson 02",
            "Nothing in lesson 01 would be new to you but the tap, its instrument.",
        )
    elif right >= PAST:
        title, words = "Go on with lesson 02, with a look into lesson 01", f"Read in it first {sections}."
    else:
        title, words = "Begin with lesson 01", f"Everything rests on it. Look out for {sections}."
    rows = tuple(
        (
            id,
            f"you say {letter}"
            + (f": see lesson 01, “{SECTIONS[id]}”" if id in missed else ", and so it is"),
        )
        for id, letter in votes.items()
    )
    return Card(f"{title} ({right} of {len(DIAGNOSTIC)})", (Words(words), Rows(rows)), RIGHT, "→")
