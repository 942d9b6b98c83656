"""The TCP connection beneath a reader: every byte counted, one deadline, and a way to hang up from another thread.

`requests` and `websocket-client` both read and write through what `Line.connect` gives them.
"""

import contextlib
import errno
import socket
import ssl
import threading
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util import wait_for_read, wait_for_write

from rtlab.clients.reader import Stats
from rtlab.errors import BadInput

CONNECT_SECONDS = 10.0
READ_AHEAD = 8192  # bytes
SEND_SECONDS = 10.0  # that a send may wait for the peer to take bytes


class Line:
    """The connection of one reader, made anew as often as need be; one at a time."""

    def __init__(self, stats: Stats, cacert: str | Path | None = None) -> None:
        self.stats = stats
        self.cacert = authorities(cacert)
        self.deadline: float | None = None  # of receiving, in time.monotonic(); None: wait for ever
        self.socket: socket.socket | None = None  # the raw one, to be shut down whoever is using it
        self._hung_up = False
        self._lock = threading.Lock()

    def left(self) -> float | None:
        """Seconds until the deadline, as a socket's time limit: never 0, which would mean not to wait at all."""
        return None if self.deadline is None else max(self.deadline - time.monotonic(), 0.001)

    def connect(self, host: str, port: int) -> "CountedSocket":
        """Open a TCP connection. Raises OSError."""
        trouble = OSError(f"{host} has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            sock = CountedSocket(family, kind, protocol)
            sock.line = self
            try:
                self.watch(sock)
                sock.settimeout(min(CONNECT_SECONDS, self.left() or CONNECT_SECONDS))
                # Without it a small write waits for the acknowledgement of the one before (Nagle's algorithm).
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.connect(address)
            except OSError as error:
                sock.close()
                trouble = error
            else:
                self.stats.connections += 1
                return sock
        raise trouble

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Python's default context (certificates are checked), whose sockets count for this line."""
        context = ssl.create_default_context()
        # As requests has them, for not every system has its own.
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
        if self.cacert is not None:
            context.load_verify_locations(self.cacert)
        context.sslsocket_class = type("CountedTLSSocket", (CountedTLSSocket,), {"line": self})
        return context

    def readable(self) -> bool:
        """As `CountedSocket.readable`, of the present connection."""
        return isinstance(self.socket, CountedSocket) and self.socket.readable()

    def watch(self, sock: socket.socket) -> None:
        """Have `hang_up` end this socket from now on. Raises OSError if that has happened."""
        with self._lock:
            if self._hung_up:
                raise ConnectionAbortedError(errno.ECONNABORTED, "the reader has been closed")
            self.socket = sock

    def close(self) -> None:
        """Close the connection, if there is one: for who has made it and could not go on."""
        if self.socket is not None:
            self.socket.close()

    def hang_up(self) -> None:
        """End the connection and allow no other: whoever is waiting for bytes gets the end at once."""
        with self._lock:
            self._hung_up = True
        self.cut()

    def cut(self) -> None:
        """End the connection; another may be made."""
        if self.socket is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket's: it would take the TLS state from under a thread that is reading.
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


def authorities(cacert: str | Path | None) -> Path | None:
    """A file of certificate authorities to trust besides the system's. Raises BadInput for one that is none."""
    if cacert is None:
        return None
    try:
        ssl.create_default_context(cafile=cacert)
    except (OSError, ssl.SSLError) as error:
        raise BadInput(
            f"{cacert} holds no certificates in PEM ({error}): give a file of authorities"
        ) from None
    return Path(cacert)


class CountedSocket(socket.socket):
    """A socket that counts what passes and waits for bytes no longer than its line's deadline."""

    line: Line
    file: Any = None  # the buffered reader that an HTTP answer is read through
    _ahead = b""  # received, not yet asked for
    _peeking = False
    ended = False  # the peer has said that no more will come, and we have read as far

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """As `socket.recv`, through a buffer: websocket-client asks for 2 bytes, then for 2 more, then for the rest."""
        if not self._ahead:
            self._ahead = self._receive(max(buflen, READ_AHEAD))
            self.line.stats.bytes_down += len(self._ahead)
        data, self._ahead = self._ahead[:buflen], self._ahead[buflen:]
        return data

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """As `socket.recv_into`."""
        self._limit()
        try:
            size = super().recv_into(buffer, nbytes or 0, flags)
        except ssl.SSLWantReadError:
            raise BlockingIOError(errno.EAGAIN, "TLS has no whole record yet") from None
        self.line.stats.bytes_down += size
        self.ended = size == 0
        return size

    def send(self, data: Any, flags: int = 0) -> int:
        """As `socket.send`. The deadline is that of receiving: a sender in another thread has a limit of its own."""
        if not ready(wait_for_write, self, SEND_SECONDS):
            raise TimeoutError(f"the peer took no bytes for {SEND_SECONDS:g} s")
        size = self._transmit(data)
        self.line.stats.bytes_up += size
        return size

    def sendall(self, data: Any, flags: int = 0) -> None:
        """As `socket.sendall`, through `send`, so that a part sent before a failure is counted too."""
        view = memoryview(data).cast("B")
        while view:
            view = view[self.send(view, flags) :]

    def makefile(self, *args: Any, **options: Any) -> Any:
        """As `socket.makefile`, and remembers the file: bytes that wait in its buffer are not in the socket."""
        self.file = super().makefile(*args, **options)
        return self.file

    def readable(self) -> bool:
        """Wait until reading the file would give something, be it the end; False at the deadline.

        A file that ran into a time limit cannot be read any more, so a stream is read only when this says so.
        """
        while True:
            self._peeking = True
            self.settimeout(0.0)
            try:
                if self.file.peek(1) or self.ended:
                    return True
            finally:
                self._peeking = False
            if not ready(wait_for_read, self, self.line.left()):
                return False

    def _receive(self, size: int) -> bytes:
        self._limit()
        return super().recv(size)

    def _transmit(self, data: Any) -> int:
        return super().send(data)

    def _limit(self) -> None:
        if not self._peeking:
            self.settimeout(self.line.left())


class CountedTLSSocket(CountedSocket, ssl.SSLSocket):
    """The same over TLS: counts what is inside. From its making on, it has the raw socket's place on its line."""

    _lock: threading.Lock

    def __new__(cls, *args: Any, **options: Any) -> "CountedTLSSocket":
        """Made by `ssl`, which has no other place to say for whom."""
        sock = super().__new__(cls, *args, **options)
        sock._lock = threading.Lock()
        cls.line.watch(sock)
        return sock

    # OpenSSL must not receive and send at the same time, and a WebSocket does: each only tries while it has the
    # lock, and waits for the network without it.

    def _receive(self, size: int) -> bytes:
        while True:
            with self._lock, contextlib.suppress(ssl.SSLWantReadError):
                self.settimeout(0.0)
                return ssl.SSLSocket.recv(self, size)
            if not ready(wait_for_read, self, self.line.left()):
                raise TimeoutError("timed out")

    def _transmit(self, data: Any) -> int:
        with self._lock, contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self.settimeout(0.0)
            return ssl.SSLSocket.send(self, data)
        return 0


def ready(wait: Callable[..., bool], sock: socket.socket, seconds: float | None) -> bool:
    """`wait_for_read` or `wait_for_write`; a socket that another thread has closed is an OSError like any other."""
    try:
        return wait(sock, seconds)
    except ValueError:
        raise OSError(errno.EBADF, "the connection has been closed") from None
