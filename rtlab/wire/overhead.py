"""The instrument's own error: what a transit through a tap costs when it should cost nothing, or just the delay."""

import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from rtlab.wire.process import TapProcess
from rtlab.wire.tap import Tap

SIZE = 200  # bytes of one sample, about one event
WARM_UP = 100  # transits before any is counted


@dataclass(frozen=True)
class Overhead:
    """Seconds. `median` and `p99` of what the tap adds to a transit with no delay asked for; `delay_error_p99`
    is how far a delayed transit is off, either way, at the 99th percentile.
    """

    median: float
    p99: float
    delay_error_p99: float


def measure_overhead(
    samples: int = 1000, delay: float = 0.04, tap: Callable[[tuple[str, int]], Tap | TapProcess] = TapProcess
) -> Overhead:
    """Measure a tap on this machine, now: `samples` transits each direct, through it, and through it with `delay`.

    One thread sends at one end and waits at the other, so that no second Python thread is in the figure.
    Takes about samples × 4 ms + 25 × `delay`.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        upstream = server.getsockname()
        direct = median(_transits(server, upstream, samples))
        with tap(upstream) as running:
            added = [transit - direct for transit in _transits(server, running.address, samples)]
            errors = [abs(transit - direct - delay) for transit in _delayed(server, running, delay, samples)]
    return Overhead(median(added), percentile(added, 99), percentile(errors, 99))


def median(values: list[float]) -> float:
    """The 50th percentile."""
    return percentile(values, 50)


def percentile(values: list[float], percent: float) -> float:
    """The smallest value that is not below `percent` of them (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(percent * 100) // 10_000) - 1)]


def _connect(server: socket.socket, address: tuple[str, int]) -> tuple[socket.socket, socket.socket]:
    client = socket.create_connection(address, timeout=5)
    server.settimeout(5)
    accepted, _ = server.accept()
    for sock in (client, accepted):
        sock.settimeout(5)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client, accepted


def _transits(server: socket.socket, address: tuple[str, int], samples: int) -> list[float]:
    """Seconds from one end to the other, up and down in turn, one at a time with a pause between."""
    ends = _connect(server, address)
    seconds = []
    with ends[0], ends[1]:
        for number in range(WARM_UP + samples):
            sender, receiver = ends[number % 2], ends[1 - number % 2]
            time.sleep(random.uniform(0.0005, 0.0015))
            start = time.monotonic_ns()
            _send(sender)
            _receive(receiver)
            seconds.append((time.monotonic_ns() - start) / 1e9)
    return seconds[WARM_UP:]


def _delayed(server: socket.socket, running: Tap | TapProcess, delay: float, samples: int) -> list[float]:
    """Like `_transits`, but several samples are on their way at a time, as many as fit into the delay."""
    ends = _connect(server, running.address)
    at_once = max(1, min(20, int(delay / 0.002)))
    seconds: list[float] = []
    running.delay = delay
    with ends[0], ends[1]:
        while len(seconds) < samples:
            sender, receiver = ends if random.random() < 0.5 else reversed(ends)
            starts = []
            for _ in range(at_once):
                starts.append(time.monotonic_ns())
                _send(sender)
                time.sleep(random.uniform(0.0005, 0.0015))
            for start in starts:
                _receive(receiver)
                seconds.append((time.monotonic_ns() - start) / 1e9)
    return seconds[:samples]


def _send(sender: socket.socket) -> None:
    sender.sendall(bytes(SIZE))


def _receive(receiver: socket.socket) -> None:
    missing = SIZE
    while missing:
        data = receiver.recv(missing)
        if not data:
            raise ConnectionError("the tap closed the connection during its measurement")
        missing -= len(data)
