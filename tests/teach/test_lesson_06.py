"""The recordings of lesson 06 are true, and its peer behaves as a socket does."""

import socket
import threading

import pytest

from rtlab.errors import HandshakeError
from rtlab.protocol.handshake import accept_value, check_request, check_response, client_request, response
from rtlab.teach import exercise
from rtlab.teach.lesson_06.accept import SAMPLE_KEY
from rtlab.teach.lesson_06.faults import RECORDED, SIGNS
from rtlab.teach.lesson_06.head import FRAME
from rtlab.teach.lesson_06.peer import Peer
from rtlab.teach.outcome import Wrong
from rtlab.teach.source import Source

Pairs = list[tuple[str, str]]


def parsed(head: bytes) -> tuple[str, Pairs]:
    start, *lines = head.decode().removesuffix("\r\n\r\n").split("\r\n")
    return start, [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]


@pytest.mark.parametrize("fault", RECORDED)
def test_each_recording_has_the_one_fault_that_it_is_named_for(fault: str) -> None:
    start, headers = parsed(RECORDED[fault].request)
    status_line, answered = parsed(RECORDED[fault].answer)
    method, _, version = start.split()
    status = int(status_line.split()[1])
    refusals = {"version": "version '8'", "connection": "Connection: Upgrade", "key": "Sec-WebSocket-Key"}
    if fault in refusals:
        with pytest.raises(HandshakeError, match=refusals[fault]) as refused:
            check_request(method, version, headers)
        assert refused.value.status == status
        assert refused.value.headers.items() <= dict(answered).items()
        return
    key = check_request(method, version, headers)
    if fault == "origin":
        assert status == 403
        assert dict(headers)["Origin"] != f"http://{dict(headers)['Host']}"
        return
    with pytest.raises(
        HandshakeError, match={"accept": "Sec-WebSocket-Accept", "subprotocol": "not offered"}[fault]
    ):
        check_response(status, answered, key, dict(headers).get("Sec-WebSocket-Protocol", "").split(", "))


def test_no_fault_but_one_is_left_unused() -> None:
    assert set(SIGNS) - set(RECORDED) == {"method"}
    assert len({fault.text() for fault in RECORDED.values()}) == 6


def test_the_peer_gives_its_pieces_as_a_socket_does() -> None:
    peer = Peer(lambda key: [b"abc", accept_value(key).encode()], closes=True)
    with pytest.raises(Wrong, match="blank line"):
        peer.recv(10)
    with pytest.raises(TypeError):
        peer.sendall("text")  # type: ignore[arg-type]
    peer.sendall(client_request("host", "/", SAMPLE_KEY))
    assert [peer.recv(2), peer.recv(2), peer.recv(100), peer.recv(1)] == [
        b"ab",
        b"c",
        b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        b"",
    ]


def test_the_frame_behind_the_head_is_a_frame() -> None:
    assert FRAME[1] == len(FRAME) - 2


def test_the_reference_client_talks_to_a_real_socket() -> None:
    client = Source(exercise("06.5").reference, "open_websocket").load()
    ours, theirs = socket.socketpair()

    def serve() -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            request += theirs.recv(16)
        theirs.sendall(response(check_request("GET", "HTTP/1.1", parsed(request)[1])))

    with ours, theirs:
        ours.settimeout(5)
        server = threading.Thread(target=serve)
        server.start()
        assert client(ours, "localhost", "/") == b""
        server.join(5)
