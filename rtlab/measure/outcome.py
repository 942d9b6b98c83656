"""What a simulation returns: latencies and counts, and the messages of a client for a space-time diagram."""

import math
from dataclasses import dataclass, field

import numpy as np

from rtlab.errors import BadInput
from rtlab.measure.bounds import fraction
from rtlab.measure.interval import mean_interval
from rtlab.measure.workload import Floats, Ints

# Where a push sends an answer that carries no event, that is the opening of the connection.
OPENING = {"sse": "response", "push": "response", "websocket": "handshake"}
CARRIER = {"sse": "event", "push": "event", "websocket": "frame"}


@dataclass(frozen=True)
class SimulatedMessage:
    """An arrow of a space-time diagram: when it left one side and arrived at the other, in seconds.

    `kind`: "request", "response", "handshake" (101), "event" (of a stream) or "frame"; `direction`: "up" to the
    server or "down"; `events`: which events of the workload it carries, counted from 0.
    """

    kind: str
    direction: str
    left: float
    arrived: float
    events: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Exchanges:
    """One client's exchanges, a row each; seconds. A push has no request, a request held at the end no answer: NaN."""

    sent: Floats  # the request left the client,
    reached: Floats  # and was at the server
    left: Floats  # the answer left the server,
    arrived: Floats  # and was at the client
    upto: Ints  # so many events of the workload the client knows then


@dataclass(frozen=True, eq=False)
class Simulated:
    """What came out: latencies in seconds, counts over all clients, and who sent what when if it was one client.

    `events` are deliveries (events × clients). `latencies` are in order of time; with many clients a fair sample
    of them, while mean, worst and counts are over all, as far as `crowd` says so. `server_seconds` are what the
    server's cores were busy for.
    """

    technique: str
    clients: int
    events: int
    requests: int
    empty: int
    mean_latency: float
    max_latency: float
    latencies: Floats = field(repr=False)
    server_seconds: float = 0.0
    exchanges: Exchanges | None = field(default=None, repr=False)

    @property
    def requests_per_event(self) -> float:
        """Requests sent for each event delivered; NaN without events."""
        return self.requests / self.events if self.events else math.nan

    @property
    def empty_fraction(self) -> float:
        """The share of requests that were answered without an event."""
        return self.empty / self.requests if self.requests else 0.0

    def quantile(self, q: float) -> float:
        """Return the latency in seconds that a share `q` (0 up to 1) of the events does not exceed."""
        fraction(q=q)
        return float(np.quantile(self.latencies, q)) if len(self.latencies) else math.nan

    def band(self) -> tuple[float, float]:
        """Return the 95 % confidence interval of the mean latency in seconds, as `mean_interval`.

        A phase that is kept for the whole run is beyond it: repeat with other seeds.
        """
        low, high = mean_interval(self.latencies)
        shift = self.mean_latency - float(self.latencies.mean()) if len(self.latencies) else 0.0
        return low + shift, high + shift

    def messages(self) -> list[SimulatedMessage]:
        """Return every message of the client, for a space-time diagram. Raises BadInput for more than one client."""
        if self.exchanges is None:
            raise BadInput("the messages of many clients are not kept: simulate one")
        rows, known = self.exchanges, 0
        opening, carrier = OPENING.get(self.technique, "response"), CARRIER.get(self.technique, "response")
        found = []
        for sent, reached, left, arrived, upto in zip(
            rows.sent.tolist(), rows.reached.tolist(), rows.left.tolist(), rows.arrived.tolist(), rows.upto.tolist(),
            strict=True,
        ):  # fmt: skip
            if not math.isnan(sent):
                found.append(SimulatedMessage("request", "up", sent, reached))
            if not math.isnan(left):
                kind = carrier if upto > known else opening
                found.append(SimulatedMessage(kind, "down", left, arrived, tuple(range(known, upto))))
            known = upto
        return found
