"""What `rtlab bench brokers` prints."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from rtlab.errors import RtlabError
from rtlab.measure.broker_bare import BARE
from rtlab.measure.broker_bench import RATE, compare
from rtlab.measure.broker_storm import Plan, storm

KINDS = ("redis", "kafka")
SHOWN = 3  # faults of each kind of broker


def print_brokers(events: int) -> None:
    """Measure each embedded broker's ways, and print them."""
    console = Console()
    for kind in BARE:
        title = f"{kind}, latency at {RATE:g} events a second"
        table = Table("way", "median", "p99", "above the bare client", "events a second", title=title)
        for row in asyncio.run(compare(kind, events)):
            median, p99 = (f"{seconds * 1000:.2f} ms" for seconds in (row.median, row.p99))
            added = "" if row.added is None else f"{row.added * 1000:+.2f} ms"
            table.add_row(row.way, median, p99, added, f"{row.throughput:,.0f}")
        console.print(table)


def print_storm(events: int, readers: int, kinds: Sequence[str] = KINDS) -> None:
    """Let a storm blow around each kind of broker. Raises RtlabError, at the end, if a reader saw what it must not."""
    console = Console()
    wrong = []
    for kind in kinds:
        after = storm(Plan(kind, readers=readers, events=events))
        console.print(
            f"{kind}: {after.acknowledged:,} events acknowledged, {after.refused:,} attempts refused; "
            f"{after.delivered:,} deliveries to {readers} readers; {after.kills} processes killed, "
            f"{after.cuts} cuts, the broker {'restarted' if kind == 'redis' else 'paused'} "
            f"{after.broker_faults} time; {after.seconds:.0f} s"
        )
        for fault in after.faults[:SHOWN]:
            console.print(f"  {fault}", markup=False)
        if after.faults:
            wrong.append(f"{kind}: {len(after.faults)} things that must not be, the first: {after.faults[0]}")
    if wrong:
        raise RtlabError("; ".join(wrong))
    console.print("Each reader has each acknowledged event once and in order.")
