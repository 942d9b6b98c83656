"""A Jupyter server for a moment: for a notebook that runs without one, and has none to show.

It runs as a process of its own (`python -m rtlab.teach.lesson_06.brief_server`), knows nothing of the user's Jupyter,
and ends when its standard input does: so it does not outlive the program that started it, however that ends.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rtlab.errors import RtlabError

START_SECONDS = 30.0  # that it may take to listen
STOP_SECONDS = 10.0  # that it may take to stop its kernels, and then itself


@contextmanager
def brief_server() -> Iterator[dict[str, Any]]:
    """Run a Jupyter server on a free port of 127.0.0.1; its `url` and `token`. Raises `RtlabError`.

    It and its kernels are gone when the block ends.
    """
    # Windows may hold a file of a process that has just ended: then the folder is left to the system.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        token = secrets.token_hex(24)
        process = subprocess.Popen(
            [sys.executable, "-m", "rtlab.teach.lesson_06.brief_server", folder],
            # A token on the command line could be read by every user of the machine.
            env={**os.environ, **_apart(folder), "JUPYTER_TOKEN": token},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # an interrupt of the notebook is not meant for it
        )
        try:
            yield {"url": _hear(process), "token": token}
        finally:
            _end(process)


def _apart(folder: str) -> dict[str, str]:
    """Keep what the server and its kernels write, and what they are told, away from the user's own Jupyter."""
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    return {**dict.fromkeys(places, folder), "JUPYTER_NO_CONFIG": "1"}


def _hear(process: subprocess.Popen[str]) -> str:
    """Return the URL that the server prints when it listens."""
    assert process.stdout is not None
    too_late = threading.Timer(START_SECONDS, process.kill)
    too_late.start()
    try:
        line = process.stdout.readline()
    finally:
        too_late.cancel()
        too_late.join()
    if not line:
        raise RtlabError("no Jupyter server could be started: `rtlab doctor` says what is missing")
    url: str = json.loads(line)["url"]
    return url


def _end(process: subprocess.Popen[str]) -> None:
    """Let the server end by closing its input; a server that does not is killed, and its kernels then end too."""
    with process:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def main(folder: str) -> None:
    """Be the server: listen, print `{"url": …}`, and serve until standard input ends."""
    # jsonschema would build a grammar of international addresses, which takes seconds and is not used here.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    from jupyter_server.serverapp import ServerApp

    server: Any = ServerApp()
    options = {"ip": "127.0.0.1", "port": 0, "root_dir": folder, "open_browser": False, "allow_root": True}
    arguments = [f"--ServerApp.{name}={value}" for name, value in options.items()]
    server.initialize(argv=[*arguments, "--log-level=CRITICAL"], find_extensions=False)

    def end_with_input() -> None:
        sys.stdin.read()
        server.io_loop.add_callback(server.stop)

    def tell() -> None:
        print(json.dumps({"url": server.connection_url}), flush=True)
        threading.Thread(target=end_with_input, daemon=True).start()

    server.io_loop.add_callback(tell)  # its turn comes when the server listens
    try:
        server.start()
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # who started it may not be there any more


if __name__ == "__main__":
    main(sys.argv[1])
