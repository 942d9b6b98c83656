"""A server with an application in a process of its own, for measuring."""

from __future__ import annotations

import re
import subprocess
import sys

import psutil

from rtlab.errors import RtlabError

SERVE = "from rtlab.cli import main; main()"


class ServerApart:
    """`rtlab serve --app NAME …` on a free port while the block lasts. Raises RtlabError if it does not start."""

    def __init__(self, *apps: str) -> None:
        command = [sys.executable, "-c", SERVE, "serve", "--port", "0"]
        command += [word for app in apps for word in ("--app", app)]
        self._child = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        assert self._child.stdout is not None
        found = re.search(r"http://[^/\s]+", self._child.stdout.readline())
        if found is None:
            self.close()
            raise RtlabError("no server could be started: `rtlab doctor` says what is missing")
        self.url = found[0]
        self._process = psutil.Process(self._child.pid)

    @property
    def memory(self) -> int:
        """Bytes of memory that the process occupies."""
        return int(self._process.memory_info().rss)

    @property
    def cpu(self) -> float:
        """Seconds of CPU that the process has had so far."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def close(self) -> None:
        """End the process."""
        self._child.kill()
        self._child.communicate()

    def __enter__(self) -> ServerApart:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()
