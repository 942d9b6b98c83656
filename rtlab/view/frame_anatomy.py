"""A WebSocket frame drawn bit by bit, 32 to a row as in RFC 6455 section 5.2, each field coloured and explained.

Pointing at a field, or choosing it by click or tab key, lights up its explanation, and the other way round; no script.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from rtlab.view.frame_bits import Field, FrameBits, read_bits
from rtlab.view.panel import Panel, cite, visible
from rtlab.view.style import PALETTE
from rtlab.view.tally import count

COLOURS = {
    "fin": PALETTE["push"],
    "rsv": "#9aa3ad",
    "opcode": PALETTE["long"],
    "mask": PALETTE["short"],
    "length": PALETTE["sse"],
    "extended": PALETTE["sse"],
    "masking-key": PALETTE["short"],
    "payload": PALETTE["websocket"],
}
ROW = 32  # bits
MOST_PAYLOAD = 20  # bytes drawn

CSS = """\
.rtlab .frame{overflow-x:auto}
.rtlab .bits{table-layout:fixed;margin-bottom:.75em}
.rtlab .bits tbody tr{border:0}
.rtlab .bits th{font:10px/1.2 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;color:var(--quiet-text);\
padding:0 0 3px;text-align:center}
.rtlab .bits td{padding:3px 1px;text-align:center;vertical-align:top;border:1px solid var(--paper);\
border-bottom:3px solid;font-size:11px;line-height:1.35;overflow:hidden;cursor:help}
.rtlab .bits td:focus{outline:2px solid var(--ink);outline-offset:-2px}
.rtlab .bits td.none{background:none;border-color:transparent;cursor:auto}
.rtlab .bits .bit{writing-mode:vertical-rl;transform:rotate(180deg);height:3em}
.rtlab .bits code{display:block;font-size:12px}
.rtlab .bits .as-sent{color:var(--quiet-text)}
.rtlab .fields td,.rtlab .fields th{padding:.3em .75em .3em .5em}
.rtlab .fields tbody th{font-weight:600;border-left:4px solid}
.rtlab .fields th,.rtlab .fields td{white-space:nowrap}
.rtlab .fields td.meaning{width:100%;white-space:normal;overflow-wrap:anywhere}
""" + "".join(
    f".rtlab td.{key},.rtlab .frame:has(td.{key}:is(:hover,:focus)) tr.{key}{{background:{colour}2e}}"
    f".rtlab .bits td.{key}{{border-bottom-color:{colour}}}.rtlab tr.{key}>th{{border-left-color:{colour}}}"
    f".rtlab .frame:has(tr.{key}:hover) td.{key}{{background:{colour}70}}\n"
    for key, colour in COLOURS.items()
)


def frame_anatomy(data: bytes) -> Panel:
    """Draw the first WebSocket frame in `data`, from a client or a server, whole or cut off.

    The payload is shown byte by byte, as sent and, where it is masked, what comes out of the XOR.
    """
    frame = read_bits(data)
    header = frame.payload_start if frame.fields else len(data)
    caption = f"A WebSocket frame: {header} bytes of header, {len(frame.payload):,} of payload"
    notes = _notes(frame)
    cells = list(_cells(frame, data))
    html = (
        f'<div class="frame">{_grid(caption, cells)}{_fields(frame)}'
        + "".join(f'<p class="quiet">{escape(note)}</p>' for note in notes)
        + "</div>"
    )
    return Panel(html, "\n".join([caption, *_lines(frame), *notes]), CSS)


def _notes(frame: FrameBits) -> list[str]:
    notes = []
    if len(frame.payload) > MOST_PAYLOAD:
        notes.append(
            f"The first {MOST_PAYLOAD} bytes of the payload are drawn, {len(frame.payload) - MOST_PAYLOAD:,} are not."
        )
    if frame.missing:
        notes.append(f"The frame is not whole: {count(frame.missing, 'byte')} more, at least, must come.")
    if frame.more:
        notes.append(f"Behind the frame, {count(frame.more, 'byte')} of the next one.")
    return notes


Cell = tuple[str, int, str, str]  # key, bits, what is in it (HTML), what it says when pointed at


def _cells(frame: FrameBits, data: bytes) -> Iterator[Cell]:
    """Yield the cells from the first bit on, none beyond the end of its row."""
    for field in frame.fields:
        if field.key == "payload":
            yield from _payload_cells(frame, field)
        else:
            yield from _header_cells(field, data)


def _header_cells(field: Field, data: bytes) -> Iterator[Cell]:
    """Yield a field of the header, cut where a row ends."""
    title = f"{field.name} = {field.value}: {field.meaning}"
    at, end = field.start, field.start + field.bits
    while at < end:
        bits = min(end, (at // ROW + 1) * ROW) - at
        name = field.name if at == field.start else f"{field.name}, continued"
        if field.bits >= 16:
            shown = data[at // 8 : (at + bits) // 8].hex(" ") or "…"
        else:
            shown = f"{int.from_bytes(data[:2], 'big') >> (16 - at - bits) & (1 << bits) - 1:0{bits}b}"
        name = f'<span class="bit">{name}</span>' if bits == 1 else escape(name)
        yield field.key, bits, f"{name}<code>{escape(shown)}</code>", title
        at += bits


def _payload_cells(frame: FrameBits, field: Field) -> Iterator[Cell]:
    """Yield a cell for each byte of the payload: as sent, the key's byte, what comes out."""
    for at, (sent, plain) in enumerate(zip(frame.payload[:MOST_PAYLOAD], frame.plain, strict=False)):
        character = chr(plain) if 0x20 < plain < 0x7F else "␣" if plain == 0x20 else "·"
        shown = f"<code>{plain:02x} {escape(character)}</code>"
        if frame.key:
            key = frame.key[at % 4]
            shown = f'<code class="as-sent">{sent:02x} ⊕ {key:02x} =</code>{shown}'
        yield "payload", 8, shown, f"payload byte {at}: {field.meaning}" if not at else f"payload byte {at}"


def _grid(caption: str, cells: list[Cell]) -> str:
    """Lay the cells out, 32 bits to a row."""
    numbers = "".join(f'<th scope="col">{bit}</th>' for bit in range(ROW))
    rows, used = ["<tr>"], 0
    for key, bits, shown, title in cells:
        if used == ROW:
            rows.append("</tr><tr>")
            used = 0
        label = escape(visible(title))
        rows.append(f'<td class="{key}" colspan="{bits}" tabindex="0" title="{label}">{shown}</td>')
        used += bits
    if 0 < used < ROW:
        rows.append(f'<td class="none" colspan="{ROW - used}"></td>')
    return (
        f'<table class="bits"><caption>{escape(caption)}</caption><thead><tr>{numbers}</tr></thead>'
        f"<tbody>{''.join(rows)}</tr></tbody></table>"
    )


def _fields(frame: FrameBits) -> str:
    """Set what each field says under the drawing."""
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("field", "bits", "value", "what it says", "source")
    )
    rows = "".join(
        f'<tr class="{field.key}"><th scope="row">{escape(field.name)}</th><td>{_where(field)}</td>'
        f'<td><code>{escape(field.value)}</code></td><td class="meaning">{escape(visible(field.meaning))}</td>'
        f'<td class="source">{cite(field.source)}</td></tr>'
        for field in _gathered(frame.fields)
    )
    return f'<table class="fields"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _gathered(fields: Sequence[Field]) -> list[Field]:
    """Say in one row that the three reserved bits are 0, as they nearly always are."""
    reserved = [field for field in fields if field.key == "rsv"]
    if not reserved or any(field.value == "1" for field in reserved):
        return list(fields)
    together = replace(reserved[0], name="RSV1–3", bits=3, value="000")
    return [together if field is reserved[0] else field for field in fields if field not in reserved[1:]]


def _lines(frame: FrameBits) -> Iterator[str]:
    for field in _gathered(frame.fields):
        yield f"{field.name:<16} {_where(field):<9} {field.value:<24} {visible(field.meaning)}"


def _where(field: Field) -> str:
    last = field.start + field.bits - 1
    return str(field.start) if field.bits == 1 else f"{field.start}–{last}"
