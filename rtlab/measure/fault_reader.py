"""Who suffers a storm of faults: readers that go on whatever happens, and a publisher that repeats itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from rtlab.clients import LongPolling, Publisher, Reader, ServerSentEvents, ShortPolling, WebSocket
from rtlab.clients.connect import AnyPath
from rtlab.clients.poll import Polling
from rtlab.errors import RtlabError, ServerError, Unavailable
from rtlab.event import Event, Gap


class StormReader:
    """A thread that reads the channel by one technique after another, always from its cursor."""

    def __init__(self, url: str, technique: str, cacert: Path | None = None) -> None:
        self.url, self.technique, self.cacert = url, technique, cacert
        self.cursor = self.opened = "start"
        self.items: list[Event | Gap] = []
        self.refusals = 0
        self._reader: Reader | AnyPath | None = None
        self._sleeping = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"storm {technique}", daemon=True)
        self._thread.start()

    def _make(self) -> Reader | AnyPath:
        url, after, ca = self.url, self.cursor, self.cacert
        makers: dict[str, Callable[[], Reader | AnyPath]] = {
            "short": lambda: ShortPolling(url, 0.03, after, cacert=ca),
            "conditional": lambda: ShortPolling(url, 0.03, after, conditional=True, cacert=ca),
            "long": lambda: LongPolling(url, 0.5, after, cacert=ca),
            "sse": lambda: ServerSentEvents(url, after, silence=0.4, cacert=ca),
            "websocket": lambda: WebSocket(url, after, silence=0.4, cacert=ca),
            "any path": lambda: AnyPath(
                url, after, silence=0.4, patience=0.5, retry=0.3, interval=0.03, cacert=ca
            ),
        }
        reader = makers[self.technique]()
        if isinstance(reader, Reader):
            reader.LONGEST_PAUSE, reader.PATIENCE = 0.1, 0.5
        if isinstance(reader, Polling):
            reader.ANSWER_SECONDS = 0.5
        return reader

    def _run(self) -> None:
        while not self._ended.is_set():
            self._ended.wait(self._sleeping)
            self._sleeping = 0.0
            self._reader = self._make()
            try:
                with self._reader as reader:
                    if not self.items:
                        self.opened = reader.cursor
                    for item in reader.events():
                        self.items.append(item)
                        self.cursor = reader.cursor
                        if self._sleeping or self._ended.is_set():
                            break
                    self.cursor = reader.cursor if self.items else self.cursor
            except (Unavailable, ServerError):  # told, not silent: come again
                self.refusals += 1
                self._ended.wait(0.02)

    def sleep(self, seconds: float) -> None:
        """Read nothing for a while."""
        self._sleeping = seconds
        self._leave()

    def switch(self, technique: str) -> None:
        """Go on with another technique."""
        self.technique = technique
        self._leave()

    def _leave(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def at(self, id: str) -> bool:
        """Whether it has come so far."""
        return self.cursor == id

    def close(self) -> None:
        """End; the thread is gone afterwards."""
        self._ended.set()
        while self._thread.is_alive():  # it may be about to make another reader
            self._leave()
            self._thread.join(0.2)


class Source:
    """A thread that publishes numbers, each under a key of its own, again until it is acknowledged."""

    def __init__(self, url: str, cacert: Path | None = None) -> None:
        self.url, self.cacert = url, cacert
        self.acknowledged: dict[str, str] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="storm source", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        publisher = Publisher(self.url, cacert=self.cacert)
        while not self._ended.wait(0.002):
            key = f"k{number}"
            try:
                self.acknowledged[key] = publisher.publish(key, key)
            except RtlabError:  # not acknowledged: the same key again
                publisher.close()
                publisher = Publisher(self.url, cacert=self.cacert)
            else:
                number += 1
        publisher.close()

    def close(self) -> None:
        """Publish no more."""
        self._ended.set()
        self._thread.join(30.0)
