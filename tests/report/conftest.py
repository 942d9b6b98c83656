"""Results out of a simulation, with what a server would cost set beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rtlab.measure.compare import Plan
from rtlab.measure.result import Latency, Result
from rtlab.measure.setup import Setup, counted
from rtlab.technique import TECHNIQUES


def made(setup: Setup) -> Result:
    runs = setup.simulate()
    latencies = np.concatenate(counted(setup, runs))
    requests, empty = sum(run.requests for run in runs), sum(run.empty for run in runs)
    return Result(
        setup=setup, events=len(latencies), lost=0, repeated=0, out_of_order=0, latency=Latency.of(latencies),
        requests=requests, empty=empty, bytes_up=300 * requests, bytes_down=400 * len(latencies),
        server_cpu_seconds=0.001 * len(latencies), client_cpu_seconds=0.1, server_memory_bytes=1e6,
        socket_buffer_bytes=0, connections=setup.clients, files=setup.clients, predicted=setup.predict(),
        latencies=latencies,
    )  # fmt: skip


@pytest.fixture(scope="session")
def results() -> list[Result]:
    """One result for each technique; long polling's has reasons to doubt it."""
    found = {setup.technique: made(setup) for setup in Plan(clients=40).setups()}
    found["long"] = replace(found["long"], notes=("one <reason>", "another"))
    return [found[technique] for technique in TECHNIQUES]


@pytest.fixture(scope="session")
def make() -> Callable[[Setup], Result]:
    """What makes a result of a setup."""
    return made
