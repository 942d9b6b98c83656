"""A path for datagrams over real sockets: what is lost, what is late, and that it ends."""

import socket
import time

import pytest

from rtlab.errors import BadInput
from rtlab.wire.datagrams import DatagramPath


@pytest.fixture
def ends():
    """A receiver and a sender."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10.0)
        yield receiver, sender


def through(path, receiver, sender, number):
    """The numbers that arrive, in the order in which they do."""
    for n in range(number):
        sender.sendto(str(n).encode(), path.address)
        while path.carried + path.lost + path._on_the_way <= n:  # or the socket's own buffer may lose some
            time.sleep(0.0005)
    while path.carried + path.lost < number:
        time.sleep(0.001)
    return [int(receiver.recv(100)) for _ in range(path.carried)]


def test_an_open_path_brings_every_datagram_later_by_its_delay(ends):
    receiver, sender = ends
    with DatagramPath(receiver.getsockname(), delay=0.05) as path:
        began = time.monotonic()
        assert through(path, receiver, sender, 5) == [0, 1, 2, 3, 4]
        assert time.monotonic() - began >= 0.05


def test_the_same_seed_loses_the_same_ones_and_none_comes_later(ends):
    receiver, sender = ends
    told = []
    for seed in (1, 1, 2):
        with DatagramPath(receiver.getsockname(), share=0.3, seed=seed) as path:
            told.append(through(path, receiver, sender, 200))
            assert path.lost == 200 - len(told[-1])
    assert told[0] == told[1] != told[2]
    assert 20 < 200 - len(told[0]) < 100


def test_with_jitter_one_overtakes_another(ends):
    receiver, sender = ends
    with DatagramPath(receiver.getsockname(), jitter=0.02) as path:
        told = through(path, receiver, sender, 100)
    assert told != sorted(told)
    assert sorted(told) == list(range(100))


def test_nothing_is_carried_after_close_and_what_cannot_be_is_refused(ends):
    receiver, _ = ends
    path = DatagramPath(receiver.getsockname())
    with path:
        pass
    path.close()
    assert path._socket.fileno() == -1
    for options in ({"share": 1.5}, {"delay": -1.0}, {"jitter": float("nan")}):
        with pytest.raises(BadInput, match="give"):
            DatagramPath(("127.0.0.1", 9), **options)
