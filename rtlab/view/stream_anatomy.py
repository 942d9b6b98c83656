"""The bytes of an event stream, annotated line by line (WHATWG HTML, "Server-sent events")."""

from __future__ import annotations

import re

from rtlab.protocol.event_stream import BYTE_ORDER_MARK
from rtlab.view.panel import Panel, Row, listing, visible
from rtlab.view.tally import count

LINE = re.compile(rb"([^\r\n]*)(\r\n|\n|\r|$)")
MOST_LINES = 200
ENDS = {b"\r\n": r"\r\n", b"\n": r"\n", b"\r": r"\r", b"": ""}


def stream_anatomy(data: bytes) -> Panel:
    """Annotate the body of an event stream, from its beginning, already freed of chunk sizes.

    Each line has the sentence of what it does to the reader, which keeps three things: the data so far, the event's
    type, the last event id. An empty line dispatches the event. A last line without an end is still on its way.
    """
    reader = _Reader()
    rows: list[Row] = []
    lines = [found.groups() for found in LINE.finditer(data) if found[0]]
    for number, (line, end) in enumerate(lines[:MOST_LINES]):
        mark = number == 0 and line.startswith(BYTE_ORDER_MARK)
        row = reader.read(line.removeprefix(BYTE_ORDER_MARK) if mark else line, ENDS[end])
        if mark:
            row = Row(r"\ufeff" + row.shown, row.end, f"A byte order mark, skipped. {row.meaning}")
        rows.append(row)
    if len(lines) > MOST_LINES:
        rows.append(Row(f"… {len(lines) - MOST_LINES} lines more", "", "Not shown."))
    caption = f"An event stream, {len(data):,} bytes (WHATWG HTML §9.2)"
    return listing(caption, ("bytes of the body", "what the line does"), rows, reader.pending())


class _Reader:
    """What a reader keeps between lines."""

    def __init__(self) -> None:
        self.data: list[str] = []
        self.event = ""
        self.id = ""
        self.has_id = False  # this block

    def read(self, line: bytes, end: str) -> Row:
        """Explain one line, and do what it says."""
        text = line.decode("utf-8", "replace")
        field, colon, value = text.partition(":")
        value = value.removeprefix(" ")
        if not end:
            return Row(visible(text), "", "Not ended yet: a reader waits for the rest.")
        if not text:
            return Row("", end, self._dispatch())
        if not field:
            return Row(visible(text), end, "A comment, which nobody reads: it keeps the connection alive.")
        meaning = self._field(field, value)
        return Row(visible(text), end, meaning, name=visible(field) + colon)

    def _field(self, field: str, value: str) -> str:
        match field:
            case "data":
                self.data.append(value)
                return (
                    "A line of data."
                    if len(self.data) == 1
                    else "One more line of data, behind a line break."
                )
            case "event":
                self.event = value
                return (
                    f"The event's type: listeners for {visible(value)!r} will get it."
                    if value
                    else "The event's type is 'message' again."
                )
            case "id" if "\0" in value:
                return "Ignored: an id with a NUL character."
            case "id":
                self.id, self.has_id = value, True
                return (
                    "The block's id: once the block ends, a reader that reconnects sends it as Last-Event-ID."
                )
            case "retry" if value.isascii() and value.isdigit():
                return (
                    f"Before it reconnects, a reader shall wait {int(value) / 1000:g} s."
                    if len(value) < 16
                    else "A wait of ages."
                )
            case "retry":
                return "Ignored: retry takes digits only, for milliseconds."
        return "Ignored: only data, event, id and retry are fields."

    def _dispatch(self) -> str:
        """End a block."""
        lines, event, has_id = len(self.data), visible(self.event or "message"), self.has_id
        self.data, self.event, self.has_id = [], "", False
        if lines:
            known = f", last event id {visible(self.id)!r}" if self.id else ""
            return f"Dispatch: an event of type {event!r} with {count(lines, 'line')} of data{known}."
        if has_id:
            return f"The end of a block without data: no event, but the id {visible(self.id)!r} counts."
        return "The end of a block without data: there is nothing to dispatch."

    def pending(self) -> str:
        """Say what is not dispatched at the end."""
        return "The last block is not ended: if the stream stops here, it is discarded." if self.data else ""
