"""A WebSocket as a reader needs it: `websocket-client` on one counted connection, a message at a time.

As in `connection`, a failure is told in one of two ways: `Unavailable` is worth another attempt, `ServerError` is not.
"""

import contextlib
import json
import socket
import struct
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import websocket
from urllib3.util import wait_for_write
from websocket import ABNF

from rtlab.clients.channel import Channel
from rtlab.clients.connection import bearer, lost, refusal
from rtlab.clients.frames import StrictFrames
from rtlab.clients.line import Line, ready
from rtlab.clients.reader import Stats
from rtlab.errors import ProtocolError, ServerError, Unavailable
from rtlab.protocol.frames import CloseCode

# RFC 6455, Section 7.4.1 – Defined Status Codes, those that say that we did wrong: another attempt would fail alike.
# Protocol error, unsupported data, invalid payload, policy violation, message too big, extension needed; and, of the
# codes for private use, a token that has expired.
OUR_FAULT = {1002, 1003, 1007, 1008, 1009, 1010, 4401}
NO_STATUS = 1005  # never sent; stands for a close frame without a code
LOST = (websocket.WebSocketConnectionClosedException, websocket.WebSocketTimeoutException, OSError)


class Conversation(websocket.WebSocket):
    """websocket-client's WebSocket, which says Close once and takes nothing that the RFC forbids."""

    said_close = False

    def __init__(self, message_bytes: int) -> None:
        super().__init__(skip_utf8_validation=True)
        self.frame_buffer = StrictFrames(self._recv, message_bytes)

    def send_close(self, *args: Any, **options: Any) -> None:
        """Answer a Close, unless ours came first; that its sender has left already is no failure."""
        if not self.said_close:
            self.said_close = True
            with contextlib.suppress(OSError, websocket.WebSocketException):
                super().send_close(*args, **options)

    def say_close(self, code: int = CloseCode.NORMAL) -> bool:
        """Begin the closing handshake (RFC 6455 §7.1.2), if that can be done at once."""
        if self.said_close or not self.lock.acquire(timeout=0.1):
            return False
        try:
            if self.sock is None or not ready(wait_for_write, self.sock, 0):
                return False
            self.said_close = True
            self.sock.sendall(ABNF.create_frame(struct.pack("!H", code), ABNF.OPCODE_CLOSE).format())
            return True
        except OSError:
            return False
        finally:
            self.lock.release()


class Duplex:
    """A WebSocket to one channel, made anew as often as need be."""

    def __init__(
        self,
        channel: Channel,
        stats: Stats,
        cacert: str | Path | None = None,
        token: str | None = None,
        message_bytes: int = 16 << 20,
    ) -> None:
        self.channel, self.stats = channel, stats
        self.line = Line(stats, cacert)
        self._bearer = bearer(token)
        self._message_bytes = message_bytes
        self._made = 0
        self._open: tuple[int, Conversation] | None = None  # its number, from 1, and itself

    @property
    def number(self) -> int:
        """Which connection this is, counted from 1; 0 while there is none."""
        return 0 if self._open is None else self._open[0]

    def connect(self, after: str, deadline: float | None) -> None:
        """Connect and shake hands. Raises Unavailable, and ServerError if the server refuses."""
        self.line.deadline = deadline
        self.stats.requests += 1
        conversation = Conversation(self._message_bytes)
        url = self.channel.websocket()
        try:
            conversation.connect(  # type: ignore[no-untyped-call]
                f"{url}?{urlencode({'after': after})}",
                socket=self._connected_socket(),
                suppress_origin=True,  # it names the page that a browser shows (RFC 6454), and we are none
                redirect_limit=0,
                header=self._bearer,
            )
        except websocket.WebSocketBadStatusException as bad:
            raise self._refused(
                bad.status_code, bad.status_message, bad.resp_headers, bad.resp_body
            ) from None
        except LOST as error:
            raise lost(self.channel, error) from error
        except websocket.WebSocketException as error:
            if (answer := conversation.handshake_response) is not None:
                raise self._refused(answer.status, "Moved", answer.headers, b"") from None
            raise ServerError(0, f"what {url} answers is not a WebSocket handshake: {error}") from None
        self._made += 1
        self._open = self._made, conversation

    def _refused(
        self, status: int, reason: str | None, headers: dict[str, str] | None, body: bytes | None
    ) -> Unavailable | ServerError:
        names = {name.title(): value for name, value in (headers or {}).items()}
        return refusal(status, reason or "", body or b"", names, self.channel.websocket())

    def _connected_socket(self) -> socket.socket:
        sock: socket.socket = self.line.connect(self.channel.host, self.channel.port)
        try:
            if self.channel.secure:
                sock = self.line.tls.wrap_socket(sock, server_hostname=self.channel.host)
                self.line.watch(sock)
            return sock
        except BaseException:
            self.line.close()
            raise

    def receive(self, deadline: float | None) -> Any:
        """The next message as data; None for a sign of life without one, and at the deadline.

        Pings are answered on the way. Raises Unavailable and, where the server found fault with us, ServerError.
        """
        assert self._open is not None
        self.line.deadline = deadline
        try:
            opcode, frame = self._open[1].recv_data_frame(control_frame=True)
            if opcode == ABNF.OPCODE_CLOSE:
                raise self._closed(frame.data)
            return json.loads(frame.data.decode()) if opcode == ABNF.OPCODE_TEXT else None
        except websocket.WebSocketTimeoutException:
            return None  # half a frame is kept, and gone on with
        except LOST as error:
            raise lost(self.channel, error) from error
        except ProtocolError as error:
            raise self._fail(error.close_code, error.reason) from None
        except (websocket.WebSocketException, ValueError) as error:
            raise self._fail(CloseCode.PROTOCOL_ERROR, str(error)) from None

    def _fail(self, code: int, reason: str) -> ServerError:
        """Tell a server that broke the rules so (RFC 6455 §7.1.7), as far as that can be done at once."""
        self.say_close(code)
        return ServerError(code, f"{self.channel.authority} sent what is no message: {reason}")

    def _closed(self, payload: bytes) -> Unavailable | ServerError:
        code = struct.unpack("!H", payload[:2])[0] if payload else NO_STATUS
        reason = payload[2:].decode(errors="replace") or "no reason given"
        message = f"{self.channel.authority} closed the WebSocket with {code}: {reason}"
        return ServerError(code, message) if code in OUR_FAULT else Unavailable(message)

    def send(self, text: str) -> int:
        """Send a text message, from any thread; the number of the connection that it went out on, 0 for none.

        A failure ends the connection, so that whoever receives on it comes to know.
        """
        if (opened := self._open) is None:
            return 0
        try:
            opened[1].send(text)
        except (websocket.WebSocketException, OSError):
            self.line.cut()
        return opened[0]

    def say_close(self, code: int = CloseCode.NORMAL) -> bool:
        """Begin to close the connection in good order; False if there is none that would take it."""
        return (opened := self._open) is not None and opened[1].say_close(code)

    def await_close(self, deadline: float) -> None:
        """Receive until the peer has said Close too, or the deadline; then close the connection."""
        while self._open is not None and time.monotonic() < deadline:
            try:
                self.receive(deadline)
            except (Unavailable, ServerError):
                break
        self.drop()

    def drop(self) -> None:
        """Close the connection, if there is one."""
        opened, self._open = self._open, None
        if opened is not None and opened[1].sock is not None:
            opened[1].sock.close()
