"""RFC 6455, sections 5.4 to 8, as one end of a connection sees them."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.errors import LocalProtocolError
from rtlab.protocol.frames import CloseCode, Frame, Opcode, encode
from rtlab.protocol.messages import (
    Binary,
    Close,
    Failed,
    Ping,
    Pong,
    State,
    Text,
    WebSocketProtocol,
    WsEvent,
)

KEY = bytes.fromhex("37fa213d")
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = Opcode
NORMAL = b"\x03\xe8"


def to_client(*frames: Frame) -> bytes:
    return b"".join(map(encode, frames))


def feed(protocol: WebSocketProtocol, pieces: list[bytes]) -> list[WsEvent]:
    return [event for piece in pieces for event in protocol.receive_data(piece)]


RECEIVED: dict[str, tuple[list[Frame], list[WsEvent]]] = {
    "a text": ([Frame(TEXT, "Köln ✓ 🎈".encode())], [Text("Köln ✓ 🎈")]),
    "a text that begins with a byte order mark": ([Frame(TEXT, b"\xef\xbb\xbfa")], [Text("\ufeffa")]),
    "a binary message": ([Frame(BINARY, b"\xff\x00")], [Binary(b"\xff\x00")]),
    "messages without anything in them": ([Frame(TEXT), Frame(BINARY)], [Text(""), Binary(b"")]),
    "a message in fragments": (
        [Frame(TEXT, b"Hel", fin=False), Frame(CONTINUATION, b"l", fin=False), Frame(CONTINUATION, b"o")],
        [Text("Hello")],
    ),
    "fragments with nothing in them": (
        [Frame(BINARY, fin=False), Frame(CONTINUATION, fin=False), Frame(CONTINUATION)],
        [Binary(b"")],
    ),
    "a character cut between fragments": (
        [
            Frame(TEXT, b"\xf0", fin=False),
            Frame(CONTINUATION, b"\x9f\x8e", fin=False),
            Frame(CONTINUATION, b"\x88"),
        ],
        [Text("🎈")],
    ),
    "control frames between fragments": (
        [Frame(TEXT, b"a", fin=False), Frame(PING, b"1"), Frame(PONG, b"2"), Frame(CONTINUATION, b"b")],
        [Ping(b"1"), Pong(b"2"), Text("ab")],
    ),
    "two messages in fragments": (
        [
            Frame(TEXT, b"a", fin=False),
            Frame(CONTINUATION, b"b"),
            Frame(BINARY, b"c", fin=False),
            Frame(CONTINUATION),
        ],
        [Text("ab"), Binary(b"c")],
    ),
    "a close, and nothing that follows": (
        [Frame(CLOSE, NORMAL + b"bye"), Frame(TEXT, b"late"), Frame(CLOSE)],
        [Close(1000, "bye")],
    ),
    "a close without a code": ([Frame(CLOSE)], [Close(None)]),
    "a close inside a message": ([Frame(TEXT, b"a", fin=False), Frame(CLOSE, NORMAL)], [Close(1000)]),
}

FAULTS: dict[str, tuple[list[Frame], int, str]] = {
    "a continuation of nothing": ([Frame(CONTINUATION, b"a")], 1002, "no message to continue"),
    "a continuation after the last fragment": (
        [Frame(TEXT, b"a", fin=False), Frame(CONTINUATION, b"b"), Frame(CONTINUATION, b"c")],
        1002,
        "no message to continue",
    ),
    "a text inside a message": (
        [Frame(TEXT, b"a", fin=False), Frame(TEXT, b"b")],
        1002,
        "TEXT frame before the end",
    ),
    "a binary inside a message": (
        [Frame(TEXT, b"a", fin=False), Frame(BINARY)],
        1002,
        "BINARY frame before the end",
    ),
    "a reserved bit": ([Frame(TEXT, b"a", rsv=4)], 1002, "reserved bits"),
    "a masked frame from a server": ([Frame(TEXT, b"a", mask=KEY)], 1002, "masked TEXT frame from the peer"),
    "text that is not UTF-8": ([Frame(TEXT, b"a\xffb")], 1007, "text is not UTF-8"),
    "a surrogate in text": ([Frame(TEXT, b"\xed\xa0\x80")], 1007, "text is not UTF-8"),
    "an overlong slash in text": ([Frame(TEXT, b"\xc0\xaf")], 1007, "text is not UTF-8"),
    "text beyond Unicode": ([Frame(TEXT, b"\xf4\x90\x80\x80")], 1007, "text is not UTF-8"),
    "text that ends in a character": ([Frame(TEXT, b"\xf0\x9f\x8e")], 1007, "unexpected end"),
    "bad UTF-8 in a first fragment": ([Frame(TEXT, b"\xff", fin=False)], 1007, "text is not UTF-8"),
    "bad UTF-8 across fragments": (
        [Frame(TEXT, b"\xf0", fin=False), Frame(CONTINUATION, b"a", fin=False)],
        1007,
        "text is not UTF-8",
    ),
    "a close code that is never sent": ([Frame(CLOSE, b"\x03\xed")], 1002, "1005 must not be sent"),
    "a close payload of one byte": ([Frame(CLOSE, b"\x03")], 1002, "1 byte"),
    "a close reason that is not UTF-8": ([Frame(CLOSE, NORMAL + b"\xff")], 1007, "reason is not UTF-8"),
    "a message too big": ([Frame(TEXT, b"x" * 1001)], 1009, "length 1001:"),
    "a message too big in sum": (
        [Frame(TEXT, b"x" * 600, fin=False), Frame(CONTINUATION, b"x" * 401)],
        1009,
        "length 401: at most 400",
    ),
}


class TestReceiving:
    """Sections 5.4 (fragments), 5.5 (control frames), 5.6 (data frames) and 8.1 (UTF-8)."""

    @pytest.mark.parametrize(("frames", "events"), RECEIVED.values(), ids=RECEIVED)
    def test_frames_become_events_however_their_bytes_are_cut(
        self, frames: list[Frame], events: list[WsEvent], cuts
    ) -> None:
        for pieces in cuts(to_client(*frames)):
            assert feed(WebSocketProtocol("client"), pieces) == events

    @pytest.mark.parametrize(("frames", "events"), RECEIVED.values(), ids=RECEIVED)
    def test_a_server_reads_the_same_from_masked_frames(
        self, frames: list[Frame], events: list[WsEvent], cuts
    ) -> None:
        wire = b"".join(encode(Frame(frame.opcode, frame.payload, frame.fin, mask=KEY)) for frame in frames)
        for pieces in cuts(wire):
            assert feed(WebSocketProtocol("server"), pieces) == events

    def test_a_control_frame_does_not_wait_for_the_message_around_it(self) -> None:
        client = WebSocketProtocol("client")
        assert client.receive_data(to_client(Frame(TEXT, b"a", fin=False), Frame(PING, b"?"))) == [Ping(b"?")]

    @pytest.mark.parametrize(("frames", "code", "reason"), FAULTS.values(), ids=FAULTS)
    def test_a_fault_is_the_last_event(self, frames: list[Frame], code: int, reason: str, cuts) -> None:
        wire = to_client(Frame(TEXT, b"before"), *frames, Frame(TEXT, b"after"))
        for pieces in cuts(wire):
            client = WebSocketProtocol("client", max_message_bytes=1000)
            *events, failed = feed(client, pieces)
            assert Text("before") in events
            assert Text("after") not in events
            assert isinstance(failed, Failed)
            assert failed.close_code == code
            assert reason in failed.reason

    def test_a_server_refuses_what_is_not_masked(self) -> None:
        server = WebSocketProtocol("server")
        assert server.receive_data(b"\x81\x05Hello") == [Failed(1002, "unmasked TEXT frame from the peer")]

    def test_bad_utf_8_is_told_at_its_fragment_without_waiting_for_the_last(self) -> None:
        client = WebSocketProtocol("client")
        assert client.receive_data(to_client(Frame(TEXT, b"\xc3", fin=False))) == []
        [failed] = client.receive_data(to_client(Frame(CONTINUATION, b"\x28", fin=False)))
        assert isinstance(failed, Failed)
        assert failed.close_code == CloseCode.INVALID_PAYLOAD


class TestLimit:
    """Section 10.4: an implementation protects itself from messages of any size."""

    def test_a_message_as_big_as_the_limit_is_taken_whole_or_in_fragments(self) -> None:
        client = WebSocketProtocol("client", max_message_bytes=10)
        assert client.receive_data(to_client(Frame(BINARY, bytes(10)))) == [Binary(bytes(10))]
        fragments = [
            Frame(BINARY, bytes(4), fin=False),
            Frame(CONTINUATION, bytes(6)),
            Frame(BINARY, bytes(10)),
        ]
        assert client.receive_data(to_client(*fragments)) == [Binary(bytes(10))] * 2

    def test_a_message_that_will_be_too_big_is_refused_before_its_payload_comes(self) -> None:
        client = WebSocketProtocol("client", max_message_bytes=10)
        assert client.receive_data(b"\x82\x0b") == [
            Failed(1009, "payload length 11: at most 10 is taken here")
        ]
        client = WebSocketProtocol("client", max_message_bytes=10)
        assert client.receive_data(to_client(Frame(BINARY, bytes(10), fin=False))) == []
        assert client.receive_data(b"\x80\x01") == [Failed(1009, "payload length 1: at most 0 is taken here")]

    def test_the_limit_is_one_mebibyte_unless_told_otherwise(self) -> None:
        mebibyte = (1 << 20).to_bytes(8, "big")
        assert WebSocketProtocol("client").receive_data(b"\x82\x7f" + mebibyte) == []
        too_big = ((1 << 20) + 1).to_bytes(8, "big")
        assert WebSocketProtocol("client").receive_data(b"\x82\x7f" + too_big) == [
            Failed(1009, "payload length 1048577: at most 1048576 is taken here")
        ]

    def test_control_frames_pass_when_a_message_has_reached_the_limit(self) -> None:
        client = WebSocketProtocol("client", max_message_bytes=2)
        wire = to_client(Frame(BINARY, b"ab", fin=False), Frame(PING, b"Hello"), Frame(CONTINUATION))
        assert client.receive_data(wire) == [Ping(b"Hello"), Binary(b"ab")]


class TestSending:
    """Sections 5.1 and 6.1."""

    def test_a_server_sends_unmasked_frames(self) -> None:
        server = WebSocketProtocol("server")
        assert server.send(Text("Hello")) == b"\x81\x05Hello"
        assert server.send(Binary(b"Hello")) == b"\x82\x05Hello"
        assert server.send(Ping(b"Hello")) == b"\x89\x05Hello"
        assert server.send(Pong()) == b"\x8a\x00"
        assert server.send(Close(1000, "bye")) == b"\x88\x05\x03\xe8bye"

    def test_a_client_masks_as_in_the_example_of_the_rfc(self) -> None:
        client = WebSocketProtocol("client", new_mask=lambda: KEY)
        assert client.send(Text("Hello")) == bytes.fromhex("8185 37fa213d 7f9f4d5158")

    def test_a_client_takes_a_new_key_for_each_frame(self) -> None:
        client = WebSocketProtocol("client")
        keys = {client.send(Text(""))[2:] for _ in range(20)}
        assert len(keys) > 15  # of 4 billion

    @pytest.mark.parametrize(
        ("event", "reason"),
        [
            (Ping(b"x" * 126), "length 126: at most 125"),
            (Pong(b"x" * 126), "length 126: at most 125"),
            (Close(1000, "x" * 124), "close reason: 123"),
            (Close(1000, "é" * 62), "close reason: 123"),
            (Close(1005), "never sent"),
            (Close(None, "why"), "never sent"),
            (Text("\ud800"), "UTF-8 cannot carry"),
            (Close(1000, "\udfff"), "UTF-8 cannot carry"),
        ],
    )
    def test_what_the_peer_would_have_to_refuse_is_not_sent_and_changes_nothing(
        self, event, reason: str
    ) -> None:
        server = WebSocketProtocol("server")
        with pytest.raises(LocalProtocolError, match=reason):
            server.send(event)
        assert server.state is State.OPEN
        assert server.send(Text("on")) == b"\x81\x02on"

    def test_a_close_may_have_a_reason_of_123_bytes(self) -> None:
        assert WebSocketProtocol("client").receive_data(
            WebSocketProtocol("server").send(Close(1000, "x" * 123))
        ) == [Close(1000, "x" * 123)]


class TestClosing:
    """Section 7."""

    def test_the_closing_handshake_as_the_side_that_begins_it(self) -> None:
        server = WebSocketProtocol("server")
        server.send(Close(1001))
        assert server.state is State.CLOSE_SENT
        # What the peer had already sent is still read.
        wire = encode(Frame(TEXT, b"late", mask=KEY)) + encode(Frame(CLOSE, b"\x03\xe9", mask=KEY))
        text, close = server.receive_data(wire)
        assert (text, close) == (Text("late"), Close(1001))
        assert server.state is State.CLOSED
        assert server.answer(close) == b""

    def test_the_closing_handshake_as_the_side_that_follows(self) -> None:
        server = WebSocketProtocol("server")
        [close] = server.receive_data(encode(Frame(CLOSE, b"\x03\xe9bye", mask=KEY)))
        assert server.state is State.CLOSE_RECEIVED
        assert server.send(Text("my last words")) == b"\x81\x0dmy last words"
        assert server.answer(close) == b"\x88\x02\x03\xe9"
        assert server.state is State.CLOSED

    def test_both_sides_may_say_close_at_once(self) -> None:
        client, server = WebSocketProtocol("client"), WebSocketProtocol("server")
        up, down = client.send(Close(1000)), server.send(Close(1001))
        assert client.receive_data(down) == [Close(1001)]
        assert server.receive_data(up) == [Close(1000)]
        assert client.state is server.state is State.CLOSED

    @pytest.mark.parametrize("event", [Text("a"), Binary(b"a"), Ping(), Pong(), Close()])
    def test_nothing_is_sent_after_a_close(self, event) -> None:
        server = WebSocketProtocol("server")
        server.send(Close(1000))
        with pytest.raises(LocalProtocolError, match="state is 'close sent'"):
            server.send(event)
        server.receive_data(encode(Frame(CLOSE, mask=KEY)))
        with pytest.raises(LocalProtocolError, match="state is 'closed'"):
            server.send(event)

    def test_a_peer_that_failed_gets_the_answers_to_what_came_before_and_is_told_why(self) -> None:
        server = WebSocketProtocol("server")
        ping, failed = server.receive_data(encode(Frame(PING, b"?", mask=KEY)) + b"\x81\x00")
        assert server.state is State.FAILED
        assert server.answer(ping) == b"\x8a\x01?"
        assert server.answer(failed) == b"\x88\x23\x03\xeaunmasked TEXT frame from the peer"
        assert server.state is State.CLOSED
        assert server.receive_data(b"\x81\x00") == []

    def test_a_peer_that_failed_after_our_close_needs_no_second_one(self) -> None:
        server = WebSocketProtocol("server")
        server.send(Close(1000))
        [failed] = server.receive_data(b"\x81\x00")
        assert isinstance(failed, Failed)
        assert server.state is State.CLOSED
        assert server.answer(failed) == b""


class TestAnswering:
    """What section 5.5 obliges one end to send."""

    def test_a_ping_is_answered_with_its_data(self) -> None:
        assert WebSocketProtocol("server").answer(Ping(b"Hello")) == b"\x8a\x05Hello"

    def test_a_ping_after_our_close_is_not_answered(self) -> None:
        server = WebSocketProtocol("server")
        server.send(Close())
        assert server.answer(Ping(b"Hello")) == b""

    def test_a_close_without_a_code_is_answered_without_one(self) -> None:
        server = WebSocketProtocol("server")
        [close] = server.receive_data(encode(Frame(CLOSE, mask=KEY)))
        assert server.answer(close) == b"\x88\x00"

    @pytest.mark.parametrize("event", [Text("a"), Binary(b"a"), Pong()])
    def test_nothing_is_owed_for_data_and_pongs(self, event: WsEvent) -> None:
        assert WebSocketProtocol("server").answer(event) == b""


def test_events_and_frames_are_values_that_nobody_can_change() -> None:
    events = [
        Text("a"),
        Binary(b"a"),
        Ping(b"a"),
        Pong(b"a"),
        Close(1000, "a"),
        Failed(1002, "a"),
        Frame(PING),
    ]
    assert len({*events, *map(copy.copy, events)}) == len(
        events
    )  # so they are hashed and compared by what is in them


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)
sendables = st.one_of(
    st.builds(Text, texts),
    st.builds(Binary, st.binary(max_size=300)),
    st.builds(Ping, st.binary(max_size=125)),
    st.builds(Pong, st.binary(max_size=125)),
)


@settings(deadline=None)
@given(st.lists(sendables, max_size=8), st.sampled_from(["client", "server"]), st.integers(1, 50))
def test_what_one_end_sends_the_other_receives(sent, role, step: int) -> None:
    sender, receiver = WebSocketProtocol(role), WebSocketProtocol("server" if role == "client" else "client")
    wire = b"".join(map(sender.send, [*sent, Close(4000, "done")]))
    pieces = [wire[start : start + step] for start in range(0, len(wire), step)]
    assert feed(receiver, pieces) == [*sent, Close(4000, "done")]


@settings(deadline=None)
@given(texts, st.data())
def test_a_text_may_be_cut_into_fragments_at_any_bytes(text: str, data: st.DataObject) -> None:
    payload = text.encode()
    places = sorted(data.draw(st.lists(st.integers(0, len(payload)), max_size=6)))
    parts = [payload[start:end] for start, end in zip([0, *places], [*places, len(payload)], strict=True)]
    frames = [
        Frame(CONTINUATION if number else TEXT, part, fin=number == len(places))
        for number, part in enumerate(parts)
    ]
    assert WebSocketProtocol("client").receive_data(to_client(*frames)) == [Text(text)]


pieces_of_garbage = st.lists(
    st.binary(max_size=40)
    | st.builds(
        lambda first, payload, mask: (
            bytes((first, 0x80 * mask | len(payload))) + b"\0\0\0\0" * mask + payload
        ),
        st.sampled_from([0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A]),
        st.binary(max_size=8) | st.sampled_from([b"\x03\xe8", b"\x03", b"\xc3"]),
        st.booleans(),
    ),
    max_size=10,
)


@settings(deadline=None, max_examples=400)
@given(pieces_of_garbage, st.sampled_from(["client", "server"]))
def test_garbage_gives_the_same_events_whole_and_byte_by_byte_and_every_failure_can_be_told(
    garbage, role
) -> None:
    wire = b"".join(garbage)
    protocol = WebSocketProtocol(role, max_message_bytes=50)
    events = protocol.receive_data(wire)
    assert feed(WebSocketProtocol(role, max_message_bytes=50), [bytes([byte]) for byte in wire]) == events
    for event in events[:-1]:
        assert not isinstance(event, Close | Failed)
    for event in events[-1:]:
        ended = isinstance(event, Close | Failed)
        assert (protocol.answer(event)[:1] == b"\x88") is ended
        assert (protocol.state is State.CLOSED) is ended
