"""The table of RFC 6455 said to a live server, over real connections."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rtlab.protocol.frames import CloseCode, Opcode
from rtlab.protocol.handshake import client_request
from rtlab.protocol.messages import Binary, Close, Ping, Text
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread

from ..protocol.rfc6455_cases import CASES, EMPTY, GOOD, HANDSHAKES, LIMIT, OPEN, Case, Handshake
from .conftest import start
from .raw import Connection, Socket

DEBUG = False


@pytest.fixture(scope="module")
def server() -> Any:
    running = start(Limits(message_bytes=LIMIT), debug=DEBUG)
    yield running
    running.close()


def expected(case: Case) -> tuple[list[tuple[Opcode, Any]], int | None]:
    """What rtlab's server says to a case: a pong, an error to a text that publishes nothing; its last word's code."""
    said: list[tuple[Opcode, Any]] = []
    for event in case.events:
        match event:
            case Ping(data):
                said.append((Opcode.PONG, data))
            case Text():
                said.append((Opcode.TEXT, "error"))
            case Binary():
                return said, CloseCode.UNSUPPORTED_DATA  # it understands text only
            case Close():
                break
    return said, case.close


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_server_keeps_the_rule(case: Case, server: ServerThread) -> None:
    said, close = expected(case)
    with Socket(server.url, "/channels/a/socket") as peer:
        assert peer.message()["type"] == "open"
        peer.send(case.wire(to_server=True))
        for opcode, what in said:
            frame = peer.frame()
            assert frame.opcode is opcode
            assert what == (json.loads(frame.payload)["type"] if opcode is Opcode.TEXT else frame.payload)
        if close is OPEN:
            peer.say(Opcode.PING, b"still there?")
            assert (peer.frame().opcode, peer.frames) == (Opcode.PONG, [])
            return
        last = peer.frame()
        assert last.opcode is Opcode.CLOSE
        assert int.from_bytes(last.payload[:2], "big") == close
        assert (last.payload == b"") is (close == EMPTY)
        if close == CloseCode.UNSUPPORTED_DATA:  # it has begun to close, and waits for our Close
            peer.say(Opcode.CLOSE, last.payload[:2])
        assert peer.ended()


@pytest.mark.parametrize("asked", HANDSHAKES.values(), ids=HANDSHAKES)
def test_the_server_judges_a_handshake(asked: Handshake, server: ServerThread) -> None:
    with Connection(server.url) as connection:
        headers = {name: value for name, value in {**GOOD, **asked.headers}.items() if value is not None}
        headers["Host"] = connection.host
        connection.ask("/channels/a/socket", asked.method, headers, asked.version)
        if asked.status == 101:
            status, _, found = connection.answer_head()
            assert status == 101
            assert not {"sec-websocket-extensions", "sec-websocket-protocol"} & set(found)
        else:
            assert connection.answer().problem(asked.status)


def test_a_refused_handshake_names_what_is_spoken_here(server: ServerThread) -> None:
    with Connection(server.url) as connection:
        wrong = client_request(connection.host, "/channels/a/socket", GOOD["Sec-WebSocket-Key"])
        connection.send(wrong.replace(b"Version: 13", b"Version: 14"))
        assert connection.answer().headers["sec-websocket-version"] == "13"
