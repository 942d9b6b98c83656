"""Several server processes on one port, with one broker behind them: started, watched, started again, stopped.

    with Fleet(4, "embedded-redis") as fleet:
        requests.get(fleet.url + "/metrics")

Each process has a listening socket of its own for the one port, among which Linux spreads the connections. They are
made here and outlive the processes: who connects while one is started again waits in its queue, and is not refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rtlab.brokers import broker_at, open_broker
from rtlab.errors import BadInput, PortInUse, Unavailable
from rtlab.guardian import temporary_folder
from rtlab.server.connections import listen
from rtlab.server.place import Place
from rtlab.server.run import tell_link

START_SECONDS, STOP_SECONDS = 20.0, 8.0
LOOK_SECONDS = 0.05  # between two looks whether all are there
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.1, 5.0  # before a process is started again
GOOD_SECONDS = 2.0  # that a process has to run for its next start to be without delay
ALONE = (
    "several processes need a broker: in memory each would have logs of its own, and a reader would find the events "
    "of one of them; give --broker redis://HOST:PORT, kafka://HOST:PORT, embedded-redis or embedded-kafka"
)

log = logging.getLogger("rtlab.fleet")


class Worker:
    """One process of a fleet, and when it is to be started again."""

    def __init__(self, place: Place, command: Sequence[str]) -> None:
        self.place, self.command = place, list(command)
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self._asked = False  # to end, by us
        self._failures = 0
        self._started = self._due = 0.0

    def look(self) -> None:
        """Start it, if it is not there and its time has come."""
        now = time.monotonic()
        if self.process is not None and (status := self.process.poll()) is not None:
            if not self._asked:
                log.warning("process %d %s: starting another", self.place.index, _ended(status))
            self._hang_up()
            self._failures = 0 if now - self._started > GOOD_SECONDS else self._failures + 1
            self._due = now + min(FIRST_BACK_OFF * 2.0 ** min(self._failures, 10), LONGEST_BACK_OFF)
        if self.process is None and now >= self._due:
            self._start(now)

    def _start(self, now: float) -> None:
        # Its input ends with us, and that ends it; a session of its own, so that Ctrl-C does not.
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=self.place.descriptors,
            env=os.environ | self.place.environment(),
            start_new_session=True,
        )
        self._started, self._asked = now, False
        self.starts += 1

    def _hang_up(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None

    def ready(self) -> bool:
        """Whether it answers."""
        return self.process is not None and bool(_finish(self.place._ask(self.place.index)))

    def stop(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self._asked = True
            self.process.send_signal(number)

    def wait(self, deadline: float) -> None:
        """Have it end by then, one way or the other."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._hang_up()


def _ended(status: int) -> str:
    """How a process came to its end."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:  # a signal without a name, as the real-time ones are
        return f"was ended by signal {-status}"


class Fleet:
    """Processes that serve one port, from construction until `close()`.

    `first` and `arguments` are options of `rtlab serve`, before and behind the fleet's own; `tls`: they ask for it.

    Raises BadInput (several processes without a broker, a host that is not this machine's), PortInUse, Unavailable
    (no broker there).
    """

    def __init__(
        self,
        processes: int,
        broker: str = "memory",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        first: Sequence[str] = (),
        arguments: Sequence[str] = (),
        tls: bool = False,
    ) -> None:
        if broker == "memory" and processes > 1:
            raise BadInput(ALONE)
        if not hasattr(socket, "AF_UNIX") or sys.platform == "win32":
            raise BadInput("several processes on one port are not to be had on this system: run one, or WSL")
        self.host, self.tls = host, tls
        self._things = contextlib.ExitStack()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.workers: list[Worker] = []
        try:
            self.broker = self._things.enter_context(broker_at(broker))
            _finish(_check(self.broker))
            self._start(processes, port, first, arguments)
        except BaseException:
            self.close()
            raise

    def _start(self, processes: int, port: int, first: Sequence[str], arguments: Sequence[str]) -> None:
        folder = str(self._things.enter_context(temporary_folder("rtlab-fleet-")))
        groups = self._sockets(processes, port)
        for group in groups:
            for one in group:
                self._things.callback(one.close)
        self.port = groups[0][0].getsockname()[1]
        command = [sys.executable, "-c", "from rtlab.cli import main; main()", "serve", *first]
        command += ["--broker", self.broker, "--host", self.host, "--port", str(self.port), *arguments]
        secret = secrets.token_hex(32)
        for index in range(processes):
            descriptors = tuple(one.fileno() for one in groups[index % len(groups)])
            self.workers.append(Worker(Place(index, processes, descriptors, folder, secret), command))
        self._thread = threading.Thread(target=self._watch, name="rtlab fleet", daemon=True)
        self._thread.start()
        self.wait_ready()

    def _sockets(self, processes: int, port: int) -> list[list[socket.socket]]:
        """The listening sockets of each process; where the system does not spread connections, one for all."""
        many = processes if sys.platform == "linux" else 1
        groups: list[list[socket.socket]] = []
        try:
            for _ in range(many):
                groups.append(listen(self.host, port, shared=many > 1))
                port = groups[0][0].getsockname()[1]
        except OSError as error:
            for group in groups:
                for one in group:
                    one.close()
            if port:
                raise PortInUse(self.host, port) from None
            raise BadInput(f"cannot listen on {self.host}: {error}") from None
        return groups

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            for worker in self.workers:
                worker.look()

    @property
    def url(self) -> str:
        """Where it listens."""
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def pids(self) -> list[int | None]:
        """The process ids; None for one that is about to be started again."""
        return [worker.process.pid if worker.process is not None else None for worker in self.workers]

    def kill(self, index: int) -> None:
        """End a process at once (SIGKILL); it is started again."""
        self.workers[index].stop(signal.SIGKILL)

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until every process answers. Raises Unavailable."""
        deadline = time.monotonic() + seconds
        while not all(worker.ready() for worker in self.workers):
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"not all of the {len(self.workers)} processes came up within {seconds:g} s"
                )
            time.sleep(LOOK_SECONDS)

    def close(self) -> None:
        """Stop all: each ends its streams, answers its held polls and goes; safe to call again."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
        for worker in self.workers:
            worker.stop(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for worker in self.workers:
            worker.wait(deadline)
        self._things.close()

    def __enter__(self) -> Fleet:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()


def _finish(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it to its end, in a thread of its own: where a notebook's cell runs there is a running loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _check(address: str) -> None:
    if address == "memory":
        return
    broker = open_broker(address)
    try:
        await broker.check()
    finally:
        await broker.close()


def serve(fleet: Fleet, path: str = "", *, guarded: bool = False) -> None:
    """Keep a fleet in the foreground until SIGINT or SIGTERM, then stop it; `guarded`: it wants tokens."""
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        print(f"rtlab: listening on {fleet.url}{path} ({len(fleet.workers)} processes)", flush=True)
        if path and guarded:
            tell_link(fleet.url + path)
        stop.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        fleet.close()
