"""Each wrong input gets its status or close code and says what was wrong; and nobody else's stream notices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from rtlab.protocol.frames import Frame, Opcode, encode

from ..raw import HANDSHAKE, Connection, Socket, Stream, check_document

PLACES = ("/events", "/stream", "/socket")
MASK = b"\x01\x02\x03\x04"


@pytest.fixture(autouse=True)
def bystanders(url: str, channel: str) -> Iterator[None]:
    """Others read the same channel all the while, and get the next event as if nothing had been."""
    with Stream(url, channel + "/stream") as stream, Socket(url, channel + "/socket") as peer:
        assert "data" not in stream.block()
        assert peer.message()["type"] == "open"
        yield
        with Connection(url) as connection:
            assert connection.post(channel + "/events", '"undisturbed"').status == 201
        data: list[Any] = []
        while "undisturbed" not in data:
            block = next(
                each for each in iter(stream.block, None) if "" not in each
            )  # heartbeats may come between
            data.append(stream.data(block)["data"])
            assert peer.message()["data"] == data[-1]


class TestPositions:
    CURSORS = (
        "nonsense",
        "new",
        "Last",
        ".1",
        "1.",
        "a.b",
        "a.-1",
        "a.1.2.3",
        "a.1 b",
        "ABC.1",
        "a.1e3",
        "a" * 33 + ".1",
        "a.1" + "0" * 18,
        "a\xb2.1",
        "%",
        "<script>",
    )

    @pytest.mark.parametrize("place", PLACES)
    @pytest.mark.parametrize("cursor", CURSORS)
    def test_what_is_no_cursor_is_a_bad_request(
        self, place: str, cursor: str, connection: Connection, channel: str
    ) -> None:
        quoted = "".join(f"%{byte:02x}" for byte in cursor.encode())
        for query, headers in (
            (f"?after={quoted}", {}),
            ("", {"Last-Event-ID": cursor}),
            ("?after=start", {"Last-Event-ID": cursor}),
            ("", {"If-None-Match": f'"{cursor}"'}),
        ):
            detail = connection.get(channel + place + query, headers={**HANDSHAKE, **headers}).problem(400)
            assert "is not a cursor" in detail
            assert "start, last, now" in detail

    @pytest.mark.parametrize("place", PLACES)
    @pytest.mark.parametrize("query", ["after=", "after=start&after=", "after=%ff"])
    def test_an_empty_or_unreadable_position_is_not_taken_for_now(
        self, place: str, query: str, connection: Connection, channel: str
    ) -> None:
        connection.get(f"{channel}{place}?{query}", headers=HANDSHAKE).problem(400)

    @pytest.mark.parametrize("limit", ["0", "-1", "1.5", "x", "", "1e3", "1" * 10, "²"])
    def test_a_limit_is_a_whole_number_from_1(self, limit: str, connection: Connection, channel: str) -> None:
        quoted = "".join(f"%{byte:02x}" for byte in limit.encode())
        detail = connection.get(f"{channel}/events?limit={quoted}").problem(400)
        assert "whole number" in detail
        assert repr(limit) in detail

    @pytest.mark.parametrize("wait", ["-1", "nan", "inf", "-inf", "x", "", "1s", "1,5"])
    def test_a_wait_is_seconds(self, wait: str, connection: Connection, channel: str) -> None:
        detail = connection.get(f"{channel}/events?wait={wait}").problem(400)
        assert "seconds" in detail
        assert repr(wait) in detail


class TestNames:
    @pytest.mark.parametrize("place", PLACES)
    @pytest.mark.parametrize(
        "name", ["%20", "a%20b", "%C3%A4", "a%2Fb", "x" * 65, "%00", "a%0A", "a:b", "a@b", "*", "a+b", "~"]
    )
    def test_a_name_of_other_characters_or_too_long_is_refused(
        self, place: str, name: str, connection: Connection
    ) -> None:
        target = f"/channels/{name}{place}"
        assert "room-1" in connection.get(target, headers=HANDSHAKE).problem(400)
        if place == "/events":
            assert "room-1" in connection.post(target, "1").problem(400)
            assert "room-1" in connection.get(target + "/a.1").problem(400)

    def test_a_name_that_is_not_utf_8_is_refused(self, connection: Connection) -> None:
        connection.get("/channels/%ff/events").problem(400)


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "says"),
        [
            (b"", "not JSON"),
            (b" \n", "not JSON"),
            (b"{", "not JSON"),
            (b"{'a': 1}", "not JSON"),
            (b'{"a": 1,}', "not JSON"),
            (b"1 2", "not JSON"),
            (b"hello", "not JSON"),
            (b"a=1&b=2", "not JSON"),
            (b'"\t"', "not JSON"),
            (b"NaN", "NaN"),
            (b"[Infinity]", "Infinity"),
            (b'{"a": -Infinity}', "-Infinity"),
            (b"1e400", "JSON"),
            (b"[-1e999]", "JSON"),
            (b'"\\ud800"', "surrogate"),
            (b'{"\\udfff": 1}', "surrogate"),
            (b'"\xed\xa0\x80"', "UTF-8"),
            (b'"\xff"', "UTF-8"),
            (b'"\xc3"', "UTF-8"),
            ('"ä"'.encode("latin-1"), "UTF-8"),
            ('"a"'.encode("utf-16"), "UTF-8"),
            ('"a"'.encode("utf-16-le"), "JSON"),
            (b"[" * 101 + b"]" * 101, "nested"),
            (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "nested"),
            (b"[" * 200_000, "nested"),
            (b"1" * 5_000, "digits"),
            (b"[" + b"-9" * 3_000 + b"]", "not JSON"),
        ],
        ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else "",
    )
    def test_what_is_not_json_is_refused_and_not_appended(
        self, body: bytes, says: str, connection: Connection, channel: str
    ) -> None:
        assert says in connection.post(channel + "/events", body).problem(400)
        assert connection.get(channel + "/events?after=start").json()["events"] == []

    def test_what_is_just_json_is_taken(self, connection: Connection, channel: str) -> None:
        bodies = [
            b"[" * 100 + b"]" * 100,
            b"[" + b"[],{}," * 1_000 + b"[]]",
            b"1" * 4_300,
            b'"\\ud83d\\ude00"',
            b"\xef\xbb\xbf1",
            b"1e308",
        ]
        for body in bodies:
            assert connection.post(channel + "/events", body).status == 201

    @pytest.mark.parametrize(
        "kind",
        [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json", "*/*"],
    )
    @pytest.mark.parametrize("size", [0, 1, 300_000])
    def test_another_content_type_is_415(
        self, kind: str | None, size: int, connection: Connection, channel: str
    ) -> None:
        headers = {"Content-Length": str(size)} | ({} if kind is None else {"Content-Type": kind})
        connection.send(connection.head("POST", channel + "/events", headers) + "1" * size)
        assert "application/json" in connection.answer().problem(415)
        assert connection.get("/healthz").status == 200, "the connection can still be used"

    def test_who_asks_before_sending_is_told_at_once(self, connection: Connection, channel: str) -> None:
        headers = {"Content-Type": "text/plain", "Content-Length": "10", "Expect": "100-continue"}
        assert connection.get(channel + "/events", "POST", headers).problem(415)


class TestBelowTheHandlers:
    @pytest.mark.parametrize(
        "bytes_",
        [
            "nonsense\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / HTTP/2.0\r\nHost: HOST\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: HOST\r\nno colon\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: HOST\r\nbad name: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: HOST\r\nX: a\0b\r\n\r\n",
            "POST EVENTS HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: x\r\n\r\n",
            "POST EVENTS HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n",
            "POST EVENTS HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: \xb2\r\n\r\n",
            "POST EVENTS HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
            "Content-Length: 1\r\nContent-Length: 2\r\n\r\n1",
            "POST EVENTS HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST EVENTS HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            "POST EVENTS HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n1\r\n1XX",
            "POST EVENTS HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
            "Content-Length: " + "9" * 5_000 + "\r\n\r\n",
        ],
        ids=lambda text: repr(text[:60]),
    )
    def test_a_malformed_head_or_framing_is_an_empty_400_and_the_end_of_the_connection(
        self, bytes_: str, connection: Connection, channel: str
    ) -> None:
        connection.send(bytes_.replace("HOST", connection.host).replace("EVENTS", channel + "/events"))
        assert re.fullmatch(rb"(HTTP/1\.1 400 Bad Request\r\n\r\n)?", connection.rest())

    def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(self, url: str, channel: str) -> None:
        whole = (
            f"POST {channel}/events HTTP/1.1\r\nHost: h\r\n"
            "Content-Type: application/json\r\nContent-Length: 4\r\n\r\n1234"
        )
        for size in range(0, len(whole), 7):
            with Connection(url) as left:
                left.send(whole.replace("Host: h", f"Host: {left.host}")[:size])


class TestMessages:
    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "not JSON"),
            ("{", "not JSON"),
            ("hello", "not JSON"),
            ("[]", '"publish"'),
            ('"publish"', '"publish"'),
            ("{}", '"publish"'),
            ('{"type": "subscribe", "data": 1}', '"publish"'),
            ('{"type": ["publish"], "data": 1}', '"publish"'),
            ('{"type": "publish"}', '"publish"'),
            ('{"type": "publish", "data": NaN}', "NaN"),
            ('{"type": "publish", "data": 1e400}', "JSON"),
            ('{"type": "publish", "data": "\\ud800"}', "surrogate"),
            ('{"type": "publish", "data": ' + "[" * 101 + "]" * 101 + "}", "nested"),
            ('{"type": "publish", "data": ' + "[" * 100_000, "nested"),
            ('{"type": "publish", "data": ' + "1" * 5_000 + "}", "digits"),
            ('{"type": "publish", "data": 1, "key": 7}', "key"),
            ('{"type": "publish", "data": 1, "key": ""}', "key"),
            ('{"type": "publish", "data": 1, "key": "' + "k" * 256 + '"}', "key"),
        ],
        ids=lambda text: repr(text[:50]),
    )
    def test_a_wrong_message_is_answered_with_a_problem_and_the_socket_goes_on(
        self, text: str, says: str, url: str, channel: str
    ) -> None:
        with Socket(url, channel + "/socket") as peer:
            peer.message()
            peer.tell(text)
            error = peer.message()
            assert list(error) == ["type", "ref", "problem"]
            assert error["type"] == "error"
            assert says in check_document(error["problem"], 400)
            peer.tell({"type": "publish", "data": 1, "ref": "next"})
            assert {peer.message()["type"], peer.message()["type"]} == {"published", "event"}

    @pytest.mark.parametrize("ref", ["1e400", '"\\ud800"', "[" * 150 + "]" * 150])
    def test_a_ref_that_cannot_be_sent_back_is_refused_before_anything_is_published(
        self, ref: str, url: str, channel: str
    ) -> None:
        with Socket(url, channel + "/socket") as peer:
            peer.message()
            peer.tell('{"type": "publish", "data": 1, "ref": ' + ref + "}")
            error = peer.message()
            assert (error["type"], error["ref"]) == ("error", None)
            check_document(error["problem"], 400)
        with Connection(url) as connection:
            assert connection.get(channel + "/events?after=start").json()["events"] == []

    def test_the_ref_of_a_wrong_message_comes_back(self, url: str, channel: str) -> None:
        with Socket(url, channel + "/socket") as peer:
            peer.message()
            peer.tell({"type": "publish", "ref": [1, "x"], "data": 1, "key": 7})
            assert peer.message()["ref"] == [1, "x"]


class TestFrames:
    """RFC 6455, Section 7.4.1 - Defined Status Codes"""

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (encode(Frame(Opcode.TEXT, b"{}")), 1002),  # not masked
            (encode(Frame(Opcode.TEXT, b"{}", rsv=4, mask=MASK)), 1002),
            (b"\x83\x80" + MASK, 1002),  # a reserved opcode
            (encode(Frame(Opcode.PING, b"", fin=False, mask=MASK)), 1002),
            (encode(Frame(Opcode.PING, b"x" * 126, mask=MASK)), 1002),
            (encode(Frame(Opcode.CONTINUATION, b"x", mask=MASK)), 1002),
            (b"\x81\xfe\x00\x05" + MASK + b"12345", 1002),  # a length not in its shortest form
            (encode(Frame(Opcode.CLOSE, b"\x03", mask=MASK)), 1002),
            (encode(Frame(Opcode.CLOSE, b"\x03\xed", mask=MASK)), 1002),  # 1005 is never sent
            (encode(Frame(Opcode.CLOSE, b"\x03\xe8\xff", mask=MASK)), 1007),
            (encode(Frame(Opcode.TEXT, b"\xff", mask=MASK)), 1007),
            (encode(Frame(Opcode.TEXT, b"\xed\xa0\x80", mask=MASK)), 1007),
            (encode(Frame(Opcode.BINARY, b"{}", mask=MASK)), 1003),
        ],
        ids=lambda value: repr(value[:12]) if isinstance(value, bytes) else value,
    )
    def test_a_broken_frame_is_answered_with_its_close_code_and_the_end(
        self, data: bytes, code: int, url: str, channel: str
    ) -> None:
        with Socket(url, channel + "/socket") as peer:
            peer.message()
            peer.send(data)
            assert peer.close_code()[0] == code
            peer.say(Opcode.CLOSE, code.to_bytes(2, "big"))
            assert peer.ended()

    def test_what_came_before_the_broken_frame_is_answered_first(self, url: str, channel: str) -> None:
        with Socket(url, channel + "/socket") as peer:
            peer.message()
            ping, publish = (
                Frame(Opcode.PING, b"p", mask=MASK),
                Frame(Opcode.TEXT, b'{"type":"publish","data":1,"ref":2}', mask=MASK),
            )
            peer.send(encode(ping) + encode(publish) + b"\xff\xff")
            assert peer.frame().opcode is Opcode.PONG
            assert peer.message()["ref"] == 2
            assert peer.close_code()[0] == 1002
            assert peer.ended()

    def test_a_client_that_goes_on_sending_still_hears_why(self, url: str, channel: str) -> None:
        with Socket(url, channel + "/socket") as peer:
            peer.message()
            peer.send(b"\xff\xff" + b"x" * 500_000)
            code, reason = peer.close_code()
            assert code == 1002
            assert reason
            assert peer.ended()

    def test_one_close_is_enough(self, url: str, channel: str) -> None:
        with Socket(url, channel + "/socket") as peer:
            peer.message()
            binary = encode(Frame(Opcode.BINARY, b"x", mask=MASK))
            peer.send(binary + encode(Frame(Opcode.PING, b"p", mask=MASK)) + binary)
            assert peer.close_code()[0] == 1003
            peer.send(b"\xff\xff")
            assert peer.ended()
