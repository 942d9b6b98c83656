"""What `rtlab bench dead` prints."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from rtlab.errors import RtlabError
from rtlab.measure.dead import BURST, HEALTHY, LARGE, Look, Outcome, Plan, run

MIB = 1 << 20
WITHIN = 2.0  # heartbeats in which the dead must be gone


def print_dead(each: int, heartbeat: float, mixed: bool) -> None:
    """Run it for each technique, or for all at once. Raises RtlabError if something was kept, or somebody harmed."""
    console = Console()
    console.print(
        f"{each:,} readers that never read and {each:,} half-open ones on one server, heartbeat {heartbeat:g} s; "
        f"{BURST} events of {LARGE:,} bytes for them, and {len(HEALTHY)} × {Plan.healthy} others who read well."
    )
    plans = [HEALTHY] if mixed else [(technique,) for technique in HEALTHY]
    outcomes = []
    for techniques in plans:
        with console.status(", ".join(techniques)):
            outcomes.append(run(Plan(techniques, each, heartbeat=heartbeat)))
    console.print(_costs(outcomes))
    console.print(_others(outcomes))
    if wrong := [sentence for outcome in outcomes for sentence in _wrong(outcome)]:
        raise RtlabError("; ".join(wrong))
    console.print("All of them released within two heartbeats; nobody else lost anything.")


def _name(outcome: Outcome) -> str:
    return ", ".join(outcome.plan.techniques)


def _costs(outcomes: list[Outcome]) -> Table:
    table = Table(
        "the dead", "when", "resident, MiB", "kernel's buffers, MiB", "descriptors", "released after"
    )
    for outcome in outcomes:
        rows: list[tuple[str, Look, str]] = [
            ("before", outcome.before, ""),
            ("at worst", outcome.peak, ""),
            ("afterwards", outcome.after, _beats(max_or_none(outcome.released, outcome.emptied))),
        ]
        for number, (when, look, released) in enumerate(rows):
            sizes = (f"{look.resident / MIB:,.1f}", f"{look.buffers / MIB:,.1f}", f"{look.files:,}")
            table.add_row(_name(outcome) if not number else "", when, *sizes, released)
    return table


def _others(outcomes: list[Outcome]) -> Table:
    table = Table("those who read well", "median", "p99", "maximum", "lost", "again", "disordered")
    for outcome in outcomes:
        for when, told in (("without", outcome.calm), ("with", outcome.late)):
            latencies = (f"{seconds * 1000:,.1f} ms" for seconds in told)
            faults = map(str, outcome.faults.values()) if when == "with" else ("", "", "")
            table.add_row(f"{when} {_name(outcome)}", *latencies, *faults)
    return table


def _beats(heartbeats: float | None) -> str:
    return "never" if heartbeats is None else f"{heartbeats:.2f} beats"


def max_or_none(*values: float | None) -> float | None:
    """The largest, None if one of them is."""
    known = [value for value in values if value is not None]
    return max(known) if len(known) == len(values) else None


def _wrong(outcome: Outcome) -> list[str]:
    told = []
    for what, beats in (("descriptors", outcome.released), ("buffers", outcome.emptied)):
        if beats is None or beats > WITHIN:
            told.append(
                f"{_name(outcome)}: {what} were released {_beats(beats)} later, not within {WITHIN:g}"
            )
    if any(outcome.faults.values()):
        told.append(f"{_name(outcome)}: those who read well were harmed: {outcome.faults}")
    return told
