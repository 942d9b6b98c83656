"""Reading a stream by hand: `curl -N` where there is a `curl`, and the same bytes from a plain socket where not."""

import shutil
import socket
import subprocess
import time
from contextlib import suppress
from urllib.parse import urlsplit

from rtlab.errors import Unavailable


def curl(url: str, seconds: float = 1.0) -> str:
    """Return what `curl -N URL` prints in so many seconds; `-N` makes it print what comes as it comes.

    Raises Unavailable when nobody listens there.
    """
    if shutil.which("curl") is None:
        return read_for(url, seconds)
    command = ["curl", "-sN", "--noproxy", "*", "--max-time", str(seconds), url]
    done = subprocess.run(command, capture_output=True, timeout=seconds + 10, check=False)
    if done.returncode == 7:  # curl's word for "could not connect"
        raise Unavailable(f"nobody listens at {url}")
    return done.stdout.decode()


def read_for(url: str, seconds: float) -> str:
    """Do the same with a socket: ask in HTTP/1.0, so that the body comes without chunks, and read for so long."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    deadline, received = time.monotonic() + seconds, b""
    try:
        connection = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=seconds)
    except OSError:
        raise Unavailable(f"nobody listens at {url}") from None
    with connection, suppress(TimeoutError):
        connection.sendall(f"GET {target} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode())
        while (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            data = connection.recv(65536)
            if not data:
                break
            received += data
    return received.partition(b"\r\n\r\n")[2].decode()
