"""Questions: multiple choice to vote on before and after an experiment, and questions to think about.

question("M1")              # the question, with buttons
question("M1").vote("a")    # the same without them: your vote, why one would choose it, what puts it to the test
question("M1").again()      # after the experiment: the buttons for the second vote, which says what is right
question("M1").again("b")   # the same without them
think("Why …?", "Because …")
"""

from collections.abc import Callable, Sequence
from typing import Any

from rtlab.errors import BadInput
from rtlab.teach import record
from rtlab.teach.asked import Asked, Choice
from rtlab.teach.card import Card, Fold, Rows, Words, listed
from rtlab.teach.fields import ballot, bundle
from rtlab.teach.lessons import lesson
from rtlab.teach.misconceptions import MISCONCEPTIONS

ACCENT = "#0072B2"


class Question:
    """A question with the votes that were given to it in this notebook."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.first = self.second = ""

    def vote(self, letter: str) -> Card:
        """Vote before the experiment. Whether it is right is not said yet: the experiment says it."""
        choice = self._choice(letter)
        self.first, self.second = choice.letter, ""
        rows = (("why one would say so", choice.because), ("the test", choice.test))
        return Card(f"{self.asked.id}: you say {choice.letter}", (Words(choice.says), Rows(rows)), ACCENT)

    def again(self, letter: str = "") -> "Card | Ballot":
        """Vote after the experiment, and read what is right; without a letter, show the buttons for it."""
        return self._second(letter) if letter else Ballot(self, self._second)

    def _second(self, letter: str) -> Card:
        choice, asked = self._choice(letter), self.asked
        self.second = choice.letter
        right = self._choice(asked.right)
        moved = "" if not self.first or self.first == choice.letter else f" (before: {self.first})"
        if choice is right:
            return Card(
                f"{asked.id}: {choice.letter} is right{moved}", (Words(asked.explains),), "#009E73", "✓"
            )
        rows = (
            ("why one would say so", choice.because),
            ("what speaks against it", choice.test),
            (f"right is {right.letter}", right.says),
        )
        title = f"{asked.id}: {choice.letter} is not right{moved}"
        return Card(title, (Rows(rows), Words(asked.explains)), "#D55E00", "✗")

    def row(self) -> tuple[str, str, str, str]:
        """Return the line of the summary."""
        return self.asked.id, self.first or "–", self.second or "–", self.asked.right if self.second else ""

    def __repr__(self) -> str:
        return repr(self.card())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return Ballot(self, self.vote)._repr_mimebundle_()

    def card(self) -> Card:
        """Return the question with its choices."""
        rows = tuple((choice.letter, choice.says) for choice in self.asked.choices)
        return Card(f"{self.asked.id}. {self.asked.asks}", (Rows(rows),), ACCENT)

    def _choice(self, letter: str) -> Choice:
        found = {choice.letter: choice for choice in self.asked.choices}
        if letter.strip().lower() not in found:
            raise BadInput(f"{letter!r} is not a choice: vote {listed(list(found), 'or')}")
        return found[letter.strip().lower()]


class Ballot:
    """A question with buttons; each casts a vote."""

    def __init__(self, asked: Question, cast: Callable[[str], Card]) -> None:
        self._question, self._cast = asked, cast

    def __repr__(self) -> str:
        return repr(self._question)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        letters = [choice.letter for choice in self._question.asked.choices]
        return bundle(self._question.card(), ballot(self._question.card(), letters, self._cast))


def question(id: str) -> Question:
    """Return a question by its id: "M1" to "M10", the misconceptions, or one of a lesson's own, such as "00.1".

    The same one each time, with its votes. A lesson's own are in the tuple QUESTIONS of its module. Raises BadInput
    when there is none of this id.
    """
    known = record.questions.get(id)
    if isinstance(known, Question):
        return known
    asked = {each.id: each for each in _all(id)}
    if id not in asked:
        raise BadInput(f"{id!r} is not a question: there are {listed(list(asked)) or 'none in this lesson'}")
    made = record.questions[id] = Question(asked[id])
    return made


def _all(id: str) -> Sequence[Asked]:
    if id.startswith("M"):
        return MISCONCEPTIONS
    own: Sequence[Asked] = getattr(lesson(id.partition(".")[0]), "QUESTIONS", ())
    return own


def think(asks: str, answer: str) -> Card:
    """Show a question to think about, with its answer folded away."""
    return Card(asks, (Fold("Think first, then unfold the answer.", (Words(answer),)),), ACCENT)
