"""RFC 6455, section 4: the opening handshake, and every way in which either side may refuse it."""

import base64
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tornado.httputil import HTTPHeaders

from rtlab.errors import BadInput, HandshakeError
from rtlab.protocol.handshake import (
    accept_value,
    check_request,
    check_response,
    client_request,
    new_key,
    response,
)

KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # section 1.3

REQUEST = {
    "Host": "server.example.com",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}
RESPONSE = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": ACCEPT}


def without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


def lines(head: bytes) -> list[str]:
    assert head.endswith(b"\r\n\r\n")
    return head.decode().split("\r\n")[:-2]


class TestKey:
    """Sections 1.3, 4.1 and 4.2.2."""

    def test_the_accept_value_of_the_example(self) -> None:
        assert accept_value(KEY) == ACCEPT

    def test_a_key_is_16_bytes_in_base64_and_never_the_same(self) -> None:
        keys = {new_key() for _ in range(100)}
        assert len(keys) == 100
        assert {len(base64.b64decode(key)) for key in keys} == {16}


class TestClientRequest:
    """Section 4.1."""

    def test_the_request_of_the_example(self) -> None:
        head = client_request(
            "server.example.com",
            "/chat",
            KEY,
            origin="http://example.com",
            subprotocols=["chat", "superchat"],
        )
        assert lines(head) == [
            "GET /chat HTTP/1.1",
            "Host: server.example.com",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {KEY}",
            "Sec-WebSocket-Version: 13",
            "Origin: http://example.com",
            "Sec-WebSocket-Protocol: chat, superchat",
        ]

    @pytest.mark.parametrize("headers", [{"Cookie": "a=b"}, [("Cookie", "a=b")]])
    def test_further_headers_come_last(self, headers) -> None:
        assert lines(client_request("h", "/", KEY, headers=headers))[-1] == "Cookie: a=b"

    @pytest.mark.parametrize("resource", ["", "a", "http://h/", "/a b", "/a#b", "/é", "/a\r\n", "/\0"])
    def test_a_resource_that_cannot_stand_in_a_request_line_is_refused(self, resource: str) -> None:
        with pytest.raises(BadInput, match="resource"):
            client_request("h", resource, KEY)

    @pytest.mark.parametrize(
        "header", [("A", "b\r\nC: d"), ("A", "b\nc"), ("A", "\0"), ("A", "✓"), ("A:", "b"), ("", "b")]
    )
    def test_a_header_that_would_break_the_head_is_refused(self, header: tuple[str, str]) -> None:
        with pytest.raises(BadInput, match="would break the head"):
            client_request("h", "/", KEY, headers=[header])
        with pytest.raises(BadInput, match="would break the head"):
            response(KEY, headers=[header])


class TestCheckRequest:
    """Section 4.2.1."""

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"Upgrade": "WebSocket"},
            {"Upgrade": "h2c, websocket"},
            {"Connection": "keep-alive, Upgrade"},
            {"Connection": "upgrade"},
            {"Sec-WebSocket-Key": f" {KEY}\t"},
            {"Origin": "https://example.com", "Sec-WebSocket-Extensions": "permessage-deflate"},
        ],
    )
    def test_a_proper_request_gives_its_key(self, changes: dict[str, str]) -> None:
        headers = REQUEST | changes
        assert check_request("GET", "HTTP/1.1", headers) == KEY
        assert (
            check_request("GET", "HTTP/1.1", {name.upper(): value for name, value in headers.items()}) == KEY
        )
        assert check_request("GET", "HTTP/1.1", list(headers.items())) == KEY
        assert check_request("GET", "HTTP/1.1", HTTPHeaders(headers).get_all()) == KEY

    @pytest.mark.parametrize(
        ("method", "version", "headers", "status", "detail"),
        [
            ("POST", "HTTP/1.1", REQUEST, 405, "is a GET, not POST"),
            ("get", "HTTP/1.1", REQUEST, 405, "is a GET, not get"),
            ("GET", "HTTP/1.0", REQUEST, 400, "use HTTP/1.1"),
            ("GET", "HTTP/1.1", {}, 400, "Host"),
            ("GET", "HTTP/1.1", without(REQUEST, "Host"), 400, "Host"),
            ("GET", "HTTP/1.1", [*REQUEST.items(), ("host", "b")], 400, "Host"),
            ("GET", "HTTP/1.1", without(REQUEST, "Upgrade"), 426, "Upgrade: websocket"),
            ("GET", "HTTP/1.1", REQUEST | {"Upgrade": "h2c"}, 426, "Upgrade: websocket"),
            ("GET", "HTTP/1.1", REQUEST | {"Upgrade": "websockets"}, 426, "Upgrade: websocket"),
            ("GET", "HTTP/1.1", without(REQUEST, "Connection"), 400, "Connection: Upgrade"),
            ("GET", "HTTP/1.1", REQUEST | {"Connection": "keep-alive"}, 400, "Connection: Upgrade"),
            ("GET", "HTTP/1.1", without(REQUEST, "Sec-WebSocket-Version"), 400, "Sec-WebSocket-Version"),
            (
                "GET",
                "HTTP/1.1",
                REQUEST | {"Sec-WebSocket-Version": "8"},
                426,
                "'8' is not spoken here: use 13",
            ),
            ("GET", "HTTP/1.1", REQUEST | {"Sec-WebSocket-Version": "013"}, 426, "use 13"),
            ("GET", "HTTP/1.1", [*REQUEST.items(), ("Sec-WebSocket-Version", "13")], 400, "exactly one"),
            ("GET", "HTTP/1.1", without(REQUEST, "Sec-WebSocket-Key"), 400, "Sec-WebSocket-Key"),
            ("GET", "HTTP/1.1", [*REQUEST.items(), ("Sec-WebSocket-Key", KEY)], 400, "exactly one"),
            ("GET", "HTTP/1.1", REQUEST | {"Sec-WebSocket-Key": ""}, 400, "16 bytes"),
            ("GET", "HTTP/1.1", REQUEST | {"Sec-WebSocket-Key": "c2hvcnQ="}, 400, "16 bytes"),
            ("GET", "HTTP/1.1", REQUEST | {"Sec-WebSocket-Key": KEY[:-2]}, 400, "16 bytes"),
            ("GET", "HTTP/1.1", REQUEST | {"Sec-WebSocket-Key": KEY[:-2] + "AA"}, 400, "16 bytes"),
            ("GET", "HTTP/1.1", REQUEST | {"Sec-WebSocket-Key": "!" + KEY[1:]}, 400, "16 bytes"),
            ("GET", "HTTP/1.1", REQUEST | {"Sec-WebSocket-Key": "é" + KEY[1:]}, 400, "16 bytes"),
        ],
    )
    def test_each_fault_is_refused_with_its_status(
        self, method, version, headers, status: int, detail: str
    ) -> None:
        with pytest.raises(HandshakeError, match=detail) as refusal:
            check_request(method, version, headers)
        assert refusal.value.status == status

    def test_a_refusal_carries_the_headers_that_its_status_needs(self) -> None:
        def refused(method: str, headers: dict[str, str]) -> dict[str, str]:
            with pytest.raises(HandshakeError) as refusal:
                check_request(method, "HTTP/1.1", headers)
            return refusal.value.headers

        assert refused("POST", REQUEST) == {"Allow": "GET"}  # RFC 9110, section 15.5.6
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
        assert refused("GET", {"Host": "h"}) == upgrade  # RFC 9110, section 15.5.22
        assert refused("GET", REQUEST | {"Sec-WebSocket-Version": "8"}) == upgrade  # section 4.4
        assert refused("GET", without(REQUEST, "Sec-WebSocket-Version")) == {"Sec-WebSocket-Version": "13"}


class TestResponse:
    """Section 4.2.2."""

    def test_the_response_of_the_example(self) -> None:
        assert lines(response(KEY, "chat", {"Server": "rtlab"})) == [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {ACCEPT}",
            "Sec-WebSocket-Protocol: chat",
            "Server: rtlab",
        ]


class TestCheckResponse:
    """Section 4.1, the client's list of what to verify."""

    @pytest.mark.parametrize(
        ("changes", "offered"),
        [
            ({}, []),
            ({"Upgrade": "WebSocket"}, []),
            ({"Connection": "upgrade"}, []),
            ({"Sec-WebSocket-Extensions": ""}, []),
            ({}, ["chat"]),
            ({"Sec-WebSocket-Protocol": "chat"}, ["superchat", "chat"]),
        ],
    )
    def test_a_proper_response_passes(self, changes: dict[str, str], offered: list[str]) -> None:
        headers = {name.lower(): value for name, value in (RESPONSE | changes).items()}
        check_response(101, headers, KEY, offered)
        check_response(101, list(headers.items()), KEY, offered)

    @pytest.mark.parametrize(
        ("status", "headers", "offered", "detail"),
        [
            (200, RESPONSE, [], "101 was expected"),
            (403, {}, [], "101 was expected"),
            (101, without(RESPONSE, "Upgrade"), [], "lacks Upgrade"),
            (101, RESPONSE | {"Upgrade": "h2c"}, [], "lacks Upgrade"),
            (101, without(RESPONSE, "Connection"), [], "lacks Connection"),
            (101, RESPONSE | {"Connection": "close"}, [], "lacks Connection"),
            (101, without(RESPONSE, "Sec-WebSocket-Accept"), [], "lacks Sec-WebSocket-Accept"),
            (101, RESPONSE | {"Sec-WebSocket-Accept": ACCEPT.lower()}, [], "lacks Sec-WebSocket-Accept"),
            (
                101,
                RESPONSE | {"Sec-WebSocket-Accept": accept_value(KEY.swapcase())},
                [],
                "lacks Sec-WebSocket-Accept",
            ),
            (101, RESPONSE | {"Sec-WebSocket-Extensions": "permessage-deflate"}, [], "extension"),
            (101, RESPONSE | {"Sec-WebSocket-Protocol": "chat"}, [], "not offered"),
            (101, RESPONSE | {"Sec-WebSocket-Protocol": "Chat"}, ["chat"], "not offered"),
            (101, [*RESPONSE.items(), *[("Sec-WebSocket-Protocol", "chat")] * 2], ["chat"], "more than one"),
        ],
    )
    def test_each_fault_is_told(self, status: int, headers, offered: list[str], detail: str) -> None:
        with pytest.raises(HandshakeError, match=detail) as refusal:
            check_response(status, headers, KEY, offered)
        assert refusal.value.status == status


names = st.sampled_from([*REQUEST, *RESPONSE, "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "X"])
values = st.sampled_from([*REQUEST.values(), *RESPONSE.values(), "", ",", "8"]) | st.text(max_size=30)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(names, values), max_size=10), st.text(max_size=5), st.integers(0, 999))
def test_any_headers_pass_or_are_refused_with_a_handshake_error(headers, method: str, status: int) -> None:
    for verb in ("GET", method):
        with contextlib.suppress(HandshakeError):
            assert len(base64.b64decode(check_request(verb, "HTTP/1.1", headers))) == 16
    for code in (101, status):
        with contextlib.suppress(HandshakeError):
            check_response(code, headers, KEY)
            assert ("Sec-WebSocket-Accept", ACCEPT) in headers
