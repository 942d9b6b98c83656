"""The watch that tests/conftest.py keeps over every test, watched itself: in a run of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CASES = """
import socket, subprocess, sys, threading, time
import pytest

kept = []

def test_that_is_tidy():
    with socket.create_server(("127.0.0.1", 0)):
        thread = threading.Thread(target=time.sleep, args=[0.1])
        thread.start()

def test_that_leaves_a_thread():
    threading.Thread(target=time.sleep, args=[6], name="forgotten", daemon=True).start()

def test_that_leaves_a_process():
    kept.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(6)"]))

def test_that_leaves_a_listening_socket():
    kept.append(socket.create_server(("127.0.0.1", 0)))

@pytest.mark.limit(0.2)
def test_that_hangs():
    threading.Event().wait(20)
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("watched")
    conftest = Path(__file__).with_name("conftest.py").read_text()
    (folder / "conftest.py").write_text(conftest.replace("GRACE = 3.0", "GRACE = 0.5"))
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -rA --strict-markers\n")
    (folder / "test_cases.py").write_text(CASES)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:nbval", str(folder)]
    wide = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=wide, capture_output=True, text=True, timeout=50).stdout


def test_a_tidy_test_passes(report: str) -> None:
    assert "PASSED test_cases.py::test_that_is_tidy" in report
    assert "ERROR test_cases.py::test_that_is_tidy" not in report


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("test_that_leaves_a_thread", "thread forgotten"),
        ("test_that_leaves_a_process", "process "),
        ("test_that_leaves_a_listening_socket", "socket ('127.0.0.1'"),
    ],
)
def test_what_is_left_behind_fails_the_test_that_left_it(report: str, name: str, left: str) -> None:
    assert f"ERROR test_cases.py::{name} - Failed: left behind: {left}" in report


def test_a_hanging_test_fails_in_time_and_shows_where_it_was(report: str) -> None:
    assert "FAILED test_cases.py::test_that_hangs - Failed: not done after 0.2 s" in report
    assert "in test_that_hangs" in report.split("Captured stderr")[1]
