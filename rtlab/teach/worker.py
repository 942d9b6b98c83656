"""The process in which one check runs: it holds the student's answer, and may be killed at any moment.

`runner` starts it, writes one job to its standard input and reads lines of JSON from its standard output: what the
answer printed, as it prints it, and at last the outcome. It never answers twice, and it lives for one check, so
nothing an answer does (a thread, a patched module, a closed descriptor) reaches the next check or the notebook.
"""

import faulthandler
import io
import logging
import os
import pickle
import sys
import threading
from contextlib import suppress
from json import dumps  # by its own name: an answer may patch the module
from typing import Any, BinaryIO, NoReturn

from rtlab.teach.checks import finish
from rtlab.teach.outcome import Verdict, Wrong
from rtlab.teach.places import where_it_hangs, where_it_raised
from rtlab.teach.source import Source, remember

PRINTED = 4_000  # bytes of output that are kept
PATIENCE = 0.5  # s after the limit until the second alarm
FILE_BYTES = 64 << 20  # the largest file that an answer may write


def main() -> None:
    """Take one job from standard input, run it, report, and end the process."""
    report = Report()
    job = pickle.load(report.jobs)
    for filename, lines in job["lines"].items():
        remember(filename, lines)
    _limit_resources(job["memory"])
    try:
        check, answer = pickle.loads(job["work"])
    except Exception as error:
        words = f"Your answer could not be unpacked in the process that checks it: {_said(error)}."
        report.end(Verdict.RAISED, words=words)
    # Two alarms: the first is a thread and can say where the answer hangs; the second works also when C code holds
    # the interpreter's lock, as `10 ** 10 ** 9` does: it writes the traceback to standard error and ends the process.
    faulthandler.enable(file=report.trace)
    faulthandler.dump_traceback_later(job["limit"] + PATIENCE, exit=True, file=report.trace)
    alarm = threading.Timer(job["limit"], lambda: report.end(Verdict.TOO_LONG, where_it_hangs()))
    alarm.daemon = True
    alarm.start()
    _judge(check, answer, report)


def _judge(check: Any, answer: Any, report: "Report") -> NoReturn:
    noticed = Noticed()
    try:
        finish(check(answer.load() if isinstance(answer, Source) else answer))
    except Wrong as wrong:
        place, words = where_it_raised(noticed.error), wrong.advice
        if place:
            words = f"{words} Meanwhile your code raised {_said(noticed.error)}.".strip()
        report.end(Verdict.WRONG, place, words=words, did=wrong.did, got=wrong.got, wanted=wrong.wanted)
    except BaseException as error:  # SystemExit and its like as well
        _limit_resources(None)  # what is left to say may need a little memory
        place = where_it_raised(error)
        if place and isinstance(error, NotImplementedError):
            report.end(Verdict.NOT_STARTED, place, words="This part is still to be written.")
        doing = "It raised" if place else "The check could not go on with what your answer gave it:"
        report.end(Verdict.RAISED, place, words=f"{doing} {_said(error)}.")
    report.end(Verdict.RIGHT)


class Report:
    """The way back to the notebook, on descriptors of its own: an answer that closes or floods 1 and 2 is not heard."""

    def __init__(self) -> None:
        self.jobs: BinaryIO = os.fdopen(os.dup(0), "rb")
        self._lines: BinaryIO = os.fdopen(os.dup(1), "wb", buffering=0)
        self.trace: BinaryIO = os.fdopen(os.dup(2), "wb", buffering=0)
        self._lock = threading.Lock()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        sys.stdin = open(os.devnull)  # noqa: SIM115
        raw = Printed(self)
        printed = io.TextIOWrapper(raw, encoding="utf-8", errors="replace", write_through=True)  # type: ignore[type-var]
        sys.stdout = sys.stderr = printed

    def line(self, **fields: Any) -> None:
        """Send one line."""
        with self._lock:
            self._lines.write(dumps(fields).encode() + b"\n")

    def end(self, verdict: Verdict, place: tuple[int, str] | None = None, **fields: str) -> NoReturn:
        """Send the outcome and end the process, whatever threads are still running in it."""
        number, code = place or (None, "")
        self.line(verdict=verdict.name, line=number, code=code, **fields)
        os._exit(0)


class Printed(io.RawIOBase):
    """What an answer prints: the beginning goes to the notebook, the rest goes nowhere."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._left = PRINTED

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any) -> int:
        """Pass on what there is still room for."""
        if self._left:
            kept = bytes(data[: self._left])
            self._left -= len(kept)
            cut = "" if self._left else "\n… (the rest is left out)"
            self._report.line(printed=kept.decode("utf-8", "replace") + cut)
        return len(data)


class Noticed(logging.Handler):
    """Remembers an exception that only a log or a thread saw: Tornado turns a handler's into an answer 500."""

    def __init__(self) -> None:
        super().__init__()
        self.error: BaseException | None = None
        logging.getLogger().addHandler(self)
        threading.excepthook = lambda thread: self._keep(thread.exc_value)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception of a log record."""
        if record.exc_info:
            self._keep(record.exc_info[1])

    def _keep(self, error: BaseException | None) -> None:
        if where_it_raised(error):
            self.error = self.error or error


def _said(error: BaseException | None) -> str:
    """Name an exception with its message, of bounded length."""
    try:
        text = str(error)[:300]
    except Exception:
        text = ""
    return f"`{type(error).__name__}: {text}`" if text else f"`{type(error).__name__}`"


def _limit_resources(memory: int | None) -> None:
    """Bound memory, written files and core dumps where the system can (Linux; macOS keeps only some of it).

    `None` lifts the bound on memory. Elsewhere `runner` watches the memory from outside.
    """
    with suppress(ImportError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        for what, most, ceiling in (
            (resource.RLIMIT_AS, hard if memory is None else memory, hard),
            (resource.RLIMIT_CORE, 0, 0),
            (resource.RLIMIT_FSIZE, FILE_BYTES, FILE_BYTES),
        ):
            with suppress(ValueError, OSError):
                resource.setrlimit(what, (most, ceiling))
