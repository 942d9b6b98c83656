"""A few seconds of fuzzing, and that its verdict sees what it is there to see."""

from __future__ import annotations

import contextlib
import random
import socket

import pytest

from rtlab.errors import BadInput
from rtlab.measure.fuzz import Plan, _listen, fuzz
from rtlab.measure.fuzz_cases import KINDS, PORTS, client_hello, make
from rtlab.measure.fuzz_stage import NAMELESS, Program


@pytest.mark.limit(150)
def test_wrong_bytes_at_every_port_crash_nothing_hang_nothing_and_nobody_else_notices() -> None:
    outcome = fuzz(Plan(seconds=4.0, seed=3))
    assert outcome.faults == []
    assert outcome.kinds.total() > 50
    assert outcome.answered > 0
    assert outcome.events > 0


def test_who_answers_and_keeps_the_connection_has_answered() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not _listen(ours, 0.01)
        theirs.sendall(b"HTTP/1.1 400 Bad Request\r\n")
        assert _listen(ours, 0.01)


def test_a_case_is_made_of_its_seed_and_number_alone() -> None:
    assert [make(5, n) for n in range(200)] == [make(5, n) for n in range(200)]
    cases = [make(5, n) for n in range(400)]
    assert {case.port for case in cases} == set(PORTS)
    assert {case.kind for case in cases} == {*KINDS, "tls"}
    assert all(piece for case in cases for piece in case.pieces)
    assert make(5, 7) != make(6, 7)


def test_the_beginning_of_tls_is_one_that_a_server_goes_on_from() -> None:
    with contextlib.ExitStack() as things:
        program = Program("--tls")
        things.callback(program.close)
        sock = things.enter_context(socket.create_connection(("127.0.0.1", program.port), 10.0))
        sock.sendall(client_hello(random.Random(1)))
        assert sock.recv(1) == b"\x16", "its hello, and no alert"


def test_the_bytes_of_a_case_can_be_read_in_a_report() -> None:
    text = str(next(case for n in range(100) if (case := make(5, n)).kind == "noise"))
    assert "case " in text
    assert "noise, to the" in text
    assert len(text) < 5000


@pytest.mark.parametrize(
    "line",
    [
        "Traceback (most recent call last):",
        "Uncaught exception GET /channels/a/events (127.0.0.1)",
        "Task exception was never retrieved",
        "Exception in callback BaseAsyncIOLoop._handle_events(6, 1)",
        "Task was destroyed but it is pending!",
    ],
)
def test_what_a_log_must_not_have_is_seen(line: str) -> None:
    assert NAMELESS.search(line)


def test_a_server_that_has_ended_is_a_fault_and_one_that_runs_is_none() -> None:
    program = Program()
    try:
        assert program.fault() is None
        assert program.files() > 0
        with socket.create_connection(("127.0.0.1", program.port)) as sock:
            sock.sendall(b"nothing that anybody knows\r\n\r\n")
            sock.recv(100)
        assert program.fault() is None
        program._process.kill()
        program._process.wait()
        assert "ended with -9" in (program.fault() or "")
    finally:
        program.close()


def test_a_plan_of_no_time_or_no_threads_is_refused() -> None:
    with pytest.raises(BadInput):
        Plan(seconds=0)
    with pytest.raises(BadInput):
        Plan(threads=0)
