"""A server in a process of its own: what the system says of that process is the server's, and nobody else's."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import weakref
from typing import Any

import psutil
import requests

from rtlab.errors import RtlabError

START_SECONDS = 30.0  # that it may take to listen


class ServerApart:
    """`rtlab serve` on a free port of 127.0.0.1, until `close()`, or until nobody holds this object any more."""

    def __init__(self) -> None:
        child = subprocess.Popen(
            [sys.executable, "-c", "from rtlab.cli import main; main()", "serve", "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._session = requests.Session()  # one connection, so that asking opens no others
        self.close = weakref.finalize(self, _end, child, self._session)
        self.process: Any = psutil.Process(child.pid)  # which methods it has depends on the system
        assert child.stdout is not None
        said = re.search(r"http://\S+", child.stdout.readline())
        if said is None:
            self.close()
            raise RtlabError("no server could be started: `rtlab doctor` says what is missing")
        self.url = said[0]

    @property
    def descriptors(self) -> int:
        """Files and sockets that the process has open; on Windows, its handles."""
        count = getattr(self.process, "num_fds", None) or self.process.num_handles
        return int(count())

    @property
    def memory(self) -> int:
        """Bytes of memory that the process occupies."""
        return int(self.process.memory_info().rss)

    def held(self) -> int:
        """How many requests it holds, as `/metrics` says."""
        metrics = self._session.get(f"{self.url}/metrics", timeout=10).text
        found = re.search(r"^rtlab_held_polls (\S+)", metrics, re.MULTILINE)
        return int(float(found[1])) if found else 0

    def wait_until_held(self, number: int, seconds: float = 10.0) -> int:
        """Wait until it holds so many requests, at most some seconds; how many it holds then."""
        until = time.monotonic() + seconds
        while (now := self.held()) != number and time.monotonic() < until:
            time.sleep(0.01)
        return now


def _end(child: subprocess.Popen[str], session: requests.Session) -> None:
    session.close()
    with child:
        child.terminate()
        try:
            child.wait(5.0)
        except subprocess.TimeoutExpired:
            child.kill()
