"""Traces of each technique in virtual time: what `rtlab.wire` would give for the same events on an even path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace

import pytest

from rtlab.view.strokes import Lane
from rtlab.wire.message import Message

MS = 1_000_000  # ns


def message(kind: str, direction: str, left: float, arrived: float, label: str, **other: object) -> Message:
    """A message that left and arrived at these milliseconds."""
    fields = {"size": 100, "connection": 1, "channel": "news"} | other
    return Message(kind, direction, left=round(left * MS), arrived=round(arrived * MS), label=label, **fields)


def polling(
    appends: Mapping[str, int], delay: float = 100, end: float = 4000, interval: float = 500
) -> list[Message]:
    found, known, at = [message("connect", "up", 0, 2 * delay, "connect", size=0)], 0, 2 * delay
    while at < end - 2 * delay:
        news = [id for id, when in appends.items() if when <= (at + delay) * MS][known:]
        known += len(news)
        label = f"GET /channels/news/events?after=7f3a.{known}"
        found.append(message("request", "up", at, at + delay, label, technique="short"))
        answer = {"events": tuple(news), "technique": "short"}
        found.append(message("response", "down", at + delay, at + 2 * delay, "200", **answer))
        at += interval
    return found


def long_polling(appends: Mapping[str, int], delay: float = 100) -> list[Message]:
    found, left, at = [], list(appends), 0.0
    while True:
        label = "GET /channels/news/events?wait=25"
        found.append(message("request", "up", at, at + delay, label, technique="long"))
        if not left:
            return found
        answered = max(at + delay, appends[left[0]] / MS)
        news = [id for id in left if appends[id] <= answered * MS]
        left = left[len(news) :]
        at = answered + delay
        answer = {"events": tuple(news), "technique": "long"}
        found.append(message("response", "down", answered, at, "200", **answer))


def streaming(appends: Mapping[str, int], delay: float = 100) -> list[Message]:
    sse = {"technique": "sse"}
    events = [
        message("event", "down", when / MS, when / MS + delay, "event", events=(id,), **sse)
        for id, when in appends.items()
    ]
    return [
        message("connect", "up", 0, 0, "connect", size=0),
        message("request", "up", 0, delay, "GET /channels/news/stream", **sse),
        message("response", "down", delay, 2 * delay, "200", **sse),
        message("heartbeat", "down", 2000, 2000 + delay, "heartbeat", **sse),
        *events,
    ]


def websocket(
    appends: Mapping[str, int], delay: float = 100, sends: Sequence[float] = (900, 2550)
) -> list[Message]:
    ws = {"technique": "websocket"}
    down = [
        message("frame", "down", when / MS, when / MS + delay, "event", events=(id,), head=b"\x81\x20", **ws)
        for id, when in appends.items()
    ]
    up = [message("frame", "up", at, at + delay, "publish", head=b"\x81\xa0", **ws) for at in sends]
    return [
        message("connect", "up", 0, 0, "connect", size=0),
        message("request", "up", 0, delay, "GET /channels/news/socket", **ws),
        message("handshake", "down", delay, 2 * delay, "101", **ws),
        message("frame", "down", 2000, 2000 + delay, "ping", head=b"\x89\x00", **ws),
        *down,
        *up,
    ]


def five_lanes(appends: Mapping[str, int], delay: float = 100) -> list[Lane]:
    readers: dict[str, Callable[[Mapping[str, int], float], list[Message]]] = {
        "short": polling,
        "adaptive": polling,
        "long": long_polling,
        "sse": streaming,
        "websocket": websocket,
    }
    return [Lane(technique, read(appends, delay)) for technique, read in readers.items()]


@pytest.fixture(scope="session")
def appends() -> dict[str, int]:
    """Five events: when the server appended each, in ns."""
    return {f"7f3a.{n}": at * MS for n, at in enumerate((550, 1350, 1500, 2620, 3100), 1)}


@pytest.fixture(scope="session")
def many() -> dict[str, int]:
    """A hundred events, one every 37 ms."""
    return {f"7f3a.{n}": n * 37 * MS for n in range(1, 101)}


@pytest.fixture(scope="session")
def trace() -> SimpleNamespace:
    """The functions that make traces."""
    return SimpleNamespace(
        message=message,
        polling=polling,
        long_polling=long_polling,
        streaming=streaming,
        websocket=websocket,
        five_lanes=five_lanes,
    )
