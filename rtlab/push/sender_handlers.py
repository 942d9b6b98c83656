"""What an application server asks of a push service: to take a message, and what became of it."""

from __future__ import annotations

from tornado.web import stream_request_body

from rtlab.push.handler import PushHandler
from rtlab.push.headers import RECEIPT, link
from rtlab.server.fanout import Channel
from rtlab.server.publish import PublishHandler
from rtlab.server.stream import StreamHandler


@stream_request_body
class PushResourceHandler(PushHandler, PublishHandler):
    """`/push/p/PUSH`: where an application server sends to."""

    def check_head(self) -> None:
        """Any type of content, for it is encrypted; how much is too much is said after all that matters more."""

    async def post(self, push: str) -> None:
        """Take a message: `201`, or `202` if a receipt will follow (RFC 8030 §5, §5.1)."""
        self.check_refusal()
        self.check_length(self.body_length)
        self.server.admission.check_publish(self.address)
        taken = self.service.push(push, self.request.headers, bytes(self.body), self._own_origins())
        self.set_status(202 if taken.receipts else 201)
        self.set_header("Location", f"/push/message/{taken.message}")
        self.set_header("TTL", str(taken.ttl))
        if taken.receipts:
            self.set_header("Link", link(f"/push/receipts/{taken.receipts}", RECEIPT))


class ReceiptsHandler(PushHandler):
    """`/push/receipts/ID`: the receipts of one application server."""

    def delete(self, name: str) -> None:
        """No more of them."""
        self.service.receipts.end(name)
        self.set_status(204)


class ReceiptsStreamHandler(PushHandler, StreamHandler):
    """`/push/receipts/ID/stream`: an event for each message: `{"message", "status"}`, 204 or 410."""

    def channel(self, name: str) -> Channel:
        """The channel of this receipt subscription."""
        return self.service.receipts.channel(name)

    def asked_cursor(self) -> str:
        """As on a channel, but from the oldest that is kept if nothing is said."""
        return self.request.headers.get("Last-Event-ID") or self.get_query_argument("after", "start")
