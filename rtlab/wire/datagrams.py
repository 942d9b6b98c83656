"""A path for datagrams that loses some, delays all and keeps no order: what UDP promises, and no more (RFC 768)."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable
from selectors import EVENT_READ

from rtlab.errors import BadInput
from rtlab.wire.loop import Loop
from rtlab.wire.tap import nanoseconds

LARGEST = 65_535  # bytes of a datagram
WAITING = 10_000  # datagrams on the way at once; what is beyond is lost, as in a router whose queue is full


class DatagramPath:
    """Takes datagrams at `address` and brings them to the receiver at `target`, in a daemon thread of its own.

    A `share` of them is lost. Each takes `delay` seconds and, by chance, `jitter` more on average (exponential), so
    one may overtake another. The same `seed` loses the same ones. `carried` and `lost` are counted.
    """

    def __init__(
        self,
        target: tuple[str, int],
        *,
        share: float = 0.0,
        delay: float = 0.0,
        jitter: float = 0.0,
        seed: int = 0,
    ) -> None:
        if not 0 <= share <= 1:
            raise BadInput(f"share={share!r}: give the part that is lost, from 0 to 1")
        self.target, self.share = target, share
        self.carried = self.lost = 0
        self._delay, self._jitter = nanoseconds(delay), nanoseconds(jitter)
        self._chance = random.Random(seed)
        self._on_the_way = 0
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where it takes datagrams, once it has started."""
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    def __enter__(self) -> DatagramPath:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._loop = Loop()
        self._thread = threading.Thread(target=self._run, name="rtlab datagrams", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Carry nothing more; what is on the way is lost. From any thread, any number of times."""
        if self._thread is not None:
            self._loop.stop()
            self._thread.join(timeout=1)

    def _run(self) -> None:
        try:
            self._loop.watch(self._socket, EVENT_READ, self._take)
            self._loop.run()
        finally:
            self._socket.close()
            self._loop.close()

    def _take(self, _ready: int) -> None:
        try:
            data = self._socket.recv(LARGEST)
        except OSError:  # the receiver is not there: UDP tells the sender, if at all, at the next call
            return
        lost, late = self._chance.random() < self.share, self._chance.expovariate(1.0)
        if lost or self._on_the_way >= WAITING:
            self.lost += 1
            return
        self._on_the_way += 1
        self._loop.at(time.monotonic_ns() + self._delay + round(late * self._jitter), self._bring(data))

    def _bring(self, data: bytes) -> Callable[[], None]:
        def bring() -> None:
            self._on_the_way -= 1
            self.carried += 1
            with contextlib.suppress(OSError):
                self._socket.sendto(data, self.target)

        return bring
