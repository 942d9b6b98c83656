"""How old is the newest state that a reader has, on a path that loses packets? Closed forms, and the measure itself.

A sender tells its whole state every T seconds, one packet each; the path takes d and loses a share p of the packets.
Looked at by chance, the newest state that can be here is d + T/2 old on average. On top of that comes, in intervals:

    datagrams       p / (1 - p)                  as many as were lost in a row, of late
    in order        how far back the oldest packet is that is still awaited: nothing behind it is shown (TCP)
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from rtlab.errors import BadInput
from rtlab.measure.bounds import fraction, not_negative, positive

PLACES = 100  # in an interval at which is looked
NEARLY_NEVER = 1e-7
WORST = 0.15  # from 0.25 on the mean has no end: each further loss is four times rarer at most, and four times as bad


def age_by_datagrams(share: float, every: float, delay: float) -> float:
    """The mean age, in seconds, where each state is a datagram and a late one is dropped."""
    fraction(share=share)
    positive(every=every)
    not_negative(delay=delay)
    return delay + every / 2 + every * share / (1 - share)


def age_in_order(share: float, every: float, delay: float, after: float) -> float:
    """The mean age, in seconds, where a lost packet is sent again `after` seconds later, and all behind it wait.

    One that is lost again waits twice as long the next time. A state whose time came x seconds ago is still awaited
    with a chance of p (x below `after`), p² (x below 3 `after`), p³ … The reader stands at the oldest of these.
    """
    fraction(share=share)
    positive(every=every)
    not_negative(delay=delay, after=after)
    if not share or not after:
        return delay + every / 2
    if share > WORST:
        raise BadInput(f"share={share}: rare and very long stalls rule the mean there; give at most {WORST}")
    losses = int(np.ceil(np.log(NEARLY_NEVER) / np.log(share)))
    behind = []
    for place in (np.arange(PLACES) + 0.5) / PLACES * every:
        ago = np.arange(place, after * (2**losses - 1), every)
        awaited = share ** (1 + np.floor(np.log2(ago / after + 1)))  # the chance that it is not here yet
        # That the oldest one awaited is at least so far back: not all from there on are here.
        here = np.exp(np.cumsum(np.log1p(-awaited[::-1]))[::-1])
        behind.append(float(np.sum(1 - here)))
    return delay + every / 2 + every * float(np.mean(behind))


def age_at(heard: Sequence[tuple[float, float]], moments: Sequence[float]) -> list[float]:
    """How old the newest state was at some moments; `heard`: when each was sent and when it arrived, in seconds."""
    newest, ages, waiting = float("-inf"), [], sorted(heard, key=lambda pair: pair[1])
    for moment in sorted(moments):
        while waiting and waiting[0][1] <= moment:
            newest = max(newest, waiting.pop(0)[0])
        ages.append(moment - newest)
    return ages


def mean_age(heard: Sequence[tuple[float, float]]) -> float:
    """The mean over time, from the first arrival to the last; `heard` as for `age_at`, two or more."""
    ordered = sorted(heard, key=lambda pair: pair[1])
    if len(ordered) < 2:
        raise BadInput("an age over time needs two states that arrived")
    newest, area = float("-inf"), 0.0
    for (sent, arrived), (_, until) in pairwise(ordered):
        newest = max(newest, sent)
        area += (until - arrived) * ((until + arrived) / 2 - newest)
    return area / (ordered[-1][1] - ordered[0][1])
