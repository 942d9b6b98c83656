"""What each kind of message weighs: bytes on the connection, as the tap saw them cross it, one by one."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from rtlab.clients import LongPolling, ServerSentEvents, ShortPolling, WebSocket
from rtlab.clients.reader import Reader
from rtlab.errors import RtlabError
from rtlab.measure.bounds import whole
from rtlab.server.thread import ServerThread
from rtlab.wire.exchange import messages
from rtlab.wire.message import Message
from rtlab.wire.tap import Tap

PATIENCE = 5.0  # seconds until an event must have come
MANY = 3  # events in the answer that is compared with one that has a single event
WAIT = 25.0  # seconds of hold that the long poll's request names


@dataclass(frozen=True)
class Weights:
    """Bytes of each message, for events of `size` bytes of data.

    `request` (`long_request`: with its `wait`), `empty` and `answer` are what those messages have besides events,
    `event` is an event in an answer; `block` and `frame` are an event on a stream and on a socket with all that is
    around it. `stream_opening` and `socket_opening` are paid once, both ways, before the first event.
    """

    size: int
    request: int
    long_request: int
    empty: int
    answer: int
    event: int
    block: int
    frame: int
    stream_opening: int
    socket_opening: int

    @property
    def heads(self) -> int:
        """Request and answer of a poll, without the event."""
        return self.request + self.answer


def weigh(size: int = 100) -> Weights:
    """Let a reader of each technique read events of `size` bytes (2 or more), and weigh what crosses.

    Takes a fifth of a second. Raises RtlabError if an event does not come.
    """
    whole(size=size)
    with ExitStack() as stack:
        server = ServerThread()
        stack.callback(server.close)
        tap = Tap(("127.0.0.1", server.server.port)).start()
        stack.callback(tap.close)
        return Scales(server, tap, size).weigh()


class Scales:
    """A server, a tap, and readers that take turns."""

    def __init__(self, server: ServerThread, tap: Tap, size: int) -> None:
        self.server, self.tap, self.size = server, tap, size

    def weigh(self) -> Weights:
        """Read by each technique, then sort what crossed."""
        with ShortPolling(self._channel("c0-0"), interval=0.02) as reader:
            self._read(reader, "c0-0", 1)
            self._read(reader, "c0-0", MANY)
            list(reader.events(timeout=0.05))  # nothing
        with LongPolling(self._channel("c0-1"), wait=WAIT) as reader:
            self._read(reader, "c0-1", 1)
        with ServerSentEvents(self._channel("c0-2")) as reader:
            self._read(reader, "c0-2", 1)
        with WebSocket(self._channel("c0-3")) as reader:
            self._read(reader, "c0-3", 1)
        crossed = messages(self.tap.record)
        polls = [m for m in crossed if m.technique == "short"]
        (one,) = (m.size for m in polls if m.kind == "response" and len(m.events) == 1)
        (many,) = (m.size for m in polls if m.kind == "response" and len(m.events) == MANY)
        event = (many - one) // (MANY - 1)
        block, stream_opening = _stream(crossed, "sse", "event")
        frame, socket_opening = _stream(crossed, "websocket", "frame")
        return Weights(
            size=self.size,
            request=_last(polls, "request").size,
            long_request=_last([m for m in crossed if m.technique == "long"], "request").size,
            empty=_last(polls, "response").size,
            answer=one - event,
            event=event,
            block=block,
            frame=frame,
            stream_opening=stream_opening,
            socket_opening=socket_opening,
        )

    def _channel(self, name: str) -> str:
        """The URL of a channel that has a log, so that its cursors are as long as they will be."""
        self._publish(name, 1)
        host, port = self.tap.address
        return f"http://{host}:{port}/channels/{name}"

    def _publish(self, name: str, number: int) -> None:
        """Append in one turn of the server's loop, so that one answer carries them all."""

        def append() -> None:
            for _ in range(number):
                self.server.server.channels.find(name).publish("x" * max(0, self.size - 2))

        self.server.call(append)

    def _read(self, reader: Reader, name: str, number: int) -> None:
        self._publish(name, number)
        if len(list(reader.events(limit=number, timeout=PATIENCE))) < number:
            raise RtlabError(f"an event did not come within {PATIENCE:g} s on {name}: weigh again")


def _last(crossed: list[Message], kind: str) -> Message:
    return [m for m in crossed if m.kind == kind][-1]


def _stream(crossed: list[Message], technique: str, kind: str) -> tuple[int, int]:
    """Bytes of the one event on a stream or socket, and of all that crossed its connection before."""
    own = [m for m in crossed if m.technique == technique]
    place = next(n for n, m in enumerate(own) if m.kind == kind and m.events)
    return own[place].size, sum(m.size for m in own[:place])
