"""RFC 7692: what is agreed on, and messages inflated, with `websockets` and wsproto as second opinions."""

import os
import tracemalloc
import zlib

import pytest
import wsproto.extensions
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame as TheirFrame
from websockets.frames import Opcode as TheirOpcode
from wsproto.frame_protocol import Opcode as WsprotoOpcode

from rtlab.errors import ProtocolError
from rtlab.protocol.deflate import MAX_STREAMS, RSV1, TAIL, Agreement, Inflater, agree, agreed, deflate
from rtlab.protocol.extensions import read_extensions
from rtlab.protocol.frames import Frame, Opcode, encode
from rtlab.protocol.messages import Binary, Failed, Ping, Text, WebSocketProtocol, WsEvent

KEY = b"\x01\x02\x03\x04"
BASE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

# Section 7.1: what a client offers, and what our server says to it; None: no compression.
OFFERS: dict[str, str | None] = {
    "permessage-deflate": BASE,
    "permessage-deflate; client_max_window_bits": BASE,  # Chromium, Firefox
    "permessage-deflate; client_max_window_bits=8": BASE,
    "permessage-deflate; client_max_window_bits=15": BASE,
    'permessage-deflate; client_max_window_bits="10"': BASE,
    "permessage-deflate; server_no_context_takeover": BASE,
    "permessage-deflate; client_no_context_takeover": BASE,
    "permessage-deflate; server_max_window_bits=15": BASE + "; server_max_window_bits=15",
    "permessage-deflate; client_no_context_takeover; server_no_context_takeover; client_max_window_bits": BASE,
    # valid, and not to be kept: one encoding for all has one window
    "permessage-deflate; server_max_window_bits=14": None,
    "permessage-deflate; server_max_window_bits=8": None,
    "permessage-deflate; server_max_window_bits=10, permessage-deflate": BASE,
    "permessage-deflate; server_max_window_bits=10, permessage-deflate; server_max_window_bits=9": None,
    # invalid: declined, the next one counts
    "permessage-deflate; server_max_window_bits": None,
    "permessage-deflate; server_max_window_bits=7": None,
    "permessage-deflate; server_max_window_bits=16": None,
    "permessage-deflate; server_max_window_bits=015": None,
    "permessage-deflate; client_max_window_bits=08": None,
    "permessage-deflate; client_max_window_bits=7": None,
    "permessage-deflate; client_max_window_bits=+9": None,
    "permessage-deflate; client_max_window_bits=nine": None,
    "permessage-deflate; server_no_context_takeover=1": None,
    "permessage-deflate; client_no_context_takeover=true": None,
    "permessage-deflate; client_no_context_takeover; client_no_context_takeover": None,
    "permessage-deflate; client_max_window_bits; client_max_window_bits=10": None,
    "permessage-deflate; level=9": None,
    "permessage-deflate; level=9, permessage-deflate; client_max_window_bits": BASE,
    "x-webkit-deflate-frame": None,
    "permessage-bzip2, permessage-deflate": BASE,
    "Permessage-Deflate": None,  # registered as it is written
    "": None,
}

# What a server may have answered, as an onlooker reads it; None: nothing that is allowed.
ANSWERS: dict[str, Agreement | None] = {
    "permessage-deflate": Agreement(),
    BASE: Agreement(True, True),
    "permessage-deflate; server_no_context_takeover": Agreement(server_no_context_takeover=True),
    "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9": Agreement(False, False, 10, 9),
    "permessage-deflate; client_max_window_bits": None,  # here it has a value
    "permessage-deflate; server_max_window_bits=16": None,
    "permessage-deflate; level=1": None,
    "permessage-deflate, permessage-deflate": None,
}


class TestAgreeing:
    @pytest.mark.parametrize(("offer", "answer"), OFFERS.items())
    def test_the_first_offer_that_can_be_kept_is_taken(self, offer: str, answer: str | None) -> None:
        chosen = agree(read_extensions([offer]))
        assert chosen == (None if answer is None else (Agreement(True, True), answer))
        if answer is not None:
            assert agreed(read_extensions([answer])) == Agreement(True, True)

    @pytest.mark.parametrize(("answer", "agreement"), ANSWERS.items())
    def test_an_answer_is_read(self, answer: str, agreement: Agreement | None) -> None:
        if agreement is not None:
            assert agreed(read_extensions([answer])) == agreement
        else:
            with pytest.raises(ProtocolError):
                agreed(read_extensions([answer]))

    def test_no_answer_is_no_compression(self) -> None:
        assert agreed(read_extensions(["permessage-bzip2"])) is None

    @pytest.mark.parametrize("offer", [offer for offer, answer in OFFERS.items() if answer])
    def test_wsproto_accepts_our_answer_to_its_offer(self, offer: str) -> None:
        chosen = agree(read_extensions([offer]))
        assert chosen is not None
        theirs = wsproto.extensions.PerMessageDeflate()
        theirs.finalize(chosen[1])
        assert theirs.enabled()
        assert theirs.client_no_context_takeover
        assert theirs.server_no_context_takeover


# Section 7.2.3: compressed messages, joined where they have fragments, and what they say.
HELLO = {
    "one fixed block": "f248cdc9c90700",
    "sharing the window with itself": "f248cdc9c90700",
    "a block without compression": "000500faff48656c6c6f00",
    "a block with BFINAL": "f348cdc9c9070000",
    "two blocks": "f248050000 00ffff cac9c90700",
}


class TestInflating:
    @pytest.mark.parametrize("data", HELLO.values(), ids=HELLO)
    def test_the_examples_of_the_rfc_say_hello_however_they_are_cut(self, data: str, cuts) -> None:
        for pieces in cuts(bytes.fromhex(data)):
            inflater = Inflater(5)
            read = [
                inflater.inflate(piece, final=number == len(pieces) - 1)
                for number, piece in enumerate(pieces)
            ]
            assert b"".join(read) == b"Hello"

    def test_with_takeover_a_message_may_refer_to_the_one_before(self) -> None:
        first, second = bytes.fromhex("f248cdc9c90700"), bytes.fromhex("f200110000")
        inflater = Inflater(5, takeover=True)
        assert [inflater.inflate(first), inflater.inflate(second)] == [b"Hello", b"Hello"]
        without = Inflater(5)
        without.inflate(first)
        with pytest.raises(ProtocolError, match="not DEFLATE data") as fault:
            without.inflate(second)
        assert fault.value.close_code == 1007

    def test_a_stream_that_has_ended_is_followed_by_one_with_the_same_window(self) -> None:
        ended = zlib.compressobj(9, zlib.DEFLATED, -15)
        first = ended.compress(b"Hello") + ended.flush(zlib.Z_FINISH)
        follows = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=b"Hello")
        second = follows.compress(b"Hello") + follows.flush(zlib.Z_SYNC_FLUSH)
        assert len(second) < len(first) + 4
        assert Inflater(10).inflate(first + second.removesuffix(TAIL)) == b"HelloHello"

    @pytest.mark.parametrize("data", [b"", b"a", b"Hello", os.urandom(70_000), b"x" * 70_000, b"{}" * 500])
    def test_what_we_deflate_is_inflated_by_us_and_by_websockets_and_wsproto(self, data: bytes) -> None:
        small = deflate(data)
        assert Inflater(len(data)).inflate(small) == data
        theirs = PerMessageDeflate(True, True, 15, 15)
        assert theirs.decode(TheirFrame(TheirOpcode.BINARY, small, rsv1=True)).data == data
        other = wsproto.extensions.PerMessageDeflate()
        other.finalize(BASE)
        parser = type("Protocol", (), {"client": True})()
        other.frame_inbound_header(
            parser, WsprotoOpcode.BINARY, wsproto.extensions.RsvBits(True, False, False), 1
        )  # type: ignore[arg-type]
        payload = other.frame_inbound_payload_data(parser, small)  # type: ignore[arg-type]
        tail = other.frame_inbound_complete(parser, True)  # type: ignore[arg-type]
        assert isinstance(payload, bytes)
        assert payload + (tail if isinstance(tail, bytes) else b"") == data

    @pytest.mark.parametrize("takeover", [True, False])
    def test_what_websockets_deflates_is_inflated(self, takeover: bool) -> None:
        theirs, inflater = PerMessageDeflate(False, not takeover, 15, 12), Inflater(1000, takeover)
        sizes = []
        for number in range(5):
            text = b'{"type":"publish","data":{"text":"the same again and again"},"ref":%d}' % number
            frame = theirs.encode(TheirFrame(TheirOpcode.TEXT, text))
            assert inflater.inflate(bytes(frame.data)) == text
            sizes.append(len(frame.data))
        assert (sizes[-1] < sizes[0] / 2) is takeover

    def test_garbage_is_told_as_such(self) -> None:
        with pytest.raises(ProtocolError, match="not DEFLATE data") as fault:
            Inflater(1000).inflate(b"\xff" * 20)
        assert fault.value.close_code == 1007


class TestBombs:
    """Small data that becomes large."""

    def test_inflating_stops_at_the_limit_and_holds_no_more_than_that(self) -> None:
        stream = zlib.compressobj(9, zlib.DEFLATED, -15)
        bomb = b"".join(stream.compress(bytes(1 << 20)) for _ in range(64)) + stream.flush(zlib.Z_SYNC_FLUSH)
        assert len(bomb) < 100_000  # for 64 MiB
        tracemalloc.start()
        try:
            with pytest.raises(ProtocolError, match="inflates to more than 65536 bytes") as fault:
                Inflater(1 << 16).inflate(bomb)
            assert tracemalloc.get_traced_memory()[1] < 1 << 20
        finally:
            tracemalloc.stop()
        assert fault.value.close_code == 1009

    def test_the_limit_is_of_the_message_however_it_is_cut(self, cuts) -> None:
        for pieces in cuts(deflate(b"x" * 11)):
            inflater = Inflater(10)
            with pytest.raises(ProtocolError, match="more than 10 bytes"):  # noqa: PT012 - at one of them
                for piece in pieces:
                    inflater.inflate(piece, final=False)
                inflater.inflate(b"")
        inflater = Inflater(10)
        assert [inflater.inflate(deflate(b"x" * 10)) for _ in range(3)] == [b"x" * 10] * 3

    def test_streams_without_end_are_refused(self) -> None:
        ended = b"\x03\x00"  # nothing, and BFINAL
        assert Inflater(10).inflate(ended * (MAX_STREAMS - 1)) == b""
        with pytest.raises(ProtocolError, match="more than 64 DEFLATE streams") as fault:
            Inflater(10).inflate(ended * MAX_STREAMS)
        assert fault.value.close_code == 1008


AGREED = Agreement(True, True)


def receive(*frames: Frame, most: int = 1 << 20, deflate: Agreement | None = AGREED) -> list[WsEvent]:
    """What a server that agreed on compression makes of some frames, the same whole and byte by byte."""
    wire = b"".join(encode(Frame(f.opcode, f.payload, f.fin, f.rsv, KEY)) for f in frames)
    whole, cut = (WebSocketProtocol("server", most, deflate=deflate) for _ in range(2))
    events = whole.receive_data(wire)
    assert [event for byte in wire for event in cut.receive_data(bytes([byte]))] == events
    return events


def failure(*frames: Frame, **options: int) -> int:
    """The close code that some frames end with."""
    (*_, failed) = receive(*frames, **options)  # type: ignore[arg-type]
    assert isinstance(failed, Failed)
    return failed.close_code


TEXT, BINARY, CONTINUATION, PING = Opcode.TEXT, Opcode.BINARY, Opcode.CONTINUATION, Opcode.PING


class TestMessages:
    """Section 6: where the bit may be set, and fragments."""

    def test_compressed_and_plain_messages_may_follow_each_other(self) -> None:
        frames = (
            Frame(TEXT, deflate(b"a"), rsv=RSV1),
            Frame(TEXT, b"b"),
            Frame(BINARY, deflate(b"c"), rsv=RSV1),
        )
        assert receive(*frames) == [Text("a"), Text("b"), Binary(b"c")]

    def test_the_first_fragment_says_it_for_all_and_control_frames_stand_between(self) -> None:
        small = deflate("Zürich ✓".encode() * 20)
        frames = [Frame(TEXT, small[:3], fin=False, rsv=RSV1), Frame(PING, b"?")]
        frames += [Frame(CONTINUATION, small[3:9], fin=False), Frame(CONTINUATION, b"", fin=False)]
        assert receive(*frames, Frame(CONTINUATION, small[9:])) == [Ping(b"?"), Text("Zürich ✓" * 20)]

    @pytest.mark.parametrize("opcode", [PING, Opcode.PONG, Opcode.CLOSE])
    def test_a_control_frame_is_never_compressed(self, opcode: Opcode) -> None:
        assert failure(Frame(opcode, b"", rsv=RSV1)) == 1002

    def test_a_continuation_does_not_say_it_again(self) -> None:
        assert failure(Frame(TEXT, b"", fin=False, rsv=RSV1), Frame(CONTINUATION, b"\0", rsv=RSV1)) == 1002

    def test_without_an_agreement_and_for_the_other_bits_it_is_an_error(self) -> None:
        (failed,) = receive(Frame(TEXT, deflate(b"a"), rsv=RSV1), deflate=None)
        assert isinstance(failed, Failed)
        assert failed.close_code == failure(Frame(TEXT, deflate(b"a"), rsv=0b101)) == 1002

    def test_text_that_is_not_utf_8_is_told_at_its_fragment(self) -> None:
        stream = zlib.compressobj(6, zlib.DEFLATED, -15)
        begun = stream.compress(b"\xff") + stream.flush(zlib.Z_SYNC_FLUSH)
        assert failure(Frame(TEXT, begun, fin=False, rsv=RSV1)) == 1007
        assert failure(Frame(TEXT, deflate("é".encode()[:1]), rsv=RSV1)) == 1007

    def test_the_limit_is_of_the_inflated_message(self) -> None:
        noise = os.urandom(5000)  # which no compression makes smaller
        assert len(deflate(noise)) > 5000
        assert receive(Frame(BINARY, deflate(noise), rsv=RSV1), most=5000) == [Binary(noise)]
        small = deflate(noise)
        cut = [Frame(BINARY, small[:4000], fin=False, rsv=RSV1), Frame(CONTINUATION, small[4000:])]
        assert receive(*cut, *cut, most=5000) == [Binary(noise)] * 2
        assert failure(Frame(BINARY, deflate(noise), rsv=RSV1), most=4999) == 1009
        assert failure(Frame(BINARY, deflate(b"x" * 5001), rsv=RSV1), most=5000) == 1009
        assert failure(Frame(BINARY, noise), most=4999) == 1009

    def test_a_header_that_announces_too_much_is_refused_before_its_payload_comes(self) -> None:
        protocol = WebSocketProtocol("server", 1000, deflate=Agreement(True, True))
        (failed,) = protocol.receive_data(b"\xc2\xfe\x04\xb0")
        assert isinstance(failed, Failed)
        assert failed.close_code == 1009


fragments = st.lists(
    st.builds(
        Frame,
        st.sampled_from([TEXT, BINARY, CONTINUATION, PING]),
        st.binary(max_size=20)
        | st.sampled_from([deflate(b"Hello"), deflate(bytes(2000)), b"\x03\x00", TAIL]),
        st.booleans(),
        st.sampled_from([0, RSV1]),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=100)
@given(fragments)
def test_garbage_gives_the_same_events_whole_and_byte_by_byte_and_no_other_error(sent: list[Frame]) -> None:
    for event in receive(*sent, most=1000)[:-1]:
        assert not isinstance(event, Failed)


def test_nothing_is_held_between_messages_that_refer_to_nothing() -> None:
    tracemalloc.start()
    try:
        inflaters = [Inflater(1000) for _ in range(100)]
        assert all(inflater.inflate(deflate(b"x" * 1000)) for inflater in inflaters)
        assert tracemalloc.get_traced_memory()[0] < 100 * 1000
    finally:
        tracemalloc.stop()
