"""What came out of a race: who had each event when, and what it took; as figures, a table and a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtlab.clients.reader import Stats
from rtlab.errors import RtlabError
from rtlab.technique import NAMES
from rtlab.view.panel import Panel
from rtlab.view.style import PALETTE
from rtlab.view.tally import count, duration, size
from rtlab.wire.overhead import median, percentile

if TYPE_CHECKING:
    from rtlab.view.picture import Picture

COLUMNS = (
    "latency, median",
    "latency, p99",
    "requests per event",
    "bytes per event",
    "empty answers",
)

CSS = ".rtlab .race th[scope=col],.rtlab .race td{text-align:right}.rtlab .race caption{font-weight:400}"


@dataclass(frozen=True)
class Track:
    """What a lane shows: `(appended, arrived)` of each event of one channel, and the empty answers; ns."""

    moves: tuple[tuple[int, int], ...]
    empties: tuple[int, ...]


@dataclass(frozen=True)
class Finish:
    """One technique at the end of a race.

    `received`: the ids of the events in the order of their arrival, for each channel; `latencies`: seconds from the
    append at the server to the arrival at the client; `requests`, `empty` answers and `size` (bytes both ways, heads
    and handshakes included) are the readers' own exact counts, over all channels.
    """

    technique: str
    received: Mapping[str, Sequence[str]]
    latencies: tuple[float, ...]
    requests: int
    empty: int
    size: int
    gaps: int

    @classmethod
    def of(
        cls,
        technique: str,
        received: Mapping[str, Sequence[str]],
        latencies: Sequence[float],
        costs: Sequence[Stats],
    ) -> Finish:
        """Add up the costs of the technique's readers."""
        return cls(
            technique,
            received,
            tuple(latencies),
            sum(cost.requests for cost in costs),
            sum(cost.empty for cost in costs),
            sum(cost.bytes_up + cost.bytes_down for cost in costs),
            sum(cost.gaps for cost in costs),
        )

    @property
    def median(self) -> float:
        """The median latency in seconds. Raises RtlabError where no event arrived."""
        return median(self._some())

    @property
    def p99(self) -> float:
        """The 99th percentile of the latency in seconds: of fewer than a hundred events simply the slowest."""
        return percentile(self._some(), 99)

    def _some(self) -> list[float]:
        if not self.latencies:
            raise RtlabError(
                f"no event arrived by {NAMES[self.technique]}: run longer, or with more events a second"
            )
        return list(self.latencies)

    def row(self) -> list[str]:
        """Return the figures as they stand in a table, under `COLUMNS`."""
        events = len(self.latencies)
        if not events:
            return ["–", "–", "–", "–", f"{self.empty:,}"]
        return [
            duration(self.median),
            duration(self.p99),
            f"{self.requests / events:.2f}",
            size(self.size / events),
            f"{self.empty:,}",
        ]


@dataclass(frozen=True)
class Results:
    """A race, once it is over (or as far as it is): iterate over its five `Finish`es, or take one by its name.

    `published`: the ids of the events in order, for each channel. `start`, `end` in monotonic ns; `delay`: one-way
    seconds.
    """

    published: Mapping[str, Sequence[str]]
    finishes: Mapping[str, Finish]
    tracks: Mapping[str, Track]
    appends: tuple[int, ...]  # of the channel that the picture shows, ns
    start: int
    end: int
    delay: float

    def __iter__(self) -> Iterator[Finish]:
        return iter(self.finishes.values())

    def __getitem__(self, technique: str) -> Finish:
        return self.finishes[technique]

    @property
    def events(self) -> int:
        """How many events there were, over all channels."""
        return sum(map(len, self.published.values()))

    def __repr__(self) -> str:
        channels = count(len(self.published), "channel")
        return f"Race: {count(self.events, 'event')} on {channels}, by {len(self.finishes)} techniques"

    def table(self) -> Panel:
        """Return the figures side by side."""
        return _table(repr(self), [(finish.technique, finish.row()) for finish in self])

    def lanes(self, *, dark: bool = False) -> Picture:
        """Draw the lanes (of the first channel, where there are several)."""
        from rtlab.view.race_picture import lanes

        return lanes(self, dark=dark)


def _table(caption: str, rows: Sequence[tuple[str, Sequence[str]]]) -> Panel:
    """Set the techniques' figures below each other, as HTML and as text."""
    lines = [("", *COLUMNS), *((NAMES[technique], *figures) for technique, figures in rows)]
    wide = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [
        f"{name:<{wide[0]}}"
        + "".join(f"  {figure:>{width}}" for figure, width in zip(figures, wide[1:], strict=True))
        for name, *figures in lines
    ]
    head = "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    body = "".join(
        f'<tr><th scope="row"><span aria-hidden="true" style="color:{PALETTE[technique]}">●</span> '
        f"{NAMES[technique]}</th>{''.join(f'<td>{figure}</td>' for figure in figures)}</tr>"
        for technique, figures in rows
    )
    html = (
        f'<table class="race"><caption>{caption}</caption><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )
    return Panel(html, "\n".join([caption, *text]), CSS)
