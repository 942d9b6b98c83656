"""What the kernel itself holds for a server's connections: the memory in its socket buffers (Linux)."""

import contextlib
import socket
import struct
import sys

# linux/sock_diag.h, linux/inet_diag.h: "for each TCP socket, tell its memory"
NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, DUMP_REQUEST, DONE = 4, 20, 0x301, 3
MEMORY = 7  # INET_DIAG_SKMEMINFO: numbers of 32 bits, of which these are bytes in use
READ_BUFFER, FORWARD, WRITE_BUFFER, OPTIONS = 0, 4, 5, 6
REQUEST = struct.Struct("=IHHIIBBBBI48x")
MESSAGE_BYTES = 72  # struct inet_diag_msg; the local port is at byte 4, in network order
PATIENCE = 1.0  # seconds


def socket_memory(port: int) -> int:
    """Return the bytes that the kernel holds in the buffers of TCP sockets with this local port; 0 if it does not tell.

    What it needs to describe a socket (some 2 KiB each) is not in it. See sock_diag(7).
    """
    if sys.platform != "linux":
        return 0
    total = 0
    with contextlib.suppress(OSError):
        for family in (socket.AF_INET, socket.AF_INET6):
            total += sum(memory for local, memory in _sockets(family) if local == port)
    return total


def _sockets(family: int) -> list[tuple[int, int]]:
    """Ask the kernel for all TCP sockets of a family: local port and bytes in use of each."""
    if sys.platform != "linux":
        return []
    found: list[tuple[int, int]] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG) as netlink:
        netlink.settimeout(PATIENCE)
        netlink.send(
            REQUEST.pack(
                REQUEST.size, SOCK_DIAG_BY_FAMILY, DUMP_REQUEST, 0, 0,
                family, socket.IPPROTO_TCP, 1 << (MEMORY - 1), 0, 0xFFFFFFFF,
            )
        )  # fmt: skip
        while True:
            data = netlink.recv(1 << 20)
            while data:
                size, kind = struct.unpack_from("=IH", data)
                if kind != SOCK_DIAG_BY_FAMILY:
                    return found
                found.append(_memory(data[16:size]))
                data = data[(size + 3) & ~3 :]


def _memory(message: bytes) -> tuple[int, int]:
    """The local port and the bytes in use, out of one message."""
    (port,) = struct.unpack_from("!H", message, 4)
    rest = message[MESSAGE_BYTES:]
    while len(rest) >= 4:
        size, kind = struct.unpack_from("=HH", rest)
        if kind == MEMORY:
            numbers = struct.unpack_from(f"={(size - 4) // 4}I", rest, 4)
            return port, sum(numbers[n] for n in (READ_BUFFER, FORWARD, WRITE_BUFFER, OPTIONS))
        rest = rest[(size + 3) & ~3 :]
    return port, 0
