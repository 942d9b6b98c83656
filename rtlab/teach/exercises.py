"""Exercises that check themselves: `exercise("06.1")`, then `.check(answer)`, `.hint()`, `.solution()`.

The exercises of lesson 06 are in `lesson_06.py`, which has one function, `exercises(draw)`, that returns them all.
`draw` is a random generator, the same for the same student: whatever is drawn from it varies from student to student.

An author writes an `Exercise`: the words, three pieces of source that each define `name` (the stub that the notebook
starts from, the reference, wrong answers that a student might give), and a check. `tests/teach/test_proof.py` proves
every exercise that is registered: the reference is right, the stub is not started, and each wrong answer fails with
a message that names its symptom.
"""

import inspect
import os
import random
from dataclasses import dataclass, replace
from typing import Any

from rtlab.errors import BadInput
from rtlab.teach import record
from rtlab.teach.card import Block, Card, Code, Words, listed
from rtlab.teach.checks import Check, Lines, ValueCheck
from rtlab.teach.lessons import lesson, lessons
from rtlab.teach.outcome import Outcome, Verdict, Wrong, show
from rtlab.teach.source import Source, fingerprint

GRADED = "RTLAB_GRADED"  # 1: solutions are hidden; `strict`: hints too
SEED = "RTLAB_SEED"  # which variant of the exercises, for example the student's number


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer that a student might give: its source, and words that the message about it must contain."""

    source: str
    symptom: str
    verdict: Verdict = Verdict.WRONG


@dataclass(frozen=True, repr=False)
class Exercise:
    """One exercise of a lesson.

    `stub`, `reference` and the wrong answers are Python source that defines `name`: a value, a function (`def` or
    `async def`) or a class; what the stub defines says which. With `lines` the answer is the order of these lines.
    `judge` gets the answer, or what the ordered lines define (see `checks`). `limit` is in seconds.
    """

    id: str
    title: str
    task: str
    name: str
    stub: str
    reference: str
    judge: Check
    hints: tuple[str, ...]
    wrong: tuple[WrongAnswer, ...]
    why: str
    shown: tuple[Block, ...] = ()  # what the task speaks of, shown below it
    lines: Lines | None = None
    limit: float = 5.0

    def check(self, answer: Any = None) -> Outcome:
        """Check an answer, for at most `limit` seconds, and say what came out."""
        try:
            outcome = replace(self._judged(answer), exercise=self.id)
        except Wrong as wrong:
            outcome = Outcome(
                Verdict.WRONG, wrong.advice, wrong.did, wrong.got, wrong.wanted, exercise=self.id
            )
        if outcome.right:
            outcome = replace(outcome, words=self.why)
        record.tried(self.id, outcome.verdict)
        return outcome

    def hint(self, number: int = 1) -> Card:
        """Show a hint; a later one says more."""
        if os.environ.get(GRADED) == "strict":
            return Card(f"{self.id} hints are closed while this is graded")
        if not 1 <= number <= len(self.hints):
            return Card(f"{self.id} has {len(self.hints)} hints: `hint(1)` to `hint({len(self.hints)})`")
        more = f" of {len(self.hints)}" if len(self.hints) > 1 else ""
        return Card(f"{self.id} hint {number}{more}", (Words(self.hints[number - 1]),))

    def solution(self) -> Card:
        """Show one way to do it; not while it is graded."""
        if os.environ.get(GRADED, "0") not in ("", "0"):
            return Card(f"{self.id} the solution is closed while this is graded")
        blocks: list[Block] = [Code(self.reference.strip("\n"))]
        if self.lines:
            blocks.append(Code(self.lines.assemble(self.lines.right).text))
        return Card(f"{self.id} one solution", tuple(blocks))

    def __repr__(self) -> str:
        return repr(self._card())

    def _repr_html_(self) -> str:
        return self._card()._repr_html_()

    def _card(self) -> Card:
        lines = (Code(self.lines.numbered()),) if self.lines else ()
        return Card(f"Exercise {self.id}: {self.title}", (Words(self.task), *self.shown, *lines))

    def _judged(self, answer: Any) -> Outcome:
        started = Source(self.stub, self.name).load()
        if answer is None or answer is ... or fingerprint(answer) == fingerprint(started):
            words = f"Write `{self.name}`, then check it: `.check({self.name})`."
            return Outcome(Verdict.NOT_STARTED, words=words)
        if self.lines:
            answer = self.lines.assemble(answer)
        else:
            self._expect(answer, started)
        if isinstance(self.judge, ValueCheck):
            self.judge(answer)
            return Outcome(Verdict.RIGHT)
        from rtlab.teach import runner  # it needs cloudpickle, which only code exercises do

        return runner.run(self.judge, answer, self.limit)

    def _expect(self, answer: Any, started: Any) -> None:
        """Raise `Wrong` when the answer is another kind of thing than was asked for."""
        call, did = f"`.check({self.name})`", "looked at what you gave"
        if inspect.iscoroutine(answer):
            answer.close()  # or Python warns that nobody awaited it
            raise Wrong(did, "a coroutine", f"the function itself, without calling it: {call}")
        if isinstance(started, type):
            if not isinstance(answer, type):
                raise Wrong(did, show(answer), f"the class itself, not an object of it: {call}")
        elif callable(started):
            if not callable(answer) or isinstance(answer, type):
                raise Wrong(did, show(answer), f"the function itself, without calling it: {call}")
            if inspect.iscoroutinefunction(started) and not inspect.iscoroutinefunction(answer):
                raise Wrong(did, "a plain `def`", "an `async def`: whoever calls it will `await` it")


def exercise(id: str) -> Exercise:
    """Return an exercise by its id, such as "06.1": lesson 06, first exercise.

    Raises BadInput, with the ids that there are, when there is none of this id.
    """
    number = id.partition(".")[0]
    known = {each.id: each for each in _of(number)}
    if id not in known:
        there = f"lesson {number} has {listed(list(known))}" if known else f"there is none in lesson {number}"
        raise BadInput(f"{id!r} is not an exercise: {there}")
    return known[id]


def every() -> list[Exercise]:
    """Return the exercises of all lessons, in the lessons' order."""
    return [each for number in lessons() for each in _of(number)]


def _of(number: str) -> tuple[Exercise, ...]:
    """Return the exercises of one lesson, drawn for this student."""
    drawn = getattr(lesson(number), "exercises", None)
    return tuple(drawn(random.Random(f"{os.environ.get(SEED, '')}/{number}"))) if drawn else ()
