"""Asking more often, past the knee: by theory, in virtual time, and as a server did it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rtlab.measure import crowd, queueing, workload
from rtlab.measure.queueing import Server
from rtlab.measure.trial import Trial
from rtlab.view.charts import Measurement, Simulated, Theory

MS = 1e3  # milliseconds in a second
EVEN, RANDOM = "evenly spaced (D/D/1)", "at random (M/M/1)"
SEEDS = 5  # of events and phases, for each dot in virtual time
NEAR = np.geomspace(0.3, 3e-4, 30)  # what M/M/1 is still short of full: near enough to see it climb


def knee_parts(
    clients: int, service: float, tried: Sequence[Trial] = ()
) -> tuple[Theory, Theory, Simulated, Theory, Measurement]:
    """Return the parts of a chart of mean latency (ms) over how often each client polls in a second.

    `service` is what an answer takes the server, in seconds; `tried` are runs of so many `clients` that poll. Lines
    are from a tenth of what fills the server to twice as much, or as far as somebody asked.
    """
    full = 1 / (clients * service)  # polls a second of each client that leave the server no time to rest
    most = max([2 * full, *(1.2 / run.setup.interval for run in tried)])
    rates = np.geomspace(full / 10, most, 60).tolist()
    random = [rate for rate in rates if rate < 0.7 * full] + (full * (1 - NEAR)).tolist()

    def late(rate: float, model: queueing.Model) -> float:
        return MS * queueing.polling_latency(clients, 1 / rate, 0.0, service, model)

    some = rates[::6]
    return (
        Theory("adaptive", random, [late(rate, "M/M/1") for rate in random], RANDOM),
        Theory("short", rates, [late(rate, "D/D/1") for rate in rates], EVEN),
        Simulated("short", some, [_simulated(clients, service, rate) for rate in some], name=EVEN),
        Theory("long", rates, [MS / (2 * rate) for rate in rates], "T/2"),
        Measurement(
            "short",
            [1 / run.setup.interval for run in tried],
            [MS * run.result.latency.mean for run in tried],
            name=EVEN,
        ),
    )


def _simulated(clients: int, service: float, rate: float) -> float:
    """Return the mean latency in ms of forty events or so, by the crowd in virtual time, over a few seeds."""
    runs = [
        crowd.short_polling(
            workload.poisson(2.0, 20.0, seed=seed), 1 / rate, clients, server=Server(service), seed=seed
        )
        for seed in range(SEEDS)
    ]
    return MS * float(np.mean([run.mean_latency for run in runs]))
