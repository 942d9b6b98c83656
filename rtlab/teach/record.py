"""What a student has done in this notebook so far: predictions, votes and checks, summed up at its end."""

from typing import Protocol

from rtlab.teach.card import Block, Card, Table, Words
from rtlab.teach.outcome import Verdict


class Predicted(Protocol):
    """A prediction, as far as the summary needs it."""

    def row(self) -> tuple[str, str, str, str]:
        """Return label, what was said, what it was, and the difference in words."""

    def hit(self) -> bool | None:
        """Tell whether it was within a factor of two; None while it is not measured, or was not predicted."""


class Voted(Protocol):
    """A question, as far as the summary needs it."""

    def row(self) -> tuple[str, str, str, str]:
        """Return id, first vote, second vote, and the right letter once the second vote is in."""


predictions: dict[str, Predicted] = {}
questions: dict[str, Voted] = {}
outcomes: dict[str, Verdict] = {}  # an exercise's id and its last verdict
solved: set[str] = set()  # the exercises that were right at least once


def forget() -> None:
    """Begin anew, as a restarted kernel does."""
    predictions.clear()
    questions.clear()
    outcomes.clear()
    solved.clear()


def tried(exercise: str, verdict: Verdict) -> None:
    """Keep what a check of an exercise said; one that was right stays so in the summary."""
    outcomes[exercise] = verdict
    if verdict is Verdict.RIGHT:
        solved.add(exercise)


def _standing(exercise: str) -> str:
    """Say how an exercise stands: by its last try, unless a try before was right."""
    last = outcomes[exercise]
    if exercise in solved and last is not Verdict.RIGHT:
        return f"{Verdict.RIGHT.value} (last try: {last.value})"
    return last.value


def summary() -> Card:
    """Sum up the notebook: what was predicted and what it was, the votes before and after, the exercises."""
    blocks: list[Block] = []
    if predictions:
        judged = [hit for each in predictions.values() if (hit := each.hit()) is not None]
        if judged:
            blocks.append(Words(f"{sum(judged)} of {len(judged)} predictions were within a factor of two."))
        rows = tuple(each.row() for each in predictions.values())
        blocks.append(Table(("prediction", "you said", "it was", ""), rows))
    if questions:
        rows = tuple(each.row() for each in questions.values())
        blocks.append(Table(("question", "first vote", "second vote", "right"), rows))
    if outcomes:
        blocks.append(Table(("exercise", ""), tuple((each, _standing(each)) for each in outcomes)))
    if not blocks:
        blocks.append(Words("Nothing was predicted, voted on or checked yet."))
    return Card("What you predicted, and what it was", tuple(blocks))
