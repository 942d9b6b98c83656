"""One open stream or socket as its channel sees it: where it stands, what it is given, and whether it still lives."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from tornado.iostream import IOStream

from rtlab.server.forms import Form
from rtlab.server.liveness import Delivery, delivery, has_spoken
from rtlab.tcp import reset_on_close

if TYPE_CHECKING:
    from rtlab.server.fanout import Channel


class Reader:
    """One open stream or socket: where it is in the log, and whether the kernel has taken all it was given."""

    def __init__(self, channel: Channel, stream: IOStream, form: Form, position: int) -> None:
        self.channel, self.stream, self.form, self.position = channel, stream, form, position
        self.writing = False  # a batch that the kernel has not taken whole
        self.held = False  # somebody else has to say something first
        self.stuck = (
            0  # heartbeats for which the client's machine has taken nothing, although there was something
        )
        self.unanswered: int | None = None  # pings since the client was heard; None: it has no way to answer
        self._batches = 0  # that the kernel has taken whole
        self._last = Delivery(0, False)  # as it was at the last heartbeat
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        stream.set_nodelay(True)  # or an event waits for the acknowledgement of the one before

    @property
    def at_rest(self) -> bool:
        """Whether it may be given something."""
        return not (self.writing or self.held)

    def write(self, data: bytes) -> None:
        """Put a batch straight into the socket; what the kernel refuses makes the reader busy until it is taken."""
        if self.stream.closed():
            return
        view, sent = memoryview(data), 0
        try:
            if not self.stream.writing():
                sent = self.stream.write_to_fd(view)
        except BlockingIOError:
            pass
        except OSError:
            self.stream.close()
            return
        if sent < len(data):
            self.writing = True
            self.stream.write(view[sent:]).add_done_callback(self._taken)

    def beat(self, missed: int) -> None:
        """A sign of life; a client that gave none itself for `missed` whole heartbeats is let go of.

        It is dead, or as good as dead, when its machine has acknowledged nothing of what was there to be taken, or
        a ping was not answered (RFC 6455 §5.5.2), from one heartbeat to the next. So nobody is dead for more than
        `missed` + 1 heartbeats. If it lives it comes back with its cursor.
        """
        if self.stream.closed():
            return
        now = delivery(self.stream.socket) or Delivery(self._batches, not self.at_rest)
        moved = now.taken > self._last.taken or not self._last.outstanding
        self.stuck = 0 if moved or not now.outstanding else self.stuck + 1
        if self.unanswered and has_spoken(self.stream.socket):
            self.heard()  # it has answered, and we were too busy to listen
        if max(self.stuck, self.unanswered or 0) >= missed:
            return self.cut()
        if self.at_rest and not self.gone.done():
            self.write(self.form.beat)
            if self.unanswered is not None:
                self.unanswered += 1
        if not self.stream.closed():
            self._last = delivery(self.stream.socket) or Delivery(self._batches, not self.at_rest)

    def cut(self) -> None:
        """Break the connection off with a reset: an end in good order would wait behind what nobody takes."""
        with contextlib.suppress(OSError):
            reset_on_close(self.stream.socket)
        self.stream.close()

    def heard(self) -> None:
        """The client has said something, be it only a pong."""
        self.unanswered = 0

    def _taken(self, written: asyncio.Future[None]) -> None:
        self.writing = False
        self._batches += 1
        if written.exception() is None:
            self.channel.flush_soon()

    def rest(self) -> None:
        """What had to be said first is said: have what has come since."""
        self.held = False
        self.channel.flush_soon()

    def leave(self) -> None:
        """Stop reading; whoever awaits `gone` goes on."""
        self.channel.readers.discard(self)
        self.channel.tidy()
        if not self.gone.done():
            self.gone.set_result(None)
