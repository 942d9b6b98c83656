"""Closed forms: what each technique's latency and cost are, by arithmetic.

Symbols, as in the lessons: d the one-way delay, T the interval of short polling, I any polling interval, λ the
rate of events of one channel, W the longest hold of a long poll, g the gap from an answer's leaving the server
to the next request's arrival. Times are seconds; the latency of an event is counted from its append to the
moment the client has it. Events are Poisson where nothing else is said; no loss, no jitter, no queue.
Settings that cannot be (a rate of 0, T < 0, NaN) raise BadInput.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rtlab.errors import BadInput
from rtlab.measure.bounds import fraction, not_negative, positive


class Share(NamedTuple):
    """A part of the events whose latency is uniform from `least` to `most` seconds; equal: constant."""

    part: float
    least: float
    most: float


@dataclass(frozen=True)
class Prediction:
    """What a technique costs: seconds from append to arrival, requests per event, the share of empty answers.

    `spread` is the distribution of the latency, as shares that are uniform each.
    """

    mean_latency: float
    max_latency: float
    requests_per_event: float
    empty_fraction: float
    spread: tuple[Share, ...] = field(default=(), repr=False)

    def cdf(self, latency: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the share of the events that arrive within `latency` seconds (a number or an array of them)."""
        x = np.asarray(latency, dtype=np.float64)
        total = np.zeros_like(x)
        for part, least, most in self.spread:
            width = most - least
            total += part * (np.clip((x - least) / width, 0, 1) if width > 0 else x >= least)
        return total

    def quantile(self, q: float) -> float:
        """Return the latency in seconds that a share `q` (0 up to 1) of the events does not exceed."""
        fraction(q=q)
        low, high = 0.0, self.max_latency
        for _ in range(60):  # bisection: the cdf only rises
            middle = (low + high) / 2
            low, high = (low, middle) if self.cdf(middle) >= q else (middle, high)
        return high


@dataclass(frozen=True)
class PhaseLocked(Prediction):
    """What periodic events see: `mean_latency` is the mean over random phases, and one run is not like it.

    A run keeps the phase that it began with, so its own mean is constant, from `lowest_mean` to `highest_mean`.
    """

    lowest_mean: float = 0.0
    highest_mean: float = 0.0


def short_polling(rate: float, interval: float, delay: float) -> Prediction:
    """Requests at every multiple of T, each answered at once; never more than one on its way: P = max(T, 2d).

    An event falls anywhere between two requests' arrivals at the server, which are P apart, so it waits
    uniformly from 0 to P, P/2 on average, and d more on its way down. An answer is empty if P seconds brought
    nothing: e^(−λP). One request every P, λ events a second: 1/(λP).
    With T ≥ 2d: T/2 + d on average, T + d at worst.
    """
    positive(rate=rate)
    not_negative(interval=interval, delay=delay)
    return any_polling([_period(interval, delay)], rate, delay)


def sleeping_poll(rate: float, interval: float, delay: float) -> Prediction:
    """Sleep T after each answer, then ask: the trip there and back comes on top, P = T + 2d.

    Otherwise as `short_polling`: P/2 + d on average, P + d at worst, 1/(λP) requests per event.
    """
    positive(rate=rate)
    not_negative(interval=interval, delay=delay)
    _period(interval, delay)
    return any_polling([interval + 2 * delay], rate, delay)


def any_polling(
    intervals: Iterable[float], rate: float, delay: float, weights: Iterable[float] | None = None
) -> Prediction:
    """Polls at intervals I that do not know of the events to come; `weights`: how often each occurs.

    A moment taken at random falls into a long interval more often than into a short one, by its length, and
    then waits half of it: E[I · I/2] / E[I] = E[I²] / 2E[I], and d more (the inspection paradox of renewal
    theory, Feller vol. II, I.4). Requests per event 1/(λE[I]); empty E[e^(−λI)].
    """
    positive(rate=rate)
    not_negative(delay=delay)
    lengths, share = _normalised(intervals, weights)
    mean = float(share @ lengths)
    hit = share * lengths / mean  # the share of the events that fall into intervals of each length
    return Prediction(
        mean_latency=float(share @ lengths**2) / (2 * mean) + delay,
        max_latency=float(lengths.max()) + delay,
        requests_per_event=1 / (rate * mean),
        empty_fraction=float(share @ np.exp(-rate * lengths)),
        spread=tuple(Share(float(p), delay, delay + float(i)) for p, i in zip(hit, lengths, strict=True)),
    )


def backoff_polling(rate: float, minimum: float, maximum: float, factor: float, delay: float) -> Prediction:
    """Multiplicative back-off: after k empty answers in a row I_k = min(m f^k, M); a hit leads back to k = 0.

    Intervals from request to request, and at least 2d. Of π_k visits to state k the share e^(−λ I_k) stays empty
    and goes on: π_0 = 1, π_{k+1} = π_k e^(−λ I_k). The last state, I_K = M, leads to itself while nothing comes,
    so its visits are divided by 1 − e^(−λM). That is `any_polling` with intervals I_k and weights π_k.
    """
    positive(rate=rate, minimum=minimum, maximum=maximum, factor=factor)
    not_negative(delay=delay)
    if not (minimum <= maximum and factor > 1):
        raise BadInput(
            f"from {minimum} to {maximum} s by {factor}: give minimum ≤ maximum and factor above 1"
        )
    intervals, visits = [minimum], [1.0]
    while intervals[-1] < maximum:
        visits.append(visits[-1] * math.exp(-rate * max(intervals[-1], 2 * delay)))
        intervals.append(min(intervals[-1] * factor, maximum))
    visits[-1] /= -math.expm1(-rate * max(maximum, 2 * delay))
    return any_polling([max(interval, 2 * delay) for interval in intervals], rate, delay, visits)


def fixed_bound(rate: float, requests_per_event: float, delay: float) -> Prediction:
    """Return the best that polling can do on Poisson events at this many requests: a fixed interval, 1/(λr).

    Proof: E[I²] ≥ E[I]² for every distribution, so E[I²]/2E[I] ≥ E[I]/2, with equality where I does not vary.
    A policy may choose I by what it has seen, but Poisson events to come do not depend on it.
    """
    positive(rate=rate, requests_per_event=requests_per_event)
    return any_polling([1 / (rate * requests_per_event)], rate, delay)


def long_polling(
    rate: float, delay: float, hold: float | None = None, gap: float | None = None
) -> Prediction:
    """The server holds each request until there is an event, at most W (None: without end).

    A cycle is from one answer to the next. In its gap g nobody asks: the λg events of the gap wait until the
    request comes, g/2 on average, and leave together. With probability e^(−λg) the gap brought none; then the
    request is held, and the next event, if it comes within W, leaves at once. So a cycle has
    D = λg + e^(−λg) (1 − e^(−λW)) events, of which λg wait g/2: mean d + (λg²/2)/D, worst g + d, 1/D requests.
    Empty: nothing in g + W, e^(−λ(g + W)).
    g is 2d on a kept-alive connection (the default), 4d with a new TCP connection, 6d with TLS 1.3 as well.
    From d for rare events to 2d for dense ones, 3d at worst: RFC 6202 §2.2 says the same in words.
    """
    positive(rate=rate)
    gap = 2 * delay if gap is None else gap
    not_negative(delay=delay, gap=gap, hold=0.0 if hold is None else hold)
    if hold == 0 and gap == 0:
        raise BadInput(
            "neither a hold nor a gap: requests would follow each other without end; give one of them"
        )
    longest = math.inf if hold is None else hold
    held = math.exp(-rate * gap) * -math.expm1(-rate * longest)
    events = rate * gap + held
    return Prediction(
        mean_latency=delay + rate * gap**2 / 2 / events,
        max_latency=delay + gap,
        requests_per_event=1 / events,
        empty_fraction=math.exp(-rate * (gap + longest)),
        spread=(Share(held / events, delay, delay), Share(rate * gap / events, delay, delay + gap)),
    )


def push(rate: float, delay: float) -> Prediction:
    """Server-sent events, WebSocket: written when appended, d on the way, and nobody asks."""
    positive(rate=rate)
    not_negative(delay=delay)
    return Prediction(delay, delay, 0.0, 0.0, (Share(1.0, delay, delay),))


def coalesced_push(rate: float, interval: float, delay: float) -> Prediction:
    """Push that writes at every multiple of T what has come since: the fair rival of polling every T.

    An event waits uniformly from 0 to T, as with short polling, but nobody asks, and T may be below 2d.
    """
    positive(rate=rate, interval=interval)
    not_negative(delay=delay)
    return Prediction(
        interval / 2 + delay, interval + delay, 0.0, 0.0, (Share(1.0, delay, delay + interval),)
    )


def periodic_short_polling(period: float, interval: float, delay: float) -> PhaseLocked:
    """Short polling of events that come at equal distances p.

    Polls come every P = max(T, 2d). If p/P = a/b in lowest terms, the waits of one run are b values P/b apart,
    for ever the same: their mean lies within P/2b of P/2 (b = 1, p = P: anywhere from 0 to P). Only the mean
    over random phases is P/2. If p > P, P/p of the answers carry an event; else all do.
    """
    positive(period=period)
    not_negative(interval=interval, delay=delay)
    return _locked(period, _period(interval, delay), delay)


def periodic_long_polling(period: float, delay: float, gap: float | None = None) -> PhaseLocked:
    """Long polling of events that come at equal distances p: a step at p = g, which is 2d when kept alive.

    p > g: the next request is always there before the event, latency d. p ≤ g: every gap brings an event, each
    request is answered on arrival, and long polling is short polling every g: g/2 + d on average, 2d if g = 2d.
    """
    positive(period=period)
    gap = 2 * delay if gap is None else gap
    not_negative(delay=delay, gap=gap)
    if period > gap:
        return PhaseLocked(delay, delay, 1.0, 0.0, (Share(1.0, delay, delay),), delay, delay)
    return _locked(period, gap, delay)


def _period(interval: float, delay: float) -> float:
    """Return the time from poll to poll: the next one waits for the answer of the one before."""
    if interval == delay == 0:
        raise BadInput(
            "interval and delay are both 0: polls would follow each other without end; give one of them"
        )
    return max(interval, 2 * delay)


def _locked(period: float, interval: float, delay: float) -> PhaseLocked:
    """Return what events every `period` see of polls that come every `interval`."""
    ratio = Fraction(period / interval).limit_denominator(1000)
    is_locked = math.isclose(ratio, period / interval, rel_tol=1e-9)
    half_step = interval / (2 * ratio.denominator) if is_locked else 0.0
    mean = interval / 2 + delay
    return PhaseLocked(
        mean_latency=mean,
        max_latency=interval + delay,
        requests_per_event=period / interval,
        empty_fraction=max(0.0, 1 - interval / period),
        spread=(Share(1.0, delay, delay + interval),),
        lowest_mean=mean - half_step,
        highest_mean=mean + half_step,
    )


def _normalised(
    intervals: Iterable[float], weights: Iterable[float] | None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the intervals and the share of each, once they are known to make sense."""
    lengths = np.array(list(intervals), dtype=np.float64)
    share = np.ones_like(lengths) if weights is None else np.array(list(weights), dtype=np.float64)
    if not (lengths.size and np.isfinite(lengths).all() and (lengths >= 0).all() and lengths.any()):
        raise BadInput("intervals must be finite numbers of seconds, 0 or more, and not all of them 0")
    if share.shape != lengths.shape or not np.isfinite(share).all() or (share < 0).any() or not share.any():
        raise BadInput("weights must be numbers, 0 or more, one for each interval, and not all of them 0")
    return lengths, share / share.sum()
