"""What a lane of the space-time diagram shows: messages become arrows, held requests, open streams and waits.

Pure functions from a record to what will be drawn. Times are `time.monotonic_ns()` integers throughout.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rtlab.technique import NAMES
from rtlab.view.style import known
from rtlab.wire.message import Message, as_object


@dataclass(frozen=True)
class Lane:
    """One client and the server: everything that crossed between them.

    `events` names the events that concern this lane, `{id: label}`; without it every append does, numbered in
    order. `name` stands above the lane; by default the technique's own.
    """

    technique: str
    messages: Sequence[Message]
    events: Mapping[str, str] | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        known(self.technique)

    @property
    def title(self) -> str:
        """What stands above the lane."""
        return self.name or NAMES[self.technique]


@dataclass(frozen=True)
class Stroke:
    """One arrow. `kind` decides how it is drawn:

    carries (events), asks, answers (neither events nor empty: an opening, an acknowledgement, an error), empty (a
    poll's answer without events), sends (the client publishes), beat (heartbeat, ping), faint (all that only opens,
    frames and ends the talk).
    """

    kind: str
    up: bool
    left: int
    arrived: int
    label: str
    cut: bool = False  # the connection was reset, or the server ended it and owed an answer
    gap: bool = False  # it tells of events that were missed


@dataclass(frozen=True)
class Hold:
    """A request that is with the server: from its arrival until the answer left (None: still held)."""

    start: int
    end: int | None


@dataclass(frozen=True)
class Stream:
    """An answer that stays open: when it left the server, reached the client, and ended at each."""

    left: int
    arrived: int
    server_end: int | None = None
    client_end: int | None = None


@dataclass(frozen=True)
class Wait:
    """What the client does not know yet: from the append to the arrival (None: not arrived in the record)."""

    event: str
    start: int
    end: int | None


def strokes(messages: Iterable[Message]) -> list[Stroke]:
    """Return the arrow of every message, in the order in which they left."""
    found: list[Stroke] = []
    ended: set[int] = set()
    for message, _, owed in _exchanges(messages):
        if message.kind == "connect":
            found += _handshake(message)
            continue
        is_cut = message.connection not in ended and _cuts(message, owed)
        found.append(_stroke(message, is_cut))
        if message.kind == "close":
            ended.add(message.connection)
    return found


def holds(messages: Iterable[Message]) -> list[Hold]:
    """Return the time that each request spent with the server; a cut connection ends it too."""
    found: list[Hold] = []
    pending: dict[int, list[Message]] = defaultdict(list)
    for message, asked, _ in _exchanges(messages):
        if message.kind == "request":
            pending[message.connection].append(message)
        elif asked is not None:
            pending[message.connection].remove(asked)
            found.append(Hold(asked.arrived, message.left))
        elif message.kind == "close":
            end = _ends(message)[0]
            found += [Hold(request.arrived, end) for request in pending.pop(message.connection, [])]
    found += [Hold(request.arrived, None) for requests in pending.values() for request in requests]
    return sorted(found, key=lambda hold: hold.start)


def streams(messages: Iterable[Message]) -> list[Stream]:
    """Return the open streams: from a `200` of `text/event-stream`, or a `101`, until the connection moves on."""
    found: dict[int, Stream] = {}
    ended: list[Stream] = []
    for message in sorted(messages, key=_by_time):
        if _opens(message):
            found[message.connection] = Stream(message.left, message.arrived)
        elif _moves_on(message) and message.connection in found:
            stream = found.pop(message.connection)
            ended.append(Stream(stream.left, stream.arrived, *_ends(message)))
    return ended + list(found.values())


def waits(messages: Sequence[Message], appends: Mapping[str, int]) -> list[Wait]:
    """Return what the client had to wait for, in the order of the appends.

    An event that never arrives counts only if the client was there when it was appended.
    """
    arrived = arrivals(messages)
    there = min((message.left for message in messages), default=None)
    found = [Wait(event, at, arrived.get(event)) for event, at in appends.items()]
    found = [wait for wait in found if wait.end is not None or (there is not None and wait.start >= there)]
    return sorted(found, key=lambda wait: wait.start)


def arrivals(messages: Iterable[Message]) -> dict[str, int]:
    """Return when each event first reached the client: `{event id: ns}`."""
    found: dict[str, int] = {}
    for message in messages:
        if message.direction == "down":
            for event in message.events:
                found[event] = min(message.arrived, found.get(event, message.arrived))
    return found


def _exchanges(messages: Iterable[Message]) -> Iterable[tuple[Message, Message | None, bool]]:
    """Yield each message, the request that it answers, and whether its connection still owes an answer.

    Answers come in the order of the requests on their connection (RFC 9112 section 9.3.2).
    """
    pending: dict[int, deque[Message]] = defaultdict(deque)
    for message in sorted(messages, key=_by_time):
        waiting = pending[message.connection]
        asked = waiting.popleft() if message.kind in ("response", "handshake") and waiting else None
        yield message, asked, bool(waiting)
        if message.kind == "request":
            waiting.append(message)
        elif message.kind == "close":
            waiting.clear()


def _stroke(message: Message, cut: bool) -> Stroke:
    """Draw one message as an arrow."""
    up = message.direction == "up"
    return Stroke(_kind(message), up, message.left, message.arrived, message.label, cut, _tells_gap(message))


def _handshake(connect: Message) -> list[Stroke]:
    """Draw what a connection costs before its first byte: to the server and back (RFC 9293 section 3.5)."""
    turn = (connect.left + connect.arrived) // 2
    return [
        Stroke("faint", True, connect.left, turn, connect.label),
        Stroke("faint", False, turn, connect.arrived, ""),
    ]


def _cuts(message: Message, owed: bool) -> bool:
    """Tell whether a connection is cut here: reset, or ended by the server while it owes an answer."""
    return message.kind == "close" and (message.label == "rst" or (owed and message.direction == "down"))


def _kind(message: Message) -> str:
    """Say how the arrow of a message is drawn."""
    if message.direction == "down" and message.events:
        return "carries"
    if message.kind in ("close", "chunk") or (_is_control(message) and message.label.startswith("close")):
        return "faint"
    if message.kind == "request":
        return "asks" if is_read(message) else "sends"
    if message.kind == "response":
        return "empty" if is_empty(message) else "answers"
    if message.kind == "handshake" or _tells_gap(message):
        return "answers"
    if message.kind == "frame" and not _is_control(message):
        return "sends" if message.direction == "up" else "answers"
    return "beat"


def is_read(request: Message) -> bool:
    """Tell whether a request asks for something; the others (a POST) bring something."""
    return request.label.split(" ")[0] in ("GET", "HEAD", "OPTIONS")


def is_empty(response: Message) -> bool:
    """Tell whether a response is a poll's answer without events: a `304`, or an empty list."""
    if response.events or _opens(response) or _tells_gap(response):
        return False
    polled = response.technique in ("short", "long") or as_object(response.body).get("events") == []
    return response.label == "304" or (polled and response.label in ("200", "204"))


def _opens(message: Message) -> bool:
    """Tell whether this answer stays open."""
    is_stream = message.kind == "response" and message.technique == "sse" and message.label == "200"
    return is_stream or message.kind == "handshake"


def _moves_on(message: Message) -> bool:
    """Tell whether no answer is open any more on the connection of this message."""
    return message.kind in ("close", "request") or (message.kind, message.label) == ("chunk", "end")


def _is_control(message: Message) -> bool:
    """Tell whether it is a ping, pong or close frame (RFC 6455 section 5.5: the opcode's highest bit)."""
    return message.kind == "frame" and bool(message.head) and message.head[0] & 0x08 != 0


def _tells_gap(message: Message) -> bool:
    """Tell whether a message from the server says that events were missed."""
    return message.direction == "down" and message.label in ("gap", "200, gap")


def _ends(close: Message) -> tuple[int, int]:
    """Return when the server and when the client noticed this end."""
    return (close.arrived, close.left) if close.direction == "up" else (close.left, close.arrived)


def _by_time(message: Message) -> tuple[int, int]:
    return message.left, message.arrived
