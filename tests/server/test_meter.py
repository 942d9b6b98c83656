"""The server counts for a page that names itself what its requests cost, to the byte, and for nobody else."""

import socket

import pytest

from rtlab import LongPolling, ServerSentEvents, WebSocket
from rtlab.server.meter import Meter
from rtlab.server.thread import ServerThread


@pytest.fixture
def server():
    running = ServerThread()
    yield running
    running.close()


def talk(server, *requests):
    """Ask over one connection, one after the other; the bytes sent and received for each."""
    sizes = []
    with socket.create_connection(("127.0.0.1", server.server.port), timeout=10) as connection:
        for request in requests:
            connection.sendall(request)
            head, _, body = b"", b"", b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            head, _, body = head.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            while len(body) < length:
                body += connection.recv(65536)
            sizes.append((len(request), len(head) + 4 + len(body)))
    return sizes


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n".encode()


def test_requests_of_two_pages_and_of_nobody_on_one_connection_are_told_apart(server):
    body = b'{"hello": "w\xc3\xb6rld"}'
    head = (
        b"POST /channels/news/events?page=b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    )
    post = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    events = "/channels/news/events?after=start"
    asked = (get(events + "&page=a"), post, get(events), get(events + "&page=a"), get(events + "&page=%20!"))
    first, second, _, fourth, _ = talk(server, *asked)
    a, b = server.server.meter.tally("a"), server.server.meter.tally("b")
    assert (a.requests, a.bytes_up, a.bytes_down) == (2, first[0] + fourth[0], first[1] + fourth[1])
    assert (b.requests, b.bytes_up, b.bytes_down) == (1, *second)
    assert list(server.server.meter._tallies) == ["b", "a"]


def test_only_the_last_pages_are_remembered(server, monkeypatch):
    monkeypatch.setattr(Meter, "PAGES", 2)
    talk(server, *[get(f"/healthz?page={name}") for name in "abcb"])
    assert [server.server.meter.tally(name).requests for name in "abc"] == [0, 2, 1]


@pytest.mark.parametrize("reader", [LongPolling, ServerSentEvents, WebSocket])
def test_a_reader_that_does_not_name_itself_is_not_watched(server, reader):
    with reader(f"{server.url}/channels/news"):
        assert len(server.server.meter._lines) == 0
