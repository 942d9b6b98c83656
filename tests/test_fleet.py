"""Several processes on one port: spread, watched, started again; one log and one set of counts for all of them."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from rtlab import LongPolling, ServerSentEvents, WebSocket
from rtlab.clients import Publisher
from rtlab.errors import BadInput, Unavailable
from rtlab.fleet import Fleet

SECONDS = 20.0
TOKEN = "eight888"  # too short to make a secret of: the fleet has one of its own


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def fleet(redis: Any) -> Iterator[Fleet]:
    with Fleet(2, redis.address) as fleet:
        yield fleet


def get(url: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=10)


def test_memory_is_refused_for_several_processes_with_the_reason() -> None:
    with pytest.raises(BadInput, match="each would have logs of its own"):
        Fleet(2)


def test_a_broker_that_is_not_there_is_said_at_the_start() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        Fleet(2, "redis://127.0.0.1:1")


def test_counts_are_summed_and_told_apart(fleet: Fleet) -> None:
    url = fleet.url + "/channels/counted"
    before = _published(get(fleet.url + "/metrics").text)
    for n in range(10):  # a connection each: the system spreads them
        requests.post(url + "/events", json=n, timeout=10)
    assert _published(get(fleet.url + "/metrics").text) == before + 10
    apart = get(fleet.url + "/metrics?by=process").text
    assert 'process="0"' in apart
    assert 'process="1"' in apart


def _published(text: str) -> float:
    lines = [line for line in text.splitlines() if line.startswith("rtlab_events_published_total")]
    (line,) = lines
    return float(line.split()[-1])


def test_readers_go_on_when_their_process_is_killed_and_it_comes_back(
    redis: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with Fleet(2, redis.address) as fleet:
        url = fleet.url + f"/channels/killed-{os.getpid()}"
        readers = [kind(url, after="start") for kind in (LongPolling, ServerSentEvents, WebSocket) * 2]
        seen: list[list[int]] = [[] for _ in readers]
        with Publisher(url) as publisher:
            for number, killed in enumerate((None, 0, 1)):
                if killed is not None:
                    pid = fleet.pids[killed]
                    assert pid is not None
                    fleet.kill(killed) if killed == 0 else os.kill(pid, signal.SIGKILL)
                    until(lambda pid=pid, killed=killed: fleet.pids[killed] not in (pid, None))
                    fleet.wait_ready()
                for n in range(10):
                    _publish(publisher, number * 10 + n)
                for reader, numbers in zip(readers, seen, strict=True):
                    numbers += [event.data for event in reader.events(limit=10, timeout=SECONDS)]
        for reader in readers:
            reader.close()
        assert seen == [list(range(30))] * len(readers)
    assert caplog.messages == ["process 1 was ended by SIGKILL: starting another"]  # the other one: as asked


def _publish(publisher: Publisher, n: int) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            publisher.publish(n, f"key-{n}")
            return
        except Unavailable:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_serve_has_processes_and_files_that_end_with_it_even_if_it_is_killed(
    redis: Any, tmp_path: Path, number: signal.Signals
) -> None:
    command = [sys.executable, "-c", "from rtlab.cli import main; main()", "serve", "--port", "0", "--tls"]
    with subprocess.Popen(
        [*command, "--processes", "2", "--broker", redis.address],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        cacert = process.stdout.readline().split()[-1]
        line = process.stdout.readline()
        assert line.startswith("rtlab: listening on https://127.0.0.1:")
        assert line.endswith("(2 processes)\n")
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(line.split()[3] + "/healthz", timeout=10, verify=cacert).json() == {
                "status": "ok"
            }
        children = psutil.Process(process.pid).children()
        assert len([child for child in children if "serve" in child.cmdline()]) == 2
        assert len(list(tmp_path.iterdir())) == 2
        process.send_signal(number)
        process.wait(SECONDS)
    until(lambda: not any(child.is_running() for child in children))
    until(lambda: list(tmp_path.iterdir()) == [])


def test_processes_share_one_certificate(redis: Any) -> None:
    command = [sys.executable, "-c", "from rtlab.cli import main; main()", "serve", "--port", "0", "--tls"]
    with subprocess.Popen(
        [*command, "--processes", "2", "--broker", redis.address], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        cacert = process.stdout.readline().split()[-1]
        url = process.stdout.readline().split()[3]
        assert url.startswith("https://127.0.0.1:")
        for n in range(6):  # a connection each: the system spreads them
            with Publisher(f"{url}/channels/secret-{os.getpid()}", cacert=cacert) as publisher:
                publisher.publish(n)
        with ServerSentEvents(f"{url}/channels/secret-{os.getpid()}", after="start", cacert=cacert) as reader:
            events: list[Any] = list(reader.events(limit=6, timeout=SECONDS))
            assert [event.data for event in events] == list(range(6))
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)
    assert not os.path.exists(cacert)


def test_a_ticket_of_one_process_is_taken_by_each_other_once(redis: Any) -> None:
    head = {"Authorization": f"Bearer {TOKEN}"}
    with Fleet(2, redis.address, first=["--token", TOKEN]) as fleet, contextlib.ExitStack() as stack:
        processes: dict[str, requests.Session] = {}  # a kept connection to each
        while len(processes) < 2:  # the system chooses whose a connection is
            session = stack.enter_context(requests.Session())
            session.trust_env = False
            before = tickets_made(fleet, head)
            session.post(fleet.url + "/tickets", headers=head, timeout=10)
            after = tickets_made(fleet, head)
            processes[next(index for index in after if after[index] != before.get(index, 0.0))] = session
        one, other = processes.values()
        shown = one.post(fleet.url + "/tickets", headers=head, timeout=10).json()["ticket"]
        url = f"{fleet.url}/channels/a/events?ticket={shown}"
        assert other.get(url, timeout=10).status_code == 200
        assert "it has been used" in other.get(url, timeout=10).json()["detail"]
        assert other.get(fleet.url + "/metrics?ticket=" + shown, timeout=10).status_code == 401


def tickets_made(fleet: Fleet, head: dict[str, str]) -> dict[str, float]:
    """How many tickets each process has made."""
    text = requests.get(fleet.url + "/metrics?by=process", headers=head, timeout=10).text
    found = re.findall(
        r'^rtlab_requests_total\{.*process="(\d)".*resource="tickets".*\} (.*)$', text, re.MULTILINE
    )
    return {index: float(count) for index, count in found}


@pytest.mark.parametrize("option", ["--tls-cert", "--tls-key"])
def test_serve_says_what_is_wrong_with_a_certificate_before_it_starts_a_process(
    option: str, tmp_path: Path
) -> None:
    file = tmp_path / "bad.pem"
    file.write_text("nonsense")
    command = [sys.executable, "-c", "from rtlab.cli import main; main()", "serve", "--processes", "2"]
    run = subprocess.run(
        [*command, "--broker", "redis://127.0.0.1:1", option, str(file)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert run.returncode == 2
    told = {"--tls-cert": "cannot be used for TLS", "--tls-key": "a key alone is no use"}[option]
    assert run.stderr.count(told) == 1
    assert "process" not in run.stderr + run.stdout


def test_serve_says_why_a_push_service_is_one_process() -> None:
    command = [sys.executable, "-c", "from rtlab.cli import main; main()", "serve", "--processes", "2"]
    run = subprocess.run(
        [*command, "--broker", "redis://127.0.0.1:1", "--push", "nowhere.db"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert run.returncode == 2
    assert "connected to one of them" in run.stderr


def test_serve_refuses_several_processes_in_memory_with_status_2() -> None:
    command = [sys.executable, "-c", "from rtlab.cli import main; main()", "serve", "--processes", "2"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert run.returncode == 2
    assert "need a broker" in run.stderr
