"""One event in three wire formats: an element of a poll's answer, a block of an event stream, a WebSocket frame."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from rtlab.event import Gap, encode_data
from rtlab.log import Encode, Kept
from rtlab.protocol import event_stream
from rtlab.protocol.deflate import RSV1, deflate
from rtlab.protocol.frames import Frame, Opcode, encode


class Form(NamedTuple):
    """How a technique writes: an event, a gap, what goes around a batch of them, and a sign of life."""

    event: Encode
    gap: Callable[[Gap], bytes]
    wrap: Callable[[bytes], bytes]
    beat: bytes


def element(event: Kept) -> bytes:
    """Polling: the event's JSON as it is."""
    return event.json


def block(event: Kept) -> bytes:
    """Server-sent events: an id, and the JSON as data; one line, for JSON text has no bare line ends."""
    return b"id: %b\ndata: %b\n\n" % (event.id.encode(), event.json)


def gap_block(gap: Gap) -> bytes:
    """Server-sent events: a gap is an event of that name, its cursor the id."""
    data = json.dumps({"missed": gap.missed, "cursor": gap.cursor})
    return event_stream.encode(data, event="gap", id=gap.cursor)


def chunk(data: bytes) -> bytes:
    """A piece of a body whose end is not known (RFC 9112 §7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def as_it_is(data: bytes) -> bytes:
    """Nothing around it: a body that ends with its connection (HTTP/1.0), or frames."""
    return data


def frame(text: bytes) -> bytes:
    """WebSocket: a text message in one frame, unmasked as a server's are."""
    return encode(Frame(Opcode.TEXT, text))


def event_text(event: Kept) -> bytes:
    """WebSocket: the event's JSON with a type put in front."""
    return b'{"type":"event",' + event.json[1:]


def event_frame(event: Kept) -> bytes:
    """WebSocket: an event as a message."""
    return frame(event_text(event))


def deflated_event_frame(event: Kept) -> bytes:
    """WebSocket: an event as a message that is compressed (RFC 7692), where that is worth it.

    It is compressed once, by itself, for all readers who agreed to compression. A small event is smaller by a
    few bytes then, and every reader would pay for them with the work of inflating: it is the one of all the others.
    """
    text = event_text(event)
    if len(text) >= DEFLATE_BYTES and len(small := deflate(text)) < len(text):
        return encode(Frame(Opcode.TEXT, small, rsv=RSV1))
    return event.encoded(event_frame)


def message(kind: str, **fields: Any) -> bytes:
    """WebSocket: any other message of the server."""
    return frame(encode_data({"type": kind, **fields}))


def gap_frame(gap: Gap) -> bytes:
    """WebSocket: a gap as a message."""
    return message("gap", missed=gap.missed, cursor=gap.cursor)


DEFLATE_BYTES = 1024  # of an event, from which on it is compressed
COMMENT = event_stream.comment()
CHUNKED_STREAM = Form(block, gap_block, chunk, chunk(COMMENT))
PLAIN_STREAM = Form(block, gap_block, as_it_is, COMMENT)
PING = encode(Frame(Opcode.PING, b""))
FRAMES = Form(event_frame, gap_frame, as_it_is, PING)
DEFLATED_FRAMES = Form(deflated_event_frame, gap_frame, as_it_is, PING)
