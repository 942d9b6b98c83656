"""Server-sent events: a long poll whose answer does not end (WHATWG HTML, "Server-sent events").

    GET /channels/NAME/stream
    Last-Event-ID: CURSOR

The head of the answer goes through Tornado; what follows is written straight to the socket by `fanout`.
"""

from __future__ import annotations

import asyncio

from rtlab.protocol import event_stream
from rtlab.server.forms import CHUNKED_STREAM, PLAIN_STREAM, gap_block
from rtlab.server.handler import Handler
from rtlab.server.reader import Reader

RETRY = 1000  # milliseconds that a browser waits before it connects again


class StreamHandler(Handler):
    """`/channels/NAME/stream`: every event from the reader's cursor on, for as long as it stays."""

    reader: Reader | None = None

    async def get(self, name: str) -> None:
        """Open the stream with the cursor where it begins, then leave it to the channel."""
        channel = self.channel(name)
        after = self.asked_cursor()
        position, gap = await channel.place(after)
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        self.set_header(
            "X-Accel-Buffering", "no"
        )  # asks nginx not to collect the stream before it passes it on
        if self.request.version == "HTTP/1.0":
            self.request.headers.pop(
                "Connection", None
            )  # or Tornado would promise to keep it open afterwards
        if self.request.method == "HEAD":
            self.flush()
            return
        # The first block has no data. A reader that is cut now comes back to this place, and is told of the gap again.
        self.write(event_stream.encode(id=channel.cursor(position) if gap is None else after, retry=RETRY))
        if gap is not None:
            self.write(gap_block(gap))
        form = CHUNKED_STREAM if self.request.version == "HTTP/1.1" else PLAIN_STREAM
        self.reader = reader = Reader(channel, self.iostream, form, position)
        self.flush()
        with self.server.reading(reader):
            await asyncio.wait([reader.gone], timeout=self.grant().left())  # or the token has expired

    def on_connection_close(self) -> None:
        """The client has left, or its connection was lost."""
        super().on_connection_close()
        if self.reader is not None:
            self.reader.leave()
