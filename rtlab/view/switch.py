"""A picture with a switch above it: choose, and it is drawn anew. Where no widget can be drawn, the first picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rtlab.errors import BadInput
from rtlab.view.picture import SHOWN_DPI, Picture


class Switch:
    """One of several pictures at a time; `draw(choice)` makes the picture of a choice.

    In a notebook with ipywidgets it is a menu above the picture, and choosing changes the picture in its place.
    Everywhere else it shows the picture of `choice`, which may be set and is at first `first`, or the first choice.
    Raises BadInput for what is no choice.
    """

    def __init__(
        self, label: str, choices: Sequence[str], draw: Callable[[str], Picture], first: str | None = None
    ) -> None:
        if not choices:
            raise BadInput("a switch needs something to choose from")
        self.label, self.choices, self._draw = label, tuple(choices), draw
        self.choice = self.choices[0] if first is None else first

    @property
    def choice(self) -> str:
        """What is shown."""
        return self._choice

    @choice.setter
    def choice(self, choice: str) -> None:
        if choice not in self.choices:
            raise BadInput(f"{choice!r} is not a choice: there are {', '.join(self.choices)}")
        self._choice, self.picture = choice, self._draw(choice)

    def __repr__(self) -> str:
        return repr(self.picture)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = self.picture._repr_mimebundle_()
        widget = self.widget()
        return ({**widget._repr_mimebundle_(), **data} if widget is not None else data), metadata

    def widget(self) -> Any:
        """Return the menu and the picture as widgets; None outside a kernel, and without ipywidgets."""
        try:
            import ipywidgets
            from IPython import get_ipython
        except ImportError:
            return None
        if not getattr(get_ipython(), "kernel", None):
            return None
        menu = ipywidgets.Dropdown(options=self.choices, value=self.choice, description=self.label)
        wide = round(self.picture.figure.get_size_inches()[0] * SHOWN_DPI)
        shown = ipywidgets.Image(
            value=self.picture.png, layout=ipywidgets.Layout(width=f"{wide}px", max_width="100%")
        )

        def chosen(change: Any) -> None:
            self.choice = change["new"]
            shown.value = self.picture.png

        menu.observe(chosen, names="value")
        return ipywidgets.VBox([menu, shown])
