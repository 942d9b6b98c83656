"""A picture with knobs: drawn anew when one is turned; without widgets, the picture as it is set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rtlab.errors import BadInput
from rtlab.view.picture import SHOWN_DPI, Picture

Setting = bool | tuple[float, float, float] | list[str]


class Steps(list[str]):
    """Choices that have an order, such as rates of events: a slider that stands at `first`."""

    def __init__(self, choices: Iterable[str], first: str) -> None:
        super().__init__(choices)
        if first not in self:
            raise BadInput(f"{first!r} is not one of the steps: {', '.join(self)}")
        self.first = first


class Knobs:
    """`draw(**values)` gives the picture.

    Each knob is True or False, (least, value, most), a list of choices, or `Steps`.

        Knobs(draw, tls=False, payload=(0, 100, 1000), workload=["poisson", "bursty"])

    A notebook shows the picture with its knobs; where no widget can live (a stored notebook), the picture alone.
    """

    def __init__(self, draw: Callable[..., Picture], **knobs: Setting) -> None:
        self._draw, self._knobs = draw, knobs
        self.values: dict[str, Any] = {name: _first(name, knob) for name, knob in knobs.items()}
        self.picture = draw(**self.values)

    def turn(self, **values: Any) -> Picture:
        """Set some knobs, as a person would, and return the new picture."""
        unknown = set(values) - set(self.values)
        if unknown:
            raise BadInput(f"there is no knob {sorted(unknown)}: there are {', '.join(self.values)}")
        self.values |= values
        self.picture = self._draw(**self.values)
        return self.picture

    def __repr__(self) -> str:
        return repr(self.picture)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = self.picture._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        widget = self.widget()
        return ({**widget._repr_mimebundle_(), **data} if widget is not None else data), metadata

    def widget(self) -> Any:
        """Return knobs and picture as widgets; None outside a kernel, and without ipywidgets."""
        try:
            import ipywidgets
            from IPython import get_ipython
        except ImportError:
            return None
        if not getattr(get_ipython(), "kernel", None):
            return None
        wide = round(self.picture.figure.get_size_inches()[0] * SHOWN_DPI)
        layout = ipywidgets.Layout(width=f"{wide}px", max_width="100%")
        image = ipywidgets.Image(value=self.picture.png, format="png", layout=layout)
        controls = [_control(ipywidgets, name, knob) for name, knob in self._knobs.items()]

        def redraw(_change: Any) -> None:
            self.turn(**{name: control.value for name, control in zip(self.values, controls, strict=True)})
            image.value = self.picture.png

        for control in controls:
            control.observe(redraw, "value")
        return ipywidgets.VBox([ipywidgets.HBox(controls, layout={"flex_flow": "row wrap"}), image])


def _first(name: str, knob: Setting) -> Any:
    if isinstance(knob, bool):
        return knob
    if isinstance(knob, Steps):
        return knob.first
    if isinstance(knob, list) and knob:
        return knob[0]
    if isinstance(knob, tuple) and len(knob) == 3 and knob[0] <= knob[1] <= knob[2]:
        return knob[1]
    raise BadInput(
        f"the knob {name}={knob!r}: give True or False, (least, value, most), or a list of choices"
    )


def _control(widgets: Any, name: str, knob: Setting) -> Any:
    named = {
        "description": name.replace("_", " "),
        "style": {"description_width": "initial"},  # as wide as its words; by default a long name is cut off
        "layout": {"margin": "2px 18px 2px 2px"},
    }
    if isinstance(knob, bool):
        return widgets.Checkbox(value=knob, indent=False, **named)
    if isinstance(knob, Steps):
        return widgets.SelectionSlider(options=list(knob), value=knob.first, continuous_update=False, **named)
    if isinstance(knob, list):
        return widgets.Dropdown(options=knob, **named)
    least, value, most = knob
    ends = {"value": value, "min": least, "max": most, "continuous_update": False, **named}
    if all(isinstance(end, int) for end in knob):
        return widgets.IntSlider(**ends)
    return widgets.FloatSlider(**ends, step=(most - least) / 100, readout_format=".3g")
