"""Ready-made checks: a number, a choice, a word, faults named, a function by a table of cases, lines put in order.

A check is called with the student's answer, returns when it is right and raises `Wrong` when it is not. It may be
`async def`. Whatever else it needs (a server that answers byte by byte, a client that leaves) an exercise writes
itself, beside its own words; such a check runs in a process of its own, together with the answer.
"""

import copy
import inspect
import math
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rtlab.teach.outcome import Wrong, show
from rtlab.teach.source import Source

Check = Callable[[Any], Any]


class ValueCheck:
    """A check that only looks at a value. It calls nothing of the student's, and so needs no process of its own."""

    def __call__(self, answer: Any) -> None:
        """Return when `answer` is right; raise `Wrong` when it is not."""
        raise NotImplementedError


@dataclass(frozen=True)
class Number(ValueCheck):
    """A number, `within` a relative tolerance; `slips` maps what a known mistake gives to that mistake's name."""

    value: float
    unit: str
    wanted: str
    within: float = 0.01
    slips: Mapping[float, str] = field(default_factory=dict)

    def __call__(self, answer: Any) -> None:
        """Compare with the value; say what kind of slip it looks like, or in which direction it is off."""
        did = f"compared your number of {self.unit} with the right one, within {100 * self.within:g}%"
        try:
            number = math.nan if isinstance(answer, (str, bytes, bool)) else float(answer)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise Wrong(did, show(answer), f"a plain number, in {self.unit}: no text, no unit")
        if self._near(number, self.value):
            return
        advice = next((words for value, words in self.slips.items() if self._near(number, value)), "")
        direction = "too small" if number < self.value else "too large"
        raise Wrong(did, f"{show(answer)}: {direction}", self.wanted, advice)

    def _near(self, number: float, value: float) -> bool:
        return math.isclose(number, value, rel_tol=self.within, abs_tol=1e-12)


@dataclass(frozen=True)
class Letter(ValueCheck):
    """One letter of several; `slips` says for each wrong letter what speaks against it."""

    right: str
    slips: Mapping[str, str]

    def __call__(self, answer: Any) -> None:
        """Compare the letter, in either case."""
        letters = sorted({self.right, *self.slips})
        did = "read your choice"
        if not isinstance(answer, str) or answer.strip().lower() not in letters:
            raise Wrong(did, show(answer), "one of the letters " + ", ".join(letters))
        letter = answer.strip().lower()
        if letter != self.right:
            raise Wrong(did, f"`{letter}`", "the choice that the experiment shows", self.slips[letter])


@dataclass(frozen=True)
class Text(ValueCheck):
    """A word or a short text, compared without regard to case and outer or repeated white space."""

    accepted: Sequence[str]
    wanted: str
    slips: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, answer: Any) -> None:
        """Compare the text with all that are accepted."""
        if not isinstance(answer, str):
            raise Wrong("read your answer", show(answer), f"a text: {self.wanted}")
        if _plain(answer) in map(_plain, self.accepted):
            return
        advice = next((words for slip, words in self.slips.items() if _plain(slip) == _plain(answer)), "")
        raise Wrong("read your answer", show(answer), self.wanted, advice)


@dataclass(frozen=True)
class Faults(ValueCheck):
    """The fault in each of several things that are shown, as a `dict` from their numbers to the faults' names.

    `order` has the faults as they are shown; `signs` how each fault that may be named would show. `thing` is what is
    shown, `parts` what there is to read of it, and `wanted` what a fault is.
    """

    order: tuple[str, ...]
    signs: Mapping[str, str]
    thing: str
    parts: str
    wanted: str

    def __call__(self, answer: Any) -> None:
        """Report the first thing whose fault is not the one that was named."""
        did, names = "read your diagnosis", self.names
        if not isinstance(answer, dict) or set(answer) != set(range(1, len(self.order) + 1)):
            wanted = f"a `dict` with the keys 1 to {len(self.order)} and one name for each"
            raise Wrong(did, show(answer), wanted)
        for number, fault in enumerate(self.order, 1):
            named = answer[number]
            if named not in self.signs:
                raise Wrong(did, f"{show(named)} for {self.thing} {number}", f"one of {names}")
            if named != fault:
                did = f"compared your diagnosis of {self.thing} {number} with its {self.parts}"
                raise Wrong(did, show(named), self.wanted, self.signs[named])

    @property
    def names(self) -> str:
        """The faults that may be named, in a row."""
        return ", ".join(f"`{name}`" for name in self.signs)

    @property
    def stub(self) -> str:
        """What a student starts from."""
        return f"faults = {dict.fromkeys(range(1, len(self.order) + 1))}\n"

    def answer(self, fault: str = "", mistaken_for: str = "") -> str:
        """Return the right answer, or the one of a student who takes a fault for another."""
        named = [mistaken_for if each == fault else each for each in self.order]
        return f"faults = {dict(enumerate(named, 1))}\n"


@dataclass(frozen=True)
class Case:
    """One call of a function: the arguments, and what it must return."""

    arguments: tuple[Any, ...]
    result: Any


@dataclass(frozen=True)
class Symptom:
    """A mistake that shows in what came out: `seen(got, case)` recognises it, `words` name it.

    `seen` may take for granted that what came out has the shape that was wanted: where it breaks off, it is not seen.
    """

    seen: Callable[[Any, Case], bool]
    words: str

    def shows(self, got: Any, case: Case) -> bool:
        """Tell whether the mistake is recognised; `got` may be anything."""
        try:
            return self.seen(got, case)
        except (TypeError, ValueError, LookupError, AttributeError):
            return False


@dataclass(frozen=True)
class Cases:
    """A function, plain or `async def`, held against a table of calls.

    `wanted` says in general what it should return. The arguments are copied for each call, so that a function
    that changes them cannot change the table.
    """

    cases: Sequence[Case]
    wanted: str
    symptoms: Sequence[Symptom] = ()

    def __call__(self, function: Callable[..., Any]) -> None:
        """Make every call in turn; the first one that differs is reported."""
        for case in self.cases:
            got = finish(function(*copy.deepcopy(case.arguments)))
            if type(got) is type(case.result) and got == case.result:
                continue
            arguments = ", ".join(show(argument).strip("`") for argument in case.arguments)
            did = f"called `{getattr(function, '__name__', 'your function')}({arguments})`"
            raise Wrong(did, show(got), self.wanted, self._advice(got, case))

    def _advice(self, got: Any, case: Case) -> str:
        if got is None:
            return "`None` is what a function gives back that has no `return`."
        if isinstance(case.result, (list, tuple)) and _values(got) == _values(case.result):
            return f"The values are right. Give them as {_kind(case.result)}."
        return next((symptom.words for symptom in self.symptoms if symptom.shows(got, case)), "")


@dataclass(frozen=True)
class Lines:
    """Lines to put in order (a Parsons problem): `shown` as the student sees them, `right` the numbers in order.

    The lines are put together as the answer says and *run*: every order that works is right, and one that does
    not fails by what it does. Lines that `right` leaves out are there to mislead.
    """

    shown: tuple[str, ...]
    right: tuple[int, ...]
    defines: str

    @classmethod
    def shuffled(
        cls, source: str, defines: str, shuffle: random.Random, extra: Sequence[str] = ()
    ) -> "Lines":
        """Shuffle the lines of a working `source` that defines the name `defines`, with `extra` lines among them."""
        lines = source.strip("\n").splitlines()
        places = list(range(len(lines) + len(extra)))
        shuffle.shuffle(places)
        everything = [*lines, *extra]
        right = tuple(places.index(number) + 1 for number in range(len(lines)))
        return cls(tuple(everything[place] for place in places), right, defines)

    def numbered(self) -> str:
        """Return the lines as they are shown, each with its number."""
        return "\n".join(f"{number:2}  {line}" for number, line in enumerate(self.shown, 1))

    def order(self, source: str) -> str:
        """Return the answer that puts the lines together to `source`, as a student would write it."""
        return f"order = {[self.shown.index(line) + 1 for line in source.strip().splitlines()]}\n"

    def assemble(self, order: Any) -> Source:
        """Put the lines together; `order` is a list of their numbers. Raises `Wrong` when it is not."""
        last = len(self.shown)
        wanted = f"a list of line numbers from 1 to {last}, each at most once, such as `[2, 1]`"
        if not isinstance(order, (list, tuple)) or any(type(number) is not int for number in order):
            raise Wrong("read your order", show(order), wanted)
        odd = [number for number in order if not 1 <= number <= last or order.count(number) > 1]
        if odd:
            raise Wrong("read your order", f"{show(order)}, with {show(odd[0])} in it", wanted)
        return Source("".join(self.shown[number - 1] + "\n" for number in order), self.defines)


def finish(result: Any) -> Any:
    """Return a plain result as it is; run what an `async def` gave to its end and return that."""
    if not inspect.isawaitable(result):
        return result
    import asyncio  # a third of a check's start, which only these need

    async def run() -> Any:
        return await result

    return asyncio.run(run())


def _values(result: Any) -> Any:
    """Return lists, tuples and the like as lists all the way down: only the values are left."""
    if isinstance(result, Collection) and not isinstance(result, (str, bytes, Mapping, set)):
        return [_values(each) for each in result]
    return result


def _kind(result: list[Any] | tuple[Any, ...]) -> str:
    """Say what kind of thing a result is: `a list of tuples`."""
    inner = next((type(each).__name__ for each in result if isinstance(each, (list, tuple))), "")
    return f"a {type(result).__name__}" + (f" of {inner}s" if inner else "")


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
