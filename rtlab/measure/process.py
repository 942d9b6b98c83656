"""A process of an experiment, as seen by the one who starts it: it is asked, it answers in time, and it goes."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
from types import TracebackType
from typing import Any

from rtlab.errors import RtlabError

START_SECONDS = 30.0  # until it must be ready
ANSWER_SECONDS = 15.0


class Process:
    """`python -m rtlab.measure.processes ROLE`: what it needs is imported while others are started.

    It ends with its input, so it does not outlive this process. Raises RtlabError, with its last words, when it
    has died or does not answer in time.
    """

    def __init__(self, role: str) -> None:
        self.role = role
        self._words = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        # A session of its own: an interrupt of the kernel or at the terminal is not meant for it.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rtlab.measure.processes", role],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._words, text=True, start_new_session=True,
        )  # fmt: skip
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        try:
            self._listener.start()
        except BaseException:  # interrupted here, where nobody has us yet who would close us
            self._process.kill()
            self._process.wait()
            raise

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def start(self, **settings: Any) -> Any:
        """Tell it its settings, wait until it is ready, and return what it says then."""
        self._say(settings)
        return self.hear(START_SECONDS)

    def ask(self, name: str, *arguments: object) -> Any:
        """Ask a question, and return the answer."""
        self._say([name, *arguments])
        return self.hear()

    def tell(self, word: object) -> None:
        """Say something that is answered later, by `hear`."""
        self._say(word)

    def hear(self, seconds: float = ANSWER_SECONDS) -> Any:
        """Return the next answer."""
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise RtlabError(
                f"the experiment has ended: its {self.role} process did not answer within {seconds:g} s"
            ) from None
        if not line:
            self._process.wait(ANSWER_SECONDS)
            raise RtlabError(
                f"the experiment has ended: its {self.role} process died ({self._cause()}); "
                f"its last words: {self._last_words()}"
            )
        return json.loads(line)

    def check(self) -> None:
        """Raise RtlabError if it is not running any more."""
        if self._process.poll() is not None:
            self.hear(0.5)

    def close(self) -> None:
        """End it, and everything that belongs to it; within two seconds."""
        with contextlib.suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        try:
            self._process.wait(timeout=1.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        self._process.stdout.close()  # type: ignore[union-attr]
        self._words.close()

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _say(self, word: object) -> None:
        with contextlib.suppress(OSError):  # it has died: who hears its answer will know
            print(json.dumps(word), file=self._process.stdin, flush=True)

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._answers.put(line)
        self._answers.put("")

    def _cause(self) -> str:
        status = self._process.returncode
        return f"killed by signal {-status}" if status < 0 else f"exit status {status}"

    def _last_words(self) -> str:
        self._words.seek(0)
        lines = [line.strip() for line in self._words if line.strip()]
        return lines[-1][:500] if lines else "none"
