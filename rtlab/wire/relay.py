"""One relayed connection: two sockets, and a pipe each way that hands over what it read one delay later.

What a network path does to TCP, as far as an application can tell:
- Bytes arrive one delay after they left, in order, even where the delay has become shorter since.
- The client's first bytes leave a round trip after it asked for the connection: TCP's handshake, RFC 9293 §3.5.
- FIN (one direction ends, the other goes on) and RST (both are gone) take as long as bytes do.
- A sender runs at most one window ahead of its receiver.
"""

import errno
import socket
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from selectors import EVENT_READ, EVENT_WRITE

from rtlab.tcp import reset_on_close
from rtlab.wire.loop import Loop
from rtlab.wire.middlebox import Act, Chain, Cut, Finish, Middlebox, Pass
from rtlab.wire.record import DOWN, UP, Chunk, Closed, Opened, Tape

WINDOW = 256 * 1024  # bytes on their way in one direction beyond which the sender is not read
CHUNK = 64 * 1024  # bytes read at once, at most
CONNECTING = {0, errno.EINPROGRESS, errno.EWOULDBLOCK}


@dataclass
class Parcel:
    """On its way: bytes, or an end ("fin" or "rst")."""

    left: int
    due: int
    data: bytes = b""
    end: str = ""
    sent: int = 0  # bytes that the target took already


@dataclass(eq=False)
class Path:
    """What the connections of a tap share: one delay each way (ns), one record, what stands on the way."""

    tape: Tape
    delay: int = 0
    middleboxes: tuple[Middlebox, ...] = ()
    connections: set["Connection"] = field(default_factory=set)


class Pipe:
    """One direction, from the socket `source` to the socket `target`."""

    def __init__(
        self, owner: "Connection", direction: str, source: socket.socket, target: socket.socket
    ) -> None:
        self.direction, self.source, self.target = direction, source, target
        self.opens = 0  # nothing leaves before this time
        self.finished = False  # nothing more will be read
        self.ended = False  # the end was handed over
        self.blocked = False  # the target takes no more for now
        self._ending = False  # an end is on its way
        self._owner = owner
        self._queue: deque[Parcel] = deque()
        self._waiting = 0  # bytes in the queue
        self._timed = False  # a timer is set for the oldest parcel

    @property
    def reading(self) -> bool:
        """Whether there is something to come, and room for it."""
        return not self.finished and self._waiting < WINDOW

    def read(self) -> None:
        """Take one chunk from the source, or its end."""
        left = time.monotonic_ns()
        try:
            data = self.source.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            self._owner.lost(self.source)
            return
        if data:
            self._owner.carry(self, data, left)
        else:
            self.finished = True
            self._owner.carry_end(self, left)

    def end(self, how: str) -> None:
        """Send a FIN, once, or a RST behind what is on its way."""
        self.finished = True
        if how == "rst" or not self._ending:
            self._ending = True
            self.send(time.monotonic_ns(), end=how)

    def send(self, left: int, data: bytes = b"", end: str = "", later: int = 0) -> None:
        """Put bytes or an end on the way; `later`: nanoseconds that they take longer than the path's delay."""
        left = max(left, self.opens)
        self._queue.append(Parcel(left, left + self._owner.path.delay + later, data, end))
        self._waiting += len(data)
        if not self._timed and not self.blocked:
            self.hand_over()

    def hand_over(self) -> None:
        """Give the target what is due, oldest first, as much as it takes."""
        self.blocked = False
        while self._queue and not self.blocked:
            parcel, now = self._queue[0], time.monotonic_ns()
            if parcel.due > now:
                self._timed = True
                self._owner.loop.at(parcel.due, self._on_time)
                return
            try:
                self._hand(parcel, now)
            except BlockingIOError:
                self.blocked = True
            except OSError:
                self._owner.lost(self.target)

    def _on_time(self) -> None:
        self._timed = False
        self.hand_over()
        self._owner.watch()

    def _hand(self, parcel: Parcel, now: int) -> None:
        number, tape = self._owner.number, self._owner.path.tape
        with tape.lock:
            if parcel.end:
                if parcel.end == "fin":
                    self.target.shutdown(socket.SHUT_WR)
                tape.add(Closed(number, self.direction, parcel.left, now, parcel.end))
            else:
                sent = self.target.send(memoryview(parcel.data)[parcel.sent :])
                tape.hand_over(number, self.direction, sent)
                parcel.sent += sent
                if parcel.sent < len(parcel.data):
                    return
                tape.add(Chunk(number, self.direction, parcel.left, now, parcel.data))
        self._queue.popleft()
        self._waiting -= len(parcel.data)
        if parcel.end:
            self.ended = True
            self._owner.ended(parcel.end)

    def abandon(self) -> None:
        """Forget what is on its way: nobody is there to receive it. A part that was taken is recorded."""
        if self._queue and self._queue[0].sent:
            parcel, number = self._queue[0], self._owner.number
            part = parcel.data[: parcel.sent]
            self._owner.path.tape.add(Chunk(number, self.direction, parcel.left, time.monotonic_ns(), part))
        self._queue.clear()
        self._waiting = 0
        self.finished, self.blocked = True, False


class Connection:
    """A client's socket, the socket to the upstream that stands for it, and the pipe each way."""

    def __init__(
        self, number: int, client: socket.socket, upstream: socket.socket, loop: Loop, path: Path
    ) -> None:
        self.number, self.loop, self.path = number, loop, path
        self.client, self.upstream = client, upstream
        self.up = Pipe(self, UP, client, upstream)
        self.down = Pipe(self, DOWN, upstream, client)
        self._opened = time.monotonic_ns()
        self._connected = self._closed = False
        self._chain = Chain(path.middleboxes, self._opened) if path.middleboxes else None
        self._alarm: int | None = None  # when the loop will call `_on_alarm`

    def connect(self, address: tuple[object, ...]) -> None:
        """Open the connection to the upstream; one that refuses shows to the client as a reset."""
        # Over a real path the SYN takes a delay up and its answer one down; the ACK that opens the server's side
        # takes a third, and the client's first bytes travel with it.
        self.up.opens = self._opened + 2 * self.path.delay
        self.down.opens = self._opened + 3 * self.path.delay
        self.path.connections.add(self)
        self._set_alarm()
        self.path.tape.open(Opened(self.number, self._opened, established=self.up.opens))
        for sock in (self.client, self.upstream):
            sock.setblocking(False)
            with suppress(OSError):  # macOS: the client has left already
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.upstream.connect_ex(address) in CONNECTING:
            self.loop.watch(self.upstream, EVENT_WRITE, self._upstream_ready)
        else:
            self._refused()

    def _refused(self) -> None:
        self.up.finished = True
        self.down.opens = self._opened + self.path.delay  # the RST answers the SYN
        self.down.end("rst")
        self.watch()

    def _upstream_ready(self, ready: int) -> None:
        if self._connected:
            self._ready(ready, self.down, self.up)
        elif self.upstream.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._refused()
        else:
            self._connected = True
            self.watch()

    def _client_ready(self, ready: int) -> None:
        self._ready(ready, self.up, self.down)

    def _ready(self, ready: int, outgoing: Pipe, incoming: Pipe) -> None:
        # What one call does may close the connection, or end what the next would look at.
        if ready & EVENT_READ and outgoing.reading:
            outgoing.read()
        if ready & EVENT_WRITE and incoming.blocked:
            incoming.hand_over()
        self.watch()

    def watch(self) -> None:
        """Ask the loop for what is of use now."""
        if self._closed:
            return
        up, down = self.up, self.down
        client = EVENT_READ * (self._connected and up.reading) | EVENT_WRITE * down.blocked
        upstream = EVENT_READ * (self._connected and down.reading) | EVENT_WRITE * up.blocked
        self.loop.watch(self.client, client, self._client_ready)
        self.loop.watch(self.upstream, upstream, self._upstream_ready)

    def carry(self, pipe: Pipe, data: bytes, left: int) -> None:
        """Let bytes go through the middleboxes, where there are any, and put on the way what comes out."""
        if self._chain is None:
            pipe.send(left, data)
        else:
            self._do(self._chain.receive(pipe.direction, data, left), left)

    def carry_end(self, pipe: Pipe, left: int) -> None:
        """The same with the end of a direction."""
        if self._chain is None:
            pipe.end("fin")
        else:
            self._do(self._chain.end(pipe.direction, left), left)

    def _do(self, acts: list[Act], now: int) -> None:
        for act in acts:
            match act:
                case Pass():
                    self._pipe(act.direction).send(now, act.data, later=act.after)
                case Finish():
                    self._pipe(act.direction).end("fin")
                case Cut():
                    self.up.end("rst")
                    self.down.end("rst")
        self._set_alarm()

    def _pipe(self, direction: str) -> Pipe:
        return self.up if direction == UP else self.down

    def _set_alarm(self) -> None:
        """Wake the middleboxes when one of them has asked for it."""
        due = None if self._chain is None else self._chain.due
        if due is not None and due != self._alarm:
            self._alarm = due
            self.loop.at(due, self._on_alarm)

    def _on_alarm(self) -> None:
        if self._chain is not None and not self._closed:
            self._alarm = None
            now = time.monotonic_ns()
            self._do(self._chain.wake(now), now)
            self.watch()

    def lost(self, sock: socket.socket) -> None:
        """The peer at `sock` reset it: nothing more goes there, and the other side will be told, if a box lets it."""
        towards, away = (self.down, self.up) if sock is self.client else (self.up, self.down)
        towards.abandon()
        if self._chain is None or self._chain.end(away.direction, time.monotonic_ns()):
            away.end("rst")

    def ended(self, how: str) -> None:
        """An end was handed over: the connection is gone with a RST, or with the second FIN."""
        if how == "rst" or (self.up.ended and self.down.ended):
            self.close(reset=how == "rst")

    def close(self, reset: bool = False) -> None:
        """Close both sockets, now."""
        if self._closed:
            return
        self._closed = True
        for pipe in (self.up, self.down):
            pipe.abandon()
        for sock in (self.client, self.upstream):
            self.loop.watch(sock, 0, self._client_ready)
            with suppress(OSError):
                if reset:
                    reset_on_close(sock)
            sock.close()
        self.path.tape.close(self.number)
        self.path.connections.discard(self)
