"""The tap between client and server: relays TCP, counts every byte, records it with its times, adds delay."""

import errno
import itertools
import math
import socket
import threading
import time
from collections.abc import Iterable
from selectors import EVENT_READ
from types import TracebackType

from rtlab.errors import BadInput, PortInUse
from rtlab.wire.loop import Loop
from rtlab.wire.middlebox import Middlebox
from rtlab.wire.record import DOWN, UP, Closed, Counts, Record, Tape, Traffic
from rtlab.wire.relay import Connection, Path

KEEP_BYTES = 16 * 1024 * 1024
BACKLOG = 4096  # connections that may wait to be accepted; the system has a limit of its own
NO_DESCRIPTORS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
REST = 50_000_000  # ns


class Tap:
    """A recording relay before the server at `upstream`, in a daemon thread of its own.

    Clients connect to `address` instead. `delay` is what each direction takes, in seconds; it may be set at any
    time and holds for what leaves from then on. `middleboxes` stand on the path, the first nearest to the client;
    set anew, they hold for connections that come from then on. The record keeps the newest `keep_bytes`,
    bookkeeping included; the counts are exact whatever it keeps.
    """

    def __init__(
        self,
        upstream: tuple[str, int],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        delay: float = 0.0,
        keep_bytes: int = KEEP_BYTES,
        middleboxes: Iterable[Middlebox] = (),
    ) -> None:
        self.upstream = upstream
        self._path = Path(Tape(keep_bytes), nanoseconds(delay), tuple(middleboxes))
        self._asked = self._address = (host, port)
        self._numbers = itertools.count(1)
        self._thread: threading.Thread | None = None

    @property
    def delay(self) -> float:
        """One-way delay of each direction, seconds."""
        return self._path.delay / 1e9

    @delay.setter
    def delay(self, seconds: float) -> None:
        self._path.delay = nanoseconds(seconds)

    @property
    def middleboxes(self) -> tuple[Middlebox, ...]:
        """What stands on the path of connections to come."""
        return self._path.middleboxes

    @middleboxes.setter
    def middleboxes(self, boxes: Iterable[Middlebox]) -> None:
        self._path.middleboxes = tuple(boxes)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens: host and port, once it has started."""
        return self._address

    def start(self) -> "Tap":
        """Listen, and relay until `close`. Raises `PortInUse`; `BadInput` for an upstream without an address."""
        if self._thread is not None and self._thread.is_alive():
            return self
        self._family, self._upstream_address = resolve(*self.upstream)
        self._listener = listen(*self._asked)
        host, port = self._listener.getsockname()[:2]
        self._address = (str(host), int(port))
        self._loop = Loop()
        self._thread = threading.Thread(target=self._run, name="rtlab-tap", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop relaying and close every connection. From any thread, any number of times; within a second."""
        if self._thread is not None:
            self._loop.stop()
            self._thread.join(timeout=1)

    def __enter__(self) -> "Tap":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def record(self) -> list[Record]:
        """What is kept, in the order of arrival: a copy."""
        return self._path.tape.records

    @property
    def counts(self) -> Counts:
        """Bytes each way, connections opened and open, what the record dropped: all of one moment."""
        return self._path.tape.counts

    @property
    def connections(self) -> dict[int, Traffic]:
        """Bytes each way by connection: all that are open, and the last 10,000 closed."""
        return self._path.tape.connections

    def clear(self) -> None:
        """Forget the record and count from zero; connections stay open."""
        self._path.tape.clear()

    def cut(self) -> None:
        """Break every connection that is open, as a cable that is pulled and a router that says so: a RST each way.

        New ones may be made at once. Returns when it is done, within a second.
        """
        if self._thread is not None and self._thread.is_alive():
            done = threading.Event()
            self._loop.call(lambda: self._cut(done))
            done.wait(1)

    def _cut(self, done: threading.Event) -> None:
        tape, now = self._path.tape, time.monotonic_ns()
        for connection in list(self._path.connections):
            connection.close(reset=True)
            with tape.lock:
                for direction in (UP, DOWN):
                    tape.add(Closed(connection.number, direction, now, now, "rst"))
        done.set()

    def _run(self) -> None:
        try:
            self._listen()
            self._loop.run()
        finally:
            for connection in list(self._path.connections):
                connection.close()
            self._listener.close()
            self._loop.close()

    def _listen(self) -> None:
        self._loop.watch(self._listener, EVENT_READ, self._accept)

    def _accept(self, ready: int) -> None:
        client = upstream = None
        try:
            upstream = socket.socket(self._family, socket.SOCK_STREAM)
            client, _ = self._listener.accept()
        except OSError as error:
            if upstream is not None:
                upstream.close()
            if error.errno in NO_DESCRIPTORS:  # it stays ready: look again when some may be free
                self._loop.watch(self._listener, 0, self._accept)
                self._loop.at(time.monotonic_ns() + REST, self._listen)
            return
        connection = Connection(next(self._numbers), client, upstream, self._loop, self._path)
        connection.connect(self._upstream_address)


def nanoseconds(delay: float) -> int:
    """A delay in seconds as whole nanoseconds; `BadInput` for one that no path has."""
    if not (math.isfinite(delay) and delay >= 0):
        raise BadInput(f"a delay of {delay} s: give a number of seconds, 0 or more, for example 0.04")
    return round(delay * 1e9)


def resolve(host: str, port: int) -> tuple[int, tuple[object, ...]]:
    """The address family and socket address of an upstream, IPv4 before IPv6; `BadInput` where there is none."""
    try:
        if not 0 <= port <= 65535:  # getaddrinfo would drop the upper bits
            raise OSError("a port is 0 to 65535")
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadInput(
            f"{host}:{port} has no address ({error}): give HOST:PORT of a running server"
        ) from error
    family, _, _, _, address = min(found, key=lambda info: info[0] != socket.AF_INET)
    return family, address


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; `PortInUse` where another program has the port."""
    family, address = resolve(host, port)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_REUSEPORT"):  # not on Windows, where SO_REUSEADDR would share a port in use
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(host, port) from error
        raise BadInput(f"cannot listen on {host}:{port}: {error}") from error
    listener.setblocking(False)
    return listener
