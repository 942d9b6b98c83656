"""A day of a phone's radio: twenty applications that poll, against one connection that is pushed to.

Only *when* the radio has something to do is simulated, in virtual time; `energy` says what that costs. A request and
its answer, a message and its acknowledgement lie so close together that they are one moment here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rtlab.errors import BadInput
from rtlab.measure.bounds import positive

DAY = 86_400.0  # seconds
HEARTBEAT = 900.0  # seconds: what keeps a mobile network from forgetting an idle connection; an assumption

Times = npt.NDArray[np.float64]


def polls(applications: int, interval: float, *, together: bool = False, seed: int = 0) -> Times:
    """Return the moments of a day, in seconds, at which these applications poll, each every `interval` seconds.

    Each has a phase of its own, drawn from `seed`; `together`: the system lets all of them poll at once.
    """
    positive(interval=interval)
    if applications < 0:
        raise BadInput(f"{applications} applications: give 0 or more")
    phases = np.random.default_rng(seed).uniform(0, interval, applications)
    if together:
        phases[:] = phases[:1]
    return np.sort((phases[:, None] + np.arange(0, DAY - interval / 2, interval)).ravel())


def pushes(applications: int, per_day: float, *, heartbeat: float = HEARTBEAT, seed: int = 0) -> Times:
    """Return the moments at which one connection, shared by all, has something to do: messages and heartbeats.

    Each application gets `per_day` messages on average, at random (Poisson).
    """
    positive(heartbeat=heartbeat)
    if applications < 0 or not per_day >= 0:
        raise BadInput(f"{applications} applications with {per_day} messages a day: give 0 or more of each")
    chance = np.random.default_rng(seed)
    messages = chance.uniform(0, DAY, chance.poisson(applications * per_day))
    return np.sort(np.concatenate([messages, np.arange(heartbeat, DAY + 1e-9, heartbeat)]))
