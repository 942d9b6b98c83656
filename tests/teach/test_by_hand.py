"""What lesson 06 reads by hand is whole, however it arrives, and its recording of a browser is a handshake."""

import socket
import threading
from collections.abc import Iterable

import pytest

from rtlab.protocol.handshake import check_request, response
from rtlab.teach.lesson_06.accept import SAMPLE_KEY
from rtlab.teach.lesson_06.by_hand import read_answer
from rtlab.teach.lesson_06.recorded import CHROMIUM, browsers
from rtlab.wire.message import Message

SWITCHED = response(SAMPLE_KEY)
REFUSED = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 5\r\n\r\n"


def answered(pieces: Iterable[bytes]) -> tuple[bytes, bytes]:
    """Read what a server sends in these pieces before it closes."""
    ours, theirs = socket.socketpair()

    def send() -> None:
        with theirs:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
            for piece in pieces:
                theirs.sendall(piece)

    server = threading.Thread(target=send)
    server.start()
    with ours:
        ours.settimeout(5)
        try:
            return read_answer(ours)
        finally:
            server.join(5)


@pytest.mark.parametrize(
    ("head", "body"), [(REFUSED, b"never"), (SWITCHED, b""), (REFUSED.replace(b"5", b"0"), b"")]
)
def test_an_answer_is_read_whole_in_any_pieces(head: bytes, body: bytes) -> None:
    whole = head + body
    assert answered([whole]) == (head, body)
    assert answered([whole[at : at + 1] for at in range(len(whole))]) == (head, body)


def test_what_has_arrived_behind_a_101_is_handed_on() -> None:
    assert answered([SWITCHED + b"\x81\x02hi"]) == (SWITCHED, b"\x81\x02hi")


@pytest.mark.parametrize("cut", [0, 20, len(REFUSED), len(REFUSED) + 4])
def test_an_answer_that_is_cut_off_is_an_error(cut: int) -> None:
    with pytest.raises(ConnectionError, match=f"after {cut} bytes"):
        answered([(REFUSED + b"never")[:cut]])


def test_the_recorded_handshake_of_a_browser_is_one() -> None:
    start, *lines = CHROMIUM.decode().removesuffix("\r\n\r\n").split("\r\n")
    method, _, version = start.split()
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    assert check_request(method, version, headers)
    assert dict(headers)["Origin"] == "http://" + dict(headers)["Host"]


def test_a_browser_is_told_from_other_clients() -> None:
    def message(head: bytes, technique: str = "websocket") -> Message:
        return Message("request", "up", 1, 0, 1, len(head), technique=technique, head=head)

    page = b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: Mozilla/5.0\r\n\r\n"
    library = b"GET /channels/a/socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n"
    assert browsers([message(page, "short"), message(library), message(CHROMIUM)]) == [CHROMIUM]
