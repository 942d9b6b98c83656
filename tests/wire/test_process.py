"""The tap as a program of its own, and what it says of its own error."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest

from rtlab.errors import RtlabError
from rtlab.wire.overhead import measure_overhead, percentile
from rtlab.wire.process import TapProcess
from rtlab.wire.record import Chunk, Closed, Opened, from_plain, plain
from rtlab.wire.tap import Tap

Until = Callable[[Callable[[], object]], None]
LIMIT = 10.0


def can_connect(address: tuple[str, int]) -> bool:
    with suppress(OSError), socket.create_connection(address, timeout=1):
        return True
    return False


def test_a_record_comes_back_from_json_as_it_was() -> None:
    records = [
        Opened(1, 10, 30),
        Chunk(1, "up", 30, 40, bytes(range(256))),
        Closed(1, "down", 50, 60, "fin"),
    ]
    assert [from_plain(json.loads(json.dumps(plain(record)))) for record in records] == records


def test_the_process_ends_with_its_parent(upstream: socket.socket, until: Until) -> None:
    code = (
        "import os; from rtlab.wire.process import TapProcess\n"
        f"tap = TapProcess({upstream.getsockname()}).start()\n"
        "print(*tap.address, flush=True); input(); os._exit(0)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        host, port = parent.stdout.readline().split()
        assert can_connect((host, int(port)))
        parent.communicate("end\n", timeout=LIMIT)
    until(lambda: not can_connect((host, int(port))))


def test_an_interrupt_of_the_kernel_is_not_for_the_process(upstream: socket.socket) -> None:
    with TapProcess(upstream.getsockname()):
        (child,) = psutil.Process().children()
        assert os.getpgid(child.pid) == child.pid


def test_a_process_that_is_gone_says_so_and_can_be_closed(upstream: socket.socket) -> None:
    with TapProcess(upstream.getsockname()) as tap:
        (child,) = psutil.Process().children()
        child.kill()
        with pytest.raises(RtlabError, match="gone"):
            _ = tap.counts
    with pytest.raises(RtlabError, match="between start"):
        _ = tap.record


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_program_writes_its_record_at_the_end(
    upstream: socket.socket, tmp_path: Path, things: ExitStack, end: signal.Signals
) -> None:
    file = tmp_path / "record.jsonl"
    where = "{}:{}".format(*upstream.getsockname())
    command = [sys.executable, "-m", "rtlab.wire", "--upstream", where, "--record", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        first = program.stdout.readline()
        assert first.startswith("tap: http://127.0.0.1:")
        assert first.endswith(f" relays to {where}\n")
        port = int(first.split()[1].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as client:
            client.sendall(b"hello")
            server = things.enter_context(upstream.accept()[0])
            server.settimeout(LIMIT)
            assert server.recv(5) == b"hello"
        program.send_signal(end)
        rest, _ = program.communicate(timeout=LIMIT)
    assert program.returncode == 0
    assert rest == "tap: 5 bytes up, 0 bytes down, 1 connections\n"
    records = [from_plain(json.loads(line)) for line in file.read_text().splitlines()]
    assert [record.data for record in records if isinstance(record, Chunk)] == [b"hello"]


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        (["--upstream", "8765"], "is not HOST:PORT"),
        (["--upstream", "127.0.0.1:1", "--delay", "-1"], "0 or more"),
    ],
)
def test_the_program_says_what_is_wrong_in_a_sentence(wrong: list[str], remedy: str) -> None:
    command = [sys.executable, "-m", "rtlab.wire", *wrong]
    run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    assert run.returncode != 0
    assert remedy in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("kind", [Tap, TapProcess])
def test_the_overhead_is_measured(kind: type[Tap] | type[TapProcess]) -> None:
    overhead = measure_overhead(samples=40, delay=0.01, tap=kind)
    assert 0 < overhead.median <= overhead.p99
    assert overhead.delay_error_p99 >= 0


@pytest.mark.parametrize(
    ("percent", "expected"), [(1, 1.0), (50, 50.0), (99, 99.0), (99.5, 100.0), (100, 100.0)]
)
def test_a_percentile_is_by_nearest_rank(percent: float, expected: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], percent) == expected
