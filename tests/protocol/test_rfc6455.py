"""The table of RFC 6455 read by our protocol, and by wsproto and websockets as second opinions."""

from __future__ import annotations

import logging

import pytest
from websockets.datastructures import Headers
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import CloseCode as TheirCode
from websockets.http11 import Request
from websockets.protocol import Protocol, Side, State
from websockets.server import ServerProtocol
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import CloseConnection

from rtlab.errors import BadInput, HandshakeError
from rtlab.protocol.extensions import HEADER, read_extensions
from rtlab.protocol.handshake import check_request
from rtlab.protocol.messages import Close, Failed, WebSocketProtocol, WsEvent

from .rfc6455_cases import CASES, EMPTY, GOOD, HANDSHAKES, LIMIT, OPEN, Case, Handshake

ROLES = ("server", "client")


def read_by_us(role: str, wire: bytes, step: int) -> tuple[list[WsEvent], int | None]:
    """What is handed out, and the code of the Close that is owed in the end."""
    protocol = WebSocketProtocol(role, LIMIT, new_mask=lambda: bytes(4))  # type: ignore[arg-type]
    pieces = [wire[at : at + step] for at in range(0, len(wire), step)]
    events = [event for piece in pieces for event in protocol.receive_data(piece)]
    last = events[-1] if events else None
    if isinstance(last, Failed):
        return events[:-1], last.close_code
    if isinstance(last, Close):
        return events, int.from_bytes(protocol.answer(last)[-2:], "big") if last.code else EMPTY
    return events, OPEN


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_our_protocol_keeps_the_rule_on_either_side_however_the_bytes_come(role: str, case: Case) -> None:
    wire = case.wire(to_server=role == "server")
    for step in (len(wire), 1, 3):
        events, close = read_by_us(role, wire, step)
        assert (tuple(events), close) == (case.events, case.close)


def asked_wsproto(role: str, wire: bytes) -> int | None:
    """How wsproto would answer: it tells a failure, and a Close of the peer's, by the same event."""
    connection = Connection(ConnectionType.CLIENT if role == "client" else ConnectionType.SERVER)
    connection.receive_data(wire)
    for event in connection.events():
        if isinstance(event, CloseConnection):
            given = connection.state is ConnectionState.REMOTE_CLOSING
            return EMPTY if given and event.code == TheirCode.NO_STATUS_RCVD else int(event.code)
    return OPEN


def asked_websockets(role: str, wire: bytes) -> int | None:
    """How websockets would answer."""
    side = Side.SERVER if role == "server" else Side.CLIENT
    protocol = Protocol(side, state=State.OPEN, max_size=LIMIT, logger=logging.getLogger("second opinion"))
    protocol.receive_data(wire)
    if protocol.close_sent is None:
        return OPEN
    return EMPTY if protocol.close_sent.code == TheirCode.NO_STATUS_RCVD else int(protocol.close_sent.code)


OPINIONS = {"wsproto": asked_wsproto, "websockets": asked_websockets}


@pytest.mark.parametrize("library", OPINIONS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_second_opinion_is_the_same_or_the_table_says_why_not(library: str, case: Case) -> None:
    expected, _why = case.differs.get(library, (case.close, ""))
    for role in ROLES:
        assert OPINIONS[library](role, case.wire(to_server=role == "server")) == expected


def test_a_difference_is_a_difference_and_says_why() -> None:
    for name, case in CASES.items():
        for library, (verdict, why) in case.differs.items():
            assert library in OPINIONS, name
            assert verdict != case.close, name
            assert len(why) > 10, name


def good_but(asked: Handshake) -> dict[str, str]:
    return {name: value for name, value in {**GOOD, **asked.headers}.items() if value is not None}


@pytest.mark.parametrize("asked", HANDSHAKES.values(), ids=HANDSHAKES)
def test_a_request_is_judged_as_the_rfc_says(asked: Handshake) -> None:
    status = 101
    try:
        check_request("GET", f"HTTP/{asked.version}", good_but(asked))
        read_extensions([asked.headers.get(HEADER) or ""])
    except HandshakeError as error:
        status = error.status
    except BadInput:
        status = 400
    assert status == asked.status


@pytest.mark.parametrize("asked", HANDSHAKES.values(), ids=HANDSHAKES)
def test_websockets_judges_a_request_alike_or_the_table_says_why_not(asked: Handshake) -> None:
    if asked.version != "1.1":
        return  # its parser has refused that before
    theirs = ServerProtocol(
        extensions=[ServerPerMessageDeflateFactory()], logger=logging.getLogger("second opinion")
    )
    answer = theirs.accept(Request("/", Headers(good_but(asked))))
    assert answer.status_code == asked.differs.get("websockets", (asked.status, ""))[0]
