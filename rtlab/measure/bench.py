"""What `rtlab bench` prints: figures of this machine, measured now."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from rtlab.measure.contestants import SERVERS
from rtlab.measure.fanout import Outcome, Plan, run

# bursts, and how many events each server is given with them, so that a run takes a few seconds
PLANS = {
    "rtlab": {1: 2_000, 10: 20_000, 100: 60_000, 1000: 100_000},
    "coalesced": {1: 2_000, 10: 20_000, 100: 60_000, 1000: 100_000},
    "write_message": {100: 400},
}
LATENCY = Plan(events=500, rate=100.0)


def print_fanout(readers: int, size: int, *, quick: bool = False) -> None:
    """Run every server of `fanout` at several bursts and at 100 events a second, and print what each did."""
    divisor = 10 if quick else 1
    console = Console()
    console.print(
        f"{readers} WebSockets, {size} bytes of data an event; the readers count bytes and parse nothing."
    )
    table = Table("server", "burst", "events a write", "deliveries a second", "of rtlab's")
    best: dict[int, float] = {}
    for server in SERVERS:
        for burst, events in PLANS[server].items():
            if quick and burst != 100:
                continue
            plan = Plan(readers, max(events // divisor, burst), size, burst)
            done = run(plan, server)
            best.setdefault(burst, done.deliveries_per_second)
            share = done.deliveries_per_second / best[burst]
            rate = f"{done.deliveries_per_second:,.0f}"
            table.add_row(server, f"{burst}", f"{done.events_per_write:,.1f}", rate, f"{share:.3g}")
    console.print(table)
    _print_latency(
        console, [run(Plan(readers, LATENCY.events // divisor, size, 1, LATENCY.rate), s) for s in SERVERS]
    )


def _print_latency(console: Console, outcomes: list[Outcome]) -> None:
    table = Table("server", "median", "p99", title=f"latency at {LATENCY.rate:g} events a second")
    for done in outcomes:
        assert done.latency is not None
        median, p99 = (f"{seconds * 1000:.2f} ms" for seconds in done.latency)
        table.add_row(done.server, median, p99)
    console.print(table)


def print_tap() -> None:
    """Measure the tap's own error and print it."""
    from rtlab.wire.overhead import measure_overhead

    found = measure_overhead()
    table = Table("the tap", "median", "p99")
    table.add_row("added to a transit", f"{found.median * 1000:.3f} ms", f"{found.p99 * 1000:.3f} ms")
    table.add_row("error of a 40 ms delay", "", f"{found.delay_error_p99 * 1000:.3f} ms")
    Console().print(table)
