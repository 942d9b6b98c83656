"""One WebSocket on each of several paths, and the same events published for all of them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rtlab.clients import WebSocket
from rtlab.event import Event
from rtlab.teach.lesson_10.laboratory import Laboratory
from rtlab.wire.middlebox import Middlebox

ONE_WAY = 0.040  # s of delay, on every path
BETWEEN = 0.15  # s from one event to the next


@dataclass(frozen=True)
class Seen:
    """What a reader had in the end: the events' numbers in the order in which they came, and its connections."""

    events: list[int]
    connections: int


def a_reader_on_each(
    lab: Laboratory, boxes: Mapping[str, Middlebox], events: int = 8, limit: float = 30.0
) -> dict[str, Seen]:
    """Let a WebSocket read the channel `name` past each box while events 1, 2, … are published to all channels.

    Whoever connects again has an open path. A reader waits `limit` seconds at most; the lab's network is as before
    (no delay, no box) when this returns or fails. Raises Unavailable when nobody answers any more.
    """
    lab.network(delay=ONE_WAY)
    lab.wire.clear()
    try:
        with contextlib.ExitStack() as stack, ThreadPoolExecutor(len(boxes)) as pool:
            readers: dict[str, WebSocket] = {}
            for name, box in boxes.items():
                lab.middleboxes(box)
                readers[name] = stack.enter_context(WebSocket(lab.channel(name)))
            lab.middleboxes()
            reading = {name: pool.submit(_read, reader, events, limit) for name, reader in readers.items()}
            for number in range(1, events + 1):
                for name in boxes:
                    lab.publish(name, {"n": number, "text": "." * 200})
                time.sleep(BETWEEN)
            return {name: each.result(limit + 5) for name, each in reading.items()}
    finally:
        lab.middleboxes()
        lab.network(delay=0)


def _read(reader: WebSocket, events: int, limit: float) -> Seen:
    items = reader.events(limit=events, timeout=limit)
    came = [item.data["n"] for item in items if isinstance(item, Event)]
    return Seen(came, reader.stats.connections)
