"""WHATWG HTML, "Server-sent events": parsing and interpreting an event stream."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.errors import BadInput, InvalidData, LimitExceeded
from rtlab.protocol.event_stream import (
    Comment,
    EventStreamParser,
    Retry,
    StreamEvent,
    StreamItem,
    comment,
    encode,
)

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
}


def feed(parser: EventStreamParser, pieces: list[bytes]) -> list[StreamItem]:
    return [item for piece in pieces for item in parser.receive_data(piece)]


class TestParsing:
    @pytest.mark.parametrize(("stream", "items", "last_id"), STREAMS.values(), ids=STREAMS)
    def test_a_stream_is_read_however_its_bytes_are_cut(
        self, stream: bytes, items: list[StreamItem], last_id: str, cuts
    ) -> None:
        for pieces in cuts(stream):
            parser = EventStreamParser()
            assert feed(parser, pieces) == items
            assert parser.last_event_id == last_id

    def test_an_event_is_there_as_soon_as_its_empty_line_is(self) -> None:
        parser = EventStreamParser()
        assert parser.receive_data(b"data: a\r\n") == []
        assert parser.receive_data(b"\r") == [StreamEvent("a")]
        assert parser.receive_data(b"\ndata: b\n\n") == [StreamEvent("b")]

    def test_a_reader_that_reconnects_keeps_its_last_id(self) -> None:
        parser = EventStreamParser(last_event_id="7")
        assert parser.receive_data(b"data: a\n\n") == [StreamEvent("a", id="7")]
        assert parser.last_event_id == "7"

    def test_items_are_values_that_nobody_can_change(self) -> None:
        assert len({StreamEvent("a"), StreamEvent("a"), Comment("a"), Comment("a"), Retry(1), Retry(1)}) == 3


class TestLimit:
    def test_a_line_that_does_not_end_is_refused_at_the_limit(self) -> None:
        parser = EventStreamParser(max_block_bytes=10)
        assert parser.receive_data(b"data: 1234") == []
        with pytest.raises(LimitExceeded, match="over 10 bytes") as refusal:
            parser.receive_data(b"5")
        assert (refusal.value.limit, refusal.value.value) == ("max_block_bytes", 10)

    def test_a_block_of_many_lines_is_refused_at_the_limit(self, cuts) -> None:
        for pieces in cuts(b"data: 1\n\ndata: 2\ndata: 3\ndata: 4\n\ndata: 5\n\n"):
            parser = EventStreamParser(max_block_bytes=20)
            received: list[StreamItem] = []
            with pytest.raises(LimitExceeded):  # noqa: PT012 - what came before it is checked, too
                for piece in [*pieces, b""]:
                    received += parser.receive_data(piece)
            assert received == [StreamEvent("1")]

    def test_the_limit_is_16_mebibytes_unless_told_otherwise(self) -> None:
        parser = EventStreamParser()
        assert parser.receive_data(bytes(16 << 20)) == []
        with pytest.raises(LimitExceeded):
            parser.receive_data(b"a")

    def test_blocks_are_measured_one_by_one(self) -> None:
        parser = EventStreamParser(max_block_bytes=10)
        assert parser.receive_data(b"data: 1234\r\n\r\n" * 100 + b"data: 1234") == [StreamEvent("1234")] * 100


class TestWriting:
    def test_fields_are_written_in_one_order_and_an_empty_line_ends_the_block(self) -> None:
        assert encode("a", event="add", id="7", retry=3000) == b"retry: 3000\nevent: add\nid: 7\ndata: a\n\n"
        assert encode("a") == b"data: a\n\n"
        assert encode(id="7") == b"id: 7\n\n"
        assert encode("") == b"data: \n\n"
        assert encode(retry=0) == b"retry: 0\n\n"
        assert encode() == b"\n"

    def test_each_line_of_data_has_a_field_of_its_own(self) -> None:
        assert encode("a\nb\r\nc\rd") == b"data: a\ndata: b\ndata: c\ndata: d\n\n"

    def test_a_comment_is_a_line_that_begins_with_a_colon(self) -> None:
        assert comment() == b":\n"
        assert comment("still here") == b": still here\n"
        assert comment("a\ndata: b") == b": a\n: data: b\n"

    @pytest.mark.parametrize(
        "fields",
        [{"event": "a\nb"}, {"event": "a\r"}, {"id": "\n"}, {"id": "a\rb"}, {"id": "a\0b"}, {"retry": -1}],
    )
    def test_what_the_format_cannot_carry_is_refused(self, fields) -> None:
        with pytest.raises(BadInput):
            encode("a", **fields)

    @pytest.mark.parametrize("fields", [{"data": "\ud800"}, {"id": "\ud800"}, {"event": "\ud800"}])
    def test_a_lone_surrogate_is_refused(self, fields) -> None:
        with pytest.raises(InvalidData):
            encode(**fields)
        with pytest.raises(InvalidData):
            comment("\ud800")


text = st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from("\n\r: \ufeff"), max_size=30)
one_line = text.map(lambda value: value.translate({10: None, 13: None, 0: None}))
blocks = st.builds(StreamEvent, text, one_line, one_line)


@settings(deadline=None)
@given(st.lists(blocks, max_size=5), st.integers(1, 20), st.sampled_from(["\n", "\r", "\r\n"]))
def test_what_is_written_is_read_back_with_any_line_end(
    sent: list[StreamEvent], step: int, line_end: str
) -> None:
    wire = b"".join(encode(block.data, event=block.event, id=block.id) for block in sent)
    wire = wire.replace(b"\n", line_end.encode())
    pieces = [wire[start : start + step] for start in range(0, len(wire), step)]
    read = feed(EventStreamParser(), pieces)
    assert read == [
        StreamEvent(block.data.replace("\r\n", "\n").replace("\r", "\n"), block.event or "message", block.id)
        for block in sent
    ]


garbage = st.lists(
    st.binary(max_size=10)
    | st.sampled_from(
        [b"data", b"id", b"event", b"retry", b":", b": ", b"\n", b"\r", b"\r\n", b"\n\n", b"1", b"\0", MARK]
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=400)
@given(garbage, st.data())
def test_garbage_gives_the_same_items_in_any_pieces_and_no_error(
    stream: list[bytes], data: st.DataObject
) -> None:
    wire = b"".join(stream)
    whole, cut, byte_by_byte = EventStreamParser(), EventStreamParser(), EventStreamParser()
    items = whole.receive_data(wire)
    assert feed(cut, stream) == items
    assert feed(byte_by_byte, [bytes([byte]) for byte in wire]) == items
    assert whole.last_event_id == cut.last_event_id == byte_by_byte.last_event_id
