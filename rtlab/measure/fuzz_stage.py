"""What is fuzzed: servers as `rtlab serve` starts them, taps before one of them, and what they say of themselves."""

from __future__ import annotations

import http.client
import re
import ssl
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import IO

import psutil

from rtlab.errors import RtlabError
from rtlab.guardian import temporary_folder
from rtlab.wire.exchange import messages
from rtlab.wire.proxies import Buffers, LosesAnswers, Refuses, StripsUpgrade
from rtlab.wire.tap import Tap
from rtlab.wire.trouble import EndsIdle, Jitter

PROGRAM = "from rtlab.cli import main; main()"
START_SECONDS = 60.0
QUICK = (
    "head-seconds=2",
    "body-seconds=2",
    "idle-seconds=5",
    "heartbeat=5",
)  # so that nothing hangs for long
# What no log may have: an exception that nobody has thought of.
NAMELESS = re.compile(
    r"Traceback|Uncaught exception|exception was never retrieved|Error in|Exception in|destroyed but"
)
BOXES = (
    StripsUpgrade(), Buffers(2000), LosesAnswers(1 << 30), Refuses(403, only="forbidden"), Jitter(0.001), EndsIdle(5.0)
)  # fmt: skip


class Program:
    """One `rtlab serve`, and its log."""

    def __init__(self, *options: str) -> None:
        limits = [f"--{limit}" for limit in QUICK]
        command = [sys.executable, "-W", "error", "-c", PROGRAM, "serve", "--port", "0", *options, *limits]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True
        )  # fmt: skip
        self.lines: list[str] = []
        self._told = threading.Event()
        self.port = 0
        self.said = ""
        self._threads = [
            threading.Thread(target=self._read, args=(stream, keep), daemon=True)
            for stream, keep in (
                (self._process.stdout, self._hear),
                (self._process.stderr, self.lines.append),
            )
        ]
        for thread in self._threads:
            thread.start()
        if not self._told.wait(START_SECONDS) or not self.port:
            self.close()
            raise RtlabError(f"rtlab serve {' '.join(options)} did not start: {' '.join(self.lines[-3:])}")

    def _read(self, stream: IO[str], keep: object) -> None:
        for line in stream:
            keep(line)  # type: ignore[operator]
        self._told.set()

    def _hear(self, line: str) -> None:
        self.said += line
        if found := re.search(r"listening on https?://127\.0\.0\.1:(\d+)", line):
            self.port = int(found[1])
            self._told.set()

    def fault(self) -> str | None:
        """Whether it has died, or its log has what it must not have."""
        if (status := self._process.poll()) is not None:
            return f"it has ended with {status}: {''.join(self.lines[-20:])}"
        wrong = next((number for number, line in enumerate(self.lines) if NAMELESS.search(line)), None)
        return None if wrong is None else "it says " + "".join(self.lines[wrong : wrong + 60])

    def files(self) -> int:
        """Its descriptors."""
        process = psutil.Process(self._process.pid)
        return int(process.num_fds()) if hasattr(process, "num_fds") else 0

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(5.0)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()


class Stage:
    """All ports, for as long as the block lasts."""

    probed = ("server", "tls", "tap")  # the boxes may refuse, or lose what they are told

    def __init__(self) -> None:
        self._things = ExitStack()
        self._faults: list[str] = []
        self._hook = threading.excepthook

    def __enter__(self) -> Stage:
        try:
            self._start()
        except BaseException:
            self._things.close()
            raise
        return self

    def _start(self) -> None:
        folder = self._things.enter_context(temporary_folder("rtlab-"))
        options = ("--app", "all", "--push", str(folder / "push.sqlite"))
        self.programs: dict[str, Program] = {}
        for name, more in (("server", options), ("tls", ("--tls",))):
            self.programs[name] = program = Program(*more)
            self._things.callback(program.close)
        port = self.programs["server"].port
        upstream = ("127.0.0.1", port)
        self.tap = self._things.enter_context(Tap(upstream, keep_bytes=1 << 20))
        self.boxes = self._things.enter_context(Tap(upstream, keep_bytes=1 << 16, middleboxes=BOXES))
        self.ports = {
            "server": port, "tls": self.programs["tls"].port, "tls, raw": self.programs["tls"].port,
            "tap": self.tap.address[1], "boxes": self.boxes.address[1],
        }  # fmt: skip
        threading.excepthook = self._note
        self._things.callback(self._unhook)

    def _note(self, caught: threading.ExceptHookArgs) -> None:
        """An exception in a thread of ours: a tap's, or one that reads."""
        self._faults.append(
            f"{caught.thread and caught.thread.name}: {caught.exc_type.__name__}: {caught.exc_value}"
        )
        self._hook(caught)

    def _unhook(self) -> None:
        threading.excepthook = self._hook

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._things.close()

    def followed(self) -> Iterator[tuple[str, str]]:
        """Who reads well: port and technique."""
        for by in ("short", "long", "sse", "websocket"):
            yield "server", by
        yield "tap", "sse"
        yield "tap", "websocket"

    def ask(self, name: str, seconds: float) -> None:
        """Ask whether a port answers. Raises OSError, RtlabError."""
        place = "127.0.0.1", self.ports[name]
        connection = http.client.HTTPConnection(*place, timeout=seconds)
        if name == "tls":
            context = ssl._create_unverified_context()
            connection = http.client.HTTPSConnection(*place, timeout=seconds, context=context)
        try:
            connection.request("GET", "/healthz", headers={"Connection": "close"})
            answer = connection.getresponse()
            if answer.status != 200:
                raise RtlabError(f"it says {answer.status}")
            answer.read()
        except http.client.HTTPException as error:
            raise RtlabError(f"what it says is no HTTP: {error!r}") from None
        finally:
            connection.close()

    def read_record(self) -> None:
        """Have all that the tap recorded read: whatever it is, that must not fail."""
        try:
            messages(self.tap.record)
        except Exception as error:  # whatever it may be: that is the question
            self._faults.append(f"the record cannot be read: {error!r}")

    def faults(self) -> list[str]:
        """What has gone wrong so far."""
        found = [
            f"the {name}: {fault}" for name, program in self.programs.items() if (fault := program.fault())
        ]
        return self._faults + found

    def files(self) -> dict[str, int]:
        """Descriptors of each program, and connections of each tap."""
        taps = {"tap": self.tap.counts.open, "boxes": self.boxes.counts.open}
        return {name: program.files() for name, program in self.programs.items()} | taps

    def complaints(self) -> Counter[str]:
        """Lines of the logs, without what differs from one to the next."""
        lines = (line for program in self.programs.values() for line in program.lines)
        return Counter(re.sub(r"\d+|'.*'|\".*\"", "…", line.strip())[:100] for line in lines)
