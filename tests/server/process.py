"""A server in a process of its own, so that its memory is its own."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from types import TracebackType
from typing import Any

import psutil

from .raw import SECONDS

PROGRAM = """
import asyncio, json, sys
from rtlab.server.app import Server
from rtlab.server.limits import Limits

async def main():
    if sys.argv[2] != "None":
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[2]),) * 2)
    server = Server(limits=Limits(**json.loads(sys.argv[1])))
    await server.start()
    print(server.url, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()
    print(json.dumps(server.channels.published), flush=True)

asyncio.run(main())
"""


class ServerProcess:
    """A server with some limits, from here to the end of the block; `files`: how many it may have open."""

    def __init__(self, files: int | None = None, **limits: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROGRAM, json.dumps(limits), str(files)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        self.url = self.process.stdout.readline().strip() if ready else ""
        self.memory = psutil.Process(self.process.pid).memory_info

    def rss(self) -> int:
        """Bytes of memory that the process holds now."""
        rss: int = self.memory().rss
        return rss

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            _, said = self.process.communicate(timeout=SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
        if error is None:
            assert said == "", "the server complained"
            assert self.process.returncode == 0
