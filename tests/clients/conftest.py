"""A server to read from, a network that misbehaves in between, and servers that say what a test wants."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from rtlab.clients import AdaptivePolling, LongPolling, Reader, ServerSentEvents, ShortPolling, WebSocket
from rtlab.clients.pace import Backoff
from rtlab.server import stream
from rtlab.server.thread import ServerThread

# Each technique, fast enough for a test: `make(url, after)`.
TECHNIQUES: dict[str, Callable[..., Reader]] = {
    "short": lambda url, after="now": ShortPolling(url, 0.01, after),
    "conditional": lambda url, after="now": ShortPolling(url, 0.01, after, conditional=True),
    "adaptive": lambda url, after="now": AdaptivePolling(url, Backoff(0.005, 0.02), after),
    "long": lambda url, after="now": LongPolling(url, 20, after),
    "prefer": lambda url, after="now": LongPolling(url, 20, after, prefer=True),
    "sse": lambda url, after="now": ServerSentEvents(url, after),
    "websocket": lambda url, after="now": WebSocket(url, after),
}


@pytest.fixture
def techniques(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[..., Reader]]:
    """All techniques by name. The server asks event streams to come back after 1 ms instead of 1 s."""
    monkeypatch.setattr(stream, "RETRY", 1)
    monkeypatch.setattr(Reader, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(Reader, "LONGEST_PAUSE", 0.1)
    return TECHNIQUES


@pytest.fixture(params=TECHNIQUES)
def make(
    request: pytest.FixtureRequest, techniques: dict[str, Callable[..., Reader]]
) -> Callable[..., Reader]:
    """Each technique in turn."""
    return techniques[request.param]


@pytest.fixture
def server() -> Iterator[ServerThread]:
    with contextlib.closing(ServerThread()) as running:
        yield running


@pytest.fixture
def url(server: ServerThread) -> str:
    return f"{server.url}/channels/news"


@pytest.fixture
def publish(server: ServerThread) -> Callable[..., list[str]]:
    """Append events on the server's own loop; their ids."""

    def append(*data: object, channel: str = "news") -> list[str]:
        def on_loop() -> list[str]:
            # Found anew for each: a channel that nobody reads is kept from its first event on.
            return [server.server.channels.find(channel).publish(one)[0].id for one in data]

        return server.call(on_loop)

    return append


class Peer:
    """A TCP server on a free port of the loopback; `serve(connection, number)` runs in a thread for each connection."""

    def __init__(self, serve: Callable[[socket.socket, int], None]) -> None:
        self.serve = serve
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.accepted = 0
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/channels/news"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection, self.accepted))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), connection:
            self.serve(connection, number)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up on everybody; safe to call again."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._threads[0].join()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()


@pytest.fixture
def peer() -> Iterator[Callable[[Callable[[socket.socket, int], None]], Peer]]:
    """Make peers that are closed in the end."""
    with contextlib.ExitStack() as stack:

        def make_peer(serve: Callable[[socket.socket, int], None]) -> Peer:
            made = Peer(serve)
            stack.callback(made.close)
            return made

        yield make_peer


def read_head(connection: socket.socket) -> bytes:
    """A request's head, whole; nothing if the client has left."""
    head = b""
    while b"\r\n\r\n" not in head:
        if not (data := connection.recv(65536)):
            return b""
        head += data
    return head


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP answer; `Retry_After="1"` is a header."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture
def say(peer: Callable[..., Peer]) -> Callable[..., Peer]:
    """A server that answers each request with the next of these answers, the last one for ever; keeps the heads."""

    def make_peer(*answers: bytes) -> Peer:
        left = list(answers)
        heads: list[bytes] = []

        def serve(connection: socket.socket, _number: int) -> None:
            while head := read_head(connection):
                heads.append(head)
                connection.sendall(left.pop(0) if len(left) > 1 else left[0])

        made = peer(serve)
        made.heads = heads
        return made

    make_peer.answer = answer
    return make_peer


@pytest.fixture
def relay(peer: Callable[..., Peer]) -> Callable[..., Peer]:
    """A relay to a port; `cut(number)` says after how many bytes downwards a connection is cut, None for never."""

    def make_relay(port: int, cut: Callable[[int], int | None] = lambda _number: None) -> Peer:
        counts = {"up": 0, "down": 0}

        def serve(down: socket.socket, number: int) -> None:
            try:
                up = socket.create_connection(("127.0.0.1", port))
            except ConnectionRefusedError:
                return
            with up:
                thread = threading.Thread(target=pump, args=(down, up, "up", None))
                thread.start()
                pump(up, down, "down", cut(number))
                for end in (up, down):
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                thread.join()

        def pump(source: socket.socket, sink: socket.socket, way: str, left: int | None) -> None:
            with contextlib.suppress(OSError):
                while left != 0 and (data := source.recv(65536 if left is None else left)):
                    sink.sendall(data)
                    counts[way] += len(data)
                    left = None if left is None else left - len(data)
                if way == "up":
                    sink.shutdown(socket.SHUT_WR)

        made = peer(serve)
        made.counts = counts
        return made

    return make_relay


@pytest.fixture
def in_thread() -> Iterator[Callable[[Callable[[], object]], threading.Thread]]:
    """Run something beside the test; what it raises is raised at the end, and it must have ended by then."""
    threads: list[threading.Thread] = []
    errors: list[BaseException] = []

    def start(run: Callable[[], object]) -> threading.Thread:
        def guarded() -> None:
            try:
                run()
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=guarded)
        threads.append(thread)
        thread.start()
        return thread

    yield start
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    if errors:
        raise errors[0]
