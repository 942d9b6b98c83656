"""One reader, several techniques: from cursor to cursor nothing is lost and nothing comes twice."""

from __future__ import annotations

import threading

from ..raw import SECONDS, Connection
from ..readers import READERS

DEBUG = False  # asyncio's checks take five times as long as the work


def test_a_reader_that_changes_technique_has_each_event_once_and_in_order(url: str, channel: str) -> None:
    count, kinds = 2000, [READERS[name] for name in ("short", "sse", "websocket", "long")]

    def publish() -> None:
        with Connection(url) as connection:
            for number in range(count):
                assert connection.post(channel + "/events", str(number)).status == 201

    publisher = threading.Thread(target=publish)
    got: list[int] = []
    cursor = "now"
    with READERS["short"](url, channel) as first:
        cursor = first.cursor
    publisher.start()
    try:
        while len(got) < count:
            with kinds[len(got) // 40 % len(kinds)](url, channel, cursor) as reader:
                for _ in range(min(40, count - len(got))):
                    kind, item = reader.next()
                    assert kind == "event"
                    got.append(item["data"])
                    cursor = item["id"]
    finally:
        publisher.join(SECONDS)
    assert got == list(range(count))
