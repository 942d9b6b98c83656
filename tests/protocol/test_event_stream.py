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

from .event_stream_cases import MARK, STREAMS


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
