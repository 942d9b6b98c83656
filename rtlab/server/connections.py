"""Every TCP connection as it is accepted: set for small, timely writes, counted, refused where there are too many."""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import sys
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

from rtlab.errors import LimitExceeded
from rtlab.server.heads import AwaitedHeads
from rtlab.server.limits import Admission
from rtlab.server.liveness import notice_death

log = logging.getLogger("rtlab.server")
SPARE_FILES = 64  # that the process keeps for other things than connections


class CountedHTTPServer(HTTPServer):
    """Tornado's server, with each connection counted from accept to close.

    One too many is told so at its first request, if that comes soon; who was here before is not disturbed.
    """

    EXCESS = 32  # connections too many that are still listened to, for
    EXCESS_SECONDS = 5.0

    admission: Admission
    heads: AwaitedHeads

    def _handle_connection(self, connection: socket.socket, address: Any) -> None:
        # Who has left before TLS began: of the ways in which ssl then fails, Tornado knows one.
        try:
            connection.getpeername()
            super()._handle_connection(connection, address)
        except OSError as error:  # ssl's are OSErrors too
            connection.close()
            log.debug("%s left before TLS began: %s", address, error)

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        """Take a connection: TCP_NODELAY, a small send buffer in the kernel, and a place in the count."""
        stream.set_nodelay(True)
        # Without it the kernel would keep megabytes for a slow reader that the window should bound.
        with contextlib.suppress(OSError):  # it may have left already
            stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.admission.limits.socket_bytes)
            notice_death(stream.socket, self.admission.limits.heartbeat)
        try:
            self.admission.connect(str(address[0]))
        except LimitExceeded as error:
            if len(self.admission.excess) >= self.EXCESS:
                return stream.close()
            self.admission.excess[stream] = error
            stream.io_loop.call_later(self.EXCESS_SECONDS, stream.close)
        self.heads.accepted(stream)
        super().handle_stream(stream, address)

    def start_request(self, server_conn: Any, request_conn: Any) -> Any:
        """The connection's next request may come."""
        self.heads.awaited(request_conn.stream)
        return super().start_request(server_conn, request_conn)

    def on_close(self, server_conn: Any) -> None:
        """A connection is gone, or has become a WebSocket, which counts itself."""
        self.heads.done(server_conn.stream)
        if self.admission.excess.pop(server_conn.stream, None) is None:
            self.admission.disconnected(str(server_conn.context.address[0]))
        super().on_close(server_conn)


def listen(host: str, port: int, shared: bool = False) -> list[socket.socket]:
    """Listen on every address that a host name stands for, port 0 being the same free one on each. Raises OSError.

    `shared`: other sockets may listen there too, and the system spreads the connections among them (SO_REUSEPORT).
    (As Tornado's own `bind_sockets`, which does not close a socket that it could not bind.)
    """
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    for family, address in sorted({(family, address) for family, *_, address in found}):
        try:
            place = (address[0], port, *address[2:])
            server = socket.create_server(place, family=family, backlog=4096, reuse_port=shared)
        except OSError as error:
            if sockets and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue  # a name may stand for ::1 where there is no IPv6
            for server in sockets:
                server.close()
            raise
        server.setblocking(False)
        sockets.append(server)
        port = server.getsockname()[1]
    return sockets


def allow_files(wanted: int) -> int:
    """Let this process have `wanted` files open, as far as the system lets it; returns how many it may have."""
    if sys.platform == "win32":
        return wanted
    import resource

    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    if allowed < wanted:
        with contextlib.suppress(ValueError, OSError):  # macOS has a second limit, and tells nobody
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
            allowed = wanted
    return allowed
