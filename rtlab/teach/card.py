"""What the exercises, predictions and questions show: small cards, each as plain text and as HTML.

A card is the same every time it is made from the same values: no address, id or time is in it, so that a strict
comparison of notebook outputs can hold it. Colours are borders and signs only, and the ground and the ink are the
page's own, so that it reads on light and dark pages; the words say everything that the colours say.
"""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

WIDTH = 100  # columns of plain text

_QUIET = "opacity:.7"
_MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.93em"
_CODE = f"{_MONO};white-space:pre-wrap;margin:.5em 0;padding:.4em .6em;background:rgba(127,127,127,.12)"
_FRAME = "margin:.3em 0;max-width:52em;line-height:1.5"
_TABLE = (
    "border-collapse:collapse;margin:.3em 0;font-size:inherit;color:inherit;font-variant-numeric:tabular-nums"
)
_CELL = (
    "text-align:left;vertical-align:top;white-space:normal;padding:.1em 1em .1em 0;border:0;background:none"
)


class Block(Protocol):
    """One part of a card."""

    def text(self) -> str:
        """Return it as plain text, without a line's end behind it."""

    def html(self) -> str:
        """Return it as HTML, everything escaped."""


@dataclass(frozen=True)
class Words:
    """A paragraph; what stands between `backticks` is code."""

    words: str

    def text(self) -> str:
        """Return the paragraph, wrapped."""
        return _wrap(self.words)

    def html(self) -> str:
        """Return the paragraph as HTML."""
        return f'<div style="margin:.3em 0">{inline(self.words)}</div>'


@dataclass(frozen=True)
class Code:
    """Lines of code or of output, kept as they are."""

    code: str

    def text(self) -> str:
        """Return the lines, indented."""
        return textwrap.indent(self.code.rstrip("\n"), "    ")

    def html(self) -> str:
        """Return the lines as HTML."""
        return f'<pre style="{_CODE}">{escape(self.code.rstrip())}</pre>'


@dataclass(frozen=True)
class Rows:
    """Labelled values, one below the other; `bars` draws a bar behind each: its length in 0 … 1, and its CSS look."""

    rows: tuple[tuple[str, str], ...]
    bars: tuple[tuple[float, str], ...] = ()

    def text(self) -> str:
        """Return `label  value` lines, the values in one column."""
        wide = max(len(label) for label, _ in self.rows)
        hanging = " " * (wide + 4)
        return "\n".join(_wrap(value, f"  {label:<{wide}}  ", hanging) for label, value in self.rows)

    def html(self) -> str:
        """Return the rows as an HTML table."""
        lines = []
        for index, (label, value) in enumerate(self.rows):
            bar = _bar(*self.bars[index]) if self.bars else ""
            head = f'<td style="{_CELL};{_QUIET};white-space:nowrap">{escape(label)}</td>'
            lines.append(
                f'<tr style="background:none">{head}<td style="{_CELL}">{inline(value)}</td>{bar}</tr>'
            )
        return f'<table style="{_TABLE}">{"".join(lines)}</table>'


@dataclass(frozen=True)
class Table:
    """A table with a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def text(self) -> str:
        """Return the table with its columns aligned."""
        wide = [max(len(row[column]) for row in (self.head, *self.rows)) for column in range(len(self.head))]
        return "\n".join(
            "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, wide, strict=True)).rstrip()
            for row in (self.head, *self.rows)
        )

    def html(self) -> str:
        """Return the table as HTML."""
        head = "".join(
            f'<th style="{_CELL};{_QUIET};font-weight:normal">{inline(cell)}</th>' for cell in self.head
        )
        body = "".join(
            '<tr style="background:none">'
            + "".join(f'<td style="{_CELL}">{inline(cell)}</td>' for cell in row)
            + "</tr>"
            for row in self.rows
        )
        return f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


@dataclass(frozen=True)
class Fold:
    """Something to unfold; plain text shows it below its label."""

    label: str
    inside: tuple[Block, ...]

    def text(self) -> str:
        """Return the label and what is inside, indented."""
        return f"{self.label}\n" + textwrap.indent("\n".join(block.text() for block in self.inside), "  ")

    def html(self) -> str:
        """Return an HTML `details` element."""
        inside = "".join(block.html() for block in self.inside)
        label = f'<summary style="cursor:pointer;{_QUIET}">{inline(self.label)}</summary>'
        return f'<details style="margin:.3em 0">{label}{inside}</details>'


@dataclass(frozen=True)
class Card:
    """A title with a coloured sign, and blocks below it; displays itself in a notebook and prints in a terminal."""

    title: str
    blocks: tuple[Block, ...] = ()
    accent: str = "#9aa3ad"
    sign: str = ""

    def __repr__(self) -> str:
        title = f"{self.sign} {self.title}".strip()
        return "\n".join(filter(None, [title, *(block.text() for block in self.blocks)]))

    def _repr_html_(self) -> str:
        sign = f'<span style="color:{self.accent}">{escape(self.sign)}</span> ' if self.sign else ""
        title = f'<div style="font-weight:600">{sign}{inline(self.title)}</div>'
        frame = f"border-left:3px solid {self.accent};padding:.1em 0 .1em .9em;{_FRAME}"
        return f'<div style="{frame}">{title}{"".join(block.html() for block in self.blocks)}</div>'


def inline(words: str) -> str:
    """Escape a sentence for HTML; what stands between backticks becomes code."""
    return re.sub(
        r"`([^`]+)`",
        rf'<code style="{_MONO};background:none;padding:0">\1</code>',
        escape(words, quote=False),
    )


def _bar(part: float, look: str) -> str:
    size = f"width:{12 * part:.2f}em;height:.7em;margin-top:.4em;box-sizing:border-box"
    return f'<td style="{_CELL}"><div style="{size};{look}"></div></td>'


def listed(words: Sequence[str], last: str = "and") -> str:
    """Join words as a sentence does: `a, b and c`."""
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def _wrap(words: str, first: str = "", then: str = "") -> str:
    """Break lines at spaces only: a long repr stays whole."""
    return textwrap.fill(
        words,
        WIDTH,
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=False,
        break_on_hyphens=False,
    )
