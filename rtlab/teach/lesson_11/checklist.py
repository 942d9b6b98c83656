"""The checklist of the lesson: nine strangers and Ann knock at a server, and it shows for whom the door is open."""

from __future__ import annotations

from dataclasses import dataclass

from rtlab.teach.card import Card, Table, Words
from rtlab.teach.lesson_11.hosting import Hosted
from rtlab.teach.lesson_11.visitors import STRANGERS, Visitor, friends, knock, let_in

RESOURCE = "/channels/diary"
GOOD, BAD = "#009E73", "#D55E00"


@dataclass(frozen=True)
class Checklist:
    """What each visitor was answered; shows itself as a table."""

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
        fine = not (self.open or self.locked_out)
        words = (Words(self.error),) if self.error else ()
        table = Table(("", "who", "tries to", "answer"), rows)
        return Card(title, (table, *words), GOOD if fine else BAD, "✓" if fine else "✗")


def checklist(server: Hosted, token: str | None = None) -> Checklist:
    """Let everybody knock; `token` is what Ann's own page and script have to show."""
    already = len(server.errors)
    answers = tuple(
        (visitor, knock(server.url, visitor.request(server.host, RESOURCE)))
        for visitor in (*friends(token), *STRANGERS)
    )
    new = server.errors[already:]
    error = f"It broke off: `{type(new[0]).__name__}: {new[0]}`" if new else ""
    return Checklist(answers, error)


def _sign(visitor: Visitor, status: int) -> str:
    if visitor.friend:
        return "let in" if let_in(status) else "LOCKED OUT"
    return "OPEN" if let_in(status) else "closed"
