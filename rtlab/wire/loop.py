"""A readiness loop with a timer below a millisecond, for thousands of sockets in one thread.

epoll takes its timeout in whole milliseconds, and `asyncio` inherits that; `select.select` takes microseconds,
but only descriptors below 1024. Together they have both: all sockets are registered with epoll (or kqueue), and
`select` waits for the one descriptor of that.
"""

import contextlib
import heapq
import itertools
import select
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable

FD_SETSIZE = 1024  # what select(2) can wait for, whatever the limit on open files


class Loop:
    """Calls back when a socket is ready or a time has come. Other threads may only `call` and `stop`."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._watched: dict[socket.socket, int] = {}
        self._timers: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()  # equal times are kept in the order they were asked for
        self._stopping = False
        self._asked: deque[Callable[[], None]] = deque()  # by other threads
        self._bell, self._rope = socket.socketpair()  # another thread pulls the rope, the loop hears the bell
        self._rope.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ, self._hear)
        self._watched[self._bell] = selectors.EVENT_READ

    def watch(self, sock: socket.socket, events: int, callback: Callable[[int], None]) -> None:
        """Call `callback(ready)` whenever `sock` is ready for one of `events`, `selectors.EVENT_…`; 0 ends it."""
        before = self._watched.get(sock, 0)
        if events == before:
            return
        if not events:
            del self._watched[sock]
            self._selector.unregister(sock)
            return
        self._watched[sock] = events
        if before:
            self._selector.modify(sock, events, callback)
        else:
            self._selector.register(sock, events, callback)

    def at(self, due: int, callback: Callable[[], None]) -> None:
        """Call `callback()` at `due`, nanoseconds of the monotonic clock."""
        heapq.heappush(self._timers, (due, next(self._order), callback))

    def run(self) -> None:
        """Until `stop`."""
        while not self._stopping:
            for key, ready in self._wait():
                if key.fileobj in self._watched:  # what was called before may have closed it
                    key.data(ready)
            while self._timers and self._timers[0][0] <= time.monotonic_ns():
                heapq.heappop(self._timers)[2]()

    def _wait(self) -> list[tuple[selectors.SelectorKey, int]]:
        timeout = None
        if self._timers:
            timeout = max(0, self._timers[0][0] - time.monotonic_ns()) / 1e9
        fileno = getattr(self._selector, "fileno", None)  # Windows has select alone, which is exact by itself
        if fileno is None or fileno() >= FD_SETSIZE:
            return self._selector.select(timeout)
        if not select.select([fileno()], [], [], timeout)[0]:
            return []
        return self._selector.select(0)

    def _hear(self, _ready: int) -> None:
        self._bell.recv(4096)
        while self._asked:
            self._asked.popleft()()

    def call(self, callback: Callable[[], None]) -> None:
        """Have the loop's own thread call `callback()` soon; from any thread."""
        self._asked.append(callback)
        with contextlib.suppress(OSError):  # pulled too often, or closed
            self._rope.send(b"x")

    def stop(self) -> None:
        """End `run` soon; from any thread, any number of times."""
        self._stopping = True
        self.call(lambda: None)

    def close(self) -> None:
        """Give the descriptors back, after `run`."""
        self._selector.close()
        self._bell.close()
        self._rope.close()
