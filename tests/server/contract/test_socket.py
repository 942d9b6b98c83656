"""GET /channels/NAME/socket: a WebSocket in both directions."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
import websocket
import websockets.sync.client as independent
from websockets.exceptions import ConnectionClosed

from rtlab.protocol.frames import CloseCode, Opcode

from ..raw import HANDSHAKE, KEY, Connection, Socket, check_document


class TestDown:
    def test_an_event_has_its_type_in_front(self, peer: Socket, publish: Any) -> None:
        (identity,) = publish({"text": "ä\u2028"})
        message = peer.message()
        assert list(message) == ["type", "id", "time", "data"]
        assert (message["type"], message["id"], message["data"]) == ("event", identity, {"text": "ä\u2028"})

    def test_after_a_gap_the_first_message_repeats_the_old_cursor_and_the_gap_follows(
        self, url: str, channel: str, publish: Any
    ) -> None:
        (identity,) = publish("a")
        with Socket(url, channel + "/socket?after=0123.4") as peer:
            assert peer.message() == {"type": "open", "cursor": "0123.4"}
            gap = peer.message()
            assert gap == {"type": "gap", "missed": None, "cursor": gap["cursor"]}
            assert gap["cursor"] != identity
            assert peer.message()["data"] == "a"

    def test_frames_are_whole_unmasked_and_uncompressed(self, url: str, channel: str, publish: Any) -> None:
        offer = {"Sec-WebSocket-Protocol": "chat"}  # and no compression
        with Socket(url, channel + "/socket", offer) as peer:
            peer.message()
            publish("x" * 70_000)
            frame = peer.frame()
            assert (frame.opcode, frame.fin, frame.rsv, frame.mask) == (Opcode.TEXT, True, 0, None)
            assert json.loads(frame.payload)["data"] == "x" * 70_000


class TestUp:
    def test_a_ref_may_be_left_out(self, peer: Socket) -> None:
        peer.tell({"type": "publish", "data": None})
        assert {peer.message()["type"], peer.message()["type"]} == {"published", "event"}

    def test_a_key_makes_a_repeat_safe_here_and_across_techniques(
        self, peer: Socket, connection: Connection, channel: str
    ) -> None:
        def say(data: Any) -> dict[str, Any]:
            peer.tell({"type": "publish", "data": data, "ref": 1, "key": "k"})
            while (message := peer.message())["type"] == "event":
                pass
            return message

        posted = connection.post(channel + "/events", "42", {"Idempotency-Key": "k"})
        assert posted.status == 201
        assert say(42) == {"type": "published", "ref": 1, "id": posted.json()["id"]}
        refused = say(43)
        assert (refused["type"], refused["ref"]) == ("error", 1)
        assert "'k'" in check_document(refused["problem"], 422)
        assert connection.post(channel + "/events", "42", {"Idempotency-Key": "k"}).status == 200


class TestClosing:
    """RFC 6455, Section 7 - Closing the Connection"""

    @pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
    def test_a_close_is_answered_with_its_code_and_then_the_server_hangs_up(
        self, peer: Socket, code: int
    ) -> None:
        peer.say(Opcode.CLOSE, code.to_bytes(2, "big") + b"auf Wiedersehen")
        assert peer.close_code()[0] == code
        assert peer.ended()

    def test_a_close_without_a_code_is_answered_without_one(self, peer: Socket) -> None:
        peer.say(Opcode.CLOSE)
        frame = peer.frame()
        assert (frame.opcode, frame.payload) == (Opcode.CLOSE, b"")
        assert peer.ended()

    def test_what_was_published_before_the_close_is_acknowledged(self, peer: Socket) -> None:
        peer.tell({"type": "publish", "data": 1, "ref": "last"})
        peer.say(Opcode.CLOSE, b"\x03\xe8")
        assert peer.message()["ref"] == "last"
        while (frame := peer.frame()).opcode is not Opcode.CLOSE:
            assert json.loads(frame.payload)["type"] == "event"
        assert peer.ended()

    def test_a_client_that_just_leaves_disturbs_nobody(
        self, peer: Socket, url: str, channel: str, publish: Any
    ) -> None:
        with Socket(url, channel + "/socket") as left:
            left.message()
        publish("a")
        assert peer.message()["data"] == "a"


class TestIndependentClients:
    def test_websockets_reads_and_publishes(self, url: str, channel: str, publish: Any) -> None:
        publish("before")
        where = url.replace("http", "ws") + channel + "/socket?after=start"
        with independent.connect(where, proxy=None, open_timeout=10, close_timeout=10) as client:
            assert json.loads(client.recv(timeout=10))["type"] == "open"
            assert json.loads(client.recv(timeout=10))["data"] == "before"
            client.send(json.dumps({"type": "publish", "data": "mine", "ref": 1}))
            kinds = {json.loads(client.recv(timeout=10))["type"] for _ in range(2)}
            assert kinds == {"published", "event"}
            assert client.ping().wait(10)
        assert client.close_code == CloseCode.NORMAL

    def test_websockets_is_told_why_it_is_closed(self, url: str, channel: str) -> None:
        where = url.replace("http", "ws") + channel + "/socket"
        with independent.connect(where, proxy=None, open_timeout=10, close_timeout=10) as client:
            client.recv(timeout=10)
            with contextlib.suppress(ConnectionClosed):
                client.send(b"binary")
                client.recv(timeout=10)
        assert client.close_code == CloseCode.UNSUPPORTED_DATA
        assert client.close_reason

    def test_websocket_client_reads_and_publishes(self, url: str, channel: str) -> None:
        client = websocket.create_connection(
            url.replace("http", "ws") + channel + "/socket", timeout=10, http_no_proxy=["*"]
        )
        try:
            assert json.loads(client.recv())["type"] == "open"
            client.send(json.dumps({"type": "publish", "data": "mine", "ref": 1}))
            assert {json.loads(client.recv())["type"] for _ in range(2)} == {"published", "event"}
        finally:
            client.close()


class TestHandshakeRefused:
    """RFC 6455, Section 4.2.1; RFC 9110, Section 15.5.22"""

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"Upgrade": None, "Connection": None}, 426),
            ({"Upgrade": None}, 426),
            ({"Upgrade": "h2c"}, 426),
            ({"Connection": None}, 400),
            ({"Connection": "keep-alive"}, 400),
            ({"Sec-WebSocket-Version": None}, 400),
            ({"Sec-WebSocket-Version": "8"}, 426),
            ({"Sec-WebSocket-Version": "13, 8"}, 426),
            ({"Sec-WebSocket-Key": None}, 400),
            ({"Sec-WebSocket-Key": "c2hvcnQ="}, 400),
            ({"Sec-WebSocket-Key": "not base64 at all, no!!!"}, 400),
            ({"Sec-WebSocket-Key": KEY + "\r\nSec-WebSocket-Key: " + KEY}, 400),
        ],
    )
    def test_each_wrong_header_is_named(
        self, change: dict[str, str | None], status: int, connection: Connection, channel: str
    ) -> None:
        headers = {name: value for name, value in {**HANDSHAKE, **change}.items() if value is not None}
        answer = connection.get(channel + "/socket", headers=headers)
        assert answer.problem(status)
        if status == 426:
            assert answer.headers["upgrade"] == "websocket"
            assert answer.headers["sec-websocket-version"] == "13"
            assert "upgrade" in answer.headers["connection"].lower()
        assert connection.get("/healthz").status == 200, "the connection can still be used"

    def test_http_1_0_cannot_upgrade(self, connection: Connection, channel: str) -> None:
        connection.ask(channel + "/socket", headers=HANDSHAKE, version="1.0")
        assert "1.1" in connection.answer().problem(400)

    def test_head_is_no_handshake(self, connection: Connection, channel: str) -> None:
        answer = connection.get(channel + "/socket", "HEAD", HANDSHAKE)
        assert answer.status == 426
        assert connection.get("/healthz").status == 200
