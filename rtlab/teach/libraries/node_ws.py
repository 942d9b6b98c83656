"""A WebSocket server on Node's `ws`, where Node and `ws` are there: a process of its own that says what it is told.

    with NodeWs() as server:
        ...                                 # clients connect to server.address
        server.publish({"n": 1})            # to all who are connected now

`ws` speaks the protocol and nothing more: what a message means, who missed one, and when to come back is up to you.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
from pathlib import Path
from typing import Any

from rtlab.errors import Missing

SCRIPT = Path(__file__).with_name("ws_server.cjs")
START_SECONDS = 20.0
FOLDERS = "/usr/share/nodejs"  # where Debian's node-ws is; Node looks there by itself only if it is Debian's
REMEDY = (
    "install Node and its package ws (npm install ws; Debian, Ubuntu: apt-get install nodejs node-ws), and if Node "
    "does not find it by itself, name the folder that holds `ws` in NODE_PATH"
)


class NodeWs:
    """The server, from construction until `close()`. `node`: the program, where it is not on the path.

    Raises Missing where there is no Node, or it finds no `ws`.
    """

    def __init__(self, node: str | None = None) -> None:
        program = node or shutil.which("node") or shutil.which("nodejs")
        if program is None:
            raise Missing("Node", remedy=REMEDY)
        folders = os.pathsep.join(filter(None, (os.environ.get("NODE_PATH"), FOLDERS)))
        self._process = subprocess.Popen(
            [program, str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"NODE_PATH": folders},
            text=True,
        )
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], START_SECONDS)
        said = self._process.stdout.readline() if ready else ""
        if not said:
            self.close()
            raise Missing("Node's ws", remedy=f"{REMEDY}; Node said: {self._last_words}")
        self.address = ("127.0.0.1", int(said))

    @property
    def _last_words(self) -> str:
        """The line of an error in what it wrote."""
        lines = [line for line in self._errors.splitlines() if "Error:" in line]
        return lines[0].strip() if lines else "nothing"

    def publish(self, data: Any) -> None:
        """Send it as JSON to all who are connected now."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(data, separators=(",", ":")) + "\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """End the process; safe to call again."""
        if self._process.poll() is None:
            self._process.kill()
        if not (self._process.stdout and self._process.stdout.closed):
            _, self._errors = self._process.communicate()

    def __enter__(self) -> NodeWs:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()
