"""The windows in which nobody asks: one long-polling client and some events, by calculation.

Between an answer's leaving the server and the next request's arrival no request is held: two transits, 2d. An event
that falls into such a window waits for the request, and is known up to three transits after it happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rtlab.measure.network import Network
from rtlab.measure.simulate import long_polling
from rtlab.measure.workload import Workload, at_times


@dataclass(frozen=True)
class Window:
    """A time in which no request is at the server, from `start` to `end` (s); `missed`: an event fell into it."""

    start: float
    end: float
    missed: bool


@dataclass(frozen=True)
class Scene:
    """What happens, in seconds: arrows (carries, up, left, arrived), holds (start, end), windows, and latencies.

    The latencies stand in the order in which the events were given.
    """

    events: tuple[float, ...]
    delay: float
    duration: float
    arrows: tuple[tuple[bool, bool, float, float], ...]
    holds: tuple[tuple[float, float], ...]
    windows: tuple[Window, ...]
    latencies: tuple[float, ...]

    @property
    def missed(self) -> int:
        """How many events fell into a window."""
        return sum(latency > self.delay + 1e-9 for latency in self.latencies)

    @property
    def end(self) -> float:
        """Where the time axis ends: everything has arrived by then."""
        return self.duration + 3 * self.delay

    def words(self) -> str:
        """Say what came out, in one sentence."""
        if not self.events:
            return "No event: the request is held."
        ms = [1e3 * latency for latency in self.latencies]
        return (
            f"{len(ms)} events, {self.missed} in a missed window. Latency from {min(ms):.0f} to {max(ms):.0f} ms, "
            f"mean {sum(ms) / len(ms):.0f} ms; d = {1e3 * self.delay:.0f} ms, 3d = {3e3 * self.delay:.0f} ms."
        )

    def plain(self) -> dict[str, object]:
        """Return it as JSON can carry it."""
        return {
            "arrows": [list(arrow) for arrow in self.arrows],
            "holds": [list(hold) for hold in self.holds],
            "windows": [[window.start, window.end, window.missed] for window in self.windows],
            "latencies": list(self.latencies),
            "delay": self.delay,
            "end": self.end,
            "words": self.words(),
        }


def scene(events: Sequence[float], delay: float, duration: float) -> Scene:
    """Follow a long-polling client while these events happen (seconds, in any order, from 0 to `duration`).

    Raises BadInput for a moment outside, and for a delay below 0.
    """
    at_times(events, duration)  # raises
    end = duration + 3 * delay
    workload = at_times(events, duration + 8 * delay)  # it goes on beyond the picture
    run = long_polling(workload, Network(delay))
    rows = run.exchanges
    assert rows is not None  # there is one client
    holds = [
        (float(max(reached, 0.0)), float(min(end, np.nan_to_num(left, nan=end))))
        for reached, left in zip(rows.reached, rows.left, strict=True)
        if reached < end
    ]
    windows = [
        Window(float(left), float(min(end, reached)), _any_within(workload, left, reached))
        for left, reached in zip(rows.left[:-1], rows.reached[1:], strict=True)
        if left < end
    ]
    latencies = np.empty(len(workload))
    latencies[np.argsort(np.array(events), kind="stable")] = run.latencies
    arrows = tuple(
        (bool(message.events), message.direction == "up", message.left, message.arrived)
        for message in run.messages()
        if message.left < end
    )
    return Scene(
        tuple(events), delay, duration, arrows, tuple(holds), tuple(windows), tuple(latencies.tolist())
    )


def _any_within(workload: Workload, start: float, end: float) -> bool:
    """Tell whether an event happens between two moments."""
    return bool(((workload.times > start) & (workload.times < end)).any())
