"""The figures of a comparison in words, line by line: the same in the table and on the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from rtlab.measure.machine import describe
from rtlab.measure.result import Result
from rtlab.measure.setup import Setup
from rtlab.technique import NAMES
from rtlab.view.tally import count, duration

NONE = "–"


@dataclass(frozen=True)
class Line:
    """One figure: what it is, and what it is for each technique; `is_below`: it belongs to the line above."""

    name: str
    values: tuple[str, ...]
    is_below: bool = False


def lines(results: Sequence[Result]) -> list[Line]:
    """Return every figure of the results, what theory says below what was measured."""

    def line(name: str, of: Callable[[Result], str], is_below: bool = False) -> Line:
        return Line(name, tuple(of(result) for result in results), is_below)

    def below(name: str, of: Callable[[Result], str]) -> Line:
        return line(name, of, is_below=True)

    return [
        line("mean latency", lambda r: time(r.latency.mean)),
        below("95 % interval", _half),
        below("predicted", lambda r: time(r.predicted.mean_latency)),
        line("median latency", lambda r: time(r.latency.p50)),
        line("p99 latency", lambda r: time(r.latency.p99)),
        line("worst latency", lambda r: time(r.latency.max)),
        below("predicted", lambda r: time(r.predicted.max_latency)),
        line("requests per event", lambda r: number(r.requests_per_event)),
        below("predicted", lambda r: number(r.predicted.requests_per_event)),
        line("empty answers", lambda r: share(r.empty_fraction)),
        below("predicted", lambda r: share(r.predicted.empty_fraction)),
        line("bytes per event", lambda r: number(r.bytes_per_event, whole=True)),
        line("server CPU, 1,000 events", lambda r: time(1000 * r.cpu_per_event)),
        line("memory per client", lambda r: amount(r.memory_per_client)),
    ]


def time(seconds: float) -> str:
    """A duration, or a dash."""
    return duration(seconds) if isfinite(seconds) else NONE


def amount(bytes: float) -> str:
    """A number of bytes in kB, or a dash."""
    return f"{max(0.0, bytes) / 1e3:.3g} kB" if isfinite(bytes) else NONE


def number(value: float, *, whole: bool = False) -> str:
    """A number with two decimals, or none."""
    return (f"{value:,.0f}" if whole else f"{value:,.2f}") if isfinite(value) else NONE


def share(value: float) -> str:
    """A share in percent."""
    return f"{value:.0%}" if isfinite(value) else NONE


def _half(result: Result) -> str:
    low, high = result.latency.interval
    half = (high - low) / 2
    return f"± {half * 1e3:.2g} ms" if half < 0.0995 else f"± {duration(half)}" if isfinite(half) else NONE


def workload(setup: Setup) -> str:
    """What was the same for all, in a sentence."""
    channels = (
        "each on a channel of its own" if setup.channels == setup.clients else f"on {setup.channels} channels"
    )
    if setup.clients == setup.channels == 1:
        channels = "on one channel"
    events = f"{setup.rate:g} event" + ("s" if setup.rate != 1 else "")
    return (
        f"{count(setup.clients, 'client')}, {channels}; {events} a second on each ({setup.workload}), "
        f"{setup.size} bytes; {duration(setup.delay)} one way; asking every {duration(setup.interval)} (adaptive: "
        f"{duration(setup.backoff[0])} to {duration(setup.backoff[1])}); {setup.duration:g} s counted of each technique"
    )


def delivered(results: Sequence[Result]) -> str:
    """What became of the events, in a sentence."""
    events = count(sum(result.events for result in results), "delivery").replace("deliverys", "deliveries")
    wrong = {
        "lost": sum(result.lost for result in results),
        "repeated": sum(result.repeated for result in results),
        "out of order": sum(result.out_of_order for result in results),
    }
    if not any(wrong.values()):
        return f"{events} counted: nothing lost, nothing repeated, nothing out of order."
    return f"{events} counted: " + ", ".join(f"{n:,} {what}" for what, n in wrong.items()) + "."


def agreement(results: Iterable[Result]) -> list[tuple[str, tuple[str, ...]]]:
    """How far each technique's measured mean is from the predicted one: its name, and words."""
    return [(NAMES[result.technique], (_agrees(result),)) for result in results]


def _agrees(result: Result) -> str:
    predicted, (low, high) = result.predicted.mean_latency, result.latency.interval
    if not (isfinite(predicted) and isfinite(low)):
        return "too few events for a mean that could be compared"
    off = result.latency.mean - predicted
    said = f"{duration(abs(off))} ({abs(off) / predicted:.1%}) {'above' if off > 0 else 'below'} theory"
    return f"{said}, {'within' if low <= predicted <= high else 'outside'} its interval"


def doubts(results: Sequence[Result]) -> list[tuple[str, tuple[str, ...]]]:
    """The reasons to doubt a technique's figures, of those that have any: its name, and a sentence for each.

    What holds for all of several techniques is said once, and first.
    """
    shared: tuple[str, ...] = ()
    if len(results) > 1:
        shared = tuple(note for note in results[0].notes if all(note in other.notes for other in results))
    about = [("every technique", shared)]
    for result in results:
        about.append((NAMES[result.technique], tuple(note for note in result.notes if note not in shared)))
    return [(name, sentences) for name, sentences in about if sentences]


def machine() -> str:
    """The machine that the figures come from, in a line."""
    told = describe()
    memory = told["memory_bytes"] / 2**30
    return (
        f"{told['processor']}, {count(told['cores'], 'core')}, {memory:.3g} GiB of memory; "
        f"{told['system']}; Python {told['python']}"
    )
