"""The race as a notebook shows it live: the lanes on a canvas, the table that fills, the knobs above."""

from __future__ import annotations

import itertools
import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets
import traitlets

from rtlab.technique import NAMES
from rtlab.view.race_knobs import RaceKnobs
from rtlab.view.race_result import COLUMNS
from rtlab.view.race_runner import RACERS
from rtlab.view.style import STYLESHEET
from rtlab.view.tally import count

if TYPE_CHECKING:
    from rtlab.view.race import Race
    from rtlab.view.race_heat import Heat

FIGURES_NS = 500_000_000  # between two updates of the table: figures that change faster cannot be read
OVERLAP_NS = 1_000_000_000  # how far back appends are looked up once more
UNDER_WAY = 2000  # events whose numbers are remembered


def _beside(suffix: str) -> str:
    return Path(__file__).with_name(suffix).read_text(encoding="utf-8")


class RaceView(anywidget.AnyWidget):
    """The lanes and the table, drawn by race_canvas.js from these traits."""

    _esm = _beside("race_canvas.js")
    _css = STYLESHEET + _beside("race_widget.css")
    lanes = traitlets.List([{"key": key, "name": NAMES[key]} for key in RACERS]).tag(sync=True)
    columns = traitlets.List(list(COLUMNS)).tag(sync=True)
    news = traitlets.Dict().tag(sync=True)  # what happened since the last time
    figures = traitlets.Dict().tag(sync=True)
    running = traitlets.Bool(False).tag(sync=True)
    about = traitlets.Unicode("nothing has been run yet").tag(sync=True)  # the picture in words
    trouble = traitlets.Unicode("").tag(sync=True)


class LiveRace:
    """A race's view and knobs in one `box`; the race's own threads change traits here, and print nothing."""

    def __init__(self, race: Race) -> None:
        self.race = race
        self.view = RaceView()
        self.knobs = RaceKnobs(race)
        self.box = ipywidgets.VBox([self.knobs.box, self.view])
        self._lock = threading.Lock()
        self._heat: Heat | None = None  # the run that is shown
        self._runs = 0
        self._begin(None)
        self.tell()

    def _begin(self, heat: Heat | None) -> None:
        self._heat, self._runs = heat, self._runs + 1
        self._numbers: OrderedDict[str, int] = OrderedDict()  # of the events that may still be under way
        self._events = itertools.count()
        self._looked = self._tabled = 0  # ns
        self._since = 0

    def tell(self) -> None:
        """Show what is new; called by the race, a few times a second and whenever something changes."""
        with self._lock:
            race, heat = self.race, self.race.heat
            if heat is not self._heat:
                self._begin(heat)
            on = heat is not None and not heat.ended
            self.knobs.show(on)
            self.view.trouble = "" if race.trouble is None else str(race.trouble)
            if heat is None or not heat.began:
                return
            self.view.news = self._news(heat)
            self._tabulate(heat, at_once=not on or self._since != heat.since)
            self.view.running = on

    def _news(self, heat: Heat) -> dict[str, Any]:
        """Gather what happened since the last time, in ms since the beginning of the run."""

        def since_start(at: int) -> float:
            return round((at - heat.began) / 1e6, 1)

        now = time.monotonic_ns()
        seen = [
            (lane, id, at) for lane, runner in enumerate(heat.first_runners) for id, at in runner.take_news()
        ]
        # Whatever has arrived was appended before, so that looking later misses no append.
        appended = heat.lab.appended(heat.channels[0], max(heat.began, self._looked - OVERLAP_NS))
        fresh = {id: at for id, at in appended.items() if id not in self._numbers}
        self._numbers.update(zip(fresh, self._events, strict=False))
        self._looked = now
        while len(self._numbers) > UNDER_WAY:
            self._numbers.popitem(last=False)
        return {
            "run": self._runs,
            "now": since_start(heat.ended or now),
            "events": [[self._numbers[id], since_start(at)] for id, at in fresh.items()],
            "arrivals": [
                [lane, self._numbers[id], since_start(at)] for lane, id, at in seen if id in self._numbers
            ],
            "empties": [[lane, since_start(at)] for lane, id, at in seen if id == ""],
        }

    def _tabulate(self, heat: Heat, at_once: bool) -> None:
        """Fill the table, and put the picture into words."""
        now = time.monotonic_ns()
        if not at_once and now - self._tabled < FIGURES_NS:
            return
        self._tabled, self._since = now, heat.since
        results = heat.results()
        span = (results.end - results.start) / 1e9
        counted = f"{count(results.events, 'event')} in {span:.0f} s"
        if heat.since != heat.began:
            counted += " since a knob was turned"
        self.view.figures = {"counted": counted, "rows": [finish.row() for finish in results]}
        medians = [f"{NAMES[finish.technique]} {finish.row()[0]}" for finish in results]
        self.view.about = f"{counted}. Median latencies: {', '.join(medians)}"
