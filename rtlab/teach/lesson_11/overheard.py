"""What somebody between client and server reads of a WebSocket, with and without TLS."""

from __future__ import annotations

from contextlib import closing

from websocket import create_connection

from rtlab.server.access import Access
from rtlab.server.thread import ServerThread
from rtlab.server.tls import Development
from rtlab.wire.record import UP, Chunk
from rtlab.wire.tap import Tap

SECONDS = 20.0


def overheard(target: str, access: Access, made: Development | None = None) -> bytes:
    """Open a socket at rtlab's server through a tap, over TLS if it was `made`; return what the client sent."""
    tls, trust = (made.tls, {"ca_certs": str(made.cacert)}) if made else (None, {})
    with (
        closing(ServerThread(access=access, tls=tls)) as server,
        Tap(("127.0.0.1", server.server.port)) as tap,
    ):
        url = f"{'wss' if made else 'ws'}://localhost:{tap.address[1]}{target}"
        create_connection(url, timeout=SECONDS, sslopt=trust).close()
        return b"".join(part.data for part in tap.record if isinstance(part, Chunk) and part.direction == UP)
