"""The knobs of a race: sliders that act on it while it is on, and the button that starts and stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

if TYPE_CHECKING:
    from rtlab.view.race import Race

FROM = (("this machine", "machine"), ("random", "random"))


class RaceKnobs:
    """The knobs in one `box`. They follow the race, too, where a cell turns it."""

    def __init__(self, race: Race) -> None:
        self.race = race
        self._following = False  # set while a knob shows what a cell has turned
        knobs, narrow = race.knobs, ipywidgets.Layout(width="130px")
        self._button = ipywidgets.Button(layout=ipywidgets.Layout(width="90px"))
        self._button.on_click(self._pressed)
        slider: dict[str, Any] = {
            "layout": ipywidgets.Layout(width="226px"),
            "style": {"description_width": "70px"},
            "continuous_update": False,
        }
        self._source = ipywidgets.Dropdown(options=FROM, value=knobs.source, layout=narrow)
        self._source.tooltip = "Where the events come from"
        self._rate = ipywidgets.FloatLogSlider(
            knobs.rate,
            min=-1,
            max=1.5,
            step=0.1,
            readout_format=".2g",
            description="events/s",
            **slider,
        )
        self._interval = ipywidgets.FloatSlider(
            knobs.interval,
            min=0.1,
            max=4,
            step=0.1,
            readout_format=".1f",
            description="interval, s",
            **slider,
        )
        self._delay = ipywidgets.IntSlider(
            round(knobs.delay * 1e3), min=0, max=300, step=10, description="delay, ms", **slider
        )
        knobs_in_row = [self._source, self._rate, self._interval, self._delay]
        for knob in knobs_in_row:
            knob.observe(self._turned, names="value")
        row = ipywidgets.Layout(flex_flow="row wrap", align_items="center")
        self.box = ipywidgets.Box([self._button, *knobs_in_row], layout=row)

    def _pressed(self, _: Any) -> None:
        if self.race.running:
            self.race.close()
        else:
            self.race.start()

    def _turned(self, _: Any) -> None:
        if not self._following:
            self.race.turn(
                source=self._source.value,
                rate=self._rate.value,
                interval=self._interval.value,
                delay=self._delay.value / 1e3,
            )

    def show(self, on: bool) -> None:
        """Let the button say what it would do."""
        self._button.description = "Stop" if on else "Start"
        self._button.icon = "stop" if on else "play"

    def follow(self) -> None:
        """Show the race's settings."""
        knobs, self._following = self.race.knobs, True
        try:
            self._source.value, self._rate.value = knobs.source, knobs.rate
            self._interval.value, self._delay.value = knobs.interval, round(knobs.delay * 1e3)
        finally:
            self._following = False
