"""One client in the race: a reader in a thread of its own, and what it has seen, when."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import replace

from rtlab.clients import AdaptivePolling, LongPolling, ServerSentEvents, ShortPolling, WebSocket
from rtlab.clients.pace import Fixed
from rtlab.clients.reader import Reader, Stats
from rtlab.errors import Unavailable
from rtlab.event import Event
from rtlab.technique import NAMES
from rtlab.view.race_pace import Noted, SameBudget

RACERS = ("short", "adaptive", "long", "sse", "websocket")  # in the order of their lanes
KEPT = 10_000  # arrivals and empty answers that are remembered, the newest
SPEAK_SECONDS = 15.0  # in which a reader finds its place or says what is wrong


class Runner:
    """Reads one channel by one technique from `start()` until `close()`.

    `arrivals` are `(event id, monotonic ns)` in the order in which the client had them; `empties` the moments at
    which it learned that there was nothing. What the reader raises is in `trouble`; nothing is printed.
    """

    def __init__(self, technique: str, channel: str, url: str, interval: float) -> None:
        self.technique, self.channel = technique, channel
        self.arrivals: deque[tuple[str, int]] = deque(maxlen=KEPT)
        self.empties: deque[int] = deque(maxlen=KEPT)
        self._news: deque[tuple[str, int]] = deque(maxlen=KEPT)
        self.received = 0
        self.trouble: BaseException | None = None
        self._ready = threading.Event()
        self._closing = False
        self._budget: Fixed | SameBudget | None = None
        self.reader = self._make(url, interval)
        self._before = Stats()
        self._thread = threading.Thread(target=self._run, name=f"rtlab race {technique}", daemon=True)

    def _make(self, url: str, interval: float) -> Reader:
        """Make the reader; those that ask on a timer get a pace that tells of empty answers."""
        match self.technique:
            case "short":
                short = ShortPolling(url, interval)
                self._budget = Fixed(interval)
                short.pace = Noted(self._budget, self._note_empty)
                return short
            case "adaptive":
                self._budget = SameBudget(interval)
                return AdaptivePolling(url, Noted(self._budget, self._note_empty))
            case "long":
                return LongPolling(url)
            case "sse":
                return ServerSentEvents(url)
            case _:
                return WebSocket(url)

    def start(self) -> None:
        """Begin to read, in the runner's own thread."""
        self._thread.start()

    def ready(self) -> None:
        """Wait until the reader holds its place; raises what kept it from that."""
        if not self._ready.wait(SPEAK_SECONDS):
            raise Unavailable(
                f"{NAMES[self.technique]} found no place in {self.channel} for {SPEAK_SECONDS:g} s"
            )
        if self.trouble is not None:
            raise self.trouble

    def _run(self) -> None:
        try:
            with self.reader:
                self._ready.set()
                for item in self.reader.events():
                    if isinstance(item, Event):
                        arrival = (item.id, time.monotonic_ns())
                        self.arrivals.append(arrival)
                        self._news.append(arrival)
                        self.received += 1
        except BaseException as error:
            if not self._closing:
                self.trouble = error
        finally:
            self._ready.set()

    def _note_empty(self) -> None:
        at = time.monotonic_ns()
        self.empties.append(at)
        self._news.append(("", at))

    def look(self) -> None:
        """Note an empty answer of a reader without a pace: a long poll that was held in vain."""
        if self._budget is None and self.reader.stats.empty > len(self.empties):
            self._note_empty()

    def take_news(self) -> list[tuple[str, int]]:
        """Return what was seen since the last call, `(event id, ns)`; the id of an empty answer is empty."""
        return [self._news.popleft() for _ in range(len(self._news))]

    def pace(self, interval: float) -> None:
        """Let a reader that asks on a timer ask every `interval` seconds on average, from its next answer on."""
        if isinstance(self._budget, Fixed):
            self._budget.interval = interval
        elif isinstance(self._budget, SameBudget):
            self._budget.mean = interval

    def mark(self) -> None:
        """Count the cost from now on."""
        self._before = replace(self.reader.stats)

    @property
    def cost(self) -> Stats:
        """What reading has cost since the last `mark`; all bytes and requests, the opening ones too, without one."""
        now, before = vars(replace(self.reader.stats)), vars(self._before)
        return Stats(**{name: value - before[name] for name, value in now.items()})

    def close(self) -> None:
        """Stop reading; the thread is gone within a second or two."""
        self._closing = True
        self.reader.close()
        if self._thread.ident is not None:
            self._thread.join(5.0)
