"""WebSocket: one handshake, then messages in both directions on the same connection (RFC 6455).

GET /channels/NAME/socket?after=CURSOR
Upgrade: websocket

down: open, event, gap, published, error        up: publish

Nothing is compressed: websocket-client does not have permessage-deflate (RFC 7692), so it is not offered, and a server
may only use what was offered.
"""

import time
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

from rtlab.clients.acknowledge import Acknowledgements
from rtlab.clients.duplex import Duplex
from rtlab.clients.reader import SILENCE, Reader, earlier, is_past
from rtlab.errors import ServerError, Unavailable
from rtlab.event import Event, Gap, encode_data

ANSWER_SECONDS = 10.0  # that the handshake may take
GOODBYE_SECONDS = 0.3  # that the server has to answer our Close
KEPT = 10_000  # events kept while somebody publishes and nobody iterates; what is beyond is read again later


class WebSocket(Reader):
    """Reads events as messages, and publishes on the same connection.

    One thread at a time receives for all: the one that iterates or, while none does, one that waits in `send`.
    `silence`: seconds without a message, not even a ping, after which the connection counts as dead.
    `message_bytes`: of a message from the server, at most; a larger one ends the reader with ServerError 1009.
    """

    def __init__(
        self,
        url: str,
        after: str = "now",
        *,
        silence: float = SILENCE,
        cacert: str | Path | None = None,
        token: str | None = None,
        message_bytes: int = 16 << 20,
    ) -> None:
        super().__init__(url, after)
        self.silence = silence
        self._duplex = Duplex(self.channel, self.stats, cacert, token, message_bytes)
        self._acknowledgements = Acknowledgements()
        self._behind = False  # there was more than KEPT: the rest is to be read again

    def _is_open(self) -> bool:
        return self._duplex.number > 0 and super()._is_open()

    def _read(self, deadline: float | None) -> None:
        """Connect if need be; then take one message."""
        if self._behind and not self._ready and not self._acknowledgements.awaited:
            self._duplex.drop()
            self._behind = False
        try:
            if not self._duplex.number:
                self._duplex.connect(self._position, earlier(deadline, ANSWER_SECONDS))
            self._receive(deadline)
        except Unavailable:
            self._duplex.drop()
            raise
        except ServerError as refused:
            self._duplex.drop()
            # A close for what was published is told to who published it; then reading goes on.
            if not self._acknowledgements.fail(refused):
                raise

    def _receive(self, deadline: float | None) -> None:
        limit = earlier(deadline, self.silence)
        message = self._duplex.receive(limit)
        if message is None and is_past(limit) and not is_past(deadline):
            raise Unavailable(f"{self.channel.authority} was silent for {self.silence:g} s")
        if message is None and not is_past(limit):
            self._failures = 0  # a ping: the connection is well
        match message:
            case {"type": "event", "id": str(id), "time": str(when), "data": data}:
                self._keep(Event(id, when, data), id)
            case {"type": "gap", "missed": int() | None as missed, "cursor": str(cursor)}:
                self._keep(Gap(missed, cursor), cursor)
            case {"type": "open", "cursor": str(cursor)} if not super()._is_open():
                self._received([], cursor)
            case {"type": "published" | "error"}:
                self._acknowledgements.settle(message)

    def _keep(self, item: Event | Gap, cursor: str) -> None:
        self._behind = self._behind or len(self._ready) >= KEPT
        if not self._behind:
            self._received([item], cursor)

    def send(self, data: Any, key: str | None = None, timeout: float = 10.0) -> str:
        """Publish and return the event's id once the server has it; from any thread.

        With a `key` it is sent again if the connection is lost in between, and still appended once. Raises
        InvalidData, ServerError if the server refuses it, Unavailable if there is no acknowledgement in time.
        """
        deadline, sent_on = time.monotonic() + timeout, 0
        with self._acknowledgements.expect() as (ref, acknowledged):
            keyed = {} if key is None else {"key": key}
            message = encode_data({"type": "publish", "ref": ref, "data": data} | keyed).decode()
            while not acknowledged.done():
                if self._closed.is_set():
                    raise Unavailable("closed before it was acknowledged")
                if is_past(deadline):
                    raise Unavailable(f"not acknowledged in {timeout:g} s")
                if sent_on != self._duplex.number:
                    if sent_on and key is None and not acknowledged.done():
                        raise Unavailable("lost before it was acknowledged: send it with a key, to be safe")
                    sent_on = self._duplex.send(message) or sent_on
                self._receive_until(acknowledged, deadline)
            return acknowledged.result()

    def _receive_until(self, acknowledged: "Future[str]", deadline: float) -> None:
        """Receive for everybody, or wait a little while another thread does."""
        with self._reading(time.monotonic()) as my_turn:
            if my_turn and not acknowledged.done():
                self._fill(deadline)
        if not my_turn:
            wait([acknowledged], timeout=0.02)

    def _hang_up(self) -> None:
        until = time.monotonic() + GOODBYE_SECONDS
        if self._duplex.say_close():
            with self._reading(until) as my_turn:
                if my_turn:
                    self._duplex.await_close(until)
        self._duplex.line.hang_up()

    def _release(self) -> None:
        self._duplex.drop()
