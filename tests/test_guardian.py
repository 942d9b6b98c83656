"""Temporary folders: gone when their block ends, and when the process does, whatever ended it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rtlab.guardian import temporary_folder

PROGRAM = """
import time
from rtlab.guardian import temporary_folder
with temporary_folder("rtlab-test-") as folder:
    (folder / "file").touch()
    print(folder, flush=True)
    time.sleep(600)
"""


def test_a_folder_is_there_for_as_long_as_its_block() -> None:
    with temporary_folder("rtlab-test-") as folder:
        (folder / "file").touch()
    assert not folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no shell that could look after it")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_folder_is_gone_after_the_process_that_made_it(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert (folder / "file").exists()
        process.send_signal(number)
    deadline = time.monotonic() + 10
    while folder.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
