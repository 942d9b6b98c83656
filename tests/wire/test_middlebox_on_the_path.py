"""Middleboxes on a real path: what each technique's reader makes of them, with the real server behind."""

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack

import pytest
import trustme
from websockets.sync.client import connect as websockets_connect

from rtlab.clients import LongPolling, ServerSentEvents, ShortPolling, WebSocket
from rtlab.clients.poll import Polling
from rtlab.clients.reader import Reader
from rtlab.errors import ServerError
from rtlab.event import Event
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread
from rtlab.wire.middlebox import Middlebox
from rtlab.wire.proxies import Buffers, LosesAnswers, Refuses, StripsUpgrade
from rtlab.wire.tap import Tap
from rtlab.wire.tls import PutsOnTLS, TakesOffTLS
from rtlab.wire.trouble import Bandwidth, CutsAt, EndsIdle, HalfOpen, Jitter, Stalls

WAIT = 10.0
COUNT = 20
Path = Callable[..., str]


@pytest.fixture
def server(things: ExitStack) -> ServerThread:
    server = ServerThread(limits=Limits(heartbeat=0.2, missed_beats=10))
    things.callback(server.close)
    return server


@pytest.fixture
def path(server: ServerThread, things: ExitStack) -> Path:
    """Put boxes on the path to the server; the channel's URL for clients, beyond them."""

    def path(*boxes: Middlebox) -> str:
        tap = things.enter_context(Tap(("127.0.0.1", server.server.port), middleboxes=boxes))
        return "http://{}:{}/channels/a".format(*tap.address)

    return path


def publish(server: ServerThread, numbers: Iterable[int]) -> None:
    for number in numbers:
        server.call(lambda n=number: server.server.channels.find("a").publish(n))


READERS: dict[str, Callable[[str], Reader]] = {
    "short": lambda url: ShortPolling(url, interval=0.02, after="start"),
    "long": lambda url: LongPolling(url, wait=2, after="start"),
    "sse": lambda url: ServerSentEvents(url, after="start", silence=0.6),
    "websocket": lambda url: WebSocket(url, after="start", silence=0.6),
}
# What every reader must survive: each of these ends or holds up some connections, and then lets go.
SURVIVED: dict[str, Callable[[], Middlebox]] = {
    "jitter": lambda: Jitter(0.002),
    "a thin line": lambda: Bandwidth(50_000),
    "cut in the head": lambda: CutsAt(bytes=50, times=3),
    "cut in the middle": lambda: CutsAt(bytes=600, times=3),
    "cut on the way up": lambda: CutsAt(bytes=20, direction="up", times=3),
    "cut by time": lambda: CutsAt(seconds=0.05, times=3),
    "a tunnel": lambda: Stalls(0.02, 0.3),
    "half open": lambda: HalfOpen(0.05, times=1),
    "ended when idle": lambda: EndsIdle(0.1),
    "answers lost": lambda: LosesAnswers(3),
}


@pytest.mark.parametrize("box", SURVIVED)
@pytest.mark.parametrize("by", READERS)
def test_every_reader_has_each_event_once_and_in_order(
    server: ServerThread, path: Path, by: str, box: str
) -> None:
    publish(server, range(5))
    with READERS[by](path(SURVIVED[box]())) as reader:
        reader.LONGEST_PAUSE = 0.2
        if isinstance(reader, Polling):
            reader.ANSWER_SECONDS = 0.5
        events = reader.events(timeout=WAIT)
        seen = [next(events).data for _ in range(3)]  # type: ignore[union-attr]
        publish(server, range(5, COUNT))
        for event in events:
            assert isinstance(event, Event)
            seen.append(event.data)
            if len(seen) == COUNT:
                break
    assert seen == list(range(COUNT))


def test_without_upgrade_the_socket_is_refused_with_426_and_everything_else_works(
    server: ServerThread, path: Path
) -> None:
    url = path(StripsUpgrade())
    with pytest.raises(ServerError, match="426"), WebSocket(url):
        pass
    publish(server, [1])
    for by in ("short", "long", "sse"):
        with READERS[by](url) as reader:
            assert [event.data for event in reader.events(limit=1, timeout=WAIT)] == [1]  # type: ignore[union-attr]


def test_a_buffering_proxy_holds_a_stream_and_no_poll(server: ServerThread, path: Path) -> None:
    url = path(Buffers(100_000))
    publish(server, [1])
    with READERS["long"](url) as reader:
        assert len(list(reader.events(limit=1, timeout=WAIT))) == 1
    reader = ServerSentEvents(url, after="start")
    reader.PATIENCE = 0.5
    with pytest.raises(Exception, match="no answer"), reader:
        pass


def test_a_gateway_without_patience_answers_504_and_the_long_poll_comes_again(
    server: ServerThread, path: Path
) -> None:
    with LongPolling(path(Refuses(504, after=0.1)), wait=2, after="start") as reader:
        list(reader.events(timeout=0.5))
        publish(server, [1])
        reader.LONGEST_PAUSE = 0.05
        assert [event.data for event in reader.events(limit=1, timeout=WAIT)] == [1]  # type: ignore[union-attr]
    assert reader.stats.reconnects > 0


def test_boxes_hold_for_connections_to_come(server: ServerThread, things: ExitStack) -> None:
    tap = things.enter_context(Tap(("127.0.0.1", server.server.port)))

    def status(sock: socket.socket) -> bytes:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return sock.recv(4096)[9:12]

    with socket.create_connection(tap.address, timeout=WAIT) as before:
        assert status(before) == b"200"
        tap.middleboxes = [Refuses(502)]
        assert len(tap.middleboxes) == 1
        assert status(before) == b"200"
        with socket.create_connection(tap.address, timeout=WAIT) as after:
            assert status(after) == b"502"


@pytest.fixture(scope="module")
def certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context and that of a client who trusts it."""
    authority = trustme.CA()
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(ours)
    authority.configure_trust(theirs)
    return ours, theirs


class TestTLS:
    def opening(self, url: str, client: ssl.SSLContext) -> dict[str, str]:
        wss = url.replace("http://127.0.0.1", "wss://localhost") + "/socket"
        with websockets_connect(wss, ssl=client, open_timeout=WAIT) as opened:
            message: dict[str, str] = json.loads(opened.recv(timeout=WAIT))
            return message

    def test_a_reverse_proxy_takes_it_off(
        self, path: Path, certificates: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        ours, theirs = certificates
        assert self.opening(path(TakesOffTLS(ours)), theirs) == {"type": "open", "cursor": "new.0"}

    def test_inside_tls_upgrade_gets_through_unless_it_is_opened_on_the_way(
        self, path: Path, certificates: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        ours, theirs = certificates
        site = [TakesOffTLS(ours)]
        assert self.opening(path(StripsUpgrade(), *site), theirs)["type"] == "open"
        inspected = [TakesOffTLS(ours), StripsUpgrade(), PutsOnTLS(theirs), *site]
        with pytest.raises(Exception, match="426"):
            self.opening(path(*inspected), theirs)

    def test_who_does_not_trust_the_certificate_is_cut_off(
        self, path: Path, certificates: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            self.opening(path(TakesOffTLS(certificates[0])), ssl.create_default_context())


def test_a_half_open_connection_is_open_for_both_ends_although_one_has_left(
    server: ServerThread, things: ExitStack
) -> None:
    tap = things.enter_context(Tap(("127.0.0.1", server.server.port), middleboxes=[HalfOpen(0.1)]))
    client = socket.create_connection(tap.address, timeout=WAIT)
    client.sendall(b"GET /channels/a/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert client.recv(1000).startswith(b"HTTP/1.1 200")
    time.sleep(0.15)
    client.close()
    deadline = time.monotonic() + 0.6  # three heartbeats of the server go into the void
    while time.monotonic() < deadline:
        assert server.call(lambda: len(server.server.channels.by_name["a"].readers)) == 1
        time.sleep(0.1)
