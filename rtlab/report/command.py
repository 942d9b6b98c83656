"""`rtlab compare`: the main job of the laboratory without a notebook."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rtlab.errors import BadInput, RtlabError
from rtlab.technique import TECHNIQUES

if TYPE_CHECKING:
    from rtlab.measure.compare import Plan
    from rtlab.measure.result import Result

WORKLOADS = ["steady", "poisson", "bursty", "day", "recorded"]
INTERRUPTED = 130  # the exit status that shells give for Ctrl-C

NUMBERS: dict[str, tuple[Any, str]] = {
    "rate": (1.0, "Events a second on each channel."),
    "interval": (
        1.0,
        "Seconds between short polls; adaptive polling goes from a quarter to four times that.",
    ),
    "delay": (0.04, "One-way delay in seconds."),
    "clients": (
        100,
        "Clients of each technique, each on a channel of its own; beyond 100 they share 100 channels.",
    ),
    "duration": (5.0, "Seconds that are counted of each technique."),
}


def number_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each number of a plan."""
    for name, (default, text) in reversed(NUMBERS.items()):
        command = click.option(
            f"--{name}", type=type(default), default=default, show_default=True, help=text
        )(command)
    return command


@click.command()
@number_options
@click.option(
    "--workload",
    type=click.Choice(WORKLOADS),
    default="poisson",
    show_default=True,
    help="When events happen.",
)
@click.option(
    "--technique", type=click.Choice(TECHNIQUES), multiple=True, help="Only this one; may be given again."
)
@click.option(
    "--html", type=click.Path(path_type=Path), help="Write a report with pictures here, in one file."
)
@click.option("--json", type=click.Path(path_type=Path), help="Write the figures here, as a list of objects.")
def compare(
    html: Path | None, json: Path | None, workload: str, technique: tuple[str, ...], **numbers: Any
) -> None:
    """Measure all techniques on the same workload, one after the other: under a minute.

    Ctrl-C keeps what is done.
    """
    from rtlab.measure.compare import Plan

    if json and json.suffix != ".json":
        raise BadInput(f"{json.name} does not end with .json: give a name that does")
    for path in filter(None, (html, json)):
        _check(path)
    plan = Plan(workload=workload, techniques=technique or TECHNIQUES, **numbers)
    results, trouble = _measure(plan)
    unwritten = _tell(results, html, json) if results else []
    for sentence in unwritten:
        click.echo(f"rtlab: {sentence}", err=True)
    if trouble:
        click.echo(f"rtlab: {trouble}; {len(results)} of {len(plan.setups())} techniques were done", err=True)
        raise SystemExit(INTERRUPTED if trouble == "interrupted" else 2)
    if unwritten:
        raise SystemExit(2)


def _check(path: Path) -> None:
    """Raise BadInput, before anything is measured, for a file that cannot be written."""
    if not os.access(path if path.exists() else path.parent, os.W_OK) or path.is_dir():
        raise BadInput(
            f"cannot write {path}: give a file in a folder that is there and that you may write to"
        )


def _measure(plan: Plan) -> tuple[list[Result], str]:
    """Measure, with progress on standard error; returns what was done, and what ended it before it was whole."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from rtlab.measure.compare import run
    from rtlab.technique import NAMES

    results: list[Result] = []
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<18}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks = {setup.technique: bars.add_task(NAMES[setup.technique], total=1.0) for setup in plan.setups()}

        def tell(technique: str, share: float) -> None:
            bars.update(tasks[technique], completed=share)
            if share == 0.0 and not console.is_terminal:
                click.echo(f"measuring {NAMES[technique]}", err=True)

        try:
            results.extend(run(plan, tell))
        except KeyboardInterrupt:
            return results, "interrupted"
        except RtlabError as error:
            return results, str(error)
    return results, ""


def _tell(results: list[Result], html: Path | None, json: Path | None) -> list[str]:
    """Print the table, write the files that were asked for, and say where they are; returns what went wrong."""
    from rich.console import Console

    from rtlab.measure.result import save
    from rtlab.report.table import print_table

    print_table(results, Console())
    unwritten = []
    for path, write in ((json, save), (html, _save_page)):
        if path is None:
            continue
        try:
            write(results, path)
        except OSError as error:  # a full disk, say: the other file, and the table, are there all the same
            unwritten.append(f"cannot write {path}: {error.strerror}; the table above has the figures")
        else:
            click.echo(f"written: {path}", err=True)
    return unwritten


def _save_page(results: list[Result], path: Path) -> None:
    from rtlab.report.page import page

    path.write_text(page(results), encoding="utf-8")
