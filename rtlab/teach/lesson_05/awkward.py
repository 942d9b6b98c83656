"""Streams that are right and awkward: what exercise 05.1 feeds to a student's parser."""

from dataclasses import dataclass

Events = list[tuple[str, str, str]]  # type, data, last event id


@dataclass(frozen=True)
class Awkward:
    """A stream, the events that are in it, the last event id behind it, and the rule that it is about."""

    stream: bytes
    events: Events
    last_event_id: str
    rule: str


def _one(stream: bytes, data: str, rule: str) -> Awkward:
    """Make a stream with one event that has data only."""
    return Awkward(stream, [("message", data, "")], "", rule)


STREAMS = (
    _one(b"data: hello\n\n", "hello", "A line `data: hello` and a blank line make one event."),
    _one(b"data: hello\r\n\r\n", "hello", "There are three line ends: LF, CR LF, and CR alone."),
    Awkward(
        b"data: one\r\rdata: two\r\r: end\r",
        [("message", "one", ""), ("message", "two", "")],
        "",
        "There are three line ends: LF, CR LF, and CR alone.",
    ),
    _one("data: größer ∞ 🚲\n\n".encode(), "größer ∞ 🚲", "The text is UTF-8."),
    _one("data: a\u2028b\x0bc\x85d\n\n".encode(), "a\u2028b\x0bc\x85d", "No other character ends a line."),
    _one(b"data: first\ndata: second\n\n", "first\nsecond", "Several data lines are joined by a line feed."),
    _one(b"data: one\r\ndata: two\r\n\r\n", "one\ntwo", "CR LF is one line end."),
    _one(b"data: one\rdata: two\r\n\n", "one\ntwo", "Each line may end in its own way."),
    _one(b"data: one\ndata:\ndata: three\n\n", "one\n\nthree", "An empty data line is a line too."),
    _one(b"data\n\n", "", "A field without a colon has an empty value, and it is there."),
    _one(
        b"data:  two spaces \n\n",
        " two spaces ",
        "One space behind the colon is dropped, one only, and no other white space.",
    ),
    _one(b"data:none\n\n", "none", "The space behind the colon may be missing."),
    _one(b"data: 12:30: go\n\n", "12:30: go", "Only the first colon parts field and value."),
    _one(
        b"data: whole\n\ndata: half\n",
        "whole",
        "Only a blank line ends an event; what the stream breaks off is discarded.",
    ),
    _one(b": still here\n\ndata: x\n\n", "x", "A line that begins with a colon is a comment."),
    _one(b"\n\n\ndata: x\n\n", "x", "A block without data is no event."),
    _one(b"retry: 1000\n\ndata: x\n\n", "x", "`retry` is no event: it is for whoever reconnects."),
    _one(b"Data: x\n data: y\ndata: z\nfoo: w\n\n", "z", "Other fields are ignored; case and spaces count."),
    Awkward(
        b"event: price\ndata: 1\n\ndata: 2\n\n",
        [("price", "1", ""), ("message", "2", "")],
        "",
        "The type is for one event: the next is a `message` again.",
    ),
    Awkward(
        b"event: price\n\ndata: 2\n\n",
        [("message", "2", "")],
        "",
        "A blank line forgets the type, also when there was nothing to dispatch.",
    ),
    Awkward(
        b"id: 7\ndata: a\n\ndata: b\n\n",
        [("message", "a", "7"), ("message", "b", "7")],
        "7",
        "The last event id stays until another comes.",
    ),
    Awkward(b"id: 8\n\n", [], "8", "A block with an id alone is no event, but its id counts."),
    Awkward(b"id: 8\ndata: half\n", [], "", "An id counts when its block has ended, not before."),
    Awkward(
        b"id: 7\ndata: a\n\nid\ndata: b\n\n",
        [("message", "a", "7"), ("message", "b", "")],
        "",
        "An empty id is an id: it clears the old one.",
    ),
    Awkward(
        b"id: 7\ndata: a\n\nid: 8\x00\ndata: b\n\n",
        [("message", "a", "7"), ("message", "b", "7")],
        "7",
        "An id with a NUL character is ignored.",
    ),
    _one(
        b"\xef\xbb\xbfdata: x\n\n\xef\xbb\xbfdata: y\n\n",
        "x",
        "A byte order mark (the bytes EF BB BF) is skipped at the very beginning, and only there.",
    ),
    _one(
        b"data: \xff!\n\n", "\ufffd!", "Bytes that are not UTF-8 become U+FFFD; they are no reason to stop."
    ),
)
