"""What a Socket.IO session on the wire is made of: each request, answer and frame belongs to one phase."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rtlab.wire.engine_io import in_body
from rtlab.wire.message import Message

PHASES = ("opening", "upgrade", "event", "acknowledgement", "heartbeat", "reconnect", "closing")
FIRST_WORDS = {  # of a packet's name → the phase that it belongs to
    "open": "opening",
    "connect": "opening",
    "ping": "heartbeat",
    "pong": "heartbeat",
    "ping probe": "upgrade",
    "pong probe": "upgrade",
    "upgrade": "upgrade",
    "noop": "upgrade",
    "event": "event",
    "ack": "acknowledgement",
    "disconnect": "closing",
    "close": "closing",
}
HEARTBEATS = ("ping", "pong")
EXCHANGES = ("request", "response", "handshake")


@dataclass(frozen=True)
class Phase:
    """What a phase took. `up`, `down`: bytes on the connections; `packets`: what was said, in its order."""

    name: str
    connections: int = 0
    requests: int = 0
    frames: int = 0
    up: int = 0
    down: int = 0
    packets: tuple[str, ...] = ()

    def add(self, message: Message) -> Phase:
        """With a message more."""
        counted = Counter([message.kind])
        return replace(
            self,
            connections=self.connections + counted["connect"],
            requests=self.requests + counted["request"],
            frames=self.frames + counted["frame"],
            up=self.up + (message.size if message.direction == "up" else 0),
            down=self.down + (message.size if message.direction == "down" else 0),
            packets=(*self.packets, *packets(message)),
        )


def packets(message: Message) -> list[str]:
    """The names of the packets of Engine.IO and Socket.IO in a message."""
    if message.kind == "frame":
        return [message.label]
    if message.kind in ("request", "response"):
        return list(filter(None, in_body(message.body)[0].split("; ")))
    return []


def phases(messages: Iterable[Message], cut: int | None = None) -> dict[str, Phase]:
    """The phases by their names. What a `cut` (monotonic ns) took away, and what opens after it, is `reconnect`."""
    found = {name: Phase(name) for name in PHASES}
    for message, phase in sorted(_of_each(messages), key=lambda pair: pair[0].left):
        if cut is not None and (
            phase in ("opening", "upgrade") if message.left >= cut else phase == "closing"
        ):
            phase = "reconnect"
        found[phase] = found[phase].add(message)
    return {name: phase for name, phase in found.items() if phase.up or phase.down}


def _of_each(messages: Iterable[Message]) -> Iterator[tuple[Message, str]]:
    """Each message with its phase. A question belongs to the phase of its answer, a connection to its first use."""
    asked: dict[int, deque[Message]] = defaultdict(deque)
    connects: dict[int, Message] = {}
    for message in messages:
        number = message.connection
        if message.kind == "connect":
            connects[number] = message
        elif message.kind == "request":
            asked[number].append(message)
        elif message.kind in EXCHANGES or message.kind == "frame":
            together = [message]
            if message.kind != "frame" and asked[number]:
                together.append(asked[number].popleft())
            if number in connects:
                together.append(connects.pop(number))
            yield from ((one, _phase(together)) for one in together)
        elif message.size:
            yield message, "closing"
    for left in asked.values():  # nobody answered: the connection was cut, or it is the end
        yield from ((request, "closing") for request in left)


def _phase(together: list[Message]) -> str:
    """The phase of a frame, or of an answer with its question."""
    if any(message.kind == "request" and "transport=websocket" in message.label for message in together):
        return "upgrade"  # also where the answer is a refusal, without any packet
    names = [name for message in together for name in packets(message)]
    # Several packets may share a body: it belongs to what would have been said without the heartbeat's.
    first = next((name for name in names if name not in HEARTBEATS), names[0] if names else "close")
    if ", ack " in first:
        return "acknowledgement"
    words = first if first.endswith("probe") else first.split(" ")[0]
    return FIRST_WORDS.get(words, "event")
