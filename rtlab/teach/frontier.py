"""The frontier of lesson 03: the policies of `rtlab.measure.frontier` run and drawn, and the student's own."""

from collections.abc import Callable
from functools import cache

from rtlab.clients.pace import Pace
from rtlab.measure import frontier as runs
from rtlab.view import frontier as view
from rtlab.view.knobs import Knobs
from rtlab.view.picture import Picture

TITLES = {
    "poisson": "Poisson events: nothing beats a fixed interval",
    "bursty": "Bursts: what happened lately says what will",
    "day and night": "Day and night: a little to gain",
    "recorded": "Recorded traffic: over before one can adapt",
}

FRAME = (
    runs.Spot(0.45, 4.0),
    runs.Spot(4.2, 0.22),
)  # in every picture: the axes stay when the workload changes


def frontier(
    name: str = "poisson", yours: Callable[[], Pace] | None = None, *, dark: bool = False
) -> Picture:
    """Draw the frontier of one workload: `poisson`, `bursty`, `day and night` or `recorded`.

    `yours` makes a fresh policy of your own, as its class does; it is drawn as a star. Raises BadInput for
    another name.
    """
    events = runs.workload(name)
    policies = _policies(name)
    own = [] if yours is None else [runs.spot(events, yours)]
    requests = [spot.requests_per_event for spot in [*FRAME, *own]]
    curve = runs.curve(events, min(requests), max(requests))
    return view.frontier(curve, policies, yours=own, frame=FRAME, title=TITLES[name], dark=dark)


def frontiers(yours: Callable[[], Pace] | None = None, first: str = "poisson") -> Knobs:
    """Return the frontier with a switch for the workload, which stands at `first`."""
    others = [name for name in runs.WORKLOADS if name != first]
    return Knobs(lambda workload: frontier(workload, yours), workload=[first, *others])


@cache
def _policies(name: str) -> dict[str, list[runs.Spot]]:
    """Run all policies; the same every time, so once is enough."""
    return runs.spots(runs.workload(name))
