import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.protocol.event_stream import EventStreamParser, StreamEvent, comment, encode
from rtlab.view.stream_anatomy import stream_anatomy


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"data: x\n", "A line of data."),
        (b"data: x\ndata: y\n", "One more line of data, behind a line break."),
        (b"data\n\n", "Dispatch: an event of type 'message' with 1 line of data."),
        (b"event: gap\n", "The event's type: listeners for 'gap' will get it."),
        (b"event\n", "The event's type is 'message' again."),
        (b"id: 7f3a.1\n\n", "no event, but the id '7f3a.1' counts"),
        (b"id: 7f3a.1\ndata: x\n\n", "with 1 line of data, last event id '7f3a.1'"),
        (b"id: a\0b\n", "Ignored: an id with a NUL character."),
        (b"retry: 3000\n", "a reader shall wait 3 s"),
        (b"retry: 3s\n", "Ignored: retry takes digits only"),
        (b"retry: -1\n", "Ignored: retry takes digits only"),
        (b": heartbeat\n", "A comment, which nobody reads"),
        (b"other: x\n", "Ignored: only data, event, id and retry are fields."),
        (b" data: x\n", "Ignored: only data"),
        (b"event: x\n\n", "The end of a block without data: there is nothing to dispatch."),
        (b"\n", "there is nothing to dispatch"),
        (b"data: x", "Not ended yet: a reader waits for the rest."),
        (b"data: x\n", "The last block is not ended: if the stream stops here, it is discarded."),
        (b"\xef\xbb\xbfdata: x\n", "A byte order mark, skipped. A line of data."),
        (b"", "An event stream, 0 bytes"),
    ],
)
def test_each_line_says_what_it_does(data: bytes, said: str):
    assert said in " ".join(stream_anatomy(data).text.split())


@pytest.mark.parametrize(("end", "shown"), [("\n", r"\n"), ("\r", r"\r"), ("\r\n", r"\r\n")])
def test_all_three_line_ends_are_read_and_shown(end: str, shown: str):
    panel = stream_anatomy(f"data: x{end}{end}".encode())
    assert panel.html.count(f'<span class="end">{shown}</span>') == 2
    assert "Dispatch" in panel.text


def test_a_dispatch_forgets_data_and_type_but_not_the_id():
    text = stream_anatomy(encode("a\nb", event="gap", id="7") + encode("c")).text
    assert "an event of type 'gap' with 2 lines of data, last event id '7'" in text
    assert "an event of type 'message' with 1 line of data, last event id '7'" in text


def test_field_names_stand_out_and_nothing_becomes_markup():
    html = stream_anatomy(b"data: <script>\n<b>: x\n").html
    assert "<b>data:</b> &lt;script&gt;" in html
    assert "<b>&lt;b&gt;:</b> x" in html
    assert "<script" not in html


def test_the_source_is_said_once():
    panel = stream_anatomy(encode("x"))
    assert panel.text.count("WHATWG") == 1
    assert "source" not in panel.html.partition("</style>")[2]


def test_a_long_stream_is_shown_in_part():
    assert "100 lines more" in stream_anatomy(comment("x") * 300).text


KINDS = b"data: x|data|data:|event: gap|event|id: 1|id: 2\0|id|retry: 9|: c|||z".split(b"|")
LINES = st.lists(st.sampled_from(KINDS), max_size=30)


@given(LINES, st.sampled_from([b"\n", b"\r", b"\r\n"]), st.booleans())
def test_it_dispatches_what_the_parser_dispatches(lines: list[bytes], end: bytes, mark: bool):
    data = (b"\xef\xbb\xbf" if mark else b"") + b"".join(line + end for line in lines)
    parsed = [item for item in EventStreamParser().receive_data(data) if isinstance(item, StreamEvent)]
    told = [line for line in stream_anatomy(data).text.splitlines() if "Dispatch: " in line]
    assert len(told) == len(parsed)
    for line, event in zip(told, parsed, strict=True):
        assert f"of type '{event.event}'" in line
        assert (f"last event id '{event.id}'" in line) == bool(event.id)


@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_they_are_shown(data: bytes):
    panel = stream_anatomy(data)
    assert panel.html.count("<tr") == panel.html.count("</tr>")
