"""One reader, several techniques: from cursor to cursor nothing is lost and nothing comes twice."""

from __future__ import annotations

import threading

import pytest

from rtlab.conformance.conftest import OpenReader, Publish
from rtlab.conformance.raw import Persistent
from rtlab.conformance.readers import READERS

line = pytest.mark.contract
COUNT = 240  # events; each technique has 12 in turn


@line("nothing lost")
def test_what_is_published_while_a_reader_is_away_is_there_when_it_comes_back(
    reader: OpenReader, publish: Publish
) -> None:
    with reader("start") as first:
        cursor = first.cursor
    for number in range(0, 9, 3):
        publish(number, number + 1, number + 2)
        with reader(cursor) as back:
            assert [back.event() for _ in range(3)] == [number, number + 1, number + 2]
            cursor = back.cursor


@line("nothing lost")
def test_a_reader_that_changes_technique_has_each_event_once_and_in_order(url: str, channel: str) -> None:
    kinds = [READERS[name] for name in ("short", "sse", "websocket", "long")]
    failures: list[BaseException] = []

    def publish() -> None:
        try:
            with Persistent(url) as connection:
                for number in range(COUNT):
                    connection.publish(channel, number)
        except BaseException as error:
            failures.append(error)

    publisher = threading.Thread(target=publish)
    got: list[int] = []
    with READERS["short"](url, channel) as first:
        cursor = first.cursor
    publisher.start()
    try:
        while len(got) < COUNT and not failures:
            with kinds[len(got) // 12 % len(kinds)](url, channel, cursor) as reader:
                for _ in range(min(12, COUNT - len(got))):
                    kind, item = reader.next()
                    assert kind == "event", item
                    got.append(item["data"])
                    cursor = item["id"]
    finally:
        publisher.join(60)
    assert not failures
    assert got == list(range(COUNT))
