"""An HTTP head, annotated line by line: the bytes as they crossed the wire, and what each line is for."""

from __future__ import annotations

import re

from rtlab.view.known_headers import METHODS, STATUSES, explain
from rtlab.view.panel import Panel, Row, listing, visible_bytes
from rtlab.view.redact import HIDDEN, redacted, redacted_fault

LINE = re.compile(rb"([^\r\n]*)(\r\n|\n|\r|$)")
FIELD = re.compile(
    r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$"
)  # RFC 9112 section 5, RFC 9110 section 5.6.2
MOST_LINES = 200


def anatomy(head: bytes, *, redact: bool = True) -> Panel:
    """Annotate an HTTP/1.1 head, of a request, a response or a WebSocket handshake.

    Credentials, cookies and tokens are hidden unless `redact` is False; the sizes are always those of the original.
    Faulty lines are shown, and what is wrong with them; nothing is raised, whatever the bytes are.
    """
    lines, body = _split(head)
    is_request = not head.startswith(b"HTTP/")
    rows = [_first(lines[0], redact)] if lines else []
    rows += [_line(line, is_request, redact) for line in lines[1:MOST_LINES]]
    if len(lines) > MOST_LINES:
        rows.append(Row(f"… {len(lines) - MOST_LINES} lines more", "", "Not shown."))
    kind = "request" if is_request else "response"
    caption = f"The head of a {kind}, {len(head) - body:,} bytes" if lines else "No bytes, so no head"
    note = f"{body:,} bytes of body follow." if body else ""
    if lines and lines[-1][0]:
        note = "The head is not whole: an empty line would end it."
    return listing(caption, ("bytes on the wire", "what they are for", "source"), rows, note)


def _split(head: bytes) -> tuple[list[tuple[bytes, bytes]], int]:
    """Return the lines with their ends, down to the empty one, and how many bytes follow."""
    lines: list[tuple[bytes, bytes]] = []
    for found in LINE.finditer(head):
        if found[0]:
            lines.append((found[1], found[2]))
        if found[0] and not found[1]:
            return lines, len(head) - found.end()
    return lines, 0


def _first(line: tuple[bytes, bytes], redact: bool) -> Row:
    """Explain the request line or the status line (RFC 9112, sections 3 and 4)."""
    shown, end = visible_bytes(line[0]), visible_bytes(line[1])
    words = shown.split(" ", 2)
    if words[0].startswith("HTTP/"):
        status = words[1] if len(words) > 1 else ""
        meaning, source = STATUSES.get(status, (f"A status of the class {status[:1]}xx.", "RFC 9110 §15"))
        return Row(shown, end, f"The status line. {meaning}", source, " ".join(words[:2]))
    shown = redacted("", shown) if redact else shown
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        return Row(shown, end, "Not a request line, which is method, target and version.", "RFC 9112 §3")
    meaning, source = METHODS.get(words[0], ("A method that this table does not know.", "RFC 9110 §9"))
    return Row(shown, end, f"The request line: method, target, version. {meaning}", source, words[0])


def _line(line: tuple[bytes, bytes], is_request: bool, redact: bool) -> Row:
    """Explain any other line."""
    shown, end = visible_bytes(line[0]), visible_bytes(line[1])
    if not shown:
        return Row("", end, "The empty line: the head ends here.", "RFC 9112 §2.1")
    if line[0][:1] in (b" ", b"\t"):  # it goes on with the value above, which may be a secret
        return Row(HIDDEN if redact else shown, end, "A folded line, no longer allowed.", "RFC 9112 §5.2")
    found = FIELD.match(shown)
    if not found:
        shown = redacted_fault(shown) if redact else shown
        return Row(shown, end, "Not a field: a field is a name, a colon at once, and a value.", "RFC 9112 §5")
    name, value = found[1], found[2]
    meaning, source = explain(name, value, is_request)
    if end in (r"\n", r"\r"):
        meaning += " The line should end with CR LF."
    if redact:
        shown = shown[: found.start(2)] + redacted(name, value)
    return Row(shown, end, meaning, source, f"{name}:")
