"""Every technique through every box: how many of five events arrive, and what is said where they do not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from rtlab.clients import LongPolling, Reader, ServerSentEvents, ShortPolling, WebSocket
from rtlab.errors import ServerError
from rtlab.event import Event
from rtlab.teach.lesson_10.laboratory import Laboratory
from rtlab.wire.middlebox import Middlebox
from rtlab.wire.proxies import Buffers, LosesAnswers, Refuses, StripsUpgrade
from rtlab.wire.tap import Tap
from rtlab.wire.trouble import EndsIdle

EVENTS = 5
SECONDS = 5.0  # that readers have to get there, and the last event: a busy machine takes its time

BOXES: Mapping[str, Callable[[], Middlebox]] = {
    "an open path": Middlebox,
    "strips Upgrade": StripsUpgrade,
    "buffers 4 KiB": lambda: Buffers(4096),
    "ends what is idle for 0.4 s": lambda: EndsIdle(0.4),
    "loses an answer": lambda: LosesAnswers(1),
    "504 after 0.3 s": lambda: Refuses(504, after=0.3),
}
READERS: Mapping[str, Callable[[str], Reader]] = {
    "short": lambda url: ShortPolling(url, 0.1, "start"),
    "long": lambda url: LongPolling(url, 25.0, "start"),
    "sse": lambda url: ServerSentEvents(url, "start"),
    "websocket": lambda url: WebSocket(url, "start"),
}


@dataclass
class Passage:
    """One technique through one box: the events that came, in order, how often it tried again, what it was told."""

    box: str
    technique: str
    arrived: list[int] = field(default_factory=list)
    reconnects: int = 0
    refused: int | None = None  # a status that ended it

    @property
    def words(self) -> str:
        """What became of it, in a few words."""
        if self.refused:
            return f"refused: {self.refused}"
        if len(self.arrived) == EVENTS:
            return "5 of 5, came again" if self.reconnects else "5 of 5"
        return f"{len(self.arrived)} of {EVENTS} in time"


class _Traveller:
    """One reader in a thread, behind a tap of its own on which the box stands."""

    def __init__(self, server: tuple[str, int], channel: str, box: str, technique: str) -> None:
        self.passage = Passage(box, technique)
        self.tap = Tap(server, middleboxes=[BOXES[box]()], keep_bytes=1 << 16).start()
        self.reader = READERS[technique]("http://{}:{}/channels/{}".format(*self.tap.address, channel))
        self.thread = threading.Thread(target=self._read, name=f"grid {technique}", daemon=True)
        self.thread.start()

    def _read(self) -> None:
        try:
            for item in self.reader.events():
                if isinstance(item, Event):
                    self.passage.arrived.append(item.data)
        except ServerError as error:
            self.passage.refused = error.status

    def is_through(self) -> bool:
        """Whether nothing more is to come."""
        return self.passage.refused is not None or len(self.passage.arrived) == EVENTS

    def leave(self) -> Passage:
        """End reading; what came of it."""
        self.passage.reconnects = self.reader.stats.reconnects
        self.reader.close()
        self.thread.join(2.0)
        self.tap.close()
        return self.passage


def every_way(lab: Laboratory, channel: str = "grid") -> list[Passage]:
    """Let each technique read through each box, all at the same time, while five events are published.

    Two, a pause in which nothing happens, three more.
    """
    where = urlsplit(lab.server_url)
    server = (where.hostname or "", where.port or 0)
    travellers = [_Traveller(server, channel, box, technique) for box in BOXES for technique in READERS]
    try:
        _wait(lambda: all(each.reader.stats.requests for each in travellers))
        for event in range(1, EVENTS + 1):
            lab.publish(channel, event)
            time.sleep(0.7 if event == 2 else 0.1)
        _wait(lambda: all(each.is_through() for each in travellers if _may_pass(each)))
    finally:
        passages = [each.leave() for each in travellers]
    return passages


def _may_pass(each: _Traveller) -> bool:
    return (each.passage.box, each.passage.technique) != ("buffers 4 KiB", "sse")


def _wait(until: Callable[[], bool]) -> None:
    """Wait for something, or until the time is over."""
    deadline = time.monotonic() + SECONDS
    while not until() and time.monotonic() < deadline:
        time.sleep(0.005)
