"""`compare`, for a notebook: measure the techniques, and have what was found in one object that shows itself."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from rich.console import Console

from rtlab.errors import BadInput
from rtlab.measure.compare import Plan, Progress, run
from rtlab.measure.result import Result, save
from rtlab.report.page import CSS, fragment, page
from rtlab.report.pictures import Pictures
from rtlab.report.table import print_table
from rtlab.technique import TECHNIQUES
from rtlab.view.panel import Panel
from rtlab.view.picture import Picture

WIDTH = 100  # characters of the table in words


class Comparison:
    """The results of a comparison, in the order in which techniques are always shown; `[technique]` is one of them.

    In a notebook it is a table with every doubt below it; `latency()` and `distribution()` are pictures.
    """

    def __init__(self, results: Sequence[Result]) -> None:
        self.results = tuple(results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __getitem__(self, technique: str) -> Result:
        for result in self.results:
            if result.technique == technique:
                return result
        measured = ", ".join(result.technique for result in self.results)
        raise BadInput(f"{technique!r} was not measured: ask for one of {measured}")

    def latency(self, *, dark: bool = False) -> Picture:
        """Draw mean, p99 and range of each technique, beside theory and simulation."""
        return self._pictures.latency(dark=dark)

    def distribution(self, *, dark: bool = False) -> Picture:
        """Draw how many events have arrived after how long, beside theory and simulation."""
        return self._pictures.distribution(dark=dark)

    @cached_property
    def _pictures(self) -> Pictures:
        return Pictures(self.results)

    def save(self, path: str | Path) -> None:
        """Write `.html`, the page with all pictures, or `.json` or `.csv`, the figures. Raises BadInput for others."""
        if Path(path).suffix == ".html":
            Path(path).write_text(page(self.results), encoding="utf-8")
        else:
            save(self.results, path)

    def __repr__(self) -> str:
        out = io.StringIO()
        print_table(self.results, Console(file=out, width=WIDTH))
        return out.getvalue()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return what Jupyter shows."""
        return Panel(fragment(self.results), repr(self), CSS)._repr_mimebundle_()


def compare(
    *techniques: str, progress: Progress = lambda technique, share: None, **settings: Any
) -> Comparison:
    """Measure the techniques (by default all five) on the same workload, each alone; `settings` are those of a `Plan`.

    Takes about ten seconds for each. Raises BadInput for what cannot be, and RtlabError if a process dies.
    """
    return Comparison(list(run(Plan(techniques=techniques or TECHNIQUES, **settings), progress)))
