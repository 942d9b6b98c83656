"""Short, conditional and long polling: one resource, three ways to ask for it.

GET /channels/NAME/events?after=CURSOR            short: what is there, at once
GET …  with  If-None-Match: "CURSOR"              conditional: 304 if that is nothing new
GET …?after=CURSOR&wait=25                        long: the answer waits for the next event
"""

from __future__ import annotations

import asyncio
import json
import math
import re

from tornado.web import HTTPError, stream_request_body

from rtlab.errors import BadInput
from rtlab.event import Gap
from rtlab.server.fanout import Channel
from rtlab.server.forms import element
from rtlab.server.handler import Handler
from rtlab.server.publish import PublishHandler


@stream_request_body
class EventsHandler(PublishHandler):
    """`/channels/NAME/events`: read with GET, publish with POST."""

    held: asyncio.Future[None] | None = None

    async def get(self, name: str) -> None:
        """Answer with the events after the reader's cursor; with `wait`, not before there is one."""
        self.check_refusal()
        channel = self.channel(name)
        limit, wait = self.asked_limit(), self.asked_wait()
        position, gap = await channel.place(self.asked_cursor())
        held = self.request.method == "GET" and not self.iostream.closed()
        if wait and held and self.nothing_new(channel, position, gap, limit):
            # "now" was a moment ago: from here on it is the cursor that it stood for.
            after = channel.cursor(position)
            left = self.grant().left()
            await self.hold(channel, wait if left is None else min(wait, left))
            position, gap = await channel.place(after)
        if not self.iostream.closed():
            self.answer(channel, position, gap, limit)

    async def hold(self, channel: Channel, seconds: float) -> None:
        """Wait for the next append, for at most that long, or until the client leaves."""
        self.held = channel.hold()
        try:
            await asyncio.wait([self.held], timeout=seconds)
        finally:
            channel.release(self.held)

    def on_connection_close(self) -> None:
        """The client has left: hold nothing for it."""
        super().on_connection_close()
        if self.held is not None:
            self.held.cancel()

    def nothing_new(self, channel: Channel, position: int, gap: Gap | None, limit: int) -> bool:
        """Whether the answer would be empty, or one that the client says it has."""
        return (position == channel.end and gap is None) or self.has(
            channel.cursor(min(channel.end, position + limit))
        )

    def answer(self, channel: Channel, position: int, gap: Gap | None, limit: int) -> None:
        """Write the events after a position: `304` if the answer's ETag is the one that the client has."""
        elements, end = channel.encoded(position, element, limit)
        cursor = channel.cursor(end)
        self.set_header("ETag", f'"{cursor}"')
        hint = self.server.hint
        self.set_header("Cache-Control", "no-cache" if hint is None else f"private, max-age={hint}")
        if self.has(cursor):
            self.set_status(304)
            return
        lost = json.dumps(None if gap is None else {"missed": gap.missed, "cursor": gap.cursor})
        self.set_header("Content-Type", "application/json")
        what, size = (channel.name, channel.cursor(position), cursor, lost), sum(map(len, elements))
        self.server.answers.finish(self, what, size, lambda: _body(elements, cursor, lost))

    def has(self, cursor: str) -> bool:
        """Whether `If-None-Match` names this cursor (RFC 9110 §13.1.2: a list of tags, weak or not, or *)."""
        asked = self.request.headers.get("If-None-Match", "")
        return asked.strip() == "*" or cursor in re.findall(r'(?:W/)?"([^"]*)"', asked)

    def asked_limit(self) -> int:
        """How many events the client wants at most. Raises BadInput."""
        text = self.get_query_argument("limit", None)
        most = self.server.limits.answer_events
        if text is None:
            return most
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or int(text) == 0:
            raise BadInput(f"limit={text[:40]!r}: give a whole number from 1 to {most}")
        return min(int(text), most)

    def asked_wait(self) -> float:
        """How long the answer may be held, in seconds: `wait`, else `Prefer: wait` (RFC 7240 §4.3), else 0."""
        text = self.get_query_argument("wait", None)
        if text is None:
            preference = re.search(
                r'(?:^|,)\s*wait\s*=\s*"?([^",;\s]*)', self.request.headers.get("Prefer", ""), re.I
            )
            if preference is None or not re.fullmatch(r"[0-9]{1,9}", preference[1], re.ASCII):
                return 0.0  # a preference that cannot be understood is ignored (RFC 7240 §2)
            text = preference[1]
            applied = min(float(text), self.server.limits.hold)
            self.set_header("Preference-Applied", f"wait={applied:g}")
        try:
            wait = float(text)
        except ValueError:
            wait = math.nan
        if not 0 <= wait < math.inf:
            raise BadInput(f"wait={text[:40]!r}: give seconds, from 0 to {self.server.limits.hold:g}")
        return min(wait, self.server.limits.hold)


def _body(elements: list[bytes], cursor: str, lost: str) -> bytes:
    return b'{"events":[%b],"cursor":"%b","gap":%b}' % (b",".join(elements), cursor.encode(), lost.encode())


class EventHandler(Handler):
    """`/channels/NAME/events/CURSOR`: one event, while the log keeps it."""

    async def get(self, name: str, cursor: str) -> None:
        """Answer with the event; `410` when the window has moved on, `404` when there never was one."""
        encoded, forgotten = await self.channel(name).event(cursor)
        if encoded is None and forgotten:
            raise HTTPError(410, f"the event {cursor} was kept until newer ones had taken its place")
        if encoded is None:
            raise HTTPError(404, f"there is no event {cursor} on {name}")
        self.set_header("Content-Type", "application/json")
        self.finish(encoded)
