"""The missed windows to play with: drag the events, move d. What is drawn is calculated here, by `windows.scene`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rtlab.teach.lesson_04.windows import Scene, scene
from rtlab.teach.lesson_04.windows_picture import picture
from rtlab.view.picture import Picture
from rtlab.view.style import STYLESHEET

LONGEST_DELAY = 0.2  # s, the slider's end
SCRIPT = Path(__file__).with_name("windows_canvas.js")


class MissedWindows:
    """Events on the server's line, to be dragged; a slider for the one-way delay d.

    Without widgets, set `events` and `delay` (seconds) and look at `picture()`. Raises BadInput for a moment that
    is not from 0 to `duration`.
    """

    def __init__(self, events: Sequence[float], delay: float, duration: float = 1.2) -> None:
        self.duration = duration
        self._events, self._delay = tuple(events), delay
        self._scene = scene(self._events, delay, duration)
        self._view: Any = None
        self._box: Any = None

    @property
    def events(self) -> tuple[float, ...]:
        """When the events happen."""
        return self._events

    @events.setter
    def events(self, moments: Sequence[float]) -> None:
        self._change(tuple(moments), self._delay)

    @property
    def delay(self) -> float:
        """One way, in seconds."""
        return self._delay

    @delay.setter
    def delay(self, seconds: float) -> None:
        self._change(self._events, seconds)

    @property
    def scene(self) -> Scene:
        """What happens with these events and this delay."""
        return self._scene

    def picture(self) -> Picture:
        """Return it as a still picture."""
        return picture(self._scene)

    def _change(self, events: tuple[float, ...], delay: float) -> None:
        self._scene = scene(events, delay, self.duration)  # first: it may raise
        self._events, self._delay = events, delay
        if self._view is not None:
            self._view.scene = self._scene.plain()
            self._view.events = list(events)
            self._slider.value = round(1e3 * delay)

    def widget(self) -> Any:
        """Return the slider and the canvas. Needs ipywidgets and anywidget."""
        if self._box is None:
            import ipywidgets

            self._view = _view(self)
            self._slider = ipywidgets.IntSlider(
                round(1e3 * self._delay), 0, round(1e3 * LONGEST_DELAY), 5, description="d, ms"
            )
            self._view.observe(lambda change: self._drag(change["new"]), names="events")
            self._slider.observe(lambda change: self._slide(change["new"]), names="value")
            self._box = ipywidgets.VBox([self._slider, self._view])
        return self._box

    def _drag(self, events: Sequence[float]) -> None:
        kept = tuple(min(max(at, 0.0), self.duration) for at in events)
        if kept != self._events:
            self._change(kept, self._delay)

    def _slide(self, milliseconds: int) -> None:
        if milliseconds != round(1e3 * self._delay):
            self.delay = milliseconds / 1e3

    def __repr__(self) -> str:
        return self._scene.words()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        still, _about = self.picture()._repr_mimebundle_()
        still["text/plain"] = repr(self)
        try:
            return {**self.widget()._repr_mimebundle_(), **still}
        except ImportError:
            return still


def _view(windows: MissedWindows) -> Any:
    """Make the canvas. Here, so that only who shows one needs anywidget."""
    import anywidget
    import traitlets

    class WindowsView(anywidget.AnyWidget):
        """Draws a scene, and tells where events are dragged to."""

        _esm = SCRIPT.read_text(encoding="utf-8")
        _css = STYLESHEET
        events = traitlets.List(traitlets.Float()).tag(sync=True)
        scene = traitlets.Dict().tag(sync=True)
        duration = traitlets.Float().tag(sync=True)

    return WindowsView(events=list(windows.events), scene=windows.scene.plain(), duration=windows.duration)
