"""The machine is described, and what it did between two moments adds up."""

import os
import socket

import pytest

from rtlab.measure import machine
from rtlab.measure.kernel import socket_memory
from rtlab.measure.machine import Moment


def test_a_machine_is_described_in_plain_values() -> None:
    told = machine.describe()
    assert told["cores"] >= 1
    assert told["memory_bytes"] > 1 << 28
    assert all(told.values())


def test_what_is_not_ours_is_the_others() -> None:
    before, after = Moment(100.0, 50.0, 1.0), Moment(120.0, 60.0, 2.0)
    state = machine.between(before, after, ours=4.0)
    assert (state.busy, state.stolen, state.others) == (
        pytest.approx(0.5),
        pytest.approx(0.05),
        pytest.approx(0.3),
    )
    assert machine.between(before, after, ours=11.0).others == 0.0


def test_cpu_seconds_of_a_process_that_is_gone_are_none() -> None:
    assert machine.cpu_seconds(os.getpid()) > 0
    assert machine.cpu_seconds(2**22 + 1) == 0.0


def test_a_process_that_cannot_be_pinned_is_left_alone() -> None:
    before = machine.cores()
    machine.pin(2**22 + 1, before[:1])
    assert machine.cores() == before


def test_the_kernel_tells_what_it_holds_for_sockets_that_nobody_reads() -> None:
    with socket.create_server(("127.0.0.1", 0)) as lazy, socket.create_connection(lazy.getsockname()) as peer:
        port = lazy.getsockname()[1]
        assert socket_memory(port) == 0
        peer.sendall(b"x" * 10_000)
        taken, _ = lazy.accept()
        with taken:
            assert socket_memory(port) >= 10_000
