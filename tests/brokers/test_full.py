"""A broker that is full: publishes are told so, nothing is half done, reads go on; and all does when there is room."""

from __future__ import annotations

import contextlib
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis
import requests

from rtlab import ServerSentEvents
from rtlab.brokers import open_broker
from rtlab.brokers.embedded import EmbeddedRedis
from rtlab.clients import Publisher
from rtlab.errors import Unavailable
from rtlab.server.thread import ServerThread

SECONDS = 15.0
LETTERS = "x" * 2_000
HEEDLESS = "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"  # Python ignores SIGXFSZ, and so does what it becomes


class Cramped(EmbeddedRedis):
    """A Valkey with an append-only file, for which its disk may become too small: a limit on the size of its files."""

    def command(self) -> list[str]:
        """Started so that a write beyond the limit fails, as on a full disk, and does not end it."""
        return [sys.executable, "-c", HEEDLESS, *super().command()]

    def room(self, size: int) -> None:
        """How large its files may become."""
        assert self.process is not None
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def refused(publisher: Publisher, numbers: list[int]) -> Unavailable:
    """Publish until it is refused."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            publisher.publish([len(numbers), LETTERS], f"k{len(numbers)}")
        except Unavailable as error:
            return error
        numbers.append(len(numbers))
    raise AssertionError("there was room for everything")


def published(publisher: Publisher, number: int) -> None:
    """Publish what was refused, until it is not."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            publisher.publish([number, LETTERS], f"k{number}")
            return
        except Unavailable:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def fill(
    engine: EmbeddedRedis, shrink: Callable[[], object], grow: Callable[[], object], sentence: str
) -> None:
    """Publish to a server until its broker is full; make room; hold what was read against what was acknowledged."""
    with contextlib.closing(ServerThread(broker=open_broker(engine.address))) as server:
        url = f"http://127.0.0.1:{server.server.port}/channels/full"
        with Publisher(url) as publisher, ServerSentEvents(url, after="start") as reader:
            published(publisher, 0)
            numbers = [0]
            shrink()
            error = refused(publisher, numbers)
            assert sentence in str(error)
            assert error.retry_after > 0
            head = {"Host": f"127.0.0.1:{server.server.port}"}
            answer = requests.post(url + "/events", json=1, headers=head, timeout=10)
            assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
            page = requests.get(url + "/events?after=start&limit=1", headers=head, timeout=10)
            assert page.json()["events"][0]["data"][0] == 0
            grow()
            published(publisher, len(numbers))
            numbers.append(len(numbers))
            seen: list[Any] = list(reader.events(limit=len(numbers), timeout=SECONDS))
            assert [event.data[0] for event in seen] == numbers


def test_memory_that_is_full_is_said_and_reads_go_on_until_there_is_some() -> None:
    with EmbeddedRedis() as engine, redis.Redis(port=engine.port) as admin:
        used = int(admin.info("memory")["used_memory"])
        fill(
            engine,
            lambda: admin.config_set("maxmemory", used + 300_000),
            lambda: admin.config_set("maxmemory", 0),
            "has no memory left: raise its maxmemory",
        )


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process's files")
def test_a_disk_that_is_full_is_said_and_reads_go_on_until_there_is_room() -> None:
    with Cramped(keep=True) as engine:
        fill(
            engine,
            lambda: engine.room(200_000),
            lambda: engine.room(resource.RLIM_INFINITY),
            "cannot write to its disk: make room there",
        )
