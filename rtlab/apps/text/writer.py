"""Somebody who writes, from Python: a copy of the text, a reader and a publisher.

with Writer(lab.channel("text"), "ada", by="long") as ada:
    ada.insert(0, "Hello")
    ada.go_offline()
    ada.insert(5, " world")             # in the own copy at once
    ada.come_back()                     # now the others get it
    ada.wait(lambda: ada.text == "Hello world")
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from rtlab.apps.text.operations import Operation, decode, encode, fold
from rtlab.apps.text.replica import Replica
from rtlab.clients import READERS, Publisher, Reader, WebSocket
from rtlab.errors import Unavailable
from rtlab.event import Event


class Writer:
    """Reads a channel's operations from the start in a thread, and publishes its own, until `close()`.

    `by` and `options` choose the reader (rtlab.clients.READERS); with a WebSocket an event goes up on it, else by a
    POST. Raises Unavailable where there is no server.
    """

    def __init__(self, channel: str, site: str, by: str = "websocket", **options: Any) -> None:
        self.replica = Replica(site)
        self.arrivals: dict[str, int] = {}  # event id → monotonic ns
        self.published: list[str] = []  # the ids of our own events
        self._channel, self._by, self._options = channel, by, options
        self._draft: list[Operation] = []  # not yet published
        self._changed = threading.Condition()
        self._reader: Reader | None = None
        self._thread: threading.Thread | None = None
        self._cursor = "start"
        self._publisher = Publisher(channel)

    def __enter__(self) -> Writer:
        try:
            self.come_back()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()

    @property
    def text(self) -> str:
        """What is to be read in our copy now."""
        with self._changed:
            return self.replica.text

    def insert(self, index: int, text: str) -> None:
        """Put text in, in our copy and as one event."""
        with self._changed:
            self._draft += self.replica.insert(index, text)
        self._publish()

    def type(self, index: int, text: str, pause: float = 0.0) -> None:
        """Put text in key by key, one event each, with so many seconds between two."""
        for number, letter in enumerate(text):
            self.insert(index + number, letter)
            time.sleep(pause)

    def delete(self, index: int, count: int = 1) -> None:
        """Take letters out, in our copy and as one event."""
        with self._changed:
            self._draft += self.replica.delete(index, count)
        self._publish()

    def wait(self, holds: Callable[[], Any], seconds: float = 10.0) -> Any:
        """Wait until something holds of our copy; what it is then, or was at the end of so many seconds."""
        with self._changed:
            return self._changed.wait_for(holds, seconds)

    def go_offline(self) -> None:
        """Hear nothing and tell nothing; what is written meanwhile is kept."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
        if self._thread is not None:
            self._thread.join(5.0)

    def come_back(self) -> None:
        """Read on from where we were, and tell what was written meanwhile, as one event."""
        reader = READERS[self._by](self._channel, after=self._cursor, **self._options)
        reader.__enter__()
        self._reader = reader
        self._thread = threading.Thread(target=self._listen, args=(reader,), daemon=True)
        self._thread.start()
        self._publish()

    def close(self) -> None:
        """Stop reading, and close what is open."""
        self.go_offline()
        self._publisher.close()

    def _publish(self) -> None:
        if self._reader is None or not self._draft:
            return
        draft, self._draft = fold(self._draft), []
        try:
            self.published.append(self._send(self._reader, draft))
        except (
            Unavailable
        ):  # nobody else has it yet: it goes with what is written next. Twice would do no harm
            self._draft[:0] = draft
            raise

    def _send(self, reader: Reader, operations: Sequence[Operation]) -> str:
        key = secrets.token_hex(8)
        if isinstance(reader, WebSocket):
            return reader.send(encode(operations), key)
        return self._publisher.publish(encode(operations), key)

    def _listen(self, reader: Reader) -> None:
        for event in reader.events():
            if not isinstance(event, Event):
                continue
            with self._changed:
                self.arrivals[event.id] = time.monotonic_ns()
                for operation in decode(event.data):
                    self.replica.apply(operation)
                self._cursor = event.id
                self._changed.notify_all()
