"""What a student has done in this notebook so far: predictions, votes and checks, summed up at its end."""

from typing import Protocol

from rtlab.teach.card import Block, Card, Table, Words


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
outcomes: dict[str, str] = {}  # an exercise's id and its last verdict


def forget() -> None:
    """Begin anew, as a restarted kernel does."""
    predictions.clear()
    questions.clear()
    outcomes.clear()


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
        blocks.append(Table(("exercise", ""), tuple(outcomes.items())))
    if not blocks:
        blocks.append(Words("Nothing was predicted, voted on or checked yet."))
    return Card("What you predicted, and what it was", tuple(blocks))
