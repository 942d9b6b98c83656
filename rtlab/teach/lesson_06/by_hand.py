"""Reading an answer from a plain socket, for the requests that lesson 06 writes by hand."""

import re
import socket

from rtlab.teach.lesson_06.peer import END

LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)\r\n", re.IGNORECASE)


def read_answer(connection: socket.socket) -> tuple[bytes, bytes]:
    """Read the answer to one request: its head, with the empty line, and the body that `Content-Length` announces.

    A 101 has no body: then the second part is what has already arrived of the frames behind it. Raises
    `ConnectionError` when the server closes before the answer is whole, and the socket's `TimeoutError`.
    """
    received = b""
    while END not in received:
        received += _more(connection, received)
    size = received.index(END) + len(END)
    announced = LENGTH.search(received[:size])
    while announced and len(received) < size + int(announced[1]):
        received += _more(connection, received)
    return received[:size], received[size:]


def _more(connection: socket.socket, received: bytes) -> bytes:
    """Return the next bytes: TCP gives what has arrived so far, be it half a line."""
    data = connection.recv(4096)
    if not data:
        raise ConnectionError(
            f"the server closed the connection after {len(received)} bytes of an answer that is not whole"
        )
    return data
