"""Fields and buttons in a notebook, from ipywidgets; without ipywidgets, or without a kernel, there are none.

A field never prints: a click changes the text of a widget, which is all that a notebook shows live.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from rtlab.teach.card import inline


class Shown(Protocol):
    """Whatever has a display in HTML."""

    def _repr_html_(self) -> str: ...


def bundle(card: Shown, field: Any = None) -> dict[str, Any]:
    """Return the display of a card: the field in its place where one can be drawn, words for everybody else."""
    words = {"text/plain": repr(card), "text/html": card._repr_html_()}
    return words if field is None else {**field._repr_mimebundle_(), **words}


def form(
    label: str, names: Mapping[float, str], values: Mapping[float, float], write: Callable[[float, str], str]
) -> Any:
    """Make a form of one field for each key of `names`; `write(key, text)` takes what is entered and answers it.

    Returns None where no widget can be drawn.
    """
    widgets = _ipywidgets()
    if widgets is None:
        return None
    said = widgets.HTML()

    def line(key: float, name: str) -> Any:
        text = f"{values[key]:g}" if key in values else ""
        field = widgets.Text(
            value=text, placeholder="your number", continuous_update=False, layout=widgets.Layout(width="9em")
        )

        def take(change: Any) -> None:
            said.value = f'<span style="opacity:.7">{inline(write(key, change["new"]))}</span>'

        field.observe(take, names="value")
        return widgets.HBox([field, widgets.HTML(inline(name))])

    fields = [line(key, name) for key, name in names.items()]
    return widgets.VBox([widgets.HTML(f"<b>{inline(label)}</b>: what do you expect?"), *fields, said])


def ballot(asked: Shown, letters: list[str], vote: Callable[[str], Shown]) -> Any:
    """Make a button for each letter below a question; what `vote(letter)` returns is shown below the buttons."""
    widgets = _ipywidgets()
    if widgets is None:
        return None
    said = widgets.HTML()

    def button(letter: str) -> Any:
        made = widgets.Button(description=letter, layout=widgets.Layout(width="4em"))

        def take(_: Any) -> None:
            said.value = vote(letter)._repr_html_()

        made.on_click(take)
        return made

    return widgets.VBox(
        [widgets.HTML(asked._repr_html_()), widgets.HBox([button(each) for each in letters]), said]
    )


def choose(asked: Mapping[str, tuple[Shown, list[str]]], vote: Callable[[str, str], Shown]) -> Any:
    """Show several questions, each with its letters to choose from; what `vote(key, letter)` returns stands below all.

    Returns None where no widget can be drawn.
    """
    widgets = _ipywidgets()
    if widgets is None:
        return None
    said = widgets.HTML()

    def buttons(key: str, letters: list[str]) -> Any:
        made = widgets.ToggleButtons(options=letters, value=None, style={"button_width": "4em"})

        def take(change: Any) -> None:
            said.value = vote(key, change["new"])._repr_html_()

        made.observe(take, names="value")
        return made

    rows = [
        part
        for key, (card, letters) in asked.items()
        for part in (widgets.HTML(card._repr_html_()), buttons(key, letters))
    ]
    return widgets.VBox([*rows, said])


def _ipywidgets() -> Any:
    """Return ipywidgets inside a kernel that has it, else None."""
    try:
        import ipywidgets
        from IPython import get_ipython
    except ImportError:
        return None
    return ipywidgets if getattr(get_ipython(), "kernel", None) else None
