"""GET /channels/NAME/socket: a WebSocket in both directions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rtlab.conformance.conftest import Known, Publish
from rtlab.conformance.opened import HANDSHAKE, Socket
from rtlab.conformance.raw import Connection, check_document
from rtlab.protocol.frames import Frame, Opcode, encode

line = pytest.mark.contract
MASK = b"\x01\x02\x03\x04"


def close_code(peer: Socket) -> int:
    """The code of the close frame that comes, whatever comes before it."""
    while (frame := peer.frame()).opcode is not Opcode.CLOSE:
        pass
    return int.from_bytes(frame.payload[:2], "big")


class TestDown:
    @line("socket opens")
    def test_first_comes_open_with_the_cursor(self, url: str, channel: str, publish: Publish) -> None:
        (identity,) = publish("a")
        with Socket(url, channel + "/socket") as peer:
            assert peer.message() == {"type": "open", "cursor": identity}

    @line("socket")
    def test_an_event_has_its_type_with_it(self, peer: Socket, publish: Publish) -> None:
        (identity,) = publish({"text": "ä\u2028"})
        message = peer.message()
        assert set(message) == {"type", "id", "time", "data"}
        assert (message["type"], message["id"], message["data"]) == ("event", identity, {"text": "ä\u2028"})

    @line("socket gap")
    def test_a_gap_comes_behind_open_and_before_the_oldest_event(
        self, url: str, channel: str, publish: Publish
    ) -> None:
        publish("a")
        with Socket(url, channel + "/socket?after=0123.4") as peer:
            assert peer.message()["type"] == "open"
            gap = peer.message()
            assert gap == {"type": "gap", "missed": None, "cursor": gap["cursor"]}
            assert peer.message()["data"] == "a"

    @line("socket")
    def test_a_large_event_comes_whole(self, peer: Socket, publish: Publish) -> None:
        publish("x" * 500_000, "y")
        assert peer.message()["data"] == "x" * 500_000
        assert peer.message()["data"] == "y"

    @line("heartbeat")
    def test_a_silent_socket_gives_a_sign_of_life(self, peer: Socket, known: Known) -> None:
        if known.heartbeat is None:
            pytest.skip("say --rtlab-heartbeat SECONDS to have this tried")
        peer.socket.settimeout(known.heartbeat + peer.seconds)
        assert peer.frame().opcode is Opcode.PING


class TestUp:
    @line("socket publish")
    def test_a_publish_is_acknowledged_with_its_ref_and_id(
        self, peer: Socket, connection: Connection, channel: str
    ) -> None:
        refs: list[Any] = [1, "r", None, {"a": [1]}, 1.5, True]
        for ref in refs:
            peer.tell({"type": "publish", "data": {"n": 1}, "ref": ref})
        got = [peer.message() for _ in range(2 * len(refs))]
        told = [message for message in got if message["type"] == "published"]
        events = [message for message in got if message["type"] == "event"]
        assert [message["ref"] for message in told] == refs
        assert [message["id"] for message in told] == [message["id"] for message in events]
        assert all(set(message) == {"type", "ref", "id"} for message in told)
        assert len(connection.get(channel + "/events?after=start").json()["events"]) == len(refs)

    @line("socket publish")
    def test_a_message_may_come_in_fragments_with_a_ping_between(self, peer: Socket) -> None:
        text = json.dumps({"type": "publish", "data": "ä" * 100, "ref": 7}, ensure_ascii=False).encode()
        peer.say(Opcode.TEXT, text[:31], fin=False)
        peer.say(Opcode.PING, b"there?")
        peer.say(Opcode.CONTINUATION, text[31:80], fin=False)
        peer.say(Opcode.CONTINUATION, text[80:])
        pong = peer.frame()
        assert (pong.opcode, pong.payload) == (Opcode.PONG, b"there?")
        kinds = {message["type"]: message for message in (peer.message(), peer.message())}
        assert kinds["published"]["ref"] == 7
        assert kinds["event"]["data"] == "ä" * 100

    @line("key")
    def test_a_key_makes_a_repeat_safe_here_and_across_techniques(
        self, peer: Socket, connection: Connection, channel: str
    ) -> None:
        posted = connection.post(channel + "/events", "42", {"Idempotency-Key": "k"})
        assert posted.status == 201
        peer.tell({"type": "publish", "data": 42, "ref": 1, "key": "k"})
        while (message := peer.message())["type"] == "event":
            pass
        assert message == {"type": "published", "ref": 1, "id": posted.json()["id"]}

    @line("key reused")
    def test_a_key_with_other_data_is_an_error(self, peer: Socket) -> None:
        for data in (1, 2):
            peer.tell({"type": "publish", "data": data, "ref": data, "key": "k"})
        while (message := peer.message())["type"] != "error":
            pass
        assert message["ref"] == 2
        check_document(message["problem"], 422)

    @line("socket publish")
    def test_many_publishes_at_once_are_all_acknowledged_in_their_order(self, peer: Socket) -> None:
        for number in range(100):
            peer.tell({"type": "publish", "data": number, "ref": number})
        got = [peer.message() for _ in range(200)]
        assert [m["ref"] for m in got if m["type"] == "published"] == list(range(100))
        assert [m["data"] for m in got if m["type"] == "event"] == list(range(100))

    @line("socket error")
    @pytest.mark.parametrize(
        "text",
        [
            "hello",
            "[]",
            "{}",
            '{"type": "subscribe", "ref": 5}',
            '{"type": "publish", "ref": 5}',
            '{"type": "publish", "data": NaN, "ref": 5}',
            '{"type": "publish", "data": 1, "key": 7, "ref": 5}',
        ],
    )
    def test_a_wrong_message_is_answered_with_a_problem_and_the_socket_goes_on(
        self, text: str, peer: Socket
    ) -> None:
        peer.tell(text)
        error = peer.message()
        assert set(error) == {"type", "ref", "problem"}
        assert error["type"] == "error"
        check_document(error["problem"], 400)
        peer.tell({"type": "publish", "data": 1, "ref": "next"})
        assert {peer.message()["type"], peer.message()["type"]} == {"published", "event"}


class TestClosing:
    """RFC 6455, Section 7 - Closing the Connection"""

    @line("socket close")
    @pytest.mark.parametrize("code", [1000, 1001, 4999])
    def test_a_close_is_answered_and_then_the_server_hangs_up(self, peer: Socket, code: int) -> None:
        peer.say(Opcode.CLOSE, code.to_bytes(2, "big") + b"goodbye")
        assert close_code(peer) == code
        assert peer.ended()

    @line("socket close")
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (encode(Frame(Opcode.TEXT, b"{}")), 1002),  # not masked
            (encode(Frame(Opcode.TEXT, b"{}", rsv=4, mask=MASK)), 1002),
            (encode(Frame(Opcode.PING, b"", fin=False, mask=MASK)), 1002),
            (encode(Frame(Opcode.CONTINUATION, b"x", mask=MASK)), 1002),
            (encode(Frame(Opcode.BINARY, b"{}", mask=MASK)), 1003),
            (encode(Frame(Opcode.TEXT, b"\xff", mask=MASK)), 1007),
        ],
        ids=["no mask", "a reserved bit", "a ping in pieces", "nothing to continue", "binary", "no UTF-8"],
    )
    def test_what_is_wrong_ends_it_with_its_code(self, data: bytes, code: int, peer: Socket) -> None:
        peer.send(data)
        assert close_code(peer) == code
        peer.say(Opcode.CLOSE, code.to_bytes(2, "big"))
        assert peer.ended()

    @line("socket close")
    def test_what_was_published_before_the_close_is_acknowledged(self, peer: Socket) -> None:
        peer.tell({"type": "publish", "data": 1, "ref": "last"})
        peer.say(Opcode.CLOSE, b"\x03\xe8")
        while (message := peer.message())["type"] == "event":
            pass
        assert message["ref"] == "last"


class TestHandshake:
    """RFC 6455, Section 4.2.1; RFC 9110, Section 15.5.22"""

    @line("socket handshake")
    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"Upgrade": None, "Connection": None}, 426),
            ({"Upgrade": "h2c"}, 426),
            ({"Connection": None}, 400),
            ({"Sec-WebSocket-Version": "8"}, 426),
            ({"Sec-WebSocket-Key": None}, 400),
            ({"Sec-WebSocket-Key": "c2hvcnQ="}, 400),
        ],
        ids=str,
    )
    def test_what_is_no_handshake_is_refused(
        self, change: dict[str, str | None], status: int, connection: Connection, channel: str
    ) -> None:
        given = {name: value for name, value in {**HANDSHAKE, **change}.items() if value is not None}
        answer = connection.get(channel + "/socket", headers=given)
        answer.problem(status)
        if status == 426:
            assert answer.headers["upgrade"] == "websocket"
            assert "13" in answer.headers["sec-websocket-version"]
