"""The table that `rtlab compare` prints: a column for each technique, what theory says below what was measured."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rtlab.measure.result import Result
from rtlab.report import figures
from rtlab.technique import NAMES


def print_table(results: Sequence[Result], console: Console) -> None:
    """Print the figures, how far they agree with theory, every doubt, and the machine."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("", no_wrap=True)
    for result in results:
        table.add_column(NAMES[result.technique].replace(" ", "\n"), no_wrap=True, justify="right")
    for line in figures.lines(results):
        table.add_row(
            f"  {line.name}" if line.is_below else line.name,
            *line.values,
            style="dim" if line.is_below else "",
        )
    console.print(f"{figures.workload(results[0].setup)}.", highlight=False)
    console.print()
    console.print(table)
    console.print()
    console.print(figures.delivered(results), highlight=False)
    _list(console, "Mean latency beside theory", figures.agreement(results))
    _list(console, "Doubts", figures.doubts(results))
    console.print()
    console.print(f"Machine: {escape(figures.machine())}", highlight=False)


def _list(console: Console, heading: str, about: Sequence[tuple[str, tuple[str, ...]]]) -> None:
    """Print what is said about each technique below a heading, if there is anything."""
    if not about:
        return
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for name, sentences in about:
        for number, sentence in enumerate(sentences):
            grid.add_row(f"  {name}" if not number else "", escape(sentence))
    console.print()
    console.print(heading, style="bold")
    console.print(grid)
