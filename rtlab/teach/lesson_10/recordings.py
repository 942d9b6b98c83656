"""Recordings of faults for exercise 10.3: one tap at the client, one at the server, and a middlebox between the two.

`python -m rtlab.teach.lesson_10.recordings` makes them anew and prints them; `recorded.py` has what came out.
"""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from rtlab.clients import LongPolling, Reader, ServerSentEvents, WebSocket
from rtlab.errors import ServerError
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread
from rtlab.wire.exchange import messages
from rtlab.wire.message import Message
from rtlab.wire.middlebox import Middlebox
from rtlab.wire.proxies import Buffers, LosesAnswers, Refuses, StripsUpgrade
from rtlab.wire.tap import Tap
from rtlab.wire.trouble import EndsIdle, HalfOpen

CHANNEL, LIMITS = "news", Limits(heartbeat=0.5)
LEFT, WIDE = 10, 40  # columns of the time, and of one side
LEAVING = 0.05  # seconds before the end that belong to the reader's leaving


@dataclass(frozen=True)
class Scene:
    """What stands on the path, who reads through it, when something is published, and how long it lasts (seconds)."""

    box: Callable[[], Middlebox]
    reader: Callable[[str], Reader]
    published: tuple[float, ...]
    lasts: float


SCENES = {
    "strips": Scene(StripsUpgrade, WebSocket, (0.3,), 0.4),
    "buffers": Scene(lambda: Buffers(400), ServerSentEvents, tuple(n / 10 for n in range(1, 10)), 1.0),
    "idle": Scene(lambda: EndsIdle(0.4), lambda url: LongPolling(url, 5.0), (0.2, 1.2), 1.4),
    "half-open": Scene(
        lambda: HalfOpen(0.4, times=1), lambda url: WebSocket(url, silence=1.0), (0.1, 0.2, 0.6, 0.7), 2.2
    ),
    "lost answer": Scene(lambda: LosesAnswers(1), lambda url: LongPolling(url, 5.0), (0.3, 0.9), 1.0),
    "impatient": Scene(lambda: Refuses(504, after=0.4), lambda url: LongPolling(url, 5.0), (0.2, 1.2), 1.4),
}
"""The faults that are recorded, by the names that a diagnosis gives them."""


def record(name: str) -> str:
    """Play one scene, and write what crossed at either end as lines of text: the tap's own delay is not shown."""
    scene = SCENES[name]
    with ExitStack() as things:
        server = ServerThread(limits=LIMITS)
        things.callback(server.close)
        far = things.enter_context(Tap(("127.0.0.1", server.server.port)))
        middle = things.enter_context(Tap(far.address, middleboxes=[scene.box()]))
        near = things.enter_context(Tap(middle.address))
        reader = scene.reader("http://{}:{}/channels/{}".format(*near.address, CHANNEL))
        things.callback(reader.close)
        _play(scene, server, reader)
        seen = [*_lines(messages(near.record), True), *_lines(messages(far.record), False)]
    return _written(seen, scene.lasts)


def _play(scene: Scene, server: ServerThread, reader: Reader) -> None:
    """Read, and publish when it is time."""

    def publish(number: int) -> None:
        server.call(lambda: server.server.channels.find(CHANNEL).publish(number))

    timers = [threading.Timer(at, publish, [number]) for number, at in enumerate(scene.published, 1)]
    begin = time.monotonic()
    for timer in timers:
        timer.start()
    while (left := begin + scene.lasts - time.monotonic()) > 0:
        try:
            for _ in reader.events(timeout=left):
                pass
        except ServerError:  # as a program that tries once more
            time.sleep(min(left, 0.3))
    for timer in timers:
        timer.join()


Line = tuple[int, bool, str]  # when, whether at the client, what


def _lines(seen: list[Message], near: bool) -> Iterator[Line]:
    for message in seen:
        if message.kind == "connect" or (
            message.kind == "chunk" and message.label not in ("?", "unfinished")
        ):
            continue
        arrow = "→" if message.direction == "up" else "←"
        yield message.left, near, f"{arrow} {_named(message)}"


def _named(message: Message) -> str:
    if message.kind == "request":
        words = re.sub(r"[0-9a-f]{8}(?=\.\d)", "log", message.label).replace("/channels/news", "…")
        return f"{words}, Upgrade" if b"upgrade: websocket" in message.head.lower() else words
    if message.kind == "close":
        return message.label.upper()
    if message.kind == "handshake":
        return "101"
    if message.events:
        places = ", ".join(id.partition(".")[2] for id in message.events)
        return f"{'200, ' if message.kind == 'response' else ''}event {places}"
    return {"heartbeat": "heartbeat"}.get(message.kind, message.label)


def _written(seen: list[Line], lasts: float) -> str:
    """Two columns over time, what is within 10 ms beside each other."""
    seen.sort(key=lambda line: line[0])
    begin = seen[0][0]
    end = begin + round((lasts - LEAVING) * 1e9)
    rows = [f"{'time, s':<{LEFT}}{'at the client':<{WIDE}}at the server"]
    kept = [line for line in seen if line[0] < end]
    for at, lines in itertools.groupby(kept, key=lambda line: round((line[0] - begin) / 1e7)):
        sides: dict[bool, list[str]] = {True: [], False: []}
        for _, near, words in lines:
            sides[near].append(words)
        for first, (mine, theirs) in enumerate(
            itertools.zip_longest(sides[True], sides[False], fillvalue="")
        ):
            clock = "" if first else f"{at / 100:.2f}"
            rows.append(f"{clock:<{LEFT}}{mine:<{WIDE}}{theirs}".rstrip())
    return "\n".join(rows)


if __name__ == "__main__":
    for each in SCENES:
        print(f"{each}\n{record(each)}\n")
