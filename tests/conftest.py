"""What each test owes the next: it ends in time, and leaves no thread, process or TCP socket behind."""

import contextlib
import faulthandler
import gc
import os
import shutil
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Generator, Iterator
from types import FrameType

import psutil
import pytest
from playwright.sync_api import Browser, sync_playwright

pytest.register_assert_rewrite("rtlab.conformance")  # its checks are asserts, and should say what they saw

from rtlab.brokers.embedded import EmbeddedKafka, EmbeddedRedis  # noqa: E402

LIMIT = 60.0  # seconds, for each of set-up, call and tear-down; @pytest.mark.limit(seconds) gives another
GRACE = 3.0  # seconds in which what a test stopped may go

# The threads that asyncio keeps for run_in_executor live as long as their loop, which a module may share.
POOLS = ("asyncio_",)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"limit(seconds): how long this test may take, instead of {LIMIT:g}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side (pytest -n) a file's tests stay together, for they share servers, unless they name a group."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(str(item.path)))


@pytest.hookimpl(wrapper=True)
def _in_time(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that hangs, and show where each thread was."""
    marker = item.get_closest_marker("limit")
    seconds = float(marker.args[0]) if marker else LIMIT

    def out_of_time(_signal: int, _frame: FrameType | None) -> None:
        faulthandler.dump_traceback(sys.__stderr__)
        pytest.fail(f"not done after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, out_of_time)
    # Again every 5 s: asyncio may log the first failure as a callback's, and clearing up may hang as well.
    signal.setitimer(signal.ITIMER_REAL, seconds, 5.0)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


pytest_runtest_setup = pytest_runtest_call = pytest_runtest_teardown = _in_time


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Generator[None]:
    """Fail the test that leaves something running."""
    yield from _watch()


@pytest.fixture(autouse=True, scope="session")
def nothing_left_at_the_end() -> Generator[None]:
    """Fail the run when what was shared by the tests of a module is still there."""
    yield from _watch()


def _watch() -> Generator[None]:
    before = _alive()
    yield
    deadline = time.monotonic() + GRACE
    while left := {thing: name for thing, name in _alive().items() if thing not in before}:
        gc.collect()
        if time.monotonic() > deadline:
            pytest.fail("left behind: " + ", ".join(left.values()))
        time.sleep(0.02)


def _alive() -> dict[object, str]:
    """This process's threads, children and TCP sockets, each with a name for people."""
    alive: dict[object, str] = {
        thread: f"thread {thread.name}"
        for thread in threading.enumerate()
        if not thread.name.startswith(POOLS)
    }
    alive |= {child: f"process {child.pid} ({child.name()})" for child in psutil.Process().children()}
    for descriptor in map(int, os.listdir("/dev/fd")):
        with contextlib.suppress(OSError):  # one of them was only open to list the others
            status = os.fstat(descriptor)
            if stat.S_ISSOCK(status.st_mode):
                with socket.socket(fileno=os.dup(descriptor)) as copy:
                    if copy.family in (socket.AF_INET, socket.AF_INET6):
                        alive[descriptor, status.st_ino] = f"socket {copy.getsockname()}"
    return alive


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium or Chrome for Playwright's `executable_path`."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    if path := next(filter(None, map(shutil.which, names)), None):
        return path
    pytest.fail("there is no Chromium: install it (Debian: apt-get install chromium), or Google Chrome")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium for the tests of one file."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def redis() -> Iterator[EmbeddedRedis]:
    """A real Valkey for the tests of one file: they use channels of their own."""
    with EmbeddedRedis() as engine:
        yield engine


@pytest.fixture(scope="module")
def kafka() -> Iterator[EmbeddedKafka]:
    """A real broker that speaks Kafka's protocol, for the tests of one file: they use channels of their own."""
    with EmbeddedKafka() as engine:
        yield engine
