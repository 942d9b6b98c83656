"""Readers that are as good as dead: those that never read, and those whose machine is gone without a word.

Who never reads has sent its request, read the head of the answer, and takes no byte more: its kernel goes on saying
that there is no room. Who is half open is not there any more, and nobody was told: no FIN, no RST, and no segment of
the server's is acknowledged. For that a filter that lets nothing through is put before the client's socket, below TCP
(`SO_ATTACH_FILTER`, socket(7)): it is what a laptop that was shut, or a cable that was pulled, looks like to the
server's kernel, and needs no rights.
"""

from __future__ import annotations

import contextlib
import ctypes
import socket
import struct
import sys
from collections.abc import Iterable

from rtlab.errors import BadInput
from rtlab.protocol import handshake
from rtlab.tcp import reset_on_close

TECHNIQUES = ("long", "sse", "websocket")
SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27  # asm-generic/socket.h
DROP_ALL = struct.pack("=HBBI", 0x06, 0, 0, 0)  # linux/filter.h, one instruction: return 0, which is to drop
LITTLE = 4096  # bytes of a receive buffer: it is full soon
SECONDS = 20.0  # that an answer may take
FIRST = {"sse": b"\n\n", "websocket": b'"}'}  # how the first thing ends that an open stream or socket says


class DeadReaders:
    """`count` connections to the channel at `path` of the server at `port`, by one technique or several in turn.

    They read until they hold their place (a long poll: until its request is sent), then never again.
    """

    def __init__(self, port: int, path: str, techniques: Iterable[str], count: int) -> None:
        kinds = tuple(techniques)
        if unknown := set(kinds) - set(TECHNIQUES):
            raise BadInput(f"{', '.join(sorted(unknown))}: give of {', '.join(TECHNIQUES)}")
        self.sockets: list[socket.socket] = []
        try:
            for number in range(count):
                self.sockets.append(_connect(port, path, kinds[number % len(kinds)]))
        except BaseException:
            self.close()
            raise

    def vanish(self) -> None:
        """Be gone without a word, all of them: what the server sends from now on reaches nobody. Raises BadInput."""
        if sys.platform != "linux":
            raise BadInput("connections can be made half open on Linux alone: its sockets take filters")
        for sock in self.sockets:
            program = ctypes.create_string_buffer(DROP_ALL)
            # struct sock_fprog: how many instructions, and where they are.
            sock.setsockopt(
                socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(program))
            )

    def close(self) -> None:
        """Leave nothing behind, in the kernel neither."""
        for sock in self.sockets:
            with contextlib.suppress(OSError):
                reset_on_close(sock)
            sock.close()
        self.sockets.clear()


def _connect(port: int, path: str, technique: str) -> socket.socket:
    sock = socket.socket()
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
        sock.settimeout(SECONDS)
        sock.connect(("127.0.0.1", port))
        sock.sendall(_request(f"127.0.0.1:{port}", path, technique))
        said = b""
        while technique in FIRST and not said.partition(b"\r\n\r\n")[2].endswith(FIRST[technique]):
            if not (part := sock.recv(1)):  # not a byte of what follows
                raise BadInput(f"the server does not take another reader: it says {said[:200]!r}")
            said += part
    except BaseException:
        sock.close()
        raise
    return sock


def _request(host: str, path: str, technique: str) -> bytes:
    if technique == "websocket":
        return handshake.client_request(host, f"{path}/socket", handshake.new_key())
    resource = "stream" if technique == "sse" else "events?after=now&wait=60"
    return f"GET {path}/{resource} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
