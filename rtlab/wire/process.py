"""The tap as a process of its own, for measurements: no other Python code runs in it, or waits for it."""

import json
import subprocess
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any

from rtlab.errors import BadInput, PortInUse, RtlabError
from rtlab.wire.record import Counts, Record, Traffic, from_plain
from rtlab.wire.tap import KEEP_BYTES, nanoseconds


class TapProcess:
    """A `Tap` with the same face in another process. After `close` its counts are known, its record is not.

    The two processes speak in lines of JSON: `[name, argument…]` on the other's standard input, the answer on its
    standard output. It ends with its input, so it does not outlive this process either.
    """

    def __init__(
        self,
        upstream: tuple[str, int],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        delay: float = 0.0,
        keep_bytes: int = KEEP_BYTES,
    ) -> None:
        self.upstream = upstream
        self._delay = nanoseconds(delay) / 1e9
        self._address = (host, port)
        self._keep_bytes = keep_bytes
        self._process: subprocess.Popen[str] | None = None
        self._turn = threading.Lock()  # one question at a time
        self._final: dict[str, Any] = {}  # what the last process answered at its end

    def start(self) -> "TapProcess":
        """Listen, and relay until `close`. Raises `PortInUse`; `BadInput` for an upstream without an address."""
        with self._turn:
            if self._process is None:
                self._process = self._spawn()
                try:
                    self._address = self._hear_address()
                except BaseException:  # an interrupt, too
                    self._end()
                    raise
        return self

    def _spawn(self) -> "subprocess.Popen[str]":
        host, port = self._address
        command = [sys.executable, "-m", "rtlab.wire", "--ask"]
        command += ["--upstream", "{}:{}".format(*self.upstream), "--host", host, "--port", str(port)]
        command += ["--delay", str(self._delay), "--keep-bytes", str(self._keep_bytes)]
        # A session of its own: an interrupt of the kernel or at the terminal is not meant for the tap.
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def _hear_address(self) -> tuple[str, int]:
        answer = self._hear()
        if "address" in answer:
            host, port = answer["address"]
            return host, port
        raise PortInUse(*self._address) if answer["error"] == "PortInUse" else BadInput(answer["message"])

    def close(self) -> None:
        """Stop relaying and close every connection. From any thread, any number of times; within a second."""
        with self._turn:
            if self._process is not None:
                with suppress(RtlabError):  # it may be gone already
                    self._final = {name: self._exchange(name) for name in ("counts", "connections")}
                self._end()

    def _end(self) -> None:
        assert self._process is not None
        process, self._process = self._process, None
        with process, suppress(BrokenPipeError):
            process.stdin.close()  # type: ignore[union-attr]
            try:
                process.wait(timeout=0.8)
            except subprocess.TimeoutExpired:
                process.kill()

    def __enter__(self) -> "TapProcess":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The number of the process; None when it does not run."""
        return None if self._process is None else self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is there: not before `start`, not after `close`, and not once it has died."""
        return self._process is not None and self._process.poll() is None

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens: host and port, once it has started."""
        return self._address

    @property
    def delay(self) -> float:
        """One-way delay of each direction, seconds."""
        return self._delay

    @delay.setter
    def delay(self, seconds: float) -> None:
        self._delay = nanoseconds(seconds) / 1e9
        with self._turn:
            if self._process is not None:
                self._exchange("delay", self._delay)

    @property
    def record(self) -> list[Record]:
        """What is kept, in the order of arrival. Fetched now: ask when the measurement is over."""
        return [from_plain(fields) for fields in self._ask("record")]

    @property
    def counts(self) -> Counts:
        """Bytes each way, connections opened and open, what the record dropped: all of one moment."""
        return Counts(**self._ask("counts"))

    @property
    def connections(self) -> dict[int, Traffic]:
        """Bytes each way by connection: all that are open, and the last 10,000 closed."""
        return {int(number): Traffic(*both) for number, both in self._ask("connections").items()}

    def clear(self) -> None:
        """Forget the record and count from zero; connections stay open."""
        self._ask("clear")

    def _ask(self, name: str) -> Any:
        with self._turn:
            if self._process is not None:
                return self._exchange(name)
        if name in self._final:
            return self._final[name]
        raise RtlabError(f"the tap is not running, so it has no {name}: ask between start() and close()")

    def _exchange(self, name: str, *arguments: object) -> Any:
        assert self._process is not None
        try:
            print(json.dumps([name, *arguments]), file=self._process.stdin, flush=True)
        except OSError as error:
            raise RtlabError("the tap's process is gone") from error
        return self._hear()

    def _hear(self) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RtlabError("the tap's process is gone: its last words, if any, are above")
        return json.loads(line)
