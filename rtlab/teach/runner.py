"""Run a check with a student's answer in a process of its own, which is gone when the check returns.

An answer may loop for ever, sleep, print without end, take all memory, call `os._exit` or crash the interpreter: the
notebook's kernel only reads a pipe meanwhile, and gets an outcome. The answer travels as cloudpickle writes it, by
value: functions and classes that a cell defines are in no module that the other process could import. Its lines go
with it, so that an exception can quote them. A new interpreter takes about 0.2 s; none is kept waiting between checks.
"""

import inspect
import io
import json
import os
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from types import CodeType, FunctionType
from typing import Any

import psutil

from rtlab.errors import Missing, RtlabError
from rtlab.teach.checks import Check
from rtlab.teach.outcome import Outcome, Verdict
from rtlab.teach.source import Source, restored
from rtlab.teach.worker import PATIENCE

try:
    import cloudpickle
except ImportError:
    raise Missing("cloudpickle, which carries an answer to its check,", "lab") from None

MEMORY = 1 << 30  # bytes that a check may use
START = 30.0  # s that a new interpreter may take to begin on a busy machine
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from rtlab.teach.worker import main; main()"


def run(check: Check, answer: Any, limit: float = 5.0) -> Outcome:
    """Call `check(answer)` in a new process, for at most `limit` seconds, and say what came out.

    Raises RtlabError when no such process can be started here, which is not the answer's fault.
    """
    file = io.BytesIO()
    packer = _Packer(file)
    try:
        packer.dump((check, answer))
    except Exception as error:
        return Outcome(Verdict.RAISED, words=_cannot_travel(answer, error))
    lines = packer.lines | ({answer.filename: answer.lines} if isinstance(answer, Source) else {})
    job = pickle.dumps({"work": file.getvalue(), "lines": lines, "limit": limit, "memory": MEMORY})
    with tempfile.TemporaryDirectory(prefix="rtlab-check-", ignore_cleanup_errors=True) as folder:
        left = _converse(job, folder, START + limit + 2 * PATIENCE)
    return _outcome(left, lines, limit)


class _Packer(cloudpickle.Pickler):  # type: ignore[misc]
    """Pickles an answer by value, and collects the lines of the cells that its functions stand in."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.lines: dict[str, list[str]] = {}

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, FunctionType) and thing.__module__ == "__main__":
            filename = thing.__code__.co_filename
            with suppress(OSError):
                self.lines[filename] = inspect.findsource(thing)[0]
        if isinstance(thing, CodeType):
            # Since 3.1.3 cloudpickle drops the name of the file; the student's lines are known by it.
            make, parts = self.dispatch_table[CodeType](thing)
            return restored, (make, parts, thing.co_filename)
        return super().reducer_override(thing)


def _cannot_travel(answer: Any, error: Exception) -> str:
    """Say which of the notebook's things an answer uses that cannot leave the notebook."""
    for function in (answer, *getattr(answer, "__dict__", {}).values()):
        if not isinstance(function, FunctionType):
            continue
        names = inspect.getclosurevars(function)
        for name, value in {**names.globals, **names.nonlocals}.items():
            try:
                cloudpickle.dumps(value)
            except Exception:
                return (
                    f"Your answer uses `{name}`, which lives in the notebook and cannot go to the process that "
                    "checks it: take what you need as an argument."
                )
    return f"Your answer cannot go to the process that checks it: `{error}`."


class _Guard(threading.Thread):
    """Ends the worker at the latest when its time is up or it uses too much memory; always ends what it left behind."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        super().__init__(name="rtlab-check-guard", daemon=True)
        self.reason: str | None = None
        self._process = process
        self._deadline = time.monotonic() + seconds

    def run(self) -> None:
        with suppress(psutil.NoSuchProcess):
            worker = psutil.Process(self._process.pid)
            while self.reason is None and worker.status() != psutil.STATUS_ZOMBIE:
                # A limit of the system's is told to the answer as a MemoryError; this is for systems without one.
                if worker.memory_info().rss > MEMORY:
                    self.reason = "memory"
                elif time.monotonic() > self._deadline:
                    self.reason = "time"
                time.sleep(0.02)
            for left in worker.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    left.kill()
        # The worker is not reaped yet, so its number is still its own.
        with suppress(ProcessLookupError, AttributeError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()


@dataclass(frozen=True)
class _Left:
    """What a worker left: its report, the traceback of an interpreter that died, its exit status, why it was ended."""

    report: bytes
    trace: bytes
    status: int
    reason: str | None


def _converse(job: bytes, folder: str, seconds: float) -> _Left:
    """Start a worker, hand it the job, and read until it ends, `seconds` later at the latest."""
    path = [os.path.abspath(place) for place in sys.path]
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)
    with subprocess.Popen(
        [sys.executable, "-c", _BOOT, json.dumps(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        # One thread of numpy's is enough, and many reserve more memory than the limit.
        env={**os.environ, **places, "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        guard = _Guard(process, seconds)
        guard.start()
        try:
            with suppress(OSError):  # it ended before it had read all
                process.stdin.write(job)
                process.stdin.close()
            report, trace = process.stdout.read(), process.stderr.read()
        except BaseException:  # the kernel was interrupted
            process.kill()
            raise
        finally:
            guard.join()
        return _Left(report, trace, process.wait(), guard.reason)


def _outcome(left: _Left, cells: dict[str, list[str]], limit: float) -> Outcome:
    """Make the outcome of what a worker left."""
    lines = [json.loads(line) for line in left.report.splitlines() if line.endswith(b"}")]
    printed = "".join(line.get("printed", "") for line in lines)
    said = lines[-1] if lines and "verdict" in lines[-1] else _without_a_word(left, cells)
    outcome = Outcome(**{**said, "verdict": Verdict[said["verdict"]]}, printed=printed)
    if outcome.verdict is not Verdict.TOO_LONG:
        return outcome
    nowhere = "None of your lines was running then: something that your code should have sent or returned did not come."
    return replace(outcome, words=f"Stopped after {limit:g} s. {'It was here:' if outcome.code else nowhere}")


def _without_a_word(left: _Left, cells: dict[str, list[str]]) -> dict[str, Any]:
    """Tell how a worker ended that could not say it itself. Raises RtlabError where it did not even begin."""
    if left.trace.startswith(b"Traceback"):
        last = left.trace.decode(errors="replace").strip().splitlines()[-1]
        raise RtlabError(f"the process that checks answers did not start: {last}")
    said: dict[str, Any] = {"verdict": Verdict.RAISED.name}
    for name, number in re.findall(r'^  File "(.*)", line (\d+)', left.trace.decode(), re.MULTILINE):
        for filename, lines in cells.items():
            if "line" not in said and filename.encode("ascii", "backslashreplace").decode() == name:
                said |= {"line": int(number), "code": lines[int(number) - 1].rstrip("\n")}
    if left.reason == "time" or b"Timeout (" in left.trace:
        said["verdict"] = Verdict.TOO_LONG.name
    elif left.reason == "memory":
        said["words"] = f"It used more than {MEMORY >> 20} MiB of memory and was stopped."
    else:
        said["words"] = (
            f"It ended the whole Python process (exit status {left.status}) before the check was done."
        )
    return said
