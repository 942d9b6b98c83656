"""Why a poll costs a phone more than its bytes: the radio stays awake for a while after each message.

A cellular radio is promoted to its connected state before it can send, and stays there for seconds after the
last packet, in case there is more: the tail. A message that comes within the tail of the one before prolongs
it; one that comes later pays for a promotion and a whole tail. So what counts is how the messages lie in time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtlab.errors import BadInput
from rtlab.measure.bounds import not_negative, positive

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True)
class Radio:
    """A radio's assumptions: seconds and watts of waking up and of the tail, above what it draws asleep."""

    name: str
    promotion: float  # seconds to wake up
    promotion_power: float  # watts meanwhile
    tail: float  # seconds awake after each message
    tail_power: float  # watts meanwhile


# Rounded from the measurements of two phones in one network: Huang et al., "A close examination of performance
# and power characteristics of 4G LTE networks", MobiSys 2012. Assumptions, not facts about your phone: timers
# are the operator's choice, and later devices sleep more lightly within the tail.
LTE = Radio("LTE, 2012", 0.26, 1.21, 11.6, 1.06)
WIFI = Radio("Wi-Fi, 2012", 0.08, 0.12, 0.24, 0.12)


def energy(times: npt.ArrayLike, radio: Radio = LTE) -> float:
    """Return the joules above sleep of a radio that sends or receives at these times (seconds), short messages.

    Each message keeps it awake for the tail; awake times that touch are one, and each begins with a promotion.
    """
    import numpy as np  # not before it is needed: a server without numpy has radios too

    moments = np.sort(np.asarray(times, dtype=np.float64))
    if moments.ndim != 1 or not np.isfinite(moments).all():
        raise BadInput("times must be a list of finite numbers of seconds")
    if not moments.size:
        return 0.0
    awake = np.append(np.minimum(np.diff(moments), radio.tail), radio.tail)
    wakes = 1 + np.count_nonzero(np.diff(moments) > radio.tail)
    return float(awake.sum() * radio.tail_power + wakes * radio.promotion * radio.promotion_power)


def mean_power(interval: float, radio: Radio = LTE, *, regular: bool = True) -> float:
    """Return the mean watts above sleep of one message every `interval` seconds, on average.

    Regular messages: awake for min(interval, tail) of each interval, and promoted if the interval is longer
    than the tail. Poisson messages (`regular=False`) at rate λ = 1/interval: the radio is awake at any moment
    unless the tail before it was empty, 1 − e^(−λ tail), and a message finds it asleep with e^(−λ tail).
    """
    positive(interval=interval)
    asleep = float(interval > radio.tail) if regular else math.exp(-radio.tail / interval)
    awake = min(1.0, radio.tail / interval) if regular else 1 - asleep
    return awake * radio.tail_power + asleep * radio.promotion * radio.promotion_power / interval


def per_hour(requests: float, radio: Radio = LTE, *, regular: bool = True) -> float:
    """Return the joules per hour above sleep of this many requests an hour."""
    not_negative(requests=requests)
    return 3600 * mean_power(3600 / requests, radio, regular=regular) if requests else 0.0
