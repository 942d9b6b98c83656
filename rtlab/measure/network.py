"""The network of a simulation: how long a message is on its way."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from rtlab.measure.bounds import fraction, not_negative, positive
from rtlab.measure.workload import Floats


@dataclass(frozen=True)
class Network:
    """A path between client and server, the same in both directions; times in seconds.

    `delay`: one way. `jitter`: the mean of what is added to it at random, exponential. `loss`: the probability
    that a segment is lost; TCP sends it again after `timeout`, and after twice the time for each further loss
    of the same one (RFC 6298 §5; its least time-out is 1 s, Linux's 0.2 s). Bytes behind a lost segment wait
    for it, so messages of one connection never overtake each other.
    """

    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    timeout: float = 0.2

    def __post_init__(self) -> None:
        not_negative(delay=self.delay, jitter=self.jitter)
        fraction(loss=self.loss)
        positive(timeout=self.timeout)

    @property
    def is_steady(self) -> bool:
        """Whether every message takes the same time."""
        return self.jitter == self.loss == 0

    def transits(self, rng: np.random.Generator, shape: int | tuple[int, ...]) -> Floats:
        """Draw how many seconds messages are on their way, each by itself."""
        seconds = np.full(shape, self.delay)
        if self.jitter:
            seconds += self.jitter * rng.standard_exponential(shape)
        if self.loss:
            # The number of losses in a row is geometric: at least k with probability loss^k.
            losses = np.floor(np.log1p(-rng.random(shape)) / math.log(self.loss))
            seconds += self.timeout * (2.0**losses - 1)
        return seconds

    def draws(self, rng: np.random.Generator) -> Iterator[float]:
        """Yield transits one at a time, for loops that cannot know how many they need."""
        if self.is_steady:
            yield from repeat(self.delay)
        while True:
            yield from self.transits(rng, 4096).tolist()
