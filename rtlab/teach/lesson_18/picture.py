"""A text as its letters with their names, row under row: what each copy has, and what they have together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Protocol

from rtlab.view.panel import Panel, visible

SIGNS = {" ": "␣", "\n": "↵"}
COLOURS = ("sse", "short", "long", "websocket")

CSS = """\
.rtlab .letters{border-collapse:separate;border-spacing:0 .45em}
.rtlab .letters th{padding-right:1em;text-align:left;font-weight:400;color:var(--quiet-text);white-space:nowrap}
.rtlab .letters td{padding:0;text-align:left}
.rtlab .letters i{display:inline-block;min-width:3em;margin:0 .35em .2em 0;padding:.1em .15em;text-align:center;\
font-style:normal;line-height:1.25;border-bottom:3px solid}
.rtlab .letters b{display:block;font-size:1.15em;color:var(--ink)}
.rtlab .letters small{display:block;font-size:.72em;color:var(--quiet-text)}
.rtlab .letters .dead b{text-decoration:line-through;color:var(--quiet-text)}
.rtlab .letters .dead{opacity:.75}
"""


class Id(Protocol):
    """The name of a letter."""

    @property
    def site(self) -> str:
        """Who gave it; empty for the place before all letters."""


class Letter(Protocol):
    """What is needed of a letter (teach does not import the application: no room imports a sibling)."""

    @property
    def id(self) -> Id:
        """Its name."""

    @property
    def after(self) -> Id:
        """The name of the letter that it was put in behind."""

    @property
    def text(self) -> str:
        """What is read."""

    @property
    def dead(self) -> bool:
        """Whether it was deleted."""


def letters(caption: str, rows: Mapping[str, Iterable[Letter]]) -> Panel:
    """Draw the letters of some copies, each with its id and what it was put in behind; tombstones are struck out."""
    sites = sorted({letter.id.site for copy in rows.values() for letter in copy})
    colour = {site: COLOURS[n % len(COLOURS)] for n, site in enumerate(sites)}
    html = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{"".join(_box(each, colour) for each in copy)}</td></tr>'
        for name, copy in rows.items()
    )
    text = [caption, *(f"{name:>16}: {_words(copy)}" for name, copy in rows.items())]
    return Panel(
        f'<table class="letters"><caption>{escape(caption)}</caption>{html}</table>', "\n".join(text), CSS
    )


def _box(letter: Letter, colour: Mapping[str, str]) -> str:
    sign = escape(SIGNS.get(letter.text, visible(letter.text)))
    return (
        f'<i class="{"dead" if letter.dead else "live"}" style="border-color:var(--{colour[letter.id.site]})">'
        f"<b>{sign}</b><small>{letter.id}<br>behind<br>{_name(letter.after)}</small></i>"
    )


def _name(id: Id) -> str:
    return str(id) if id.site else "nothing"


def _words(copy: Iterable[Letter]) -> str:
    return " ".join(f"[{each.text}]" if each.dead else each.text for each in copy)
