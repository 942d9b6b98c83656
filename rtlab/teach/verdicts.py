"""The verdicts on the notes, as `docs/coverage.md` has them: the one place where they are written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rtlab.errors import BadInput
from rtlab.teach.card import Block, Card, Rows, Words

COVERAGE = Path("../docs/coverage.md")  # from where the notebooks are
COLUMNS = 5
NOTHING = "–"  # where a sentence has no figure
ACCENT = "#0072B2"


@dataclass(frozen=True)
class Verdict:
    """A sentence of the notes, the lessons that take it up, what they found, and the figure that says so."""

    sentence: str
    lesson: str
    verdict: str
    wording: str
    figure: str

    @property
    def is_measured(self) -> bool:
        """Whether a figure says so."""
        return self.figure != NOTHING


class Verdicts(list[Verdict]):
    """Verdicts that display themselves: each sentence with its verdict, its figure and its lesson."""

    def __repr__(self) -> str:
        return repr(self._card())

    def _repr_html_(self) -> str:
        return self._card()._repr_html_()

    def _card(self) -> Card:
        counts = Counter(each.verdict for each in self)
        total = ", ".join(f"{counts[name]} {name}" for name in ("true", "half true", "false") if counts[name])
        rows = tuple(
            (each.verdict, f"“{each.sentence}.” {each.wording} Figure: {each.figure}. Lesson {each.lesson}.")
            for each in self
        )
        blocks: tuple[Block, ...] = (Words(f"{total}."), *((Rows(rows),) if rows else ()))
        return Card(f"{len(self)} sentences of the notes", blocks, ACCENT)


def verdicts(*lessons: str, file: Path = COVERAGE) -> Verdicts:
    """Read the verdicts that have a figure, of those sentences that one of `lessons` ("08", "09"; none: any) takes up.

    Raises BadInput where there is no such file.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError:
        raise BadInput(f"there is no {file}: run this from the notebooks' folder, or give `file`") from None
    found = Verdicts()
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == COLUMNS and cells[0] != "sentence":
            each = Verdict(*cells)
            if each.is_measured and (not lessons or any(number in each.lesson for number in lessons)):
                found.append(each)
    return found
