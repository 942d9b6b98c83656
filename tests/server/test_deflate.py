"""permessage-deflate on a live server (RFC 7692): agreed on with who offers it, bounded, and unseen by all others."""

from __future__ import annotations

import json
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import websockets.sync.client as independent
from click.testing import CliRunner

from rtlab.cli import main
from rtlab.log import Kept
from rtlab.protocol.deflate import RSV1, TAIL, deflate
from rtlab.protocol.frames import CloseCode, Frame, FrameParser, Opcode, encode
from rtlab.protocol.handshake import client_request, response
from rtlab.server.forms import DEFLATED_FRAMES, FRAMES
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread

from .raw import KEY, Connection, Socket

Serve = Callable[..., ServerThread]
OFFER = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
AGREED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
PATH = "/channels/a"
GZIP_BOMB = zlib.compress(bytes(4 << 20), 1, 31)


class Compressed(Socket):
    """A socket that offers compression."""

    def __init__(self, url: str) -> None:
        super().__init__(url, PATH + "/socket", OFFER)
        self.parser = FrameParser(expect_mask=False, rsv_allowed=RSV1)
        assert self.message()["type"] == "open"


def publish(url: str, data: Any) -> None:
    with Connection(url) as connection:
        assert connection.post(PATH + "/events", json.dumps(data)).status == 201


def handshake(url: str, headers: dict[str, str]) -> bytes:
    """The answer to a handshake, byte for byte, up to the first frame."""
    with Connection(url) as connection:
        connection.send(client_request(connection.host, PATH + "/socket", KEY, headers=headers))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.read(1)
        return head


class TestHandshake:
    def test_who_offers_nothing_gets_the_same_head_to_the_byte(self, serve: Serve) -> None:
        for options in ({}, {"deflate": False}):
            assert handshake(serve(**options).url, {}) == response(KEY)

    @pytest.mark.parametrize(
        ("offer", "answer"),
        [
            ("permessage-deflate", AGREED),
            (
                "x-other; a=1, permessage-deflate; server_max_window_bits=15",
                AGREED + "; server_max_window_bits=15",
            ),
            (
                "permessage-deflate; server_max_window_bits=9, permessage-deflate; client_no_context_takeover",
                AGREED,
            ),
            ("permessage-deflate; server_max_window_bits=9", None),
            ("permessage-deflate; level=9", None),
            ("x-webkit-deflate-frame", None),
            ("", None),
        ],
    )
    def test_an_offer_is_taken_up_or_passed_over_in_silence(
        self, offer: str, answer: str | None, serve: Serve
    ) -> None:
        headers = {} if answer is None else {"Sec-WebSocket-Extensions": answer}
        assert handshake(serve().url, {"Sec-WebSocket-Extensions": offer}) == response(KEY, headers=headers)

    def test_turned_off_it_is_passed_over(self, serve: Serve) -> None:
        assert handshake(serve(deflate=False).url, OFFER) == response(KEY)

    def test_what_cannot_be_read_is_refused(self, serve: Serve) -> None:
        with Connection(serve().url) as connection:
            headers = {"Sec-WebSocket-Extensions": "permessage-deflate; =1"}
            connection.send(client_request(connection.host, PATH + "/socket", KEY, headers=headers))
            assert "Sec-WebSocket-Extensions" in connection.answer().problem(400)

    def test_the_command_line_can_turn_it_off(self) -> None:
        assert "--no-deflate" in CliRunner().invoke(main, ["serve", "--help"]).output


@pytest.fixture
def server(serve: Serve) -> ServerThread:
    return serve(Limits(message_bytes=10_000))


@pytest.fixture
def peer(server: ServerThread) -> Iterator[Compressed]:
    with Compressed(server.url) as peer:
        yield peer


class TestDown:
    def test_a_small_event_is_the_same_frame_for_all(self, server: ServerThread, peer: Compressed) -> None:
        with Socket(server.url, PATH + "/socket") as plain:
            plain.message()
            publish(server.url, "small")
            frame = peer.frame()
            assert frame.rsv == 0
            assert frame == plain.frame()

    def test_and_it_is_kept_once(self) -> None:
        event = Kept("a.1", b'{"id":"a.1","data":"small"}', None, {})
        assert event.encoded(DEFLATED_FRAMES.event) is event.encoded(FRAMES.event)

    def test_a_large_event_is_compressed_for_who_agreed_and_plain_for_the_others(
        self, server: ServerThread, peer: Compressed
    ) -> None:
        with Socket(server.url, PATH + "/socket") as plain, Compressed(server.url) as other:
            plain.message()
            data = ["again and again"] * 200
            publish(server.url, data)
            frame, whole = peer.frame(), plain.frame()
            assert (frame.opcode, frame.fin, frame.rsv, whole.rsv) == (Opcode.TEXT, True, RSV1, 0)
            assert len(frame.payload) * 10 < len(whole.payload)
            assert zlib.decompressobj(-15).decompress(frame.payload + b"\0\0\xff\xff") == whole.payload
            assert other.frame() == frame, "one encoding for all"
            publish(server.url, data)
            assert peer.frame().rsv == RSV1, "and it needs nothing of the message before"

    def test_a_reader_who_comes_late_gets_history_compressed_too(self, server: ServerThread) -> None:
        publish(server.url, "x" * 5000)
        with Socket(server.url, PATH + "/socket?after=start", OFFER) as late:
            late.parser = FrameParser(expect_mask=False, rsv_allowed=RSV1)
            late.message()
            assert late.frame().rsv == RSV1


class TestUp:
    def test_a_compressed_message_is_published_also_in_fragments(self, peer: Compressed) -> None:
        small = deflate(json.dumps({"type": "publish", "data": "x" * 100, "ref": 1}).encode())
        peer.say(Opcode.TEXT, small, rsv=RSV1)
        peer.say(Opcode.TEXT, small[:9], fin=False, rsv=RSV1)
        peer.say(Opcode.CONTINUATION, small[9:])
        peer.tell({"type": "publish", "data": "plain", "ref": 2})
        got = [peer.message() for _ in range(6)]
        assert [message["ref"] for message in got if message["type"] == "published"] == [1, 1, 2]
        assert [m["data"] for m in got if m["type"] == "event"] == ["x" * 100] * 2 + ["plain"]

    @pytest.mark.parametrize(
        ("payload", "code"),
        [
            (deflate(b'"' + b"x" * 10_000), CloseCode.MESSAGE_TOO_BIG),
            (deflate(bytes(1 << 20))[:9_000], CloseCode.MESSAGE_TOO_BIG),
            (b"\xff" * 20, CloseCode.INVALID_PAYLOAD),
            (deflate(b"\xff"), CloseCode.INVALID_PAYLOAD),
            (b"\x03\x00" * 100, CloseCode.POLICY_VIOLATION),
        ],
        ids=["one byte too many", "a bomb", "no DEFLATE", "no UTF-8", "streams without end"],
    )
    def test_what_inflates_to_too_much_or_to_nothing_is_closed_with_its_code(
        self, payload: bytes, code: CloseCode, server: ServerThread, peer: Compressed
    ) -> None:
        peer.say(Opcode.TEXT, payload, rsv=RSV1)
        assert peer.close_code()[0] == code
        assert peer.ended()
        publish(server.url, "the others go on")

    def test_many_that_inflate_a_thousandfold_are_taken_one_after_the_other(self, serve: Serve) -> None:
        server = serve(Limits(message_bytes=1 << 20), debug=False)
        best = zlib.compressobj(9, zlib.DEFLATED, -15)
        small = best.compress(b'"' + b" " * ((1 << 20) - 2) + b'"') + best.flush(zlib.Z_SYNC_FLUSH)
        frame = encode(Frame(Opcode.TEXT, small.removesuffix(TAIL), rsv=RSV1, mask=b"\1\2\3\4"))
        with Compressed(server.url) as peer:
            tracemalloc.start()
            try:
                peer.send(frame * 50)  # 52 KB for 50 MiB, in one read
                assert {peer.message()["type"] for _ in range(50)} == {"error"}
                assert tracemalloc.get_traced_memory()[1] < 16 << 20
            finally:
                tracemalloc.stop()

    def test_who_did_not_agree_may_not_compress(self, server: ServerThread) -> None:
        with Socket(server.url, PATH + "/socket") as plain:
            plain.message()
            plain.say(Opcode.TEXT, deflate(b"{}"), rsv=RSV1)
            assert plain.close_code()[0] == CloseCode.PROTOCOL_ERROR


def test_websockets_reads_and_publishes_compressed(serve: Serve) -> None:
    url = serve().url
    where = url.replace("http", "ws") + PATH + "/socket"
    with independent.connect(where, proxy=None, open_timeout=10, close_timeout=10) as client:
        assert [extension.name for extension in client.protocol.extensions] == ["permessage-deflate"]
        assert json.loads(client.recv(timeout=10))["type"] == "open"
        client.send(json.dumps({"type": "publish", "data": "x" * 5000, "ref": 1}))
        got = {(message := json.loads(client.recv(timeout=10)))["type"]: message for _ in range(2)}
        assert got["event"]["data"] == "x" * 5000
        assert got["published"]["ref"] == 1
    assert client.close_code == CloseCode.NORMAL


class TestBodies:
    """RFC 9110, section 15.5.16: a body that would have to be decoded is refused, and so cannot be a bomb."""

    @pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate", "br", "gzip, identity", "x"])
    def test_an_encoded_body_is_415_and_the_answer_says_what_would_do(
        self, coding: str, serve: Serve
    ) -> None:
        with Connection(serve().url) as connection:
            answer = connection.post(PATH + "/events", GZIP_BOMB, {"Content-Encoding": coding})
            assert coding.lower() in answer.problem(415)
            assert answer.headers["accept-encoding"] == "identity"
            assert connection.post(PATH + "/events", "1", {"Content-Encoding": "identity"}).status == 201
