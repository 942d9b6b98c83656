"""Brokers that are started here: nothing of them is left, however the one who started them ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from rtlab.brokers.embedded import EmbeddedRedis

SECONDS = 20.0
STARTS = (
    "import sys; from rtlab.brokers.embedded import EMBEDDED; engine = EMBEDDED[sys.argv[1]](); "
    "engine.kill(); engine.start(); print(engine.process.pid, engine.folder.name, flush=True); sys.stdin.read()"
)


def gone(pid: int) -> bool:
    """Whether no such process runs; where nobody takes orphans in, a dead one keeps its number."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("kind", ["embedded-redis", "embedded-kafka"])
def test_a_broker_and_its_folder_go_with_a_parent_that_is_killed(kind: str) -> None:
    command = [sys.executable, "-c", STARTS, kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid, folder = parent.stdout.readline().split()
        assert not gone(int(pid))
        assert Path(folder).is_dir()
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + SECONDS
    while not gone(int(pid)) or Path(folder).exists():
        assert time.monotonic() < deadline, f"still there: {pid} or {folder}"
        time.sleep(0.01)


def test_no_guardian_is_left_by_a_broker_that_is_closed() -> None:
    with EmbeddedRedis() as engine:
        engine.kill()
        engine.start()
        guards = [
            child
            for child in psutil.Process(os.getpid()).children()
            if folder_of(child) == engine.folder.name
        ]
        assert len(guards) == 1
    assert not any(guard.is_running() for guard in guards)


def folder_of(process: psutil.Process) -> str:
    """The folder that a guardian is to remove."""
    return process.cmdline()[-2] if "rtlab-guardian" in process.cmdline() else ""
