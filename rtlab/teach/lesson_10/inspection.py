"""Certificates for a site and for a company that inspects TLS, and a WebSocket that is opened through both."""

from __future__ import annotations

import atexit
import contextlib
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from rtlab.clients import WebSocket
from rtlab.errors import ServerError, Unavailable
from rtlab.server.tls import development
from rtlab.wire.tls import PutsOnTLS, TakesOffTLS


class Authority:
    """A certificate authority made now, and what it certified: this machine. Gone with `close`, or when Python ends."""

    def __init__(self) -> None:
        self._things = contextlib.ExitStack()
        made = self._things.enter_context(development())
        self._server, self.cacert = made.tls, made.cacert
        atexit.register(self.close)

    def takes_off(self) -> TakesOffTLS:
        """The end of TLS that has this certificate: a server's, or an inspecting proxy's towards the client."""
        return TakesOffTLS(self._server)

    def puts_on(self) -> PutsOnTLS:
        """The client's end of TLS that trusts this authority: an inspecting proxy's towards the server."""
        return PutsOnTLS(ssl.create_default_context(cafile=self.cacert))

    def close(self) -> None:
        """Remove the file of the authority; safe to call again."""
        atexit.unregister(self.close)
        self._things.close()


def handshake(url: str, cacert: Path | None = None) -> str:
    """Open a WebSocket and close it again: `101`, the status that came in its place, or what TLS said."""

    def once(trouble: Unavailable, _failures: int) -> None:
        raise trouble  # rather than try again

    reader = WebSocket(url, cacert=cacert)
    reader.on_trouble = once
    try:
        with reader:
            return "101"
    except ServerError as refused:
        return str(refused.status)
    except Unavailable as trouble:
        return "certificate refused" if "certificate" in str(trouble) else str(trouble)


def ask_for_tunnel(url: str, host: str) -> str:
    """Ask whatever stands at `url` to be a tunnel to port 443 of `host`, as browsers ask a proxy; its answer's head."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname or "", where.port or 443), timeout=5.0) as sock:
        sock.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (data := sock.recv(4096)):
            answer += data
    return answer.partition(b"\r\n\r\n")[0].decode("latin-1").replace("\r", "")
