"""`rtlab bench`: what this machine does, measured now; what it is told to bear, and whether it does."""

from __future__ import annotations

import click


@click.group(invoke_without_command=True)
@click.pass_context
def bench(context: click.Context) -> None:
    """Measure this machine: figures, no verdicts. Without a command: tap, fanout and costs."""
    if context.invoked_subcommand is None:
        for command in (tap, fanout, costs):
            context.invoke(command)


@bench.command()
@click.option("--readers", default=300, show_default=True, type=click.IntRange(1, 5000))
@click.option(
    "--size", default=100, show_default=True, type=click.IntRange(80, 60_000), help="Bytes of an event."
)
@click.option("--quick", is_flag=True, help="One burst, and a tenth of the events.")
def fanout(readers: int, size: int, quick: bool) -> None:
    """Deliveries a second and latency of the write path, beside Tornado's own calls."""
    from rtlab.measure.bench import print_fanout

    print_fanout(readers, size, quick=quick)


@bench.command()
def tap() -> None:
    """What the tap itself adds to a transit, and how exact its delays are."""
    from rtlab.measure.bench import print_tap

    print_tap()


@bench.command()
@click.option(
    "--seconds",
    default=3.0,
    show_default=True,
    type=click.FloatRange(0.3, 60),
    help="Of each of six experiments.",
)
def costs(seconds: float) -> None:
    """CPU, bytes and memory of a poll, a write and a connection: what the winner map and the chooser work with."""
    from rtlab.measure.bench import print_costs

    print_costs(seconds)


@bench.command()
@click.option(
    "--seconds", default=30.0, show_default=True, type=click.FloatRange(1, 600), help="Of each measurement."
)
@click.option(
    "--clients", default=100, show_default=True, type=click.IntRange(1, 5000), help="Of each technique."
)
def theory(seconds: float, clients: int) -> None:
    """Closed forms and simulation beside measurement, with tolerances: on a quiet machine everything holds."""
    from rtlab.measure.bench import print_theory

    print_theory(seconds, clients)


@bench.command()
def wire() -> None:
    """The tap's byte counts beside a packet capture, technique by technique; needs tshark and the right to capture."""
    from rtlab.measure.bench import print_wire

    print_wire()


@bench.command()
@click.option("--faults", "count", default=10_000, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--seed", default=0, show_default=True, help="The same seed, the same faults.")
@click.option(
    "--readers", default=1, show_default=True, type=click.IntRange(1, 50), help="Of each technique."
)
@click.option(
    "--tls", is_flag=True, help="Inside TLS: what reads HTTP on the way opens it, and puts it on again."
)
def faults(count: int, seed: int, readers: int, tls: bool) -> None:
    """Everything that can go wrong, while readers read: nothing lost, nothing twice, every gap announced."""
    from rtlab.measure.bench import print_faults

    print_faults(count, seed, readers, tls)


@bench.command()
@click.option(
    "--each",
    default=2000,
    show_default=True,
    type=click.IntRange(1, 20_000),
    help="That never read; half open.",
)
@click.option(
    "--heartbeat",
    default=15.0,
    show_default=True,
    type=click.FloatRange(1, 60),
    help="Of the server, seconds.",
)
@click.option(
    "--mixed", is_flag=True, help="All techniques at once on one server, instead of one after another."
)
def dead(each: int, heartbeat: float, mixed: bool) -> None:
    """Readers that never read and half-open ones by the thousand: what they cost, and when they are let go of."""
    from rtlab.measure import dead_print

    dead_print.print_dead(each, heartbeat, mixed)


@bench.command()
@click.option(
    "--seconds", default=300.0, show_default=True, type=click.FloatRange(1, 86_400), help="For so long."
)
@click.option("--seed", default=0, show_default=True, help="The same seed, the same cases.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="That send cases.")
@click.option("--only", type=click.IntRange(0), help="Send only the case of this number.")
def fuzz(seconds: float, seed: int, threads: int, only: int | None) -> None:
    """Wrong bytes at every port: no crash, no exception without a name, no hang, and nobody else notices."""
    from rtlab.measure.fuzz import Plan
    from rtlab.measure.fuzz_print import print_fuzz

    print_fuzz(Plan(seconds, seed, threads, only))


@bench.command()
@click.option("--events", default=4000, show_default=True, type=click.IntRange(400, 1_000_000))
@click.option("--faults", is_flag=True, help="Harm processes, connections and brokers instead, and judge.")
@click.option(
    "--readers", default=200, show_default=True, type=click.IntRange(1, 2000), help="With --faults."
)
@click.option(
    "--broker",
    "kinds",
    multiple=True,
    type=click.Choice(["redis", "kafka"]),
    help="With --faults: this kind alone.  [default: both]",
)
def brokers(events: int, faults: bool, readers: int, kinds: tuple[str, ...]) -> None:
    """What a broker adds, beside the bare clients; or, with --faults, that nothing is lost whatever fails.

    The whole size of the fault test is --faults --events 20000.
    """
    from rtlab.measure import broker_print

    if faults:
        broker_print.print_storm(events, readers, kinds or broker_print.KINDS)
    else:
        broker_print.print_brokers(events)


@bench.command()
@click.option("--readers", default=200, show_default=True, type=click.IntRange(1, 2000))
@click.option(
    "--events", default=200, show_default=True, type=click.IntRange(1, 100_000), help="Of each size."
)
def deflate(readers: int, events: int) -> None:
    """What one compressed encoding for all WebSockets saves in bytes, and what it costs in CPU."""
    from rtlab.measure.deflate_bench import print_deflate

    print_deflate(readers, events)
