"""Many clients of one channel and one server, in virtual time: from one to a million.

All clients see the same events; each has its own phase and its own luck on the network, and they wait for each
other in the server's line. Everything is an array over the clients, and time goes on in rounds: a poll of everybody,
the deliveries of one event to everyone. Where nothing changes from round to round any more (no jitter, no loss),
the rest of the run follows from one round, exactly, however long it is.

`latencies` of the result are those of a fair sample, 4 million at most; each function says what is counted over all.
"""

import math
from bisect import bisect_right
from collections.abc import Callable

import numpy as np

from rtlab.clients.pace import Pace
from rtlab.measure import simulate
from rtlab.measure.bounds import not_negative, one_of, positive, whole
from rtlab.measure.held import HeldCrowd
from rtlab.measure.network import Network
from rtlab.measure.outcome import Simulated
from rtlab.measure.queueing import Line, Server
from rtlab.measure.tally import Tally, followed_of, scaled
from rtlab.measure.workload import Floats, Ints, Workload

SAME = 1e-9  # seconds: times that differ by less are rounded differently
NO_DELAY = Network()
AT_ONCE = Server()


def short_polling(
    workload: Workload,
    interval: float,
    clients: int,
    network: Network = NO_DELAY,
    server: Server = AT_ONCE,
    *,
    sleeping: bool = False,
    seed: int = 0,
) -> Simulated:
    """Everybody asks every T, at phases drawn from the seed; `sleeping`: T after each answer.

    Without jitter counts, mean and worst are over all clients, exactly, and since the rounds soon repeat, a million
    clients' hour takes a second or two, whatever the interval. With jitter or loss some thousand of a large crowd
    are followed, the counts scaled to all; the line then moves in steps of those that one of them stands for,
    which blurs the waits in it by about a thousandth of an interval.
    """
    whole(clients=clients)
    not_negative(interval=interval)
    shortest = max(interval, 2 * network.delay)
    positive(**{"interval or network.delay": shortest})
    followed = clients if network.is_steady else followed_of(workload, clients)
    service = server.service * clients / followed  # of one followed and those it stands for
    rng, line = np.random.default_rng(seed), Line(server.cores)
    tally = Tally("short", workload, followed)
    sent = np.sort(rng.random(followed)) * shortest
    reached = sent + network.transits(rng, followed)
    known = np.zeros(followed, dtype=np.int64)
    who: Ints | slice = slice(None)  # without jitter everybody's requests come in the same order for ever
    before: Floats | None = None  # how long each request of the round before took to be read
    while sent.min() < workload.duration or known.min() < len(workload):
        if service and not network.is_steady:
            # A stretch of time so short that nobody comes twice in it, or the line would serve out of order.
            who = np.flatnonzero(reached < reached.min() + shortest / 4)
            who = who[np.argsort(reached[who])]
        read = line.serve(reached[who], service) if service else reached.copy()
        arrived = read + server.service + network.transits(rng, len(read))
        upto = np.searchsorted(workload.times, read, side="right")
        tally.add_round(sent[who], known[who], upto, arrived)
        following = arrived + interval if sleeping else np.maximum(sent[who] + interval, arrived)
        if network.is_steady and _repeats(following - sent, read - sent, before):
            tally.add_repetitions(float(following[0] - sent[0]), sent, read, arrived)
            break
        before = read - sent[who]
        sent[who], known[who] = following, upto
        reached[who] = following + network.transits(rng, len(read))
    return tally.result(clients, server.service)


def long_polling(
    workload: Workload,
    clients: int,
    network: Network = NO_DELAY,
    server: Server = AT_ONCE,
    *,
    hold: float = math.inf,
    seed: int = 0,
) -> Simulated:
    """Everybody is held until the next event, answered in line, and asks again (connections kept alive).

    Of a large crowd some thousand are followed, each for the N/followed who stand in line with it: clients next
    to each other in a line fare alike. All figures are of those followed, the counts scaled to all.
    """
    whole(clients=clients)
    crowd = HeldCrowd(workload, clients, network, server, hold, seed)
    ends = np.append(workload.times, math.inf)
    for event, now in enumerate(workload.times):
        crowd.time_out(before=now)
        due = np.maximum(crowd.reached, now)
        crowd.answer(due, np.flatnonzero((crowd.known <= event) & (due < ends[event + 1])))
    crowd.time_out(before=workload.duration)
    return crowd.result()


def push(
    workload: Workload,
    clients: int,
    network: Network = NO_DELAY,
    server: Server = AT_ONCE,
    *,
    technique: str = "websocket",
    seed: int = 0,
) -> Simulated:
    """The server writes to everybody, one after another; what is appended meanwhile goes with the next round.

    With N writes of c on k cores the i-th client waits (⌊i/k⌋ + 1)c: a backlog makes batches by itself. Of a
    large crowd evenly spaced places in the line are followed, the first and the last among them.
    """
    whole(clients=clients)
    one_of(("websocket", "sse", "push"), technique=technique)
    followed = followed_of(workload, clients)
    places = np.linspace(0, clients - 1, followed).round()
    turns = (places // server.cores + 1) * server.service  # seconds after the round began
    times = workload.times.tolist()
    begin: list[float] = []  # of each round of writes
    upto: list[int] = []  # how many events everybody has after it
    free, known = 0.0, 0
    while known < len(times):
        begin.append(max(free, times[known]))
        known = bisect_right(times, begin[-1])
        upto.append(known)
        free = begin[-1] + math.ceil(clients / server.cores) * server.service
    written = np.array(begin).reshape(-1, 1) + turns
    transits = network.transits(np.random.default_rng(seed), written.shape)
    arrived = np.maximum.accumulate(written + transits, axis=0)  # none overtakes the one before
    carrier = np.searchsorted(upto, np.arange(1, len(times) + 1))
    latencies = arrived[carrier] - workload.times[:, None]
    return scaled(
        technique, workload, clients, latencies.ravel(), service=len(begin) * clients * server.service
    )


def adaptive_polling(
    workload: Workload,
    pace: Callable[[], Pace],
    clients: int,
    network: Network = NO_DELAY,
    *,
    followed: int = 50,
    seed: int = 0,
) -> Simulated:
    """Everybody has a pace of their own, made by `pace()`, and meets no line; at most `followed` are simulated.

    They only differ in phase and luck, so the counts are scaled to all.
    """
    whole(clients=clients, followed=followed)
    runs = [
        simulate.adaptive_polling(workload, pace(), network, seed=seed + number)
        for number in range(min(clients, followed))
    ]
    latencies = np.stack([run.latencies for run in runs], axis=1)
    requests, empty = (sum(run.requests for run in runs), sum(run.empty for run in runs))
    scale = clients / len(runs)
    return scaled("adaptive", workload, clients, latencies.ravel(), requests * scale, empty * scale)


def _repeats(intervals: Floats, reading: Floats, before: Floats | None) -> bool:
    """Whether the next round will be like this one: the same period for all, and each read as late as before."""
    return (
        before is not None
        and float(np.ptp(intervals)) < SAME
        and float(np.abs(reading - before).max()) < SAME
    )
