"""Server-sent events: what a stream may do to its reader."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

import httpx
import httpx_sse
import pytest

from rtlab.clients import ServerSentEvents
from rtlab.errors import ServerError
from rtlab.event import Event, Gap
from rtlab.server.thread import ServerThread

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
OPENING = b"retry: 1\nid: a.1\n\n"


def block(n: int) -> bytes:
    return b'id: a.%d\ndata: {"id": "a.%d", "time": "t", "data": %d}\n\n' % (n, n, n)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def test_httpx_sse_reads_the_same(url: str, publish: Callable[..., list[str]]) -> None:
    published = publish(*[{"text": "é\u2028\n", "n": n} for n in range(20)])
    with (
        httpx.Client(trust_env=False) as client,
        httpx_sse.connect_sse(client, "GET", f"{url}/stream?after=start") as source,
        ServerSentEvents(url, "start") as reader,
    ):
        theirs = source.iter_sse()
        opening = next(theirs)
        assert opening.data == ""
        for event, other in zip(reader.events(limit=20, timeout=10), theirs, strict=False):
            assert isinstance(event, Event)
            assert (event.id, event.data) == (other.id, other.json()["data"])
    assert reader.cursor == published[-1]


def test_an_opening_block_alone_is_a_place_to_come_back_to(peer: Any) -> None:
    asked: list[bytes] = []

    def serve(connection: socket.socket, number: int) -> None:
        asked.append(connection.recv(65536))
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        if number == 1:
            connection.sendall(chunk(OPENING) + chunk(block(2)[:-1]))  # all but the end of an event
        else:
            connection.sendall(chunk(b"id: a.1\n\n" + block(2)))
            connection.recv(1)

    with ServerSentEvents(peer(serve).url) as reader:
        assert reader.cursor == "a.1"
        assert [event.data for event in reader.events(limit=1, timeout=10) if isinstance(event, Event)] == [2]
    assert b"GET /channels/news/stream?after=now HTTP/1.1\r\n" in asked[0]
    assert b"Last-Event-ID" not in asked[0]
    assert b"GET /channels/news/stream HTTP/1.1\r\n" in asked[1]
    assert b"\r\nLast-Event-ID: a.1\r\n" in asked[1]


@pytest.mark.parametrize("chunked", [True, False])
def test_bytes_one_at_a_time_and_time_limits_in_between_lose_nothing(peer: Any, chunked: bool) -> None:
    go = threading.Semaphore(0)

    def serve(connection: socket.socket, number: int) -> None:
        head = connection.recv(65536)
        begin = 2
        if b"Last-Event-ID: a." in head:
            begin = int(head.split(b"Last-Event-ID: a.")[1].split(b"\r\n")[0]) + 1
        connection.sendall(
            HEAD + (b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Connection: close\r\n\r\n")
        )
        for data in [OPENING] * (number == 1) + [block(n) for n in range(begin, 6)]:
            for byte in chunk(data) if chunked else data:
                connection.sendall(bytes([byte]))
                if number < 3:
                    go.acquire(timeout=0.02)  # so that the reader's limit falls between any two bytes
        connection.recv(1)

    with ServerSentEvents(peer(serve).url) as reader:
        seen: list[Any] = []
        for _ in range(2000):
            go.release()
            seen += [event.data for event in reader.events(timeout=0.003) if isinstance(event, Event)]
            if len(seen) >= 4:
                break
        assert seen == [2, 3, 4, 5]


def test_events_of_a_chunk_that_is_not_whole_are_there_already(peer: Any) -> None:
    body = b"".join(block(n) for n in range(2, 400))

    def serve(connection: socket.socket, _number: int) -> None:
        connection.recv(65536)
        connection.sendall(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(OPENING) + chunk(body)[:12_000]
        )
        connection.recv(1)  # the rest never comes

    with ServerSentEvents(peer(serve).url) as reader:
        assert len(list(reader.events(limit=100, timeout=10))) == 100


def test_the_pause_before_it_comes_back_is_the_servers(peer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(connection: socket.socket, _number: int) -> None:
        connection.recv(65536)
        connection.sendall(HEAD + b"Connection: close\r\n\r\nretry: 2500\nid: a.1\n\n")

    least: list[float] = []
    monkeypatch.setattr(ServerSentEvents, "_pause", lambda _self, asked: least.append(asked) or 0.0)
    with ServerSentEvents(peer(serve).url) as reader:
        while len(least) < 2:
            list(reader.events(timeout=0.05))
    assert set(least) == {2.5}


def test_a_silent_connection_counts_as_dead(peer: Any) -> None:
    def serve(connection: socket.socket, number: int) -> None:
        connection.recv(65536)
        connection.sendall(HEAD + b"Connection: close\r\n\r\n" + OPENING)
        if number == 2:
            connection.sendall(block(2))
        connection.recv(1)

    with ServerSentEvents(peer(serve).url, silence=0.05) as reader:
        assert [event.data for event in reader.events(limit=1, timeout=10) if isinstance(event, Event)] == [2]
        assert reader.stats.connections == 2


def test_a_heartbeat_is_a_sign_of_life_and_no_event(peer: Any) -> None:
    def serve(connection: socket.socket, _number: int) -> None:
        connection.recv(65536)
        connection.sendall(HEAD + b"Connection: close\r\n\r\n" + OPENING)
        beat = threading.Event()
        with contextlib.suppress(OSError):
            for _ in range(8):
                beat.wait(0.05)
                connection.sendall(b":\n")
            connection.sendall(block(2))
            connection.recv(1)

    with ServerSentEvents(peer(serve).url, silence=5.0) as reader:
        assert [event.data for event in reader.events(limit=1, timeout=10) if isinstance(event, Event)] == [2]
        assert reader.stats.connections == 1


def test_a_pause_of_more_years_than_a_clock_has_is_no_trouble(peer: Any) -> None:
    def serve(connection: socket.socket, _number: int) -> None:
        connection.recv(65536)
        endless = b"retry: %b\nid: a.1\n\n" % (b"9" * 15)
        connection.sendall(HEAD + b"Connection: close\r\n\r\n" + endless + block(2))

    with ServerSentEvents(peer(serve).url) as reader:
        assert len(list(reader.events(limit=1, timeout=10))) == 1
        assert list(reader.events(timeout=0.2)) == []
        assert reader.stats.connections == 1


def test_a_gap_and_unknown_kinds_of_events(peer: Any) -> None:
    gap = b'event: gap\nid: a.5\ndata: {"missed": 4, "cursor": "a.5"}\n\n'

    def serve(connection: socket.socket, _number: int) -> None:
        connection.recv(65536)
        connection.sendall(
            HEAD + b"Connection: close\r\n\r\n" + OPENING + b"event: news\ndata: x\n\n" + gap + block(6)
        )
        connection.recv(1)

    with ServerSentEvents(peer(serve).url) as reader:
        items = reader.events(limit=1, timeout=10)
        assert next(items) == Gap(4, "a.5")
        assert reader.cursor == "a.5"
        assert next(items) == Event("a.6", "t", 6)


def test_a_block_that_is_no_event_is_an_error(peer: Any) -> None:
    def serve(connection: socket.socket, _number: int) -> None:
        connection.recv(65536)
        connection.sendall(HEAD + b"Connection: close\r\n\r\n" + OPENING + b"data: hello\n\n")
        connection.recv(1)

    with (
        contextlib.closing(ServerSentEvents(peer(serve).url)) as reader,
        pytest.raises(ServerError, match="is not an event: hello"),
    ):
        list(reader.events(timeout=10))


def test_the_parser_keeps_no_half_block_over_a_new_connection(
    server: ServerThread, relay: Any, publish: Callable[..., list[str]]
) -> None:
    # The whole of this is in test_cut; here is the one place where it once could go wrong: inside a data line.
    published = publish("x" * 300, "y" * 300)
    broken = relay(server.server.port, lambda number: 600 if number == 1 else None)
    with ServerSentEvents(broken.url, "start") as reader:
        reader._least_pause = 0.0
        got = [event.id for event in reader.events(limit=2, timeout=20) if isinstance(event, Event)]
    assert got == published
