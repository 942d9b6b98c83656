"""What a single run is worth: the question, and a server near its limit that is run again and again in virtual time."""

import numpy as np

from rtlab.errors import BadInput
from rtlab.measure import workload
from rtlab.measure.bounds import positive, whole
from rtlab.measure.crowd import push
from rtlab.measure.queueing import Line, Server
from rtlab.measure.workload import Floats, Workload
from rtlab.teach.asked import Asked, Choice

SINGLE_RUN = Asked(
    "08.1",
    "A report has run a server twice under the same load, for ten seconds each. With WebSocket only, 95 of 100 changes "
    "were there within 82 ms; with polling as a fallback, within 22 ms. What do you conclude?",
    (
        Choice(
            "a",
            "WebSocket is slower under load: four times is too much for chance.",
            "On an idle machine two runs of ten seconds hardly differ by a tenth.",
            "Lesson 08: run the same server at 95 % of what it can do a hundred times, and look at the p95 of each.",
        ),
        Choice(
            "b",
            "Polling gathers what has come into batches, and that is why it is faster.",
            "Batches do save a server most of its work.",
            "Lesson 08: it is a hypothesis, and batching is tested there. But what did the two runs test?",
        ),
        Choice(
            "c",
            "Nothing yet: how far apart are two runs of the same thing?",
            "Without that nobody knows which differences mean something.",
            "Lesson 08: a hundred runs of one system.",
        ),
        Choice(
            "d",
            "The measurement is wrong: WebSocket cannot be slower.",
            "On an idle channel it is not.",
            "Lesson 08: one write for each event and client. What does that cost with 200 clients?",
        ),
    ),
    "c",
    "Near the limit of a server short runs of one and the same system lie up to nine times apart, and a little "
    "more load moves all of them nearly as far as from one of the two figures to the other. Batches may be the "
    "reason, or load, or chance: one run of each cannot tell. Repeat both, show all runs, and change one thing at "
    "a time.",
)
FOLLOWED = 20  # of the clients in line, evenly spaced


def one_write_each(events: Workload, clients: int, write: float) -> Floats:
    """Return the latencies (s) at a server that has written an event to every client before it looks for the next.

    `write`: seconds for one write. Events wait in line, with clients · write for each: M/D/1 if they are Poisson.
    """
    whole(clients=clients)
    positive(write=write)
    began = Line().serve(events.times, clients * write)
    places = np.linspace(1, clients, min(clients, FOLLOWED))
    latencies: Floats = ((began - events.times)[:, None] + places * write).ravel()
    return latencies


def in_batches(events: Workload, clients: int, write: float) -> Floats:
    """Return the latencies (s) at a server that writes to each client, at once, whatever has come by then."""
    return push(events, clients, server=Server(write)).latencies


SERVERS = {"one write each": one_write_each, "in batches": in_batches}


def p95_of_runs(
    how: str, load: float, *, runs: int = 100, clients: int = 200, write: float = 20e-6, seconds: float = 10.0
) -> Floats:
    """Run one and the same system `runs` times, with other luck each time; the p95 latency of each run in ms.

    `load`: the share of its time for which a server that writes each event by itself is busy. Raises BadInput.
    """
    whole(runs=runs)
    positive(load=load)
    if how not in SERVERS:
        raise BadInput(f"{how!r}: give one of {', '.join(SERVERS)}")
    rate = load / (clients * write)
    drawn = (workload.poisson(rate, seconds, seed=seed) for seed in range(runs))
    return np.array([1e3 * np.quantile(SERVERS[how](events, clients, write), 0.95) for events in drawn])
