"""What a device asks of its push service: subscriptions, its one stream, acknowledgements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtlab.errors import BadInput
from rtlab.event import read_json
from rtlab.push.handler import PushHandler
from rtlab.push.headers import PUSH, SET, Urgency, link, read_links
from rtlab.server.fanout import Channel
from rtlab.server.stream import StreamHandler

if TYPE_CHECKING:
    from rtlab.push.delivery import Delivery


class SubscribeHandler(PushHandler):
    """`/push/subscribe`: a device asks for a subscription; a `Link` names the set it has already."""

    def post(self) -> None:
        """Make one; `201` with the device's own name of it, the sender's name of it, and the device's set."""
        options = read_json(self.request.body) if self.request.body else {}
        if not isinstance(options, dict) or not isinstance(options.get("vapid", ""), str):
            raise BadInput('the options are a JSON object such as {"vapid": "PUBLIC KEY"} (RFC 8292 §4.1)')
        links = read_links(self.request.headers.get_list("Link"))
        device = links[SET].rpartition("/")[2] if SET in links else None
        made = self.service.subscribe(device, options.get("vapid"))
        self.set_status(201)
        self.set_header("Location", f"/push/subscription/{made.id}")
        self.add_header("Link", link(f"/push/p/{made.push}", PUSH))
        self.add_header("Link", link(f"/push/set/{made.device}", SET))


class SubscriptionHandler(PushHandler):
    """`/push/subscription/ID`: a subscription, as its device knows it."""

    def delete(self, id: str) -> None:
        """End it."""
        self.service.unsubscribe(id)
        self.set_status(204)


class SetHandler(PushHandler):
    """`/push/set/DEVICE`: all subscriptions of one device."""

    def delete(self, device: str) -> None:
        """Remove the device (RFC 8030 §7.3.1)."""
        self.service.forget(device)
        self.set_status(204)


class SetStreamHandler(PushHandler, StreamHandler):
    """`/push/set/DEVICE/stream`: the one connection of a device, for all its subscriptions."""

    delivery: Delivery | None = None

    async def get(self, name: str) -> None:
        """Stream the messages; `Urgency` says which are worth it for now."""
        try:
            await super().get(name)
        finally:
            if self.delivery is not None and not self.server.stopping:
                self.service.disconnect(self.delivery)

    def channel(self, name: str) -> Channel:
        """The log of this connection, made now. A browser's EventSource cannot set the header, so the query will do."""
        asked = self.get_query_argument("urgency", "very-low")
        least = Urgency.parse(self.request.headers.get("Urgency", asked))
        self.delivery = self.service.connect(name, least)
        return self.delivery.channel

    def asked_cursor(self) -> str:
        """From its beginning: what the device has acknowledged is not in it."""
        return "start"


class MessageHandler(PushHandler):
    """`/push/message/ID`: one message."""

    def delete(self, id: str) -> None:
        """The device has it."""
        self.service.acknowledge(id)
        self.set_status(204)
