"""RFC 6455, section 5: what a frame looks like, and every way in which it can be wrong."""

import contextlib
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.errors import BadInput, ProtocolError
from rtlab.protocol.frames import (
    NEVER_SENT,
    CloseCode,
    Frame,
    FrameParser,
    Opcode,
    apply_mask,
    encode,
    header,
    may_be_sent,
)

KEY = bytes.fromhex("37fa213d")

# The first six are the examples of section 5.7; the others stand at the borders of the three lengths.
WIRE = {
    "a text in one frame": (b"\x81\x05Hello", [Frame(Opcode.TEXT, b"Hello")]),
    "the same masked": (bytes.fromhex("8185 37fa213d 7f9f4d5158"), [Frame(Opcode.TEXT, b"Hello", mask=KEY)]),
    "a text in two fragments": (
        b"\x01\x03Hel\x80\x02lo",
        [Frame(Opcode.TEXT, b"Hel", fin=False), Frame(Opcode.CONTINUATION, b"lo")],
    ),
    "a ping, and the pong to it": (
        b"\x89\x05Hello" + bytes.fromhex("8a85 37fa213d 7f9f4d5158"),
        [Frame(Opcode.PING, b"Hello"), Frame(Opcode.PONG, b"Hello", mask=KEY)],
    ),
    "256 bytes": (b"\x82\x7e\x01\x00" + bytes(256), [Frame(Opcode.BINARY, bytes(256))]),
    "64 KiB": (b"\x82\x7f\0\0\0\0\0\x01\0\0" + bytes(65536), [Frame(Opcode.BINARY, bytes(65536))]),
    "nothing": (b"\x81\x00", [Frame(Opcode.TEXT)]),
    "nothing, masked": (b"\x81\x80" + KEY, [Frame(Opcode.TEXT, mask=KEY)]),
    "125 bytes": (b"\x82\x7d" + b"x" * 125, [Frame(Opcode.BINARY, b"x" * 125)]),
    "126 bytes": (b"\x82\x7e\x00\x7e" + b"x" * 126, [Frame(Opcode.BINARY, b"x" * 126)]),
    "65,535 bytes": (b"\x82\x7e\xff\xff" + b"x" * 65535, [Frame(Opcode.BINARY, b"x" * 65535)]),
    "a close with code and reason": (b"\x88\x05\x03\xe8bye", [Frame(Opcode.CLOSE, b"\x03\xe8bye")]),
    "a ping of 125 bytes": (b"\x89\x7d" + b"p" * 125, [Frame(Opcode.PING, b"p" * 125)]),
}

# Wrong for whoever reads: as little of the frame as shows the fault.
FAULTS = {
    "reserved bit 1": (b"\xc1\x00", 1002, "reserved bits 100"),
    "reserved bit 2": (b"\xa1\x00", 1002, "reserved bits 010"),
    "reserved bit 3": (b"\x91\x00", 1002, "reserved bits 001"),
    **{
        f"opcode {code}": (bytes((0x80 | code, 0)), 1002, "reserved opcode")
        for code in (3, 4, 5, 6, 7, *range(11, 16))
    },
    "a ping in fragments": (b"\x09\x00", 1002, "fragmented PING"),
    "a pong in fragments": (b"\x0a\x00", 1002, "fragmented PONG"),
    "a close in fragments": (b"\x08\x00", 1002, "fragmented CLOSE"),
    "a ping of 126 bytes": (b"\x89\x7e", 1002, "more than 125"),
    "a close with a 64-bit length": (b"\x88\x7f", 1002, "more than 125"),
    "125 bytes, length in 16 bits": (b"\x82\x7e\x00\x7d", 1002, "shortest form"),
    "0 bytes, length in 16 bits": (b"\x82\x7e\x00\x00", 1002, "shortest form"),
    "65,535 bytes, length in 64 bits": (b"\x82\x7f\0\0\0\0\0\0\xff\xff", 1002, "shortest form"),
    "a negative 64-bit length": (b"\x82\x7f\x80\0\0\0\0\0\0\0", 1002, "highest bit"),
    "1 byte too many": (b"\x82\x7f\0\0\0\0\0\x10\0\x01", 1009, "length 1048577: at most 1048576"),
    "the greatest length there is": (b"\x82\x7f\x7f" + b"\xff" * 7, 1009, "length 9223372036854775807"),
}


def feed(parser: FrameParser, pieces: list[bytes]) -> list[Frame]:
    return [frame for piece in pieces for frame in parser.receive_data(piece)]


class TestBaseFraming:
    """Section 5.2."""

    @pytest.mark.parametrize(("wire", "frames"), WIRE.values(), ids=WIRE)
    def test_frames_are_written_as_the_rfc_shows(self, wire: bytes, frames: list[Frame]) -> None:
        assert b"".join(encode(frame) for frame in frames) == wire

    @pytest.mark.parametrize(("wire", "frames"), WIRE.values(), ids=WIRE)
    def test_frames_are_read_however_their_bytes_are_cut(
        self, wire: bytes, frames: list[Frame], cuts
    ) -> None:
        for pieces in cuts(wire):
            assert feed(FrameParser(), pieces) == frames

    @pytest.mark.parametrize(("wire", "code", "reason"), FAULTS.values(), ids=FAULTS)
    def test_a_fault_is_told_as_soon_as_its_bytes_are_there(
        self, wire: bytes, code: int, reason: str, cuts
    ) -> None:
        for pieces in cuts(wire):
            with pytest.raises(ProtocolError, match=reason) as fault:
                feed(FrameParser(), pieces)
            assert fault.value.close_code == code
        assert FrameParser().receive_data(wire[:-1]) == []

    @pytest.mark.parametrize(("wire", "code", "reason"), FAULTS.values(), ids=FAULTS)
    def test_frames_before_a_fault_are_returned_and_then_it_is_told_again_and_again(
        self, wire: bytes, code: int, reason: str
    ) -> None:
        parser = FrameParser()
        assert parser.receive_data(b"\x81\x05Hello" + wire) == [Frame(Opcode.TEXT, b"Hello")]
        for more in (b"", b"\x81\x05Hello"):
            with pytest.raises(ProtocolError, match=reason):
                parser.receive_data(more)

    def test_a_header_is_2_4_or_10_bytes_and_4_more_with_a_mask(self) -> None:
        for length, size in ((0, 2), (125, 2), (126, 4), (65535, 4), (65536, 10)):
            assert len(header(Frame(Opcode.BINARY, bytes(length)))) == size
            assert len(header(Frame(Opcode.BINARY, bytes(length), mask=KEY))) == size + 4

    def test_an_onlooker_may_allow_the_bit_of_an_extension(self) -> None:
        compressed = Frame(
            Opcode.TEXT, b"\xf2\x48\xcd\xc9\xc9\x07\x00", rsv=0b100
        )  # RFC 7692, section 7.2.3.1
        assert FrameParser(rsv_allowed=0b100).receive_data(encode(compressed)) == [compressed]
        with pytest.raises(ProtocolError, match="reserved bits 101"):
            FrameParser(rsv_allowed=0b100).receive_data(b"\xd1\x00")

    def test_a_great_length_takes_no_memory_before_its_bytes_come(self) -> None:
        parser = FrameParser(max_payload=2**63 - 1)
        assert parser.receive_data(b"\x82\x7f\x7f" + b"\xff" * 7) == []

    def test_a_control_frame_is_not_measured_by_the_limit_of_messages(self) -> None:
        assert FrameParser(max_payload=3).receive_data(b"\x89\x05Hello") == [Frame(Opcode.PING, b"Hello")]


class TestMasking:
    """Section 5.3."""

    def test_a_mask_is_applied_byte_by_byte_with_the_key_repeated(self) -> None:
        for length in (*range(12), 1000, 1001, 1002, 1003):
            payload, key = os.urandom(length), os.urandom(4)
            assert apply_mask(payload, key) == bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))

    def test_masking_twice_gives_the_payload_back(self) -> None:
        assert apply_mask(apply_mask(b"\0\0Hello", KEY), KEY) == b"\0\0Hello"

    def test_a_server_refuses_an_unmasked_frame_and_a_client_a_masked_one(self) -> None:
        plain, masked = encode(Frame(Opcode.TEXT, b"Hi")), encode(Frame(Opcode.TEXT, b"Hi", mask=KEY))
        assert FrameParser(expect_mask=False).receive_data(plain) == [Frame(Opcode.TEXT, b"Hi")]
        assert FrameParser(expect_mask=True).receive_data(masked) == [Frame(Opcode.TEXT, b"Hi", mask=KEY)]
        with pytest.raises(ProtocolError, match="unmasked TEXT frame"):
            FrameParser(expect_mask=True).receive_data(plain)
        with pytest.raises(ProtocolError, match=r"^masked TEXT frame"):
            FrameParser(expect_mask=False).receive_data(masked)


class TestFrame:
    """A frame as a value."""

    def test_a_frame_prints_on_one_short_line(self) -> None:
        assert (
            str(Frame(Opcode.TEXT, "hé\n".encode(), mask=KEY)) == r"TEXT · 'hé\n' · length 4 · mask 37fa213d"
        )
        assert (
            str(Frame(Opcode.BINARY, b"\0", fin=False, rsv=4))
            == r"BINARY · '\x00' · length 1 · more follows · rsv 100"
        )
        assert len(str(Frame(Opcode.BINARY, bytes(10**6)))) < 250

    @pytest.mark.parametrize("wrong", [{"mask": b""}, {"mask": b"12345"}, {"rsv": 8}, {"rsv": -1}])
    def test_a_frame_that_no_header_can_hold_is_refused(self, wrong: dict[str, object]) -> None:
        with pytest.raises(BadInput):
            Frame(Opcode.TEXT, b"", **wrong)  # type: ignore[arg-type]


def test_close_codes_that_stand_for_something_unsaid_or_undefined_are_never_sent() -> None:
    sendable = [code for code in range(65536) if may_be_sent(code)]
    assert sendable == [1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)]
    assert {int(code) for code in NEVER_SENT} == {1005, 1006, 1015}
    assert set(CloseCode) - NEVER_SENT < set(sendable)


frames = st.builds(
    Frame,
    st.sampled_from(Opcode),
    st.binary(max_size=125) | st.binary(min_size=120, max_size=400),
    st.booleans(),
    st.integers(0, 7),
    st.none() | st.binary(min_size=4, max_size=4),
).filter(lambda frame: not frame.opcode.is_control or (frame.fin and len(frame.payload) <= 125))


@settings(deadline=None)
@given(st.lists(frames, max_size=8), st.data())
def test_what_is_written_is_read_back_in_any_pieces(sent: list[Frame], data: st.DataObject) -> None:
    wire = b"".join(map(encode, sent))
    places = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=10)))
    pieces = [wire[start:end] for start, end in zip([0, *places], [*places, len(wire)], strict=True)]
    assert feed(FrameParser(rsv_allowed=0b111), pieces) == sent


@settings(deadline=None, max_examples=300)
@given(st.lists(st.binary(max_size=40), max_size=6), st.sampled_from([None, True, False]))
def test_garbage_gives_frames_or_a_protocol_error_and_nothing_else(
    pieces: list[bytes], mask: bool | None
) -> None:
    parser, received = FrameParser(max_payload=100, expect_mask=mask), []
    with contextlib.suppress(ProtocolError):
        for piece in pieces:
            received += parser.receive_data(piece)
    # What was read is what was there: written again, it is the beginning of the bytes.
    assert b"".join(pieces).startswith(b"".join(map(encode, received)))
