"""One reader for any path: WebSocket, else server-sent events, else long polling, else short polling.

    with connect(url) as reader:
        for event in reader.events():
            ...
    reader.technique                    # what got through

A path can refuse a technique (a proxy that strips `Upgrade`), or swallow what it should pass (one that buffers): then
no answer comes, or no heartbeat. Either way the next technique goes on from the same cursor, so nothing is lost and
nothing comes twice. What worked is remembered for the server; the better ones are tried again now and then, beside
the reading, for paths change.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from rtlab.clients.polling import LongPolling, ShortPolling
from rtlab.clients.publish import publish
from rtlab.clients.reader import SILENCE, Reader, Stats, earlier, is_past
from rtlab.clients.socket import WebSocket
from rtlab.clients.stream import ServerSentEvents
from rtlab.errors import BadInput, RtlabError, ServerError, Unavailable
from rtlab.event import Event, Gap

ORDER = ("websocket", "sse", "long", "short")
FAILURES = 2  # in a row with nothing received in between, after which the next technique has its turn
PATH_TO_BLAME = {
    400,
    403,
    405,
    407,
    426,
    500,
    501,
    505,
}  # a middlebox may have said it; 404 and 413 it may not
MOVED = {301, 308}  # for good (RFC 9110 §15.4), unlike the redirection of a portal that wants a login first
_worked: dict[str, str] = {}  # server → the technique that got through last


def path_to_blame(status: int) -> bool:
    """Whether a middlebox may have answered so in the server's place, to one technique and not to another.

    0, 2xx and 3xx are answers that are not what was asked for: a portal's page, or where to find it.
    """
    return status == 0 or 200 <= status < 400 or status in PATH_TO_BLAME


class _NextPlease(RtlabError):
    """The technique in use does not get through any more."""


class AnyPath:
    """What `connect` returns: a reader with the face of the others.

    `silence`: seconds without a sign of life after which a connection counts as dead (two heartbeats of the server
    are a good value). `patience`: seconds that one technique may take to open. `retry`: seconds until the better
    techniques are tried again.
    """

    def __init__(
        self,
        url: str,
        after: str = "now",
        *,
        silence: float = SILENCE,
        patience: float = 5.0,
        retry: float = 60.0,
        interval: float = 1.0,
        cacert: str | Path | None = None,
        token: str | None = None,
    ) -> None:
        if not (silence > 0 and patience > 0 and retry > 0):
            raise BadInput(f"silence={silence}, patience={patience}, retry={retry}: give seconds above 0")
        self.url, self.cursor, self._publish = url, after, partial(publish, url, cacert=cacert, token=token)
        self.patience, self.retry = patience, retry
        self._makers: dict[str, Callable[[str], Reader]] = {
            "websocket": lambda after: WebSocket(url, after, silence=silence, cacert=cacert, token=token),
            "sse": lambda after: ServerSentEvents(url, after, silence=silence, cacert=cacert, token=token),
            "long": lambda after: LongPolling(url, after=after, cacert=cacert, token=token),
            "short": lambda after: ShortPolling(url, interval, after, cacert=cacert, token=token),
        }
        self._reader = self._makers["short"](after)  # checks the arguments, and asks nothing
        self.technique = _worked.get(self._reader.channel.authority, ORDER[0])
        self._spent: list[Stats] = []  # by readers of before
        self._better: str | None = None  # a technique that was found to get through again
        self._probe: threading.Thread | None = None
        self._probing: Reader | None = None
        self._closed = threading.Event()
        self._lock = threading.Lock()  # held while readers are exchanged

    @property
    def stats(self) -> Stats:
        """What reading has cost so far, with every technique that was tried."""
        every = [*self._spent, self._reader.stats]
        return Stats(**{part.name: sum(getattr(one, part.name) for one in every) for part in fields(Stats)})

    def __enter__(self) -> AnyPath:
        """Return when one technique holds its place. Raises Unavailable if none does, ServerError as `_open`."""
        self._open(ORDER.index(self.technique), None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, first: int, deadline: float | None) -> None:
        """Open with what gets through, from number `first` of the order on, then from its start.

        Raises Unavailable; ServerError where no path is to blame, or all techniques are told that it has moved.
        """
        trouble: RtlabError = Unavailable(f"no answer from {self._reader.channel.authority}")
        moved = 0
        for technique in (*ORDER[first:], *ORDER[:first]):
            reader = self._makers[technique](self.cursor)
            reader.PATIENCE = earlier(deadline, self.patience) - time.monotonic()
            reader.on_trouble = self._judge
            self._exchange(technique, reader)
            try:
                reader.__enter__()
            except ServerError as error:
                moved += error.status in MOVED
                if not path_to_blame(error.status) or moved == len(ORDER):
                    raise
                trouble = error
            except (Unavailable, _NextPlease) as error:
                if isinstance(error, Unavailable) and error.retry_after:
                    raise  # it has been reached, and would be asked too soon by another technique
                trouble = error
            except BadInput:  # `close`, in another thread, was quicker than `__enter__`
                if self._closed.is_set():
                    return
                raise
            else:
                self.cursor = reader.cursor
                _worked[reader.channel.authority] = technique
                self._look_for_better()
                return
            if self._closed.is_set():
                return
        raise trouble if isinstance(trouble, Unavailable) else Unavailable(str(trouble))

    def _exchange(self, technique: str, reader: Reader) -> None:
        with self._lock:
            if self._closed.is_set():
                reader.close()
            else:
                self._reader.close()
                self._spent.append(self._reader.stats)
            self._reader, self.technique = reader, technique

    def _judge(self, trouble: Unavailable, failures: int) -> None:
        """Called by a reader at each failure; ends its reading when it has had its chances.

        A server that says when to come back (RFC 9110 §10.2.3) has been reached: the path is not to blame.
        """
        if failures >= FAILURES and not trouble.retry_after:
            raise _NextPlease(str(trouble))

    def events(self, limit: int | None = None, timeout: float | None = None) -> Iterator[Event | Gap]:
        """Iterate over what happens, as every reader does; changes the technique on the way where it must."""
        deadline = None if timeout is None else time.monotonic() + timeout
        found = 0
        while (limit is None or found < limit) and not self._closed.is_set() and not is_past(deadline):
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                for item in self._reader.events(None if limit is None else limit - found, left):
                    found += isinstance(item, Event)
                    self.cursor = self._reader.cursor
                    yield item
            except (_NextPlease, ServerError) as trouble:
                if isinstance(trouble, ServerError) and not path_to_blame(trouble.status):
                    raise
                self._go_on((ORDER.index(self.technique) + 1) % len(ORDER), deadline)
            if self._better is not None:
                better, self._better = self._better, None
                self._go_on(ORDER.index(better), deadline)

    def _go_on(self, first: int, deadline: float | None) -> None:
        """Open again; where nothing gets through the server is away: keep trying, for as long as the caller reads."""
        for attempt in itertools.count():
            try:
                return self._open(first, deadline)
            except Unavailable as trouble:
                span = min(Reader.FIRST_PAUSE * 2.0 ** min(attempt, 30), Reader.LONGEST_PAUSE)
                # What the server asks for, and full jitter, as in `Reader`.
                until = earlier(deadline, trouble.retry_after + random.uniform(0, span))
                if self._closed.wait(max(0.0, until - time.monotonic())) or is_past(deadline):
                    return

    def _look_for_better(self) -> None:
        """Have a thread try the techniques before the one in use, every `retry` seconds."""
        if self.technique != ORDER[0] and (self._probe is None or not self._probe.is_alive()):
            probe = threading.Thread(target=self._try_better, name="rtlab connect", daemon=True)
            probe.start()
            self._probe = probe  # not before it runs: `close`, in another thread, joins it

    def _try_better(self) -> None:
        while not self._closed.wait(self.retry) and self.technique != ORDER[0]:
            for technique in ORDER[: ORDER.index(self.technique)]:
                if self._gets_through(technique):
                    with self._lock:
                        self._better = technique
                        self._reader.close()  # its iteration ends, and the other one goes on from the cursor
                    return

    def _gets_through(self, technique: str) -> bool:
        reader = self._makers[technique]("now")
        reader.PATIENCE = self.patience
        with self._lock:
            if self._closed.is_set():
                return False
            self._probing = reader
        try:
            with reader:
                return True
        except RtlabError:
            return False

    def send(self, data: Any, key: str | None = None) -> str:
        """Publish; the event's id. On the socket where there is one, else by a POST. Raises as `WebSocket.send`."""
        reader = self._reader
        if isinstance(reader, WebSocket):
            try:
                return reader.send(data, key)
            except _NextPlease as error:  # from `_judge`: it is for `events`, which will find it out too
                raise Unavailable(str(error)) from None
        return self._publish(data, key)

    def close(self) -> None:
        """Stop reading: from any thread, at any time, within a second or two. Safe to call again."""
        self._closed.set()
        with self._lock:
            for reader in filter(None, (self._reader, self._probing)):
                reader.close()
        if self._probe is not None and self._probe is not threading.current_thread():
            self._probe.join(2.0)


def connect(url: str, after: str = "now", **options: Any) -> AnyPath:
    """Read the channel at `url` by whatever gets through; for the options see `AnyPath`."""
    return AnyPath(url, after, **options)
