"""Servers to test, in a thread each with asyncio's debug mode on, and a watch over what they log."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread

from .raw import SECONDS

numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def quiet_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail the test in which the server, Tornado or asyncio had something to complain of."""
    yield
    said = [
        f"{record.name}: {record.getMessage()}"
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.levelno >= logging.WARNING
    ]
    assert not said


def start(limits: Limits | None = None, debug: bool = True, **options: Any) -> ServerThread:
    """Start a server; with `debug` its loop checks what asyncio can check, which takes five times as long."""
    server = ServerThread(limits=limits, **options)

    def check() -> None:
        loop = asyncio.get_running_loop()
        loop.set_debug(True)
        loop.slow_callback_duration = 30.0  # a timing is no reason to complain

    if debug:
        server.call(check)
    return server


@pytest.fixture
def things() -> Iterator[ExitStack]:
    """What is closed when the test ends."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def serve(things: ExitStack) -> Callable[..., ServerThread]:
    """Start a server: `serve(option=…)`, or with limits `serve(Limits(…))`."""
    return lambda limits=None, **options: things.enter_context(closing(start(limits, **options)))


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest) -> Iterator[ServerThread]:
    """One server for the tests of a module, which may say `DEBUG = False`."""
    with closing(start(debug=getattr(request.module, "DEBUG", True))) as server:
        yield server


@pytest.fixture(scope="module")
def url(shared: ServerThread) -> str:
    """Where the module's server listens."""
    return shared.url


@pytest.fixture
def channel() -> str:
    """The path of a channel that no other test uses."""
    return f"/channels/test-{time.time_ns():x}-{next(numbers)}"


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for a condition."""

    def until(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + SECONDS
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"not in {SECONDS:g} s")
            time.sleep(0.005)

    return until
