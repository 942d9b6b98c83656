"""The printed table: all figures in a terminal of 80 columns, doubts below it."""

import io

from rich.console import Console

from rtlab.measure.result import Result
from rtlab.report import figures
from rtlab.report.table import print_table


def printed(results: list[Result], width: int) -> str:
    out = io.StringIO()
    print_table(results, Console(file=out, width=width))
    return out.getvalue()


def test_every_figure_is_whole_in_80_columns(results: list[Result]) -> None:
    text = printed(results, 80)
    assert "…" not in text
    rows = [row.strip() for row in text.splitlines()]
    for line in figures.lines(results):
        assert any(
            row.startswith(line.name) and all(value in row for value in line.values) for row in rows
        ), line


def test_doubts_and_the_machine_are_below(results: list[Result]) -> None:
    text = printed(results, 200)
    assert text.index("Doubts") > text.index("memory per client")
    assert "one <reason>" in text
    assert figures.machine() in text
    assert "Doubts" not in printed(results[:2], 80)
