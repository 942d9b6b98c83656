"""One copy of a text that several people edit at once: a list in which each letter has a name (RGA).

Everybody has a copy, changes it at once, and tells the others. Nobody decides: whoever knows the same operations has
the same text, in whatever order they came. Three rules make it so:

- a letter is named, for ever, and put in *behind another letter*, not at a number;
- where two were put in behind the same letter, the one with the higher id stands first: so all who meet them agree;
- a deleted letter stays as a tombstone, for somebody may just be writing behind it.

After Roh, Jeon, Kim and Lee, "Replicated abstract data types: building blocks for collaborative applications", Journal
of Parallel and Distributed Computing 71 (2011), 354-368. `replica.js` is the same for the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rtlab.apps.text.operations import HEAD, RUN, Delete, Id, Insert, Operation, fold


@dataclass(slots=True)
class Letter:
    """A letter in its place; `dead` when it was deleted."""

    id: Id
    after: Id  # what it was put in behind; others may have come between
    text: str
    dead: bool = False
    next: Letter | None = None


class Replica:
    """A copy at one site. `insert` and `delete` change it and return what to tell; `apply` takes what others tell."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.clock = 0  # the highest count that was seen (Lamport)
        self._head = Letter(HEAD, HEAD, "", dead=True)
        self._letters = {HEAD: self._head}
        self._waiting: dict[Id, list[Operation]] = {}  # the letter that is missing → what waits for it

    def insert(self, index: int, text: str) -> list[Insert]:
        """Put text in before the visible letter number `index`, or at the end."""
        visible = self.visible()
        after = visible[min(index, len(visible)) - 1].id if index and visible else HEAD
        made = []
        for start in range(0, len(text), RUN):
            made.append(Insert(Id(self.clock + 1, self.site), after, text[start : start + RUN]))
            self.apply(made[-1])
            after = made[-1].ids[-1]
        return made

    def delete(self, index: int, count: int = 1) -> list[Operation]:
        """Take out visible letters from number `index` on."""
        made = fold(Delete(letter.id, 1) for letter in self.visible()[index : index + count])
        for operation in made:
            self.apply(operation)
        return made

    def apply(self, operation: Operation) -> None:
        """Take an operation, of whoever; again does no harm. One that is ahead of what it builds on waits for that."""
        todo = [operation]
        while todo:
            each = todo.pop()
            if isinstance(each, Insert):
                todo += self._insert(each)
            else:
                self._delete(each)

    def _insert(self, run: Insert) -> list[Operation]:
        """Put a run in; what had been waiting for its letters."""
        if run.after not in self._letters:
            self._waiting.setdefault(run.after, []).append(run)
            return []
        freed, after = [], run.after
        for id, text in zip(run.ids, run.text, strict=True):
            if id not in self._letters:
                self._put(Letter(id, after, text))
                freed += self._waiting.pop(id, [])
            after = id
        return freed

    def _put(self, letter: Letter) -> None:
        """The rule: behind the letter that it names, and behind all with a higher id that stand there already."""
        left = self._letters[letter.after]
        while left.next is not None and left.next.id > letter.id:
            left = left.next
        letter.next, left.next = left.next, letter
        self._letters[letter.id] = letter
        self.clock = max(self.clock, letter.id.counter)

    def _delete(self, run: Delete) -> None:
        for id in run.ids:
            if id in self._letters:
                self._letters[id].dead = True
            else:
                self._waiting.setdefault(id, []).append(Delete(id, 1))

    def __iter__(self) -> Iterator[Letter]:
        """All letters in their order, tombstones too."""
        letter = self._head.next
        while letter is not None:
            yield letter
            letter = letter.next

    def visible(self) -> list[Letter]:
        """The letters that are to be read."""
        return [letter for letter in self if not letter.dead]

    @property
    def text(self) -> str:
        """What is to be read."""
        return "".join(letter.text for letter in self.visible())

    @property
    def size(self) -> int:
        """How many letters there are, with the dead ones."""
        return len(self._letters) - 1

    @property
    def waiting(self) -> int:
        """How many operations wait for a letter that has not come."""
        return sum(map(len, self._waiting.values()))

    def operations(self) -> list[Operation]:
        """All that this copy knows, for one that knows nothing: inserts in the order of their ids, then deletes.

        A letter has a higher id than all that its writer knew, so what it stands behind comes before it.
        """
        known = sorted(self, key=lambda letter: letter.id)
        runs = fold(Insert(letter.id, letter.after, letter.text) for letter in by_site(known))
        inserts = sorted(runs, key=lambda run: run.id)
        return inserts + fold(Delete(letter.id, 1) for letter in by_site(known) if letter.dead)


def by_site(letters: list[Letter]) -> list[Letter]:
    """Sorted so that those of one site stand together, each with those that it counted next."""
    return sorted(letters, key=lambda letter: (letter.id.site, letter.id.counter))
