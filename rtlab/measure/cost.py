"""What a technique costs in bytes and in server CPU, and from which rate on another one is cheaper.

Costs are given by the caller, measured: nothing here knows what a request weighs on your machine. Bytes are
those of the TCP connection, CPU costs are seconds.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from rtlab.errors import BadInput
from rtlab.measure.bounds import not_negative, positive, whole
from rtlab.measure.models import Prediction

IP_AND_TCP = 40  # bytes of headers in each packet, without options (RFC 791 §3.1, RFC 9293 §3.1)
TLS_RECORD = 22  # bytes around each record: header 5, content type 1, tag 16 (RFC 8446 §5.2)


@dataclass(frozen=True)
class Heads:
    """Bytes of one exchange besides the events, as measured: a request, an empty answer, an answer with events."""

    request: int
    empty: int
    answer: int


def polling_bytes(prediction: Prediction, heads: Heads, event: float) -> float:
    """Return the bytes per event of short, adaptive or long polling, both ways.

    r requests per event are sent and answered, a share e of them empty; the event itself goes down once:
    r (request + e · empty + (1 − e) · answer) + event.
    """
    not_negative(request=heads.request, empty=heads.empty, answer=heads.answer, event=event)
    e = prediction.empty_fraction
    exchange = heads.request + e * heads.empty + (1 - e) * heads.answer
    return prediction.requests_per_event * exchange + event


def push_bytes(
    rate: float, event: float, overhead: float, heartbeat: float = 0, every: float = math.inf
) -> float:
    """Return the bytes per event of a stream or socket, both ways: event and frame, and its part of the heartbeats.

    One heartbeat of `heartbeat` bytes `every` seconds is 1/(λ · every) of one for each event. The handshake,
    paid once, is left out.
    """
    positive(rate=rate)
    not_negative(event=event, overhead=overhead, heartbeat=heartbeat)
    if not every > 0:
        raise BadInput(f"every must be seconds above 0, or inf for no heartbeats, not {every!r}")
    return event + overhead + heartbeat / (rate * every)


def frame_overhead(payload: int, to_server: bool = False) -> int:
    """Return the bytes of a WebSocket frame besides its payload (RFC 6455 §5.2): length, and mask upwards."""
    not_negative(payload=payload)
    return (2 if payload <= 125 else 4 if payload <= 65_535 else 10) + 4 * to_server


def polling_cpu(clients: int, interval: float, rate: float, poll: float, item: float = 0.0) -> float:
    """Return CPU seconds per second of N clients that poll every T: N/T · poll + Nλ · item.

    `poll` is the cost of an exchange, whatever it carries; `item` of one event in an answer.
    """
    whole(clients=clients)
    positive(interval=interval, rate=rate)
    not_negative(poll=poll, item=item)
    return clients / interval * poll + clients * rate * item


def push_cpu(clients: int, rate: float, write: float, interval: float = 0.0, item: float = 0.0) -> float:
    """Return CPU seconds per second of pushing to N clients: Nλ · write, or fewer writes where they are coalesced.

    With `interval` T the server writes once for all events of T seconds, if there are any: (1 − e^(−λT))/T
    writes a second and client instead of λ, the item cost for each event as before. This is what polling every
    T is fairly compared with, since polling pays T/2 of latency for its batches.
    """
    whole(clients=clients)
    positive(rate=rate)
    not_negative(write=write, interval=interval, item=item)
    writes = -math.expm1(-rate * interval) / interval if interval else rate
    return clients * (writes * write + rate * item)


def crossover_rate(interval: float, poll: float, write: float, item: float = 0.0) -> float:
    """Return the events per second above which polling every T costs the server less CPU than a push for each.

    N/T · poll + Nλ · item < Nλ · write  ⇔  λ > poll / (T (write − item)). Where an item in an answer costs as
    much as a write there is no such rate: inf. Against push coalesced over the same T there is none unless a
    write costs more than an exchange (see `push_cpu`): it is the batch that wins.
    """
    positive(interval=interval, poll=poll, write=write)
    not_negative(item=item)
    return poll / (interval * (write - item)) if write > item else math.inf


@dataclass(frozen=True)
class Bandwidth:
    """One row of Lubbers and Greco's table, megabits (2^20 bits) per second: polling, WebSocket, and their ratio."""

    polling: float
    websocket: float

    @property
    def ratio(self) -> float:
        """How many times more polling takes."""
        return self.polling / self.websocket


def lubbers_greco(
    clients: int,
    *,
    rate: float = 1.0,
    heads: int = 871,
    frame: int = 2,
    payload: int = 0,
    packets: bool = False,
    acknowledgements: bool = False,
    tls: bool = False,
) -> Bandwidth:
    """Repeat "HTML5 WebSocket: a quantum leap in scalability" (Lubbers and Greco, 2010), and put it right.

    Their figure is clients × bytes × 8 / 2^20 with 871 bytes of request and response heads against a frame of
    2. It is arithmetic, not a load test, and counts heads only. What also crosses the wire for each message:
    the payload, once; with `tls` a record around each of polling's two messages and around the frame; with
    `packets` IP and TCP headers for each of those; with `acknowledgements` one packet more each without data.
    """
    whole(clients=clients)
    positive(rate=rate, heads=heads, frame=frame)
    not_negative(payload=payload)
    each = IP_AND_TCP * packets + TLS_RECORD * tls
    alone = IP_AND_TCP * acknowledgements
    polling, websocket = heads + payload + 2 * each + alone, frame + payload + each + alone
    megabits = clients * rate * 8 / 2**20
    return Bandwidth(polling * megabits, websocket * megabits)


class Step(NamedTuple):
    """Bytes for one message by polling and by WebSocket, once one more thing is counted."""

    name: str
    polling: float
    websocket: float

    @property
    def ratio(self) -> float:
        """How many times more polling takes."""
        return self.polling / self.websocket


def overhead_steps(
    heads: int = 871, frame: int = 2, payload: int = 100, *, keep_alive: bool = True, tls: bool = False
) -> list[Step]:
    """From the heads alone to all that crosses the wire for one message, a step for each thing that is counted.

    `heads`: bytes of a request's and its answer's head; `frame`: of a frame's header. Without `keep_alive` each
    poll opens and closes a connection: three packets of TCP's handshake and four of its end (RFC 9293 §3.5, §3.6);
    a TLS handshake on top of it is not counted. The sizes are those of `lubbers_greco`.
    """
    positive(heads=heads, frame=frame)
    not_negative(payload=payload)
    steps = [Step("heads and frame", heads, frame)]

    def more(name: str, polling: float, websocket: float) -> None:
        steps.append(Step(name, steps[-1].polling + polling, steps[-1].websocket + websocket))

    if payload:
        more(f"payload, {payload} bytes", payload, payload)
    if tls:
        more("TLS records", 2 * TLS_RECORD, TLS_RECORD)
    more("IP and TCP headers", 2 * IP_AND_TCP, IP_AND_TCP)
    more("acknowledgements", IP_AND_TCP, IP_AND_TCP)
    if not keep_alive:
        more("a connection each time", 7 * IP_AND_TCP, 0)
    return steps
