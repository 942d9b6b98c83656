"""One client in virtual time: every technique on any workload, exactly as it would happen, in no time at all.

The functions have the names of those in `models`, and what they return has the same attributes as a
`Prediction`, so theory and simulation go on the same axes. The client listens (or has its last answer) when the
run begins. Randomness, phases included, comes from the seed alone. Many clients: `crowd`; queues: `herd`.
"""

import math
from bisect import bisect_right

import numpy as np

from rtlab.clients.pace import Pace
from rtlab.errors import BadInput
from rtlab.measure.bounds import fraction, not_negative, one_of, positive
from rtlab.measure.network import Network
from rtlab.measure.outcome import OPENING, Exchanges, Simulated
from rtlab.measure.workload import Workload

NO_DELAY = Network()


def short_polling(
    workload: Workload,
    interval: float,
    network: Network = NO_DELAY,
    *,
    phase: float | None = None,
    seed: int = 0,
) -> Simulated:
    """Ask every T, from the start of one request to the start of the next, but not before the last answer is there.

    `phase` (0 up to 1) is the part of T after which the first request is sent; drawn from the seed by default.
    """
    return _polling(workload, interval, network, phase, seed, sleeping=False)


def sleeping_poll(
    workload: Workload,
    interval: float,
    network: Network = NO_DELAY,
    *,
    phase: float | None = None,
    seed: int = 0,
) -> Simulated:
    """Ask, and sleep T after each answer."""
    return _polling(workload, interval, network, phase, seed, sleeping=True)


def adaptive_polling(
    workload: Workload, pace: Pace, network: Network = NO_DELAY, *, seed: int = 0
) -> Simulated:
    """Ask after the interval that `pace` (see `rtlab.clients.pace`) chooses; give it a fresh one, it remembers.

    An interval is from the start of one request to the start of the next, and never ends before the answer.
    Raises BadInput if the pace says something that is no interval.
    """
    rng = np.random.default_rng(seed)
    transit, times = network.draws(rng), workload.times.tolist()
    elapsed = pace.interval
    sent, known, rows = float(rng.random()) * elapsed, 0, []
    while sent < workload.duration or known < len(times):
        reached = sent + next(transit)
        upto = bisect_right(times, reached)
        arrived = reached + next(transit)
        rows.append((sent, reached, reached, arrived, upto))
        interval = pace.next(upto - known, elapsed)
        elapsed = max(interval, arrived - sent)
        if not 0 < elapsed < math.inf:
            raise BadInput(f"the pace said {interval!r}: it must return seconds above 0")
        sent, known = sent + elapsed, upto
    return _simulated("adaptive", workload, *zip(*rows, strict=True))


def long_polling(
    workload: Workload,
    network: Network = NO_DELAY,
    *,
    hold: float = math.inf,
    transits: int = 2,
    seed: int = 0,
) -> Simulated:
    """Ask again as soon as an answer is there; the server holds the request until an event, or for `hold` seconds.

    `transits`: one-way trips from an answer's leaving the server to the next request's arrival: 2 on a connection
    that is kept alive, 4 with a new TCP connection, 6 with TCP and TLS 1.3.
    """
    not_negative(hold=0.0 if hold == math.inf else hold)
    if transits not in (2, 4, 6) or (hold == 0 and network.delay == 0):
        raise BadInput(
            f"transits={transits!r}, hold={hold!r}: give 2, 4 or 6, and a hold unless there is a delay"
        )
    transit, times = network.draws(np.random.default_rng(seed)), [*workload.times.tolist(), math.inf]
    reached, known = 0.0, 0
    sent, rows = -next(transit), []
    while sent < workload.duration or known < len(workload):
        left = min(max(reached, times[known]), reached + hold)
        if known == len(workload) and left >= workload.duration:
            rows.append((sent, reached, math.nan, math.nan, known))  # still held when the run ends
            break
        known = bisect_right(times, left)
        arrived = left + next(transit)
        rows.append((sent, reached, left, arrived, known))
        sent = arrived + sum(next(transit) for _ in range(transits - 2))
        reached = sent + next(transit)
    return _simulated("long", workload, *zip(*rows, strict=True))


def push(
    workload: Workload,
    network: Network = NO_DELAY,
    *,
    technique: str = "websocket",
    interval: float = 0.0,
    seed: int = 0,
) -> Simulated:
    """The server writes each event when it is appended; `technique`: websocket, sse or push.

    With `interval` T it writes at multiples of T only, whatever has come by then, at a phase from the seed.
    """
    one_of(("websocket", "sse", "push"), technique=technique)
    not_negative(interval=interval)
    rng = np.random.default_rng(seed)
    times, upto = workload.times, np.arange(1, len(workload) + 1)
    left = times
    if interval:
        phase = interval * rng.random()
        left = phase + interval * np.ceil((times - phase) / interval)
        last_of_batch = np.append(left[1:] > left[:-1], True)[: len(left)]
        left, upto = left[last_of_batch], upto[last_of_batch]
    arrived = np.maximum.accumulate(left + network.transits(rng, len(left)))  # none overtakes the one before
    nobody_asked = np.full(len(left), np.nan)
    d = network.delay  # the connection was opened just before the run
    return _simulated(
        technique,
        workload,
        np.append(-2 * d, nobody_asked),
        np.append(-d, nobody_asked),
        np.append(-d, left),
        np.append(0.0, arrived),
        np.append(0, upto),
    )


def _polling(
    workload: Workload,
    interval: float,
    network: Network,
    phase: float | None,
    seed: int,
    *,
    sleeping: bool,
) -> Simulated:
    """Polls by the clock, or a sleep after each answer: all at once, since no answer changes when the next is asked."""
    not_negative(interval=interval)
    rng = np.random.default_rng(seed)
    phase = float(rng.random()) if phase is None else phase
    fraction(phase=phase)
    shortest = interval + 2 * network.delay if sleeping else max(interval, 2 * network.delay)
    positive(**{"interval or network.delay": shortest})
    number = (
        math.ceil(workload.duration / shortest) + 1
    )  # the last one is sent after the run, and gets the rest
    up, down = network.transits(rng, number), network.transits(rng, number)
    intervals = up + down + interval if sleeping else np.maximum(interval, up + down)
    sent = phase * intervals[0] + np.append(0.0, np.cumsum(intervals[:-1]))
    reached = sent + up
    upto = np.searchsorted(workload.times, reached, side="right")
    return _simulated("short", workload, sent, reached, reached, reached + down, upto)


def _simulated(technique: str, workload: Workload, *columns: object) -> Simulated:
    """Work out every event's latency, and count the requests that were sent during the run."""
    sent, reached, left, arrived = (np.array(column, dtype=np.float64) for column in columns[:4])
    upto = np.array(columns[4], dtype=np.int64)
    carrier = np.searchsorted(
        upto, np.arange(1, len(workload) + 1)
    )  # the first answer after which it is known
    latencies = arrived[carrier] - workload.times
    is_request = sent < workload.duration  # NaN is not
    if technique in OPENING:
        is_request[:1] = False  # the handshake: paid once, counted apart
    is_empty = is_request & (np.diff(upto, prepend=0) == 0) & ~np.isnan(left)
    return Simulated(
        technique,
        clients=1,
        events=len(workload),
        requests=int(is_request.sum()),
        empty=int(is_empty.sum()),
        mean_latency=float(latencies.mean()) if len(latencies) else math.nan,
        max_latency=float(latencies.max()) if len(latencies) else math.nan,
        latencies=latencies,
        exchanges=Exchanges(sent, reached, left, arrived, upto),
    )
