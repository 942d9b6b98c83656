from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.protocol.frames import Frame, Opcode, encode
from rtlab.view.frame_anatomy import frame_anatomy
from rtlab.view.frame_bits import Field, read_bits

HELLO_FROM_A_CLIENT = bytes.fromhex("818537fa213d7f9f4d5158")  # RFC 6455 section 5.7
HELLO_FROM_A_SERVER = bytes.fromhex("810548656c6c6f")
MASKS = st.none() | st.binary(min_size=4, max_size=4)
LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536]


def where(fields: tuple[Field, ...]) -> list[tuple[str, int, int]]:
    return [(field.key, field.start, field.bits) for field in fields]


class Cells(HTMLParser):
    """The bits that each row of the drawing holds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[int] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self.inside = given.get("class") == "bits"
        elif tag == "tr" and self.inside:
            self.rows.append(0)
        elif tag == "td" and self.inside:
            self.rows[-1] += int(given["colspan"] or 0)


class TestFields:
    def test_those_of_the_standards_example(self):
        frame = read_bits(HELLO_FROM_A_CLIENT)
        assert where(frame.fields) == [
            ("fin", 0, 1),
            ("rsv", 1, 1),
            ("rsv", 2, 1),
            ("rsv", 3, 1),
            ("opcode", 4, 4),
            ("mask", 8, 1),
            ("length", 9, 7),
            ("masking-key", 16, 32),
            ("payload", 48, 40),
        ]
        assert [field.value for field in frame.fields] == [
            *"1000",
            "0x1",
            "1",
            "5",
            "37 fa 21 3d",
            "5 bytes",
        ]
        assert (frame.plain, frame.missing, frame.more) == (b"Hello", 0, 0)

    @pytest.mark.parametrize("length", LENGTHS)
    @pytest.mark.parametrize("mask", [None, b"\x01\x02\x03\x04"])
    def test_they_fill_the_frame_without_a_gap(self, length: int, mask: bytes | None):
        payload = bytes(at & 0xFF for at in range(length))
        data = encode(Frame(Opcode.BINARY, payload, mask=mask))
        frame = read_bits(data)
        at = 0
        for field in frame.fields:
            assert field.start == at
            at += field.bits
        assert at == 8 * len(data)
        assert frame.plain == payload
        assert frame.payload_start == len(data) - length

    @given(
        st.sampled_from(list(Opcode)),
        st.binary(max_size=125),
        st.booleans(),
        st.none() | st.binary(min_size=4, max_size=4),
    )
    def test_they_are_what_was_encoded(self, opcode: Opcode, payload: bytes, fin: bool, mask: bytes | None):
        fin = fin or opcode.is_control
        frame = read_bits(encode(Frame(opcode, payload, fin=fin, mask=mask)) + b"more")
        values = {field.key: field.value for field in frame.fields}
        assert values["fin"] == str(int(fin))
        assert values["opcode"] == f"0x{opcode:X}"
        assert values["mask"] == str(int(mask is not None))
        assert (frame.plain, frame.key, frame.more) == (payload, mask or b"", 4)

    @pytest.mark.parametrize("mask", [None, b"abcd"])
    @pytest.mark.parametrize("length", [3, 200])
    def test_a_frame_that_is_cut_anywhere_says_what_is_missing(self, length: int, mask: bytes | None):
        data = encode(Frame(Opcode.TEXT, b"x" * length, mask=mask))
        header = len(data) - length
        for size in range(len(data)):
            frame = read_bits(data[:size])
            assert 0 < frame.missing <= len(data) - size
            if size >= header:
                assert frame.missing == len(data) - size

    @pytest.mark.parametrize(
        ("data", "key", "said"),
        [
            ("0103486561", "fin", "more frames follow"),
            ("9100", "rsv", "an error, unless an extension"),
            ("c100", "rsv", "compressed, if permessage-deflate was agreed"),
            ("c107f248cdc9c90700", "payload", "inflated to 5 bytes: Hello"),
            ("c18737fa213dc5b2ecf4fefd21", "payload", "inflated to 5 bytes: Hello"),
            ("c207f248cdc9c90700", "payload", "inflated to 5 bytes: bytes, for the application"),
            ("c105f200110000", "payload", "refers to messages before it"),
            ("4103f248cd", "payload", "compressed: a part of a message"),
            ("8300", "opcode", "reserved: an error"),
            ("817e000568656c6c6f", "extended", "an error: fewer bits would do"),
            ("818037fa213d", "mask", "masked, as all frames from a client must be"),
            ("8100", "mask", "not masked: frames from a server must not be"),
            ("880203e8", "payload", "close code 1000, normal"),
            ("880503e9627965", "payload", "close code 1001, going away; reason: bye"),
            ("880203ee", "payload", "1006, abnormal, which is never sent"),
            ("88020fa0", "payload", "close code 4000, of the application's own"),
            ("880203e7", "payload", "close code 999, unknown"),
            ("8a024869", "payload", "Hi"),
            ("820101", "payload", "bytes, for the application"),
        ],
    )
    def test_they_say_what_they_mean(self, data: str, key: str, said: str):
        meanings = [field.meaning for field in read_bits(bytes.fromhex(data)).fields if field.key == key]
        assert any(said in meaning for meaning in meanings), meanings


class TestDrawing:
    @pytest.mark.parametrize("length", LENGTHS)
    @pytest.mark.parametrize("mask", [None, b"abcd"])
    def test_every_row_has_32_bits(self, length: int, mask: bytes | None):
        rows = Cells(frame_anatomy(encode(Frame(Opcode.BINARY, bytes(length), mask=mask))).html).rows
        assert set(rows[1:]) == {32}  # the first has the numbers

    def test_the_payload_is_shown_as_sent_and_unmasked(self):
        html = frame_anatomy(HELLO_FROM_A_CLIENT).html
        assert '<code class="as-sent">7f ⊕ 37 =</code><code>48 H</code>' in html
        assert '<code class="as-sent">58 ⊕ 37 =</code><code>6f o</code>' in html
        assert "⊕" not in frame_anatomy(HELLO_FROM_A_SERVER).html

    def test_each_field_can_be_pointed_at_and_chosen(self):
        html = frame_anatomy(HELLO_FROM_A_CLIENT).html
        assert 'class="opcode" colspan="4" tabindex="0" title="opcode = 0x1: text, in UTF-8"' in html
        assert "td.opcode:is(:hover,:focus)" in html
        assert '<tr class="opcode"><th scope="row">opcode</th>' in html

    def test_a_long_payload_is_drawn_in_part(self):
        panel = frame_anatomy(encode(Frame(Opcode.BINARY, bytes(70_000))))
        assert "The first 20 bytes of the payload are drawn, 69,980 are not." in panel.text
        assert len(panel.html) < 30_000

    def test_the_text_for_a_terminal_says_the_same(self):
        text = frame_anatomy(HELLO_FROM_A_CLIENT + b"\x81").text
        assert text.splitlines()[0] == "A WebSocket frame: 6 bytes of header, 5 of payload"
        assert "RSV1–3           1–3       000" in text
        assert "masking key      16–47     37 fa 21 3d" in text
        assert text.endswith("Behind the frame, 1 byte of the next one.")

    def test_a_reserved_bit_that_is_set_has_a_row_of_its_own(self):
        assert "RSV2             2         1" in frame_anatomy(b"\xa1\x00").text

    def test_nothing_in_the_payload_becomes_markup(self):
        html = frame_anatomy(encode(Frame(Opcode.TEXT, b"<script>\"&'\xe2\x80\xae"))).html
        assert "<script" not in html
        assert "\u202e" not in html
        assert r"&lt;script&gt;&quot;&amp;&#x27;\u202e" in html

    def test_the_same_bytes_give_the_same_view(self):
        assert frame_anatomy(HELLO_FROM_A_CLIENT).html == frame_anatomy(HELLO_FROM_A_CLIENT).html

    @given(st.binary(max_size=60))
    def test_whatever_the_bytes_are_they_are_drawn(self, data: bytes):
        panel = frame_anatomy(data)
        assert panel.text.startswith("A WebSocket frame: ")
        assert set(Cells(panel.html).rows[1:]) <= {0, 32}
