"""A connection that is broken off: TCP's reset (RFC 9293 §3.5.2), for which Python has no name."""

import socket
import struct
import sys

_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # on, for 0 seconds


def reset_on_close(sock: socket.socket) -> None:
    """Have `close()` send RST: the peer is told at once, and what is still to be sent is dropped. Raises OSError."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
