"""What `rtlab bench` prints: figures of this machine, measured now."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from rtlab.errors import RtlabError
from rtlab.measure.agreement import Agreement, with_simulation, with_theory
from rtlab.measure.calibrate import calibrate
from rtlab.measure.contestants import SERVERS
from rtlab.measure.fanout import Outcome, Plan, run
from rtlab.measure.unit_costs import EXAMPLE, Costs, Estimate

# bursts, and how many events each server is given with them, so that a run takes a few seconds
PLANS = {
    "rtlab": {1: 2_000, 10: 20_000, 100: 60_000, 1000: 100_000},
    "coalesced": {1: 2_000, 10: 20_000, 100: 60_000, 1000: 100_000},
    "write_message": {100: 400},
}
UNITS = {
    "poll": ("an exchange, whatever it carries", "µs"),
    "item": ("an event in an answer", "µs"),
    "held": ("an exchange of a long poll, woken by an event", "µs"),
    "sse": ("a write to a stream", "µs"),
    "websocket": ("a write to a socket", "µs"),
    "request": ("a request", "bytes"),
    "empty": ("an answer without events", "bytes"),
    "answer": ("an answer besides its events", "bytes"),
    "event": ("an event in it", "bytes"),
    "sse_overhead": ("the same event on a stream: more by", "bytes"),
    "websocket_overhead": ("the same event on a socket: more by", "bytes"),
    "short_memory": ("a connected short poll", "kB"),
    "long_memory": ("a held long poll", "kB"),
    "sse_memory": ("an open stream", "kB"),
    "websocket_memory": ("an open socket", "kB"),
}
SCALE = {"µs": 1e6, "bytes": 1.0, "kB": 1e-3}
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


def print_costs(seconds: float) -> None:
    """Measure this machine's unit costs and print them."""
    console = Console()
    with console.status("six experiments, one after the other"):
        found = calibrate(seconds=seconds)
    console.print(costs_table(found.costs))
    console.print(f"an append, before any delivery: {_write(found.append, 'µs')}")
    console.print(crossover(found.costs))
    for note in found.notes:
        console.print(f"note: {note}")


def costs_table(costs: Costs) -> Table:
    """Every unit cost with its interval, beside the example's."""
    table = Table("server", "", "here", "95 % interval", "the example's")
    for name, (words, unit) in UNITS.items():
        cost: Estimate = getattr(costs, name)
        sure = (
            "exact" if cost.low == cost.high else f"{_scaled(cost.low, unit)} to {_scaled(cost.high, unit)}"
        )
        example = _write(getattr(EXAMPLE, name), unit)
        table.add_row(name, words, _write(cost, unit), sure, example)
    return table


def crossover(costs: Costs) -> str:
    """Say from how many events an interval on polling costs this server less CPU than a push for each event."""
    saved = costs.websocket.value - costs.item.value
    if saved <= 0:
        return (
            "An event in an answer costs as much as a write: polling is never cheaper than a push for each."
        )
    return (
        f"Polling costs less CPU than a push for each event from {costs.poll.value / saved:,.0f} events in an interval "
        "on; a push that waits as long costs less than both."
    )


def _write(cost: Estimate, unit: str) -> str:
    return f"{_scaled(cost.value, unit)} {unit}"


def _scaled(value: float, unit: str) -> str:
    return f"{value * SCALE[unit]:,.3g}"


def print_theory(seconds: float, clients: int) -> None:
    """Measure what closed forms and simulation say, and print how far they are right."""

    console = Console()
    console.print(f"{clients} clients, d = 40 ms, T = 250 ms (adaptive: 250 ms to 1 s), {seconds:g} s each.")
    console.print("Closed forms, Poisson events: the 95 % interval of the mean within 2 % or 1 ms.")
    _print_agreement(console, with_theory(seconds, clients))
    console.print("Simulation of the same bursty events: mean and p99 within 5 %.")
    _print_agreement(console, with_simulation(seconds, clients))


def _print_agreement(console: Console, found: Iterable[Agreement]) -> None:
    table = Table("technique", "ms", "expected", "measured", "±", "off", "holds", "events")
    notes: dict[str, tuple[str, ...]] = {}
    for line in found:
        expected, measured, half = (
            f"{value * 1000:.2f}" for value in (line.expected, line.measured, (line.high - line.low) / 2)
        )
        off, holds = f"{line.measured / line.expected - 1:+.1%}", "yes" if line.holds else "no"
        result = line.result
        known = half if line.high > line.low else ""
        table.add_row(
            result.technique, line.figure, expected, measured, known, off, holds, f"{result.events:,}"
        )
        notes[result.technique] = result.notes
    console.print(table)
    for technique, sentences in notes.items():
        for sentence in sentences:
            console.print(f"{technique}: {sentence}", highlight=False)


def print_wire() -> None:
    """Count bytes by the tap and by a packet capture, and print both."""
    from rtlab.measure.capture import compare_bytes

    table = Table(
        "technique", "tap, up", "captured, up", "tap, down", "captured, down", "the same", "sent again"
    )
    for found in compare_bytes():
        wire = found.captured
        numbers = (f"{number:,}" for number in (found.tap_up, wire.up, found.tap_down, wire.down))
        table.add_row(found.technique, *numbers, "yes" if found.is_same else "no", f"{wire.again:,}")
    Console().print(table)


def print_faults(count: int, seed: int, readers: int, tls: bool = False) -> None:
    """Let a storm blow and print what it did. Raises RtlabError if a reader saw what it must not."""
    from rtlab.measure.fault_storm import Plan, storm

    console = Console()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("faults", total=1.0)
        after = storm(Plan(count, seed, readers, tls), lambda share: progress.update(task, completed=share))
    table = Table(
        "fault", "times", title=f"{count:,} faults{', TLS' * tls}, seed {seed}, in {after.seconds:.0f} s"
    )
    for name, times in sorted(after.faults.items()):
        table.add_row(name, f"{times:,}")
    console.print(table)
    seen = after.verdict
    console.print(
        f"{after.appended:,} events appended, {after.acknowledged:,} of them by a publisher through the storm; "
        f"readers saw {seen.events:,} events, and {seen.gaps:,} gaps, which announced {seen.missed:,} more."
    )
    if seen.faults:
        raise RtlabError(f"{len(seen.faults)} things that must not be, the first: {seen.faults[0]}")
    console.print("Nothing lost in silence, nothing twice, every gap right.")
