"""What the suite says is worth what it catches: a small server that is right, the same with a fault, and ours.

Each is held to it as a student would: by `pytest --pyargs rtlab.conformance` in a folder of his own, and a URL.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

import pytest

from rtlab.conformance.lines import LINES
from rtlab.server.access import Access
from rtlab.server.thread import ServerThread
from rtlab.server.tls import development

from .small_server import FAULTS, SmallServer

pytestmark = pytest.mark.limit(120)  # a run in a process of its own, with nine more in it
TOKEN = "a-token-for-the-suite"
# What the small server has: polling, as far as one test for each thing tells.
TRIED = (
    "test_the_answer_has or test_nothing_new or test_the_etag_is or test_304 or test_and_only_then or "
    "test_a_limit_is_kept or test_it_is_held_on or between_an_answer or told_at_once_also or "
    "names_that_are_good or (any_json and text) or same_key or with_another_body or "
    "(test_what_cannot_be_a_cursor and events and nonsense) or "
    "(cannot_be_understood and Hosts) or does_not_ask_before"
)
FILES = ("test_publish", "test_polling", "test_position", "test_http")


COMMAND = ["-q", "-p", "no:cacheprovider", "-p", "rtlab.conformance", "--pyargs"]
TLS = "ours, with a token and TLS"
NOBODY, NO_URL = "http://127.0.0.1:1", "127.0.0.1:8080"
# Many runs in one process, for a process takes longer to start than a run.
RUNNER = """
import contextlib, io, json, sys, pytest
from pathlib import Path
for name, arguments in json.loads(sys.stdin.read()).items():
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = pytest.main(arguments)
    print(json.dumps([name, said.getvalue(), int(status)]), flush=True)
"""


class Verdict(NamedTuple):
    """What a run wrote, which lines it found broken, and its exit status."""

    output: str
    status: int

    @property
    def broken(self) -> set[str]:
        return set(re.findall(r"^broken: ([\w ]+):", self.output, re.MULTILINE))


def student(folder: Path, command: list[str], told: str = "") -> str:
    """What a command says in a folder where nothing of rtlab's own settings is."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {
        "COLUMNS": "200",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }  # a student has no plugins of ours
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        input=told,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
    )
    return done.stdout


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict]:
    """What the suite says of the small server without a fault and with each, of ours, and where nothing is."""
    modules = [f"rtlab.conformance.{name}" for name in FILES]
    few = ["-k", TRIED]
    with ExitStack() as stack:
        plan = {}
        for fault in ("", *FAULTS):  # the one that is right has a path before all paths besides
            url = stack.enter_context(closing(SmallServer(fault, "" if fault else "/lab"))).url
            plan[fault] = [*COMMAND, *modules, *few, "--rtlab-url", url, "--rtlab-seconds", "2"]
        made = stack.enter_context(development())
        ours = stack.enter_context(closing(ServerThread(tls=made.tls, access=Access(TOKEN))))
        shown = ["--rtlab-url", ours.url, "--rtlab-token", TOKEN, "--rtlab-cacert", str(made.cacert)]
        some = ["-k", "no_token or test_first_comes_open or begins_with_its_cursor or healthz_is"]
        plan[TLS] = [*COMMAND, "rtlab.conformance", *some, *shown]
        for url in (NOBODY, NO_URL):
            plan[url] = [*COMMAND, "rtlab.conformance.test_stream", "--rtlab-url", url]
        output = student(tmp_path_factory.mktemp("student"), ["-c", RUNNER], json.dumps(plan))
    found = [json.loads(row) for row in output.splitlines() if row.startswith("[")]
    assert [name for name, *_ in found] == list(plan), output
    return {name: Verdict(said, status) for name, said, status in found}


def test_a_small_server_that_is_right_passes_also_behind_a_path(verdicts: dict[str, Verdict]) -> None:
    assert (verdicts[""].broken, verdicts[""].status) == (set(), 0), verdicts[""].output


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_breaks_its_line_and_the_line_is_told(fault: str, verdicts: dict[str, Verdict]) -> None:
    verdict = verdicts[fault]
    assert verdict.status == 1, verdict.output
    assert FAULTS[fault] in verdict.broken, verdict.output
    assert f"{FAULTS[fault]}: {LINES[FAULTS[fault]]}" in verdict.output
    assert len(verdict.broken) <= 4, "a fault should not look like everything being wrong"


def test_it_knows_tokens_and_tls(verdicts: dict[str, Verdict]) -> None:
    assert (verdicts[TLS].broken, verdicts[TLS].status) == (set(), 0), verdicts[TLS].output


@pytest.mark.parametrize(("url", "says"), [(NOBODY, "start the server first"), (NO_URL, "give a server")])
def test_a_server_that_is_not_there_is_said_so_once(
    url: str, says: str, verdicts: dict[str, Verdict]
) -> None:
    assert verdicts[url].status == 2
    assert says in verdicts[url].output
    assert "Traceback" not in verdicts[url].output


def test_the_command_of_the_docs_runs_where_nothing_but_the_package_is(tmp_path: Path) -> None:
    docs = (Path(__file__).parents[2] / "docs/conformance.md").read_text()
    (line,) = re.findall(r"^    pytest (-p .*) http://127\.0\.0\.1:8080$", docs, re.MULTILINE)
    with closing(ServerThread()) as server:
        command = ["-m", "pytest", *line.split(), server.url, "-k", "test_healthz_is_alive"]
        assert "1 of " in student(tmp_path, command)


def test_each_line_has_a_test_and_each_test_its_line() -> None:
    folder = Path(__file__).parents[2] / "rtlab/conformance"
    source = "\n".join(path.read_text() for path in folder.glob("test_*.py"))
    assert set(re.findall(r'\bline\("([\w ]+)"\)', source)) == set(LINES)
    for path in folder.glob("test_*.py"):
        text = path.read_text()
        for test in re.findall(r"def (test_\w+)", text):
            before = text[: text.index(f"def {test}(")]
            inside = before[before.rfind("\nclass ") :]
            own = before[before.rfind("\n\n") :]
            assert "line(" in own or "HELD" in own or "pytestmark = line(" in inside, test


def test_the_suite_knows_a_server_by_its_url_and_sockets_alone() -> None:
    folder = Path(__file__).parents[2] / "rtlab/conformance"
    for path in folder.glob("*.py"):
        if path.name != "conftest.py":  # which starts a server where none is named
            for module in re.findall(r"^ *(?:from|import) (rtlab[\w.]*)", path.read_text(), re.MULTILINE):
                assert module.startswith(("rtlab.conformance", "rtlab.protocol")), f"{path.name}: {module}"
