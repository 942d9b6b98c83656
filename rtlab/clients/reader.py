"""What all readers share, whatever the technique.

    with LongPolling(url, after="start") as reader:
        for event in reader.events(limit=10, timeout=5.0):
            print(event.data)
    reader.cursor                       # where the next reader goes on, with any technique

A reader is a cursor and a way of asking for what is behind it. The cursor moves with whole events only. So a
connection may be cut at any byte: the reader comes back with its cursor, nothing is lost and nothing comes
twice. What all of them do alike is here: the time limit, the pauses between attempts, the way out. A technique
adds `_read`, `_hang_up` and `_release`.
"""

import logging
import random
import re
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar

from rtlab.clients.channel import Channel
from rtlab.errors import BadInput, InvalidCursor, Unavailable
from rtlab.event import Event, Gap

R = TypeVar("R", bound="Reader")
STARTS = ("now", "start", "last")  # what `after` may be besides a cursor
SILENCE = (
    30.0  # seconds without a byte after which an open connection counts as dead: two heartbeats of a server
)
log = logging.getLogger("rtlab.clients")


@dataclass
class Stats:
    """What reading has cost so far.

    Bytes are counted at the socket, so they are all that the connections carried above TCP: heads, bodies,
    frames. Over TLS they are what is inside of it.
    """

    events: int = 0  # handed to the caller
    gaps: int = 0
    requests: int = 0  # polls, streams opened, handshakes
    empty: int = 0  # polls whose answer had no news
    reconnects: int = 0  # times that it had to try again
    connections: int = 0  # TCP connections made
    bytes_up: int = 0
    bytes_down: int = 0


class Reader(ABC):
    """The base of all readers.

    `url` is a channel's, or one taken apart: of what is read like a channel and lies elsewhere. `after` says where to
    begin: `now` (the next event), `start` (the oldest kept), `last` (the newest kept, then on), or a cursor. One thread
    iterates; any thread may call `close`. `cacert`, which every technique takes, is a file of certificate authorities
    (PEM) to trust besides the system's, for https and wss; `token` is shown to a server that wants one.
    """

    PATIENCE = 10.0  # seconds that `with` tries to get through before it gives up
    FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0  # seconds, bounds of the pause before another attempt

    def __init__(self, url: str | Channel, after: str = "now") -> None:
        if after not in STARTS and not is_cursor(after):
            raise InvalidCursor(str(after))
        self.channel = url if isinstance(url, Channel) else Channel.parse(url)
        self.stats = Stats()
        self.cursor = after  # behind the last event that was handed out
        self._position = after  # behind the last event that was received
        self._ready: deque[Event | Gap] = deque()  # received, not yet handed out
        self._turn = threading.Lock()  # held by the thread that reads from the network
        self._closed = threading.Event()
        self._failures = 0  # in a row
        self._least_pause = 0.0  # that the server asks for, in seconds
        self._not_before = 0.0  # time.monotonic() of the next attempt
        self._trouble: Unavailable | None = None  # the last
        self.on_trouble: Callable[[Unavailable, int], None] | None = (
            None  # is told of each failure, and how many
        )

    @abstractmethod
    def _read(self, deadline: float | None) -> None:
        """Read once, at most until the deadline, and report by `_received`. Raises Unavailable, ServerError."""

    @abstractmethod
    def _hang_up(self) -> None:
        """Make a `_read` in another thread end at once, and every later one."""

    @abstractmethod
    def _release(self) -> None:
        """Close what is open; called at least once, nobody reads any more."""

    def _is_open(self) -> bool:
        return self._position not in STARTS

    def __enter__(self: R) -> R:
        """Return when the reader holds its place, so that nothing published from now on is missed.

        Raises Unavailable when no server answers for `PATIENCE` seconds.
        """
        if self._closed.is_set():
            raise BadInput("this reader has been closed: make a new one with after=reader.cursor")
        deadline = time.monotonic() + self.PATIENCE
        try:
            while not self._is_open() and not self._closed.is_set():
                if is_past(deadline):
                    raise self._trouble or Unavailable(f"no answer from {self.channel.authority}")
                with self._reading(deadline):
                    self._fill(deadline)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def events(self, limit: int | None = None, timeout: float | None = None) -> Iterator[Event | Gap]:
        """Iterate over what happens: events, and a `Gap` where some were missed.

        Ends after `limit` events (gaps do not count), `timeout` seconds after this call, or when the reader is
        closed. Iterating again goes on where this ended. While the server cannot be reached it keeps trying.
        Raises ServerError for an answer that another attempt would not change.
        """
        if (limit is not None and limit < 0) or (timeout is not None and not timeout >= 0):
            raise BadInput(f"limit={limit}, timeout={timeout}: give numbers from 0, or None for no limit")
        return self._deliver(limit, None if timeout is None else time.monotonic() + timeout)

    def _deliver(self, limit: int | None, deadline: float | None) -> Iterator[Event | Gap]:
        events = 0
        while limit is None or events < limit:
            item = self._next(deadline)
            if item is None:
                return
            if isinstance(item, Event):
                events += 1
                self.stats.events += 1
                self.cursor = item.id
            else:
                self.stats.gaps += 1
                self.cursor = item.cursor
            yield item

    def _next(self, deadline: float | None) -> Event | Gap | None:
        """The next item, read from the network if need be; None at the deadline and when closed."""
        while not self._closed.is_set():
            if self._ready:
                return self._ready.popleft()
            if is_past(deadline):
                return None
            with self._reading(deadline) as my_turn:
                if my_turn and not self._ready:
                    self._fill(deadline)
        return None

    @contextmanager
    def _reading(self, deadline: float | None) -> Iterator[bool]:
        """Take the turn to read, if it can be had by the deadline; whoever has it when closed cleans up."""
        my_turn = self._turn.acquire(
            timeout=-1 if deadline is None else max(0.0, deadline - time.monotonic())
        )
        try:
            yield my_turn
        finally:
            if my_turn:
                if self._closed.is_set():
                    self._release()
                self._turn.release()

    def _fill(self, deadline: float | None) -> None:
        """Read once. What went wrong and may go right another time makes the next attempt wait."""
        if not self._wait_until(self._not_before, deadline):
            return
        try:
            self._read(deadline)
        except Unavailable as trouble:
            self._trouble = trouble
            if self._closed.is_set() or is_past(deadline):
                return  # it was our caller who cut it
            self.stats.reconnects += 1
            pause = self._pause(max(self._least_pause, trouble.retry_after))
            self._not_before = time.monotonic() + pause
            log.info("%s; trying again in %.2f s", trouble, pause)
            if self.on_trouble is not None:
                self.on_trouble(trouble, self._failures)

    def _pause(self, least: float) -> float:
        """Seconds until the next attempt: what the server asks for, and full jitter over a growing, capped span.

        The jitter keeps a thousand readers of a server that comes back from arriving all at once.
        """
        span = min(self.FIRST_PAUSE * 2.0 ** min(self._failures, 30), self.LONGEST_PAUSE)
        self._failures += 1
        return least + random.uniform(0, span)

    def _wait_until(self, moment: float, deadline: float | None) -> bool:
        """Sleep; False if the deadline or `close` came first."""
        until = moment if deadline is None else min(moment, deadline)
        self._closed.wait(max(0.0, until - time.monotonic()))
        return not self._closed.is_set() and time.monotonic() >= moment

    def _received(self, items: Sequence[Event | Gap], cursor: str) -> None:
        """Whole items have arrived, and `cursor` is behind them."""
        self._ready.extend(items)
        self._position = cursor
        self._failures = 0
        if not items and not self._ready:
            self.cursor = cursor

    def close(self) -> None:
        """Stop reading: from any thread, at any time, within a second; iterating then ends. Safe to call again."""
        self._closed.set()
        self._hang_up()
        with self._reading(time.monotonic() + 0.5):
            pass


def is_cursor(value: object) -> bool:
    """Whether a server may have sent this as a cursor. What is behind the dot is the server's own business."""
    return isinstance(value, str) and bool(re.fullmatch(r"[0-9a-z]+\.[0-9a-zA-Z._-]+", value, re.ASCII))


def is_past(deadline: float | None) -> bool:
    """Whether a moment of `time.monotonic()` has come."""
    return deadline is not None and time.monotonic() >= deadline


def earlier(deadline: float | None, seconds: float) -> float:
    """The deadline, or the moment in so many seconds, whichever comes first."""
    moment = time.monotonic() + seconds
    return moment if deadline is None else min(deadline, moment)
