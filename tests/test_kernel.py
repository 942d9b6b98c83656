"""`rtlab lab` opens the first lesson, in this environment, whatever else the user's Jupyter knows."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest
import requests

from rtlab.errors import BadInput
from rtlab.jupyter import FIRST_LESSON, open_lab

OPEN = "import sys, pathlib, rtlab.jupyter as j; sys.exit(j.open_lab(pathlib.Path(sys.argv[1])))"
DECOY = {
    "argv": ["not-this-kernel", "-f", "{connection_file}"],
    "display_name": "Decoy",
    "language": "python",
}

T = TypeVar("T")


def wait_for(look: Callable[[], T | None], seconds: float = 30.0) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, "nothing found in time"
        time.sleep(0.05)
    return found


class Lab:
    """A JupyterLab that was started as the command line starts it, and the HTTP interface of its server."""

    def __init__(self, process: "subprocess.Popen[bytes]", home: Path) -> None:
        self.process, self.printed = process, home / "printed"
        server = wait_for(lambda: next(iter((home / "run").glob("jpserver-*.json")), None))
        self.about: dict[str, Any] = wait_for(lambda: json.loads(server.read_text() or "null"))

    def ask(self, method: str, path: str, **body: str) -> requests.Response:
        headers = {"Authorization": f"token {self.about['token']}"}
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, self.about["url"] + path, json=body, headers=headers, timeout=20)
        answer.raise_for_status()
        return answer

    def kernels(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "ipykernel_launcher" in child.cmdline()]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Generator[Lab]:
    """A laboratory opened by somebody without a display whose own `python3` kernel is another one, twice over."""
    home = tmp_path_factory.mktemp("home")
    notebooks = home / "checkout" / "notebooks"
    notebooks.mkdir(parents=True)
    (notebooks / FIRST_LESSON).write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    for data in (home / ".local" / "share" / "jupyter", home / "named"):
        kernel = data / "kernels" / "python3"
        kernel.mkdir(parents=True)
        (kernel / "kernel.json").write_text(json.dumps(DECOY))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    environment |= {
        "HOME": str(home),
        "JUPYTER_PATH": str(home / "named"),
        "JUPYTER_RUNTIME_DIR": str(home / "run"),
    }
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        environment.pop(name, None)
    with (home / "printed").open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-c", OPEN, str(notebooks)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Lab(process, home)
    finally:
        process.terminate()
        process.wait(20)


def test_the_kernel_python3_is_this_environments_and_not_the_users(lab: Lab) -> None:
    lab.ask("POST", "api/kernels", name="python3")
    kernel = wait_for(lambda: next(iter(lab.kernels()), None))
    assert kernel.cmdline()[0] == sys.executable
    assert kernel.environ()["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


def test_the_address_of_the_first_lesson_is_printed(
    lab: Lab, tmp_path_factory: pytest.TempPathFactory
) -> None:
    printed = Path(str(lab.about["root_dir"])).parent / "printed"
    address = f"/lab/tree/notebooks/{FIRST_LESSON}?token={lab.about['token']}"
    assert wait_for(lambda: address in printed.read_text() or None)


def test_no_question_about_news_stands_before_the_lesson(lab: Lab) -> None:
    page = lab.ask("GET", "lab").text
    assert '"news": {"disabled": true}' in page


def test_a_folder_without_lessons_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"has no {FIRST_LESSON}: give the folder notebooks"):
        open_lab(tmp_path)
