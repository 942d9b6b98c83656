"""Experiments as a user runs them: everything arrives, everything is counted, and nothing is left, whatever happens."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from jupyter_client.manager import start_new_kernel

from rtlab.errors import RtlabError
from rtlab.measure.experiment import measure, repeat
from rtlab.measure.result import Result, spread
from rtlab.measure.setup import Setup
from rtlab.technique import TECHNIQUES

D = 0.02
QUICK = {"rate": 5.0, "interval": 0.2, "delay": D, "duration": 1.2, "warm_up": 0.4, "hold": 5.0}


def setups(**settings: object) -> list[Setup]:
    return [Setup(technique, **QUICK | settings) for technique in TECHNIQUES]  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=["readers", "asyncio"])
def found(request: pytest.FixtureRequest) -> dict[str, Result]:
    results = measure(*setups(clients=4, channels=2, load=request.param))
    return {result.technique: result for result in results}


def test_every_event_arrives_once_and_in_order(found: dict[str, Result]) -> None:
    for result in found.values():
        assert (result.lost, result.repeated, result.out_of_order) == (0, 0, 0)
        assert result.events == len(result.latencies) > 0


def test_no_event_is_faster_than_the_path(found: dict[str, Result]) -> None:
    assert all(result.latencies.min() >= D for result in found.values())


def test_those_who_ask_are_counted_and_those_who_are_pushed_to_ask_nothing(found: dict[str, Result]) -> None:
    for technique in ("short", "adaptive", "long"):
        assert found[technique].requests > 0
        assert 0 <= found[technique].empty <= found[technique].requests
    assert found["sse"].requests == found["websocket"].requests == 0


def test_bytes_are_counted_both_ways(found: dict[str, Result]) -> None:
    for result in found.values():
        assert result.bytes_down > 0
        assert (result.bytes_up > 0) == (result.requests > 0)


def test_each_client_holds_one_connection(found: dict[str, Result]) -> None:
    assert {result.connections for result in found.values()} == {4}
    assert {result.files for result in found.values()} == {5 * 4}


def test_what_several_share_is_not_told_of_one(found: dict[str, Result]) -> None:
    for result in found.values():
        assert np.isnan([result.server_cpu_seconds, result.server_memory_bytes]).all()


def test_one_alone_is_told_what_it_costs_and_the_progress_ends_at_1() -> None:
    shares: list[float] = []
    (result,) = measure(Setup("sse", **QUICK, clients=200, channels=4), progress=shares.append)  # type: ignore[arg-type]
    assert result.server_cpu_seconds > 0
    assert result.client_cpu_seconds > 0
    assert result.server_memory_bytes > 0
    assert result.connections == result.files == 200
    assert (result.lost, result.repeated, result.out_of_order) == (0, 0, 0)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_collected_events_wait_and_count_from_when_they_happened() -> None:
    results = measure(*(Setup(t, **QUICK, coalesce=0.4, clients=4, channels=4) for t in ("sse", "websocket")))  # type: ignore[arg-type]
    for result in results:
        assert result.lost == 0
        assert result.latencies.max() > D + 0.1
        assert result.predicted.mean_latency == pytest.approx(0.2 + D)


def test_repeated_runs_differ_in_their_events() -> None:
    runs = repeat(Setup("sse", **QUICK | {"duration": 0.4, "warm_up": 0.0}, clients=2, channels=2), 2)  # type: ignore[arg-type]
    assert [run.setup.seed for run in runs] == [0, 1]
    assert spread([run.latency.mean for run in runs]).runs == 2


def children(of: psutil.Process, words: str) -> list[psutil.Process]:
    found = []
    for child in of.children():
        try:
            if words in " ".join(child.cmdline()):
                found.append(child)
        except psutil.Error:  # it has just gone
            continue
    return found


@pytest.mark.parametrize(
    ("who", "clients", "says"),
    [
        ("processes server", 2, "its server process died (killed by signal 9)"),
        ("processes publisher", 2, "its publisher process died (killed by signal 9)"),
        ("processes readers", 2, "its readers process died (killed by signal 9)"),
        ("processes load", 30, "its load process died (killed by signal 9)"),
        ("rtlab.wire", 2, "its tap died"),
    ],
)
def test_a_process_that_is_killed_ends_the_experiment_with_its_name(
    who: str, clients: int, says: str
) -> None:
    def kill(share: float) -> None:
        for process in children(psutil.Process(), who):
            process.kill()

    with pytest.raises(RtlabError) as told:  # long before its end, which is beyond a test's time limit
        measure(Setup("sse", clients=clients, channels=1, duration=100.0), progress=kill)
    assert says in str(told.value)


SCRIPT = """
from rtlab.measure.experiment import measure
from rtlab.measure.setup import Setup
measure(Setup("long", duration=50.0))
"""


def wait_for(look: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, "nothing found in time"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_script_that_is_ended_leaves_no_process_and_no_folder(
    tmp_path: Path, number: signal.Signals
) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stderr=subprocess.DEVNULL, env=environment
    ) as script:
        process = psutil.Process(script.pid)
        wait_for(lambda: children(process, "processes readers"))
        started = process.children()
        script.send_signal(number)
        script.wait(timeout=20)
    _, alive = psutil.wait_procs(started, timeout=10)
    assert not alive
    wait_for(lambda: not list(tmp_path.iterdir()))


def test_an_interrupted_cell_leaves_nothing_and_the_next_one_runs() -> None:
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        kernel = psutil.Process(manager.provisioner.pid)
        # Otherwise the kernel refuses for a moment what comes after an error.
        asked = client.execute(SCRIPT, stop_on_error=False)
        wait_for(lambda: children(kernel, "processes readers"))
        started = kernel.children()
        manager.interrupt_kernel()
        while (reply := client.get_shell_msg(timeout=20))["parent_header"]["msg_id"] != asked:
            pass
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        psutil.wait_procs(started, timeout=5)
        assert not [child for child in started if child.is_running()]
        reply = client.execute_interactive("assert not __import__('psutil').Process().children()", timeout=20)
        assert reply["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
