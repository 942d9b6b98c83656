"""A push service over HTTP, and one in virtual time."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from rtlab.push.application import ApplicationServer
from rtlab.push.device import Device
from rtlab.push.service import PushService
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread

LATER = itertools.count(1)


class Clock:
    """Virtual time, in seconds since 1970."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def things() -> Iterator[ExitStack]:
    """What is closed when the test ends."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def serve(things: ExitStack) -> Callable[..., ServerThread]:
    """Start a server with a push service: `serve(path=…, limits=PushLimits(…))`; `on`: limits of the server itself."""

    def serve(on: Limits | None = None, port: int = 0, **options: Any) -> ServerThread:
        return things.enter_context(
            closing(ServerThread(port=port, limits=on, extensions=[PushService(**options)]))
        )

    return serve


@pytest.fixture
def server(serve: Callable[..., ServerThread]) -> ServerThread:
    return serve()


@pytest.fixture
def sender(things: ExitStack) -> ApplicationServer:
    return things.enter_context(ApplicationServer())


@pytest.fixture
def device(things: ExitStack, server: ServerThread) -> Device:
    return things.enter_context(Device(server.url))


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "push.sqlite"
