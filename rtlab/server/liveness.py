"""What the kernel knows of a peer: whether its machine acknowledges anything, whether it has said something.

A connection whose peer is gone without a word looks open for many minutes, by TCP's own rules. Three things find it
sooner: the kernel's probes, which also find who is held in a long poll and to whom nothing is sent; what the kernel
says of the acknowledgements that have come, looked at from heartbeat to heartbeat; and the answers to pings.
"""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

# struct tcp_info in linux/tcp.h, from its start to tcpi_notsent_bytes: what is asked for has these places.
INFO_BYTES, UNACKNOWLEDGED, ACKNOWLEDGED, NOT_SENT = 148, 24, 120, 144


class Delivery(NamedTuple):
    """How much of what was written a peer has taken (only to be compared), and whether there is more to take."""

    taken: int
    outstanding: bool


def delivery(sock: socket.socket) -> Delivery | None:
    """What the peer's machine has acknowledged; None where the system does not say (it is Linux that does)."""
    if not hasattr(socket, "TCP_INFO"):
        return None
    try:
        info = socket.socket.getsockopt(sock, socket.IPPROTO_TCP, socket.TCP_INFO, INFO_BYTES)
    except OSError:
        return None
    if len(info) < INFO_BYTES:  # an older kernel's
        return None
    (unacknowledged,) = struct.unpack_from("=I", info, UNACKNOWLEDGED)
    (acknowledged,) = struct.unpack_from("=Q", info, ACKNOWLEDGED)
    (not_sent,) = struct.unpack_from("=I", info, NOT_SENT)
    return Delivery(acknowledged, bool(unacknowledged or not_sent))


def has_spoken(sock: socket.socket) -> bool:
    """Whether there are bytes from the peer that nobody has read yet."""
    try:
        # Not SSLSocket's, which takes no flags: what came is encrypted, and enough to know.
        return bool(socket.socket.recv(sock, 1, socket.MSG_PEEK))
    except OSError:
        return False


def notice_death(sock: socket.socket, heartbeat: float) -> None:
    """Have the kernel end a connection whose peer is gone without a word, within two heartbeats (whole seconds).

    It asks an idle peer for a sign of life (RFC 9293 §3.8.4), as a held poll has no other, three times and more, for
    a probe can be lost too; and it gives up data that nobody acknowledges, or has room for (RFC 5482). Both a little
    earlier than in two heartbeats: it looks at the clock only when it sends again. What a system does not have of
    these is left at its own, much longer times.
    """
    seconds = max(1, round(heartbeat))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    settings = {
        "TCP_KEEPIDLE": max(1, round(seconds * 2 / 3)),
        "TCP_KEEPINTVL": max(1, seconds // 5),
        "TCP_KEEPCNT": 3,
        "TCP_USER_TIMEOUT": 1500
        * seconds,  # ms; where there is one it counts for the probes, and not their number
    }
    for name, value in settings.items():
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
