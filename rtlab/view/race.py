"""The race: one source of events, every technique at once, live.

    race = Race(lab, rate=1.0, interval=1.0, delay=0.04, seed=1)
    result = race.run(seconds=8)            # unattended: 8 s of events, then until everybody has the last one
    result.lanes()                          # the picture
    result.table()                          # the figures
    race                                    # in a notebook: the lanes live, with knobs and a start button

All five clients go through the lab's tap, each in a thread of its own, so that a cell that keeps the kernel busy
does not stop them. A latency is from the append at the server to the arrival at the client, both by one monotonic
clock. Short polling is given its interval; adaptive polling places its requests as it likes, but has no more.
"""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rtlab.errors import RtlabError
from rtlab.view.race_heat import Heat, Knobs, Laboratory
from rtlab.view.race_result import Results

if TYPE_CHECKING:
    from rtlab.view.race_widget import LiveRace

STOP_SECONDS = 10.0  # in which all clients are gone


class Race:
    """All five techniques read one channel (or each of several) of a lab at once. A new race ends the one before.

    `source`: "random" numbers or this "machine"'s metrics; either is published at random, independent moments, `rate`
    times a second on average, with a `seed` at the same moments each time. `interval`: seconds between two polls.
    `delay`: one-way seconds, added by the tap. These four are `knobs`: `turn` them at any time. `channels`: with more
    of them there are more events in the same time. Raises BadInput.
    """

    _current: Race | None = None

    def __init__(
        self,
        lab: Laboratory,
        *,
        source: str = "random",
        rate: float = 1.0,
        interval: float = 1.0,
        delay: float = 0.04,
        seed: int | None = None,
        channels: int = 1,
    ) -> None:
        self.lab, self.seed = lab, seed
        self.channels = ["race", *(f"race-{number}" for number in range(2, channels + 1))]
        self.knobs = Knobs(source, rate, interval, delay)
        self.heat: Heat | None = None  # the run that is on, or the last one
        self.trouble: BaseException | None = None  # what ended it, if something did
        self._halt, self._over = threading.Event(), threading.Event()
        self._over.set()
        self._thread: threading.Thread | None = None
        self._live: LiveRace | None = None

    @property
    def running(self) -> bool:
        """Whether it is on."""
        return not self._over.is_set()

    def start(self, seconds: float = math.inf) -> None:
        """Begin a new run: for so many seconds, or until `stop`. Returns at once; a run that is on is ended."""
        if Race._current is not None:
            Race._current.close()
        self.close()
        heat = Heat(self.lab, self.knobs, self.channels, self.seed, seconds)
        Race._current, self.heat, self.trouble = self, heat, None
        self._halt, self._over = threading.Event(), threading.Event()
        run = (heat, self._halt, self._over)
        self._thread = threading.Thread(target=self._run, args=run, name="rtlab race", daemon=True)
        self._thread.start()
        self._tell()

    def _run(self, heat: Heat, halt: threading.Event, over: threading.Event) -> None:
        try:
            heat.run(halt, self._tell)
        except BaseException as error:
            self.trouble = error
        finally:
            self._tell()
            over.set()

    def _tell(self) -> None:
        if self._live is not None:
            self._live.tell()

    def run(self, seconds: float) -> Results:
        """Race for so many seconds, wait until everybody has the last event, and return what came out.

        Raises what a client or the source ran into.
        """
        try:
            self.start(seconds)
            while not self._over.wait(0.2):  # a limit, so that the kernel can be interrupted
                pass
        finally:
            self.close()
        return self.stop()

    def turn(self, **knobs: Any) -> None:
        """Turn `source`, `rate`, `interval` or `delay`; the figures begin anew. Raises BadInput."""
        turned = replace(self.knobs, **knobs)
        if turned == self.knobs:
            return
        self.knobs = turned
        if self.heat is not None and self.running:
            self.heat.turn(turned)
        if self._live is not None:
            self._live.knobs.follow()
            self._live.tell()

    def result(self) -> Results:
        """Return what came out of the run so far, since a knob was last turned."""
        if self.heat is None:
            raise RtlabError("nothing has been run yet: call run(seconds=8), or start()")
        return self.heat.results()

    def stop(self) -> Results:
        """End the run and return what came out; raises what a client or the source ran into."""
        self.close()
        if self.trouble is not None:
            raise self.trouble
        return self.result()

    def close(self) -> None:
        """End the run; every thread and connection of it is gone. Safe to call again, from any thread but its own."""
        self._halt.set()
        # Not by join alone: one that is interrupted takes the thread for dead (CPython issue 90882).
        if self._over.wait(STOP_SECONDS) and self._thread is not None:
            self._thread.join()

    def widget(self) -> Any:
        """Return the live view: the lanes, the table, and the knobs. Needs ipywidgets and anywidget."""
        if self._live is None:
            from rtlab.view.race_widget import LiveRace

            self._live = LiveRace(self)
        return self._live.box

    def __repr__(self) -> str:
        knobs = self.knobs
        return (
            f"Race({knobs.source} events, {knobs.rate:g} a second; polls every {knobs.interval:g} s; "
            f"one-way delay {knobs.delay * 1e3:g} ms)"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        words = {"text/plain": repr(self)}
        try:
            return {**self.widget()._repr_mimebundle_(), **words}
        except ImportError:
            return words

    def __enter__(self) -> Race:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()
