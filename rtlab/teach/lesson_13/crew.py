"""Readers of all techniques at once, each in a thread, and where they are connected from moment to moment."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import requests

from rtlab.clients.polling import LongPolling, ShortPolling
from rtlab.clients.socket import WebSocket
from rtlab.clients.stream import ServerSentEvents
from rtlab.errors import RtlabError
from rtlab.teach.lesson_13.load import by_process

TECHNIQUES = (ShortPolling, LongPolling, ServerSentEvents, WebSocket)
LOOK = 0.05  # seconds between two looks at who is where
PATIENCE = 0.5  # then it looks again: the process that it came to may be the one that was killed


class Crew:
    """`each` readers of every technique on a channel of their own, from here to the end of the block."""

    def __init__(self, url: str, each: int = 3) -> None:
        self.url = f"{url}/channels/crew-{secrets.token_hex(4)}"  # of the channel
        kinds: Sequence[Any] = [kind for kind in TECHNIQUES for _ in range(each)]
        self.readers = [
            kind(self.url, after="start", **({"interval": 0.1} if kind is ShortPolling else {}))
            for kind in kinds
        ]
        self.got: list[list[Any]] = [[] for _ in self.readers]
        self._threads = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in zip(self.readers, self.got, strict=True)
        ]

    def _read(self, reader: Any, got: list[Any]) -> None:
        with suppress(RtlabError), reader:
            for event in reader.events():
                got.append(event.data)

    def wait(self, events: int, seconds: float = 30.0) -> None:
        """Wait until each has had so many events. Raises RtlabError when they do not come."""
        deadline = time.monotonic() + seconds
        while any(len(got) < events for got in self.got):
            if time.monotonic() > deadline:
                counts = ", ".join(str(len(got)) for got in self.got)
                raise RtlabError(f"not all of {events} events came within {seconds:g} s: {counts}")
            time.sleep(0.01)

    def __enter__(self) -> Crew:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        for reader in self.readers:
            reader.close()
        for thread in self._threads:
            thread.join(2)


class Watch:
    """Looks again and again how many connections each process of a fleet has, until `close()`.

    `looks`: at which moment (s since the start), process → connections, the one that asks among them. A process
    that does not answer is not in it.
    """

    def __init__(self, url: str) -> None:
        self.looks: list[tuple[float, dict[str, int]]] = []
        self.marks: list[tuple[float, str]] = []
        self._url, self._began = url, time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(LOOK):
            with suppress(requests.RequestException):
                there = by_process(self._url, "rtlab_connections", PATIENCE)
                self.looks.append((time.monotonic() - self._began, there))

    def mark(self, words: str) -> None:
        """Note that something happened now."""
        self.marks.append((time.monotonic() - self._began, words))

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join(12)

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()
