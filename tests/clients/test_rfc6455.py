"""The table of RFC 6455 sent to our reader by a server that says just these bytes."""

from __future__ import annotations

import json
import queue
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from rtlab.clients import WebSocket
from rtlab.clients.channel import Channel
from rtlab.clients.duplex import Duplex
from rtlab.clients.reader import Stats
from rtlab.errors import ServerError, Unavailable
from rtlab.protocol.frames import Frame, FrameParser, Opcode, encode
from rtlab.protocol.handshake import response
from rtlab.protocol.messages import Close, Ping, Text

from ..protocol.rfc6455_cases import CASES, EMPTY, LIMIT, OPEN, Case
from .conftest import read_head

SECONDS = 10.0
END = b'"the end"'  # what a server sends when a case has left the connection open

# Where websocket-client, on which the reader stands, answers otherwise than our own protocol would.
ALWAYS_1000 = "answers every Close with 1000: 5.5.1 asks for the code that came only typically"


def key_of(head: bytes) -> str:
    (line,) = [line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:")]
    return line.partition(b":")[2].strip().decode()


class Talk:
    """A server for one connection: says a case, and keeps the frames that come back until the client hangs up."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.answers: queue.Queue[list[Frame]] = queue.Queue()

    def serve(self, connection: socket.socket, _number: int) -> None:
        end = encode(Frame(Opcode.TEXT, END)) if self.case.close is OPEN else b""
        head = response(key_of(read_head(connection)))
        connection.sendall(head + self.case.wire(to_server=False) + end)
        parser, frames = FrameParser(expect_mask=True), []
        while data := connection.recv(65536):
            frames += parser.receive_data(data)
        self.answers.put(frames)


def test_a_large_message_is_refused_before_it_has_come(peer: Callable[..., Any]) -> None:
    case = CASES["the greatest length there is"]
    with pytest.raises(ServerError, match="at most 16777216 are taken here"):
        WebSocket(f"http://127.0.0.1:{peer(Talk(case).serve).port}/channels/a").__enter__()


def read(duplex: Duplex) -> tuple[list[Any], int | None]:
    """The messages that are handed out, up to END or a failure; the failure's code."""
    got: list[Any] = []
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            message = duplex.receive(deadline)
        except ServerError as error:
            return got, error.status
        except Unavailable:  # a Close that is no fault of ours
            return got, None
        if message == json.loads(END):
            return got, None
        if message is not None:
            got.append(message)
    raise AssertionError("nothing came")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_our_reader_keeps_the_rule(case: Case, peer: Callable[..., Any]) -> None:
    talk = Talk(case)
    made = peer(talk.serve)
    duplex = Duplex(Channel.parse(f"http://127.0.0.1:{made.port}/channels/a"), Stats(), message_bytes=LIMIT)
    duplex.connect("now", time.monotonic() + SECONDS)
    try:
        got, failed = read(duplex)
    finally:
        duplex.drop()
    answers = talk.answers.get(timeout=SECONDS)
    assert got == [json.loads(event.data) for event in case.events if isinstance(event, Text)]
    pings = [event.data for event in case.events if isinstance(event, Ping)]
    assert [frame.payload for frame in answers if frame.opcode is Opcode.PONG] == pings
    closes = [frame.payload for frame in answers if frame.opcode is Opcode.CLOSE]
    if case.close is OPEN:
        assert (failed, closes) == (None, [])
    elif any(isinstance(event, Close) for event in case.events):
        assert closes == [(1000).to_bytes(2, "big")], ALWAYS_1000
        assert failed in (None, case.close or EMPTY)
    else:
        assert failed == case.close
        assert closes == [case.close.to_bytes(2, "big")]
