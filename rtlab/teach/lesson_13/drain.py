"""Readers that only count: many WebSockets in a process of its own, `python -m rtlab.teach.lesson_13.drain`.

Arguments: port, channel, readers. It says `ready` when all are connected, then answers each line of its input, a
number of events, when all readers together have that many more. It ends with its input.
"""

from __future__ import annotations

import selectors
import socket
import sys

from rtlab.measure.broker_reader import ASK

MARK = b'"type":"event"'
OPEN = b'"type":"open"'


class Readers:
    """Sockets, and how many events they have had in all. A mark that two reads cut apart is counted too."""

    def __init__(self, port: int, channel: str, number: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._rest: dict[int, bytes] = {}
        self.events = self.opened = 0
        for _ in range(number):
            connection = socket.create_connection(("127.0.0.1", port), 10)
            connection.sendall(ASK.format(channel=channel).encode())
            self._selector.register(connection, selectors.EVENT_READ)
            self._rest[connection.fileno()] = b""

    def read(self) -> None:
        """Take what has come. Raises OSError when a server hangs up."""
        for key, _ in self._selector.select(1.0):
            assert isinstance(key.fileobj, socket.socket)
            data = key.fileobj.recv(1 << 18)
            if not data:
                raise OSError("a server hung up")
            data = self._rest[key.fd] + data
            self.events += data.count(MARK)
            self.opened += data.count(OPEN)
            last = max(data.rfind(MARK), data.rfind(OPEN))
            self._rest[key.fd] = data[max(last + 1, len(data) - len(MARK) + 1) :]

    def close(self) -> None:
        """Hang up."""
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._selector.close()


def main() -> None:
    """Connect, say so, and count on request."""
    port, channel, number = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    readers = Readers(port, channel, number)
    while readers.opened < number:
        readers.read()
    print("ready", flush=True)
    for line in sys.stdin:
        wanted = int(line)
        while readers.events < wanted:
            readers.read()
        print(readers.events, flush=True)
        readers.events -= wanted


if __name__ == "__main__":
    main()
