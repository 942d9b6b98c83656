"""A view made of HTML, for a notebook, with a plain-text twin for a terminal. No script, no random name in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import fill
from typing import Any

from rtlab.view.known_headers import link
from rtlab.view.style import STYLESHEET

CSS = """\
.rtlab .bytes{table-layout:fixed}
.rtlab .bytes col.raw{width:46%}.rtlab .bytes col.source{width:9.5em}
.rtlab .bytes th code{overflow-wrap:anywhere;white-space:pre-wrap}
.rtlab .bytes b{font-weight:600}
.rtlab .end{color:var(--quiet-text);opacity:.75;user-select:none}
.rtlab p{margin:.5em 0 0}
"""


class Panel:
    """HTML for those who can show it (`html`), words for those who cannot (`text`)."""

    def __init__(self, html: str, text: str, css: str = "") -> None:
        self.html = f'<div class="rtlab"><style>{_stronger(STYLESHEET + CSS + css)}</style>{html}</div>'
        self.text = text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return what Jupyter shows."""
        return {"text/html": self.html, "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


def _stronger(css: str) -> str:
    """Make rules for what is inside `.rtlab` win against the notebook's own for tables and code.

    The second selector matches nothing, but lends its weight (Selectors Level 4, section 17).
    """
    return css.replace(".rtlab ", ":is(.rtlab,#rtlab) ")


@dataclass(frozen=True)
class Row:
    """A line of bytes with its explanation. `name` is the part of `shown` that stands out, from its beginning."""

    shown: str
    end: str
    meaning: str
    source: str = ""
    name: str = ""


def listing(caption: str, headings: Sequence[str], rows: Iterable[Row], note: str = "") -> Panel:
    """Set lines of bytes and what they mean side by side: what crossed the wire left, a sentence right."""
    rows = list(rows)
    cited = any(row.source for row in rows)
    heads = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    html = (
        f'<table class="bytes"><caption>{escape(caption)}</caption>'
        f'<colgroup><col class="raw"><col>{"<col class=source>" if cited else ""}</colgroup>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(_html(row, cited) for row in rows)}</tbody></table>"
    )
    lines = [caption, *(_text(row) for row in rows)]
    if note:
        html += f'<p class="quiet">{escape(note)}</p>'
        lines.append(note)
    return Panel(html, "\n".join(lines))


def _html(row: Row, cited: bool) -> str:
    shown = escape(row.shown.removeprefix(row.name))
    name = f"<b>{escape(row.name)}</b>" if row.name else ""
    end = f'<span class="end">{escape(row.end)}</span>' if row.end else ""
    raw = f'<th scope="row"><code>{name}{shown}{end}</code></th>'
    source = f'<td class="source">{cite(row.source)}</td>' if cited else ""
    return f"<tr>{raw}<td>{escape(row.meaning)}</td>{source}</tr>"


def _text(row: Row) -> str:
    meaning = f"{row.meaning} [{row.source}]" if row.source else row.meaning
    told = fill(meaning, width=96, initial_indent="    ", subsequent_indent="    ")
    return f"{row.shown}{row.end}\n{told}"


def cite(source: str) -> str:
    """Return the HTML of a source, linked if its address is known."""
    address = link(source)
    return f'<a href="{escape(address)}">{escape(source)}</a>' if address else escape(source)


def visible(text: str) -> str:
    """Write what cannot be seen, or would move what stands around it, as an escape: `\\x00`, `\\u202e`."""
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "backslashreplace").decode()
        for character in text
    )


def visible_bytes(data: bytes) -> str:
    """Write bytes as ASCII, the others as escapes: `\\r`, `\\xff`."""
    return visible(data.decode("latin-1")) if data.isascii() else "".join(visible_byte(byte) for byte in data)


def visible_byte(byte: int) -> str:
    """Write a byte as the ASCII character that it is, or as an escape."""
    return visible(chr(byte)) if byte < 0x80 else f"\\x{byte:02x}"
