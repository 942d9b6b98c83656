"""What is said about a text: letters with ids, put in behind another letter or taken out; and how that is written.

    {"ops": [{"insert": "hello", "id": "17@ada", "after": "9@bob"}, {"delete": 2, "id": "3@ada"}]}

An id is a number and a site, the one copy that gave it. A run of letters is written once, with the id of its first
letter; the others count on, and each stands behind the one before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rtlab.errors import BadInput

LONGEST = 20_000  # letters of a text, with those that were deleted; no honest counter goes further
RUN = 1_000  # letters of one operation
MOST = 1_000  # operations of one event
LETTERS = 2 * LONGEST  # that one event puts in or takes out: all that a text may hold, and all of that again
ID = re.compile(r"([1-9][0-9]{0,5})@([a-z0-9]{1,16})")


class Id(NamedTuple):
    """The name of one letter, for ever: a count that was higher than all its site knew, and the site."""

    counter: int
    site: str

    def __str__(self) -> str:
        return f"{self.counter}@{self.site}"

    def on(self, letters: int) -> Id:
        """The id so many letters further on in the same run."""
        return Id(self.counter + letters, self.site)


HEAD = Id(0, "")  # what the first letter stands behind; written as null


@dataclass(frozen=True)
class Insert:
    """Letters put in behind the letter `after`; their ids count on from `id`."""

    id: Id
    after: Id
    text: str

    @property
    def count(self) -> int:
        """How many letters."""
        return len(self.text)

    @property
    def ids(self) -> list[Id]:
        """The id of each letter."""
        return [self.id.on(n) for n in range(self.count)]


@dataclass(frozen=True)
class Delete:
    """Letters taken out: `count` of them, whose ids count on from `id`."""

    id: Id
    count: int

    @property
    def ids(self) -> list[Id]:
        """The id of each letter."""
        return [self.id.on(n) for n in range(self.count)]


Operation = Insert | Delete


def fold(operations: Iterable[Operation]) -> list[Operation]:
    """The same operations in fewer: what goes on where the last one ended becomes one run with it."""
    folded: list[Operation] = []
    for operation in operations:
        last = folded[-1] if folded else None
        if isinstance(last, Insert) and isinstance(operation, Insert):
            end = last.id.on(len(last.text) - 1)
            goes_on = operation.after == end and operation.id == end.on(1)
            if goes_on and len(last.text) + len(operation.text) <= RUN:
                folded[-1] = Insert(last.id, last.after, last.text + operation.text)
                continue
        if isinstance(last, Delete) and isinstance(operation, Delete) and last.count + operation.count <= RUN:
            if operation.id == last.id.on(last.count):  # forwards
                folded[-1] = Delete(last.id, last.count + operation.count)
                continue
            if last.id == operation.id.on(operation.count):  # backspace
                folded[-1] = Delete(operation.id, last.count + operation.count)
                continue
        folded.append(operation)
    return folded


def encode(operations: Iterable[Operation]) -> dict[str, Any]:
    """Write operations as one event's data."""
    return {"ops": [_encode(operation) for operation in operations]}


def _encode(operation: Operation) -> dict[str, Any]:
    if isinstance(operation, Delete):
        return {"delete": operation.count, "id": str(operation.id)}
    after = None if operation.after == HEAD else str(operation.after)
    return {"insert": operation.text, "id": str(operation.id), "after": after}


def decode(data: Any) -> list[Operation]:
    """Read one event's data. Raises BadInput with a sentence for what is no list of operations."""
    given = data.get("ops") if isinstance(data, dict) else None
    if not isinstance(given, Sequence) or isinstance(given, str) or not 1 <= len(given) <= MOST:
        raise BadInput(f'This changes no text: publish {{"ops": […]}} with 1 to {MOST} operations.')
    operations = [_decode(each) for each in given]
    if sum(operation.count for operation in operations) > LETTERS:
        raise BadInput(f"Those are too many letters for one event: give at most {LETTERS:,}.")
    return operations


def decode_whole(data: Any) -> list[Operation]:
    """Read a whole text, as the server tells it: as many operations as it has."""
    return [_decode(each) for each in data["ops"]]


def _decode(given: Any) -> Operation:
    if isinstance(given, dict) and set(given) == {"insert", "id", "after"}:
        first, text = decode_id(given["id"]), _letters(given["insert"])
        after = HEAD if given["after"] is None else decode_id(given["after"])
        if not after < first:
            raise BadInput(
                f"{first} cannot stand behind {after}: give a letter a higher number than all that you know."
            )
        _in_range(first, len(text))
        return Insert(first, after, text)
    if isinstance(given, dict) and set(given) == {"delete", "id"}:
        first, count = decode_id(given["id"]), given["delete"]
        if type(count) is not int or not 1 <= count <= RUN:
            raise BadInput(f"{str(count)[:40]!r} letters cannot be deleted at once: give 1 to {RUN}.")
        _in_range(first, count)
        return Delete(first, count)
    raise BadInput(
        f"{str(given)[:60]} is no operation: give insert, id and after (null for the beginning), or delete and id."
    )


def decode_id(given: Any) -> Id:
    """Read an id. Raises BadInput with a sentence for what is none."""
    found = ID.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise BadInput(f"{str(given)[:40]!r} names no letter: an id is a count from 1 and a site, as 17@ada.")
    return Id(int(found[1]), found[2])


def _letters(given: Any) -> str:
    if not isinstance(given, str) or not 1 <= len(given) <= RUN:
        raise BadInput(f"Insert 1 to {RUN} letters at once, as a string.")
    for letter in given:
        if unicodedata.category(letter) == "Cc" and letter not in "\n\t":
            raise BadInput(f"The control character {letter!r} is no letter: leave it out.")
    return given


def _in_range(first: Id, letters: int) -> None:
    if first.counter + letters - 1 > LONGEST:
        raise BadInput(f"{first} counts too far: a text ends with the letter number {LONGEST}.")
