"""The figures under a lane, from what is in the picture, and the words that say them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from rtlab.view.strokes import arrivals, is_read, strokes
from rtlab.wire.message import Message


@dataclass(frozen=True)
class Tally:
    """What a lane cost and gave.

    `events` that arrived; `latency` their mean, from append to arrival, in seconds (None without any);
    `requests` that asked, `empty` answers; `size` in bytes, both ways, heads included.
    """

    events: int
    latency: float | None
    requests: int
    empty: int
    size: int

    def lines(self) -> list[str]:
        """Return the four lines that stand under the lane."""
        empty = count(self.empty, "empty answer")
        if not self.events:
            return ["no event arrived", count(self.requests, "request"), empty, f"{size(self.size)} in all"]
        latency = "latency unknown" if self.latency is None else f"{duration(self.latency)} mean latency"
        requests = f"{ratio(self.requests, self.events)} an event"
        return [latency, requests, empty, f"{size(self.size / self.events)} an event"]


def tally(messages: Sequence[Message], appends: Mapping[str, int]) -> Tally:
    """Count a lane's `messages`; `appends` (ns) says when each event was there to be known."""
    arrived = arrivals(messages)
    latencies = [at - appends[event] for event, at in arrived.items() if event in appends]
    return Tally(
        events=len(arrived),
        latency=fmean(latencies) / 1e9 if latencies else None,
        requests=sum(message.kind == "request" and is_read(message) for message in messages),
        empty=sum(stroke.kind == "empty" for stroke in strokes(messages)),
        size=sum(message.size for message in messages),
    )


def count(number: int, noun: str) -> str:
    """Write a number with its noun: `1 request`, `12 requests`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def ratio(requests: int, events: int) -> str:
    """Write requests per event with two digits or more: `0.01 requests`, `1 request`, `1.6 requests`."""
    number = requests / events
    written = f"{number:.2g}" if number < 9.95 else f"{number:,.0f}"
    return f"{written} request" + ("" if written == "1" else "s")


def duration(seconds: float) -> str:
    """Write a duration with three significant digits: `40.3 ms`, `326 ms`, `1.24 s`."""
    milliseconds = seconds * 1e3
    if milliseconds >= 999.5:
        return f"{seconds:.3g} s" if seconds < 999.5 else f"{seconds:,.0f} s"
    return f"{milliseconds:.3g} ms"


def size(number: float) -> str:
    """Write a number of bytes: `412 bytes`, `12.3 kB` (10^3 bytes), `4.56 MB`."""
    if number < 9999.5:
        return f"{number:,.0f} " + ("byte" if round(number) == 1 else "bytes")
    return f"{number / 1e3:.3g} kB" if number < 999_500 else f"{number / 1e6:,.3g} MB"
