"""The event-stream format as a table: what the standard says of each odd stream, and who sees it otherwise.

WHATWG HTML, "Server-sent events": a stream; what it says, in order; the last event ID that a reader has when it ends.
Our parser reads each stream, cut at every place; httpx-sse and Chromium's `EventSource` are second opinions.
"""

from __future__ import annotations

from rtlab.protocol.event_stream import Comment, Retry, StreamEvent, StreamItem

MARK = b"\xef\xbb\xbf"

# The first five are the examples of the standard; each further one is a sentence of it.
STREAMS: dict[str, tuple[bytes, list[StreamItem], str]] = {
    "three data lines are one event": (
        b"data: YHOO\ndata: +2\ndata: 10\n\n",
        [StreamEvent("YHOO\n+2\n10")],
        "",
    ),
    "a comment, an id, an id taken back, a leading space": (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [
            Comment("test stream"),
            StreamEvent("first event", id="1"),
            StreamEvent("second event", id=""),
            StreamEvent(" third event", id=""),
        ],
        "",
    ),
    "data without a colon, and a last block that does not end": (
        b"data\n\ndata\ndata\n\ndata:",
        [StreamEvent(""), StreamEvent("\n")],
        "",
    ),
    "the space after the colon is optional": (b"data:test\n\ndata: test\n\n", [StreamEvent("test")] * 2, ""),
    "types": (
        b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\ndata: 113411\n\n",
        [StreamEvent("73857293", "add"), StreamEvent("2153", "remove"), StreamEvent("113411")],
        "",
    ),
    "nothing": (b"", [], ""),
    "empty lines only": (b"\n\r\n\r\r\n\n", [], ""),
    "LF ends a line": (b"data: a\ndata: b\n\n", [StreamEvent("a\nb")], ""),
    "CR ends a line": (b"data: a\rdata: b\r\r", [StreamEvent("a\nb")], ""),
    "CRLF ends a line, once": (b"data: a\r\ndata: b\r\n\r\n", [StreamEvent("a\nb")], ""),
    "CR, LF and CRLF may be mixed": (
        b"data: a\rdata: b\r\ndata: c\n\rdata: d\n\n",
        [StreamEvent("a\nb\nc"), StreamEvent("d")],
        "",
    ),
    "CR CRLF are two line ends": (b"data: a\r\r\ndata: b\n\n", [StreamEvent("a"), StreamEvent("b")], ""),
    "CRLF LF are two line ends": (b"data: a\r\n\ndata: b\n\n", [StreamEvent("a"), StreamEvent("b")], ""),
    "LF CR are two line ends": (b"data: a\n\rdata: b\n\n", [StreamEvent("a"), StreamEvent("b")], ""),
    "other separators of Unicode end no line": (
        "data: a\x0b\x0c\x1c\x85\u2028\u2029b\n\n".encode(),
        [StreamEvent("a\x0b\x0c\x1c\x85\u2028\u2029b")],
        "",
    ),
    "a byte order mark at the start is skipped": (MARK + b"data: 1\n\n", [StreamEvent("1")], ""),
    "a second byte order mark is part of a field's name": (
        MARK + MARK + b"data: 1\ndata: 2\n\n",
        [StreamEvent("2")],
        "",
    ),
    "a byte order mark later is part of a field's name": (b"\n" + MARK + b"data: 1\n\n", [], ""),
    "a byte order mark in data stays": (b"data: " + MARK + b"1\n\n", [StreamEvent("\ufeff1")], ""),
    "a byte order mark alone on the first line": (MARK + b"\ndata: 1\n\n", [StreamEvent("1")], ""),
    "half a byte order mark is an unknown field": (
        MARK[:2] + b"data: 1\ndata: 2\n\n",
        [StreamEvent("2")],
        "",
    ),
    "one leading space is taken off, no more and nothing else": (
        b"data:\ta\ndata:  b \ndata: \n\n",
        [StreamEvent("\ta\n b \n")],
        "",
    ),
    "only the first colon divides": (b"data:a:b\ndata:: c\n\n", [StreamEvent("a:b\n: c")], ""),
    "field names are compared exactly": (
        b"Data:1\n data:2\ndata :3\nda-ta:4\ndata\0:5\ndata_6\ndata:7\n\n",
        [StreamEvent("7")],
        "",
    ),
    "a NUL in data stays": (b"data:\0\n\n", [StreamEvent("\0")], ""),
    "an event type without data does nothing": (b"event: a\n\ndata: b\n\n", [StreamEvent("b")], ""),
    "the last event type counts": (b"event: a\nevent: b\ndata: c\n\n", [StreamEvent("c", "b")], ""),
    "an empty event type is message": (b"event: a\nevent\ndata: b\n\n", [StreamEvent("b")], ""),
    "an id counts on until another comes": (
        b"id: 7\ndata: a\n\ndata: b\n\nid: 8\ndata: c\n\n",
        [StreamEvent("a", id="7"), StreamEvent("b", id="7"), StreamEvent("c", id="8")],
        "8",
    ),
    "the id of a block without data counts": (b"id: 7\n\ndata: a\n\n", [StreamEvent("a", id="7")], "7"),
    "an id counts when its block ends, not before": (
        b"id: 7\ndata: a\n\nid: 8\ndata: b\n",
        [StreamEvent("a", id="7")],
        "7",
    ),
    "an id with a NUL is ignored": (b"id: 7\nid: 8\0\ndata: a\n\n", [StreamEvent("a", id="7")], "7"),
    "an id is any text": ("id:  ✓ 1:2\n\n".encode(), [], " ✓ 1:2"),
    "an id without a colon takes the last one back": (b"id: 7\n\nid\n\n", [], ""),
    "retry is digits": (b"retry: 3000\nretry:0\nretry: 007\n", [Retry(3000), Retry(0), Retry(7)], ""),
    "retry with anything else is ignored": (
        "".join(
            f"retry: {value}\n" for value in ("1s", "-1", "+1", "1.5", " 1", "1 ", "1_0", "²", "١", "")
        ).encode(),
        [],
        "",
    ),
    "retry beyond all reason is ignored": (
        b"retry: " + b"9" * 15 + b"\nretry: " + b"9" * 16 + b"\nretry: " + b"9" * 5000 + b"\n",
        [Retry(10**15 - 1)],
        "",
    ),
    "a comment is seen at once, also inside a block": (
        b"data: a\n:b\n: c\n:  d\ndata: e\n\n",
        [Comment("b"), Comment("c"), Comment(" d"), StreamEvent("a\ne")],
        "",
    ),
    "bytes that are not UTF-8 are replaced": (
        b"data: \xff|\xc3|\xf0\x9f\x8e|\xed\xa0\x80|\xc0\xaf\ndata: \xc3\ndata: \xa9\n\n",
        [StreamEvent("\ufffd|\ufffd|\ufffd|\ufffd\ufffd\ufffd|\ufffd\ufffd\n\ufffd\n\ufffd")],
        "",
    ),
    "text is UTF-8": ("data: Köln ✓ 🎈\n\n".encode(), [StreamEvent("Köln ✓ 🎈")], ""),
    "a block that does not end is discarded": (b"data: a\n\nid: 9\ndata: b\n", [StreamEvent("a")], ""),
    "a block with a comment in the middle is one event": (
        b"data: a\n: not the end\ndata: b\n\n",
        [Comment("not the end"), StreamEvent("a\nb")],
        "",
    ),
    "a colon alone is an empty comment": (
        b":\n:\n\ndata: a\n\n",
        [Comment(""), Comment(""), StreamEvent("a")],
        "",
    ),
    "spaces alone are a field that nobody knows": (b"data: a\n  \ndata: b\n\n", [StreamEvent("a\nb")], ""),
    "data of three empty lines": (b"data\ndata:\ndata: \n\n", [StreamEvent("\n\n")], ""),
    "empty lines after a block end nothing more": (
        b"data: a\n\n\n\n\ndata: b\n\n",
        [StreamEvent("a"), StreamEvent("b")],
        "",
    ),
    "a CR at the very end ends the block": (b"data: a\r\r", [StreamEvent("a")], ""),
    "a CR and nothing after it ends a line, not the block": (
        b"data: a\r\n\r\ndata: b\r",
        [StreamEvent("a")],
        "",
    ),
    "an event type named message": (b"event: message\ndata: a\n\n", [StreamEvent("a")], ""),
    "an event type is forgotten when its block ends": (
        b"event: add\n\ndata: a\n\nevent: add\ndata: b\n\ndata: c\n\n",
        [StreamEvent("a"), StreamEvent("b", "add"), StreamEvent("c")],
        "",
    ),
    "an event type keeps its spaces but the first": (
        b"event:  two words \ndata: a\n\n",
        [StreamEvent("a", " two words ")],
        "",
    ),
    "a field whose name only begins as data does": (b"data1: x\ndat: y\ndata: z\n\n", [StreamEvent("z")], ""),
    "an id is kept over blocks that have none, and over comments": (
        b"id: 1\ndata: a\n\n: c\n\ndata: b\n\nevent: add\ndata: c\n\n",
        [StreamEvent("a", id="1"), Comment("c"), StreamEvent("b", id="1"), StreamEvent("c", "add", "1")],
        "1",
    ),
    "the last id of a block counts": (b"id: 1\nid: 2\ndata: a\n\n", [StreamEvent("a", id="2")], "2"),
    "an id that begins with NUL is ignored": (b"id: \0\ndata: a\n\n", [StreamEvent("a")], ""),
    "an id of a block that does not end does not count": (b"id: 1\n\nid: 2\n", [], "1"),
    "a character cut by the end of its line is replaced": (
        b"data: \xe2\x82\ndata: \xac\n\n",
        [StreamEvent("\ufffd\n\ufffd")],
        "",
    ),
    "bytes that are not UTF-8 in a field's name make it unknown": (
        b"da\xffta: a\ndata: b\n\n",
        [StreamEvent("b")],
        "",
    ),
    "a line of a hundred thousand bytes": (
        b"data: " + b"x" * 100_000 + b"\n\n",
        [StreamEvent("x" * 100_000)],
        "",
    ),
    "half a byte order mark at the end of the stream": (MARK[:2], [], ""),
    "a byte order mark and nothing else": (MARK, [], ""),
}

# Who hands out other events, and why: each of these is a difference, or the test of the opinion says that it is none.
NO_DATA = "hands out a block without data, as an event of no text"
HELD_CR = "holds a CR at the end of what has come, in case an LF follows: the last event is not handed out"
DIFFERS: dict[str, dict[str, str]] = {
    "httpx-sse": {
        "a byte order mark at the start is skipped": "takes it for a part of the first line",
        "CR ends a line": HELD_CR,
        "a CR at the very end ends the block": HELD_CR,
        "an event type without data does nothing": NO_DATA,
        "an event type is forgotten when its block ends": NO_DATA,
        "the id of a block without data counts": NO_DATA,
        "an id is any text": NO_DATA,
        "an id without a colon takes the last one back": NO_DATA,
        "an id is kept over blocks that have none, and over comments": NO_DATA,
        "an id of a block that does not end does not count": NO_DATA,
    },
    "chromium": {
        "a byte order mark alone on the first line": "swallows a line end that follows the mark at once",
    },
}


def events(items: list[StreamItem]) -> list[StreamEvent]:
    """What an application sees of it."""
    return [item for item in items if isinstance(item, StreamEvent)]
