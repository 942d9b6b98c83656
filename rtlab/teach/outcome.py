"""What a check can find out about an answer: five verdicts, told apart, and how each is shown."""

import re
import reprlib
from dataclasses import dataclass
from enum import Enum

from rtlab.errors import RtlabError
from rtlab.teach.card import Block, Card, Code, Rows, Words


class Verdict(Enum):
    """The five things that a check can say."""

    NOT_STARTED = "not started"
    WRONG = "wrong"
    RAISED = "broke off"
    TOO_LONG = "took too long"
    RIGHT = "right"


# Sign and colour; from the Okabe-Ito palette, apart for colour-blind eyes on light and dark grounds.
_LOOK = {
    Verdict.NOT_STARTED: ("○", "#9aa3ad"),
    Verdict.WRONG: ("✗", "#D55E00"),
    Verdict.RAISED: ("!", "#CC79A7"),
    Verdict.TOO_LONG: ("∞", "#E69F00"),
    Verdict.RIGHT: ("✓", "#009E73"),
}


class Wrong(RtlabError):
    """What a check raises at an answer that does not do what was asked.

    `did` says what the check did, `got` what came out, `wanted` what was wanted in general: never the answer itself.
    `advice` names the mistake, where the check recognises it. Backticks mark code.
    """

    def __init__(self, did: str, got: str, wanted: str, advice: str = "") -> None:
        self.did, self.got, self.wanted, self.advice = did, got, wanted, advice
        super().__init__(f"{did}; got {got}; wanted {wanted}")


@dataclass(frozen=True)
class Outcome:
    """What came out of one check. The last line of a cell shows it; `right` is for a program that asks."""

    verdict: Verdict
    words: str = ""
    did: str = ""
    got: str = ""
    wanted: str = ""
    line: int | None = None  # of the student's cell, counted from 1
    code: str = ""  # that line
    printed: str = ""  # what the answer printed, cut to a bound
    exercise: str = ""

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.verdict is Verdict.RIGHT

    def __repr__(self) -> str:
        return repr(self._card())

    def _repr_html_(self) -> str:
        return self._card()._repr_html_()

    def _card(self) -> Card:
        sign, accent = _LOOK[self.verdict]
        blocks: list[Block] = []
        rows = tuple((k, v) for k, v in (("did", self.did), ("got", self.got), ("wanted", self.wanted)) if v)
        if rows:
            blocks.append(Rows(rows))
        if self.words:
            blocks.append(Words(self.words))
        if self.line is not None:
            blocks.append(Code(f"line {self.line}: {self.code.strip()}"))
        if self.printed:
            blocks += [Words("It printed:"), Code(self.printed)]
        return Card(f"{self.exercise} {self.verdict.value}".strip(), tuple(blocks), accent, sign)


def show(value: object, limit: int = 160) -> str:
    """Write a value as code for a message: its repr, of bounded length, without the address that changes each time."""
    short = reprlib.Repr()
    short.maxstring = short.maxother = limit
    short.maxlist = short.maxtuple = short.maxdict = short.maxset = 12
    text = short.repr(value)
    if len(text) > limit:
        text = f"{text[: limit - 20]} … {text[-15:]}"
    return "`" + re.sub(r" at 0x[0-9a-fA-F]+", "", text).replace("`", "'") + "`"
