"""Those who must not notice that a server is fuzzed: a publisher, and readers who check every event."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from types import TracebackType

from rtlab.clients import LongPolling, Reader, ServerSentEvents, ShortPolling, WebSocket
from rtlab.clients import Publisher as Client
from rtlab.errors import RtlabError
from rtlab.event import Event
from rtlab.measure.fuzz_stage import Stage

CHANNEL = f"well-{secrets.token_hex(4)}"  # which no case can hit upon
EVERY = 0.05  # seconds between two events


class Publisher:
    """Publishes 1, 2, 3 … until it is stopped."""

    def __init__(self, stage: Stage) -> None:
        self.published = 0
        self._url = f"http://127.0.0.1:{stage.ports['server']}/channels/{CHANNEL}"
        self._ended = threading.Event()
        self._client = Client(self._url)
        self._publish()
        self._thread = threading.Thread(target=self._run, name="rtlab fuzz publisher", daemon=True)
        self._thread.start()

    def _publish(self) -> None:
        number = self.published + 1
        self._client.publish(number, f"k{number}")
        self.published = number

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            self._publish()

    def stop(self) -> None:
        """Publish no more."""
        self._ended.set()
        self._thread.join()

    def __enter__(self) -> Publisher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._client.close()


class Bystander:
    """Reads the channel from its start by one technique, at one port."""

    def __init__(self, stage: Stage, port: str, by: str) -> None:
        self.name = f"{by} at the {port}"
        url = f"http://127.0.0.1:{stage.ports[port]}/channels/{CHANNEL}"
        makers: dict[str, Callable[[], Reader]] = {
            "short": lambda: ShortPolling(url, 0.2, "start"),
            "long": lambda: LongPolling(url, 5.0, "start"),
            "sse": lambda: ServerSentEvents(url, "start"),
            "websocket": lambda: WebSocket(url, "start"),
        }
        self._reader = makers[by]()
        self.seen: list[object] = []
        self._thread = threading.Thread(target=self._run, name=f"rtlab fuzz {by}", daemon=True)
        self._trouble: str | None = None
        self._thread.start()

    def _run(self) -> None:
        try:
            with self._reader as reader:
                for item in reader.events():
                    self.seen.append(item.data if isinstance(item, Event) else item)
        except RtlabError as error:
            self._trouble = str(error)

    def await_first(self, seconds: float) -> None:
        """Wait until it reads. Raises RtlabError."""
        deadline = time.monotonic() + seconds
        while not self.seen:
            if time.monotonic() > deadline:
                raise RtlabError(f"{self.name} reads nothing: {self._trouble or 'no event has come'}")
            time.sleep(0.01)

    def judge(self, published: int, seconds: float) -> list[str]:
        """What it has not, or should not have; waits for what is on its way."""
        deadline = time.monotonic() + seconds
        while len(self.seen) < published and time.monotonic() < deadline and self._thread.is_alive():
            time.sleep(0.01)
        found = [] if self._trouble is None else [f"{self.name} could not go on: {self._trouble}"]
        if self.seen != list(range(1, published + 1)):
            at = next((n for n, item in enumerate(self.seen, 1) if item != n), len(self.seen))
            found.append(f"{self.name} has {len(self.seen)} of {published} events, and is right up to {at}")
        if self._reader.stats.reconnects:
            found.append(f"{self.name} had to connect again, {self._reader.stats.reconnects} times")
        return found

    def __enter__(self) -> Bystander:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.close()
        self._thread.join()
