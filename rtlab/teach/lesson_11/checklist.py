"""The checklist of the lesson: ten strangers and Ann knock at a server, and it shows for whom the door is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rtlab.teach.card import Card, Table, Words
from rtlab.teach.lesson_11.hosting import Hosted
from rtlab.teach.lesson_11.visitors import SECONDS, Visitor, friends, knock, let_in, strangers

RESOURCE = "/channels/diary"
GOOD, BAD = "#009E73", "#D55E00"
NO_ANSWER = (
    "No answer: your guard did not come back, or the server is closed. Run the server's three cells again."
)


@dataclass(frozen=True)
class Checklist:
    """What each visitor was answered; shows itself as a table. `error`: why it broke off, or what broke off there."""

    answers: tuple[tuple[Visitor, int], ...]
    error: str = ""

    @property
    def open(self) -> int:
        """How many strangers were let in."""
        return sum(let_in(status) for visitor, status in self.answers if not visitor.friend)

    @property
    def locked_out(self) -> int:
        """How many of those who may were not."""
        return sum(not let_in(status) for visitor, status in self.answers if visitor.friend)

    def __repr__(self) -> str:
        return repr(self._card())

    def _repr_html_(self) -> str:
        return self._card()._repr_html_()

    def _card(self) -> Card:
        rows = tuple(
            (_sign(visitor, status), visitor.who, visitor.tries, str(status or "no answer"))
            for visitor, status in self.answers
        )
        strangers = sum(not visitor.friend for visitor, _ in self.answers)
        title = f"{self.open} of {strangers} strangers are let in"
        if self.locked_out:
            title += f", and {self.locked_out} of {len(self.answers) - strangers} who may are not"
        fine = not (self.open or self.locked_out or self.error)
        words = (Words(self.error),) if self.error else ()
        table = Table(("", "who", "tries to", "answer"), rows)
        return Card(title, (table, *words), GOOD if fine else BAD, "✓" if fine else "✗")


def checklist(
    server: Hosted, token: str | None = None, reader: str | None = None, seconds: float = SECONDS
) -> Checklist:
    """Let everybody knock, until one has no answer for `seconds`.

    `token` is what Ann's own page and script have to show, `reader` the token of somebody who may only read.
    """
    already = len(server.errors)
    answers: list[tuple[Visitor, int]] = []
    error = ""
    for visitor in (*friends(token), *strangers(reader)):
        status = knock(server.url, visitor.request(server.host, RESOURCE), seconds)
        answers.append((visitor, status))
        if not status:  # the others would wait as long for nothing
            error = NO_ANSWER
            break
    if new := server.errors[already:]:
        error = f"It broke off: `{type(new[0]).__name__}: {new[0]}`"
    return Checklist(tuple(answers), error)


def refusing(answer: Any) -> int | None:
    """Return what a guard answered, if it is one: None, or a status that refuses. Raises TypeError otherwise."""
    if answer is None or (type(answer) is int and 400 <= answer < 500):
        return answer
    raise TypeError(
        f"your guard returned {answer!r}: return None to let in, or a status from 400 to 499, as a number, to refuse"
    )


def _sign(visitor: Visitor, status: int) -> str:
    if visitor.friend:
        return "let in" if let_in(status) else "LOCKED OUT"
    return "OPEN" if let_in(status) else "closed"
