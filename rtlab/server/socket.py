"""WebSocket: after one HTTP request the connection carries frames, in both directions (RFC 6455).

    GET /channels/NAME/socket
    Upgrade: websocket

`protocol` knows what the bytes mean, `uplink` what a client may say; here they are read and written.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from itertools import groupby

from tornado.iostream import StreamClosedError

from rtlab.errors import HandshakeError, LimitExceeded
from rtlab.protocol import handshake
from rtlab.protocol.closing import Close
from rtlab.protocol.deflate import Agreement, agree
from rtlab.protocol.extensions import HEADER, read_extensions
from rtlab.protocol.frames import CloseCode
from rtlab.protocol.messages import Binary, Failed, Ping, Text, WebSocketProtocol, WsEvent
from rtlab.server.access import EXPIRED
from rtlab.server.forms import DEFLATED_FRAMES, FRAMES, gap_frame, message
from rtlab.server.handler import Handler
from rtlab.server.reader import Reader
from rtlab.server.uplink import publish

log = logging.getLogger("rtlab.server")


class SocketHandler(Handler):
    """`/channels/NAME/socket`: the handshake; then a `Socket` has the connection."""

    def head(self, *path: str) -> None:
        """A handshake is a GET (RFC 6455 §4.1): say what is spoken here."""
        raise HandshakeError(426, "this is a WebSocket: ask with GET", dict(handshake.UPGRADE_REQUIRED))

    async def get(self, name: str) -> None:
        """Answer `101` and hand the connection over, or refuse with the status of RFC 6455 §4.2.2."""
        channel = self.channel(name)
        key = handshake.check_request("GET", self.request.version, self.request.headers.get_all())
        deflate, headers = self.agree_on_compression()
        after = self.asked_cursor()
        position, gap = await channel.place(after)
        self.server.meter.upgraded(self)
        form = FRAMES if deflate is None else DEFLATED_FRAMES
        opened = Socket(Reader(channel, self.detach(), form, position), self, deflate)
        self.server.count(self, 101)
        # As in `stream`: who is cut now comes back to this place, and is told of the gap again.
        cursor = channel.cursor(position) if gap is None else after
        opening = message("open", cursor=cursor) + (b"" if gap is None else gap_frame(gap))
        opened.reader.write(handshake.response(key, headers=headers) + opening)
        with self.server.admission.connection(self.address), self.server.reading(opened.reader):
            await opened.run()

    def agree_on_compression(self) -> tuple[Agreement | None, dict[str, str]]:
        """What the client may compress, and the header that says so; nothing for who did not offer it (RFC 7692)."""
        offers = read_extensions(self.request.headers.get_list(HEADER))
        agreed = agree(offers) if self.server.deflate else None
        return (None, {}) if agreed is None else (agreed[0], {HEADER: agreed[1]})


class Socket:
    """One open WebSocket: takes what the client sends until one side closes. Events go out through its `Reader`."""

    READ_BYTES = 64 << 10  # taken from the socket at a time
    # Or fewer from who may compress: DEFLATE makes a thousand bytes of one, and a read is inflated as a whole.
    COMPRESSED_BYTES = 2 << 10
    CLOSE_SECONDS = 1.0  # that a client has to answer our Close

    def __init__(self, reader: Reader, handler: SocketHandler, deflate: Agreement | None) -> None:
        self.reader, self.channel, self.stream = reader, reader.channel, reader.stream
        self.admission, self.address = handler.server.admission, handler.address
        most = handler.server.limits.message_bytes
        self.protocol = WebSocketProtocol("server", max_message_bytes=most, deflate=deflate)
        self.at_a_time = self.READ_BYTES if deflate is None else self.COMPRESSED_BYTES
        self.grant = handler.grant()
        self.closing = False  # nothing but a Close may still be sent
        reader.heard()

    async def run(self) -> None:
        """Serve the socket until the client closes it or leaves, its token expires, or the server stops."""
        receiving, gone = asyncio.ensure_future(self.receive()), self.reader.gone
        await asyncio.wait([receiving, gone], timeout=self.grant.left(), return_when=asyncio.FIRST_COMPLETED)
        if not receiving.done():
            why = (
                (CloseCode.GOING_AWAY, "the server stops")
                if gone.done()
                else (EXPIRED, "the token has expired")
            )
            await self.send(self.close(*why))
            await asyncio.wait([receiving], timeout=self.CLOSE_SECONDS)
            receiving.cancel()
        self.stream.close()

    async def receive(self) -> None:
        """Take messages and answer them. The next are not taken before the kernel has the answers to these."""
        try:
            while True:
                data: bytes = await self.stream.read_bytes(self.at_a_time, partial=True)
                self.reader.heard()
                events = await self.take(data)
                if any(isinstance(event, Failed) for event in events) and not self.stream.closed():
                    self.stream.socket.shutdown(
                        socket.SHUT_WR
                    )  # or a reset overtakes our Close (RFC 6455 §7.1.1)
                if any(isinstance(event, Close) for event in events):
                    return
        except OSError:  # StreamClosedError is one
            pass

    async def take(self, data: bytes) -> list[WsEvent]:
        """Answer what is in some bytes, and say what it was. If that fails the mistake is ours: say so, and Close."""
        try:
            events = self.protocol.receive_data(data)  # none after Failed: the rest is taken and dropped
            await self.reply(events)
        except Exception:
            log.exception("the socket of %s: its message could not be answered", self.channel.name)
            await self.send(
                self.close(CloseCode.INTERNAL_ERROR, "the server failed; what it was is in its log")
            )
            return []
        return events

    async def reply(self, events: list[WsEvent]) -> None:
        """Answer in their order; what a broker has to be asked for goes to it together, and nothing waits behind it."""
        for slow, group in groupby(events, lambda event: self.channel.far and isinstance(event, Text)):
            if not slow:
                await self.send(b"".join([await self.answer(event) for event in group]))
                continue
            self.reader.held = True  # who publishes is told so before it gets its own event
            try:
                await self.send(b"".join(await asyncio.gather(*map(self.answer, group))))
            finally:
                self.reader.rest()

    async def send(self, data: bytes) -> None:
        """Write behind whatever is being written; a client that has left is noticed where we read."""
        if data and not self.stream.closed():
            with contextlib.suppress(StreamClosedError):
                await self.stream.write(data)

    async def answer(self, event: WsEvent) -> bytes:
        """What to say to an event from the client; nothing once we have said Close."""
        match event:
            case Failed(code, reason):
                return self.close(code, reason)
            case Close(code):
                return self.close(code)  # RFC 6455 §5.5.1: typically the code received is sent back
            case Ping() if not self.closing:
                return self.protocol.answer(event)
            case Text(text) if not self.closing:
                try:
                    return await publish(self.channel, text, self.admit)
                except LimitExceeded as error:  # it publishes too fast
                    return self.close(CloseCode.POLICY_VIOLATION, str(error))
            case Binary():
                return self.close(CloseCode.UNSUPPORTED_DATA, "send text: a JSON object with a type")
        return b""

    def admit(self) -> None:
        """Judge a publish. Raises Refused for who may not, LimitExceeded for who does too often."""
        self.grant.check("publish", self.channel.name)
        self.admission.check_publish(self.address)

    def close(self, code: int | None, reason: str = "") -> bytes:
        """Leave the channel, so that nothing follows, and say Close once; RFC 6455 §5.5: a reason has 123 bytes."""
        if self.closing:
            return b""
        self.closing = True
        self.reader.leave()
        return self.protocol.send(Close(code, reason.encode()[:123].decode(errors="ignore")))
