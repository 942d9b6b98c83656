"""What `rtlab bench fuzz` prints."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from rtlab.errors import RtlabError
from rtlab.measure.fuzz import Outcome, Plan, fuzz


def print_fuzz(plan: Plan) -> None:
    """Fuzz, and print what was sent and said. Raises RtlabError, with the last cases, if something is wrong."""
    console = Console()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("cases", total=1.0)
        outcome = fuzz(plan, lambda share: progress.update(task, completed=share))
    console.print(_cases(outcome))
    console.print(
        f"{outcome.kinds.total():,} cases, {outcome.bytes:,} bytes, of seed {plan.seed}, in {outcome.seconds:.0f} s; "
        f"{outcome.answered:,} were answered while somebody listened. The others had {outcome.events:,} events."
    )
    for line, times in outcome.complaints.most_common():
        console.print(f"{times:,} times in a log: {line}", highlight=False, markup=False)
    if outcome.faults:
        for fault in outcome.faults:
            console.print(fault, highlight=False, markup=False)
        raise RtlabError(f"{len(outcome.faults)} things that must not be: they stand above")
    console.print(
        "No crash, no exception without a name, no hang; all descriptors are free; nobody else noticed."
    )


def _cases(outcome: Outcome) -> Table:
    table = Table("case", "times", "port", "times")
    kinds, ports = sorted(outcome.kinds.items()), sorted(outcome.ports.items())
    for number in range(max(len(kinds), len(ports))):
        row = [
            part
            for column in (kinds, ports)
            for part in ((column[number][0], f"{column[number][1]:,}") if number < len(column) else ("", ""))
        ]
        table.add_row(*row)
    return table
