"""`rtlab compare` as a user runs it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from rtlab.cli import main
from rtlab.measure.result import Result
from rtlab.report import command

COMPARE = [sys.executable, "-c", "from rtlab.cli import main; main()", "compare"]
QUICK = ["--clients", "4", "--rate", "10", "--interval", "0.2", "--delay", "0.01", "--duration", "0.5"]


def test_a_comparison_is_printed_and_written(tmp_path: Path) -> None:
    files = ["--json", str(tmp_path / "c.json"), "--html", str(tmp_path / "c.html")]
    asked = ["--technique", "websocket", "--technique", "long"]
    done = subprocess.run([*COMPARE, *QUICK, *asked, *files], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    written = [f"written: {tmp_path / name}" for name in ("c.json", "c.html")]
    assert done.stderr.splitlines() == ["measuring long polling", "measuring WebSocket", *written]
    assert "mean latency" in done.stdout
    assert "Machine:" in done.stdout
    objects = json.loads((tmp_path / "c.json").read_text())
    assert [found["technique"] for found in objects] == ["long", "websocket"]
    for found in objects:
        assert found["clients"] == 4
        assert found["events"] > 0
        assert (found["lost"], found["repeated"], found["out_of_order"]) == (0, 0, 0)
        assert found["server_cpu_seconds"] > 0
        assert 0.01 <= found["latency"]["mean"] <= found["latency"]["max"]
        assert set(found["predicted"]) == {
            "mean_latency",
            "max_latency",
            "requests_per_event",
            "empty_fraction",
        }
    assert "2 techniques on the same workload" in (tmp_path / "c.html").read_text(encoding="utf-8")


def test_interrupted_it_keeps_what_is_done(tmp_path: Path) -> None:
    asked = ["--technique", "long", "--technique", "sse", "--json", str(tmp_path / "c.json")]
    with subprocess.Popen(
        [*COMPARE, *QUICK, *asked], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        assert process.stderr is not None
        while process.stderr.readline() not in ("measuring server-sent events\n", ""):
            pass
        process.send_signal(signal.SIGINT)
        table, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.endswith("c.json\nrtlab: interrupted; 1 of 2 techniques were done\n")
    assert "long" in table
    assert [found["technique"] for found in json.loads((tmp_path / "c.json").read_text())] == ["long"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--interval=-1"], "interval (seconds) must be a finite number above 0, not -1.0"),
        (["--rate", "0"], "rate (events per second) must be"),
        (["--delay=-0.1"], "delay (seconds) must be"),
        (["--duration", "0"], "duration (seconds) must be"),
        (["--clients", "0"], "clients must be"),
        (["--clients", "30000"], "the server takes 20000 connections: give fewer"),
        (["--json", "figures.txt"], "figures.txt does not end with .json"),
        (["--html", "/nonexistent/r.html"], "cannot write /nonexistent/r.html"),
        (["--html", "/"], "cannot write /"),
        (["--technique", "pigeon"], "'short', 'adaptive', 'long', 'sse', 'websocket'"),
        (["--workload", "odd"], "'poisson'"),
        (["--rate", "many"], "not a valid float"),
    ],
)
def test_a_slip_is_answered_with_one_sentence_before_anything_starts(arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(main, ["compare", *arguments])
    assert done.exit_code == 2
    assert says in done.output
    assert "Traceback" not in done.output


def test_a_disk_that_is_full_costs_only_the_file_that_did_not_fit(
    results: list[Result], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (said,) = command._tell(results, Path("/dev/full"), tmp_path / "c.json")
    assert said.startswith("cannot write /dev/full: No space left on device")
    printed = capsys.readouterr()
    assert "mean latency" in printed.out
    assert printed.err == f"written: {tmp_path / 'c.json'}\n"


def test_the_workloads_are_those_that_can_be_measured() -> None:
    from rtlab.measure.setup import WORKLOADS

    assert list(WORKLOADS) == command.WORKLOADS
