"""A push service (RFC 8030): it holds the one connection of each device, and keeps what the device misses.

    service = PushService("push.sqlite")
    Server(extensions=[service])

Sender and device never meet. The sender knows a subscription by one unguessable name, the device by another, and a
message has a third; from none of them can another be computed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tornado.ioloop import PeriodicCallback
from tornado.web import RequestHandler

from rtlab.errors import Refused
from rtlab.push import vapid
from rtlab.push.delivery import Delivery
from rtlab.push.headers import Urgency, token
from rtlab.push.keys import from_text, public_key
from rtlab.push.limits import PushLimits, allow
from rtlab.push.receipts import ARRIVED, GAVE_UP, Receipts
from rtlab.push.request import read_request
from rtlab.push.routes import ROUTES
from rtlab.push.store import Message, Store, Subscription
from rtlab.server.fanout import Channels
from rtlab.server.limits import Limits

if TYPE_CHECKING:
    from rtlab.server.app import Server

SWEEP = 1.0  # seconds between two looks for messages whose time is over


class Accepted(NamedTuple):
    """What the sender is told: the message's name, for how long it is kept, and where its receipt will be."""

    message: str
    ttl: int
    receipts: str | None


class PushService:
    """The service, an extension of a `Server`. One thread: the server's.

    `path`: where it keeps what must last, `sync`: against a loss of power too. `clock`: seconds since 1970; a
    simulation brings its own.
    """

    def __init__(
        self,
        path: Path | str = ":memory:",
        limits: PushLimits | None = None,
        clock: Callable[[], float] = time.time,
        *,
        sync: bool = True,
    ) -> None:
        self.routes: Sequence[tuple[str, type[RequestHandler], dict[str, Any]]] = [
            (pattern, handler, {"service": self}) for pattern, handler in ROUTES
        ]
        self.limits = limits or PushLimits()
        self.clock = clock
        self.store = Store(path, sync=sync)
        self.receipts = Receipts(self.store, self.limits, clock)
        self.awake: dict[str, Delivery] = {}  # the devices that are connected
        self._logs = Channels(Limits())
        self._timer: PeriodicCallback | None = None
        self._tidy_at = (
            clock() + self.limits.idle / 10
        )  # not at once: after a restart devices need time to come back

    async def start(self, server: Server) -> None:
        """Look for what has expired, from now on; a service that was stopped can be started again."""
        self.store.open()
        self._timer = PeriodicCallback(self.sweep, SWEEP * 1000)
        self._timer.start()

    async def stop(self) -> None:
        """Let all devices go and close the store."""
        if self._timer is not None:
            self._timer.stop()
        for delivery in list(self.awake.values()):
            delivery.leave()
        self.awake.clear()
        self.receipts.close()
        self.store.close()

    # What devices ask.

    def subscribe(self, device: str | None = None, key: str | None = None) -> Subscription:
        """Make a subscription, on a new device if none is named; `key`: the public key of who may send.

        Raises Refused (400 for an unknown device, RFC 8030 §4.1; 429), BadInput for a key that is none.
        """
        now, point = self.clock(), None if key is None else from_text(key)
        if point is not None:
            public_key(point)
        if device is None:
            allow("devices", self.store.devices(), self.limits)
            device = token()
            self.store.add_device(device, now)
        elif not self.store.see_device(device, now):
            raise Refused(400, f"there is no device {device[:40]!r}: leave it out to get a new one")
        allow("subscriptions", self.store.subscriptions(device), self.limits)
        made = Subscription(token(), token(), point, None, device)
        self.store.add_subscription(made)
        return made

    def unsubscribe(self, id: str) -> None:
        """End a subscription: its sender will be told `410`. Raises Refused (404)."""
        found = self.store.find_own(id)
        if found is None or found.ended is not None:
            raise Refused(404, "there is no such subscription: it has ended, or never was")
        self.store.end(id, self.clock())

    def forget(self, device: str) -> None:
        """Remove a device with all its subscriptions: their senders will be told `404`. Raises Refused (404)."""
        if not self.store.remove_device(device):
            raise _unknown_device()
        if (delivery := self.awake.pop(device, None)) is not None:
            delivery.leave()

    def connect(self, device: str, least: Urgency = Urgency.VERY_LOW) -> Delivery:
        """A device is awake: give it what waits, and what comes. A second connection ends the first.

        Raises Refused (404).
        """
        now = self.clock()
        if not self.store.see_device(device, now):
            raise _unknown_device()
        if (earlier := self.awake.pop(device, None)) is not None:
            earlier.leave()
        delivery = Delivery(self._logs, self.store, device, least, self.limits.in_flight)
        self.awake[device] = delivery
        delivery.fill(now)
        return delivery

    def disconnect(self, delivery: Delivery) -> None:
        """A device is gone, or asleep."""
        if self.awake.get(delivery.device) is delivery:
            del self.awake[delivery.device]
            self.store.see_device(delivery.device, self.clock())
        delivery.leave()

    def acknowledge(self, id: str) -> None:
        """A device has a message: it is not kept any longer (RFC 8030 §6.2). Raises Refused (404)."""
        message = self.store.take(id)
        if message is None:
            raise Refused(
                404, "there is no such message: it was acknowledged, replaced, or its time was over"
            )
        self.receipts.tell(message, ARRIVED)
        subscription = self.store.find_own(message.subscription)
        if subscription is not None and (delivery := self.awake.get(subscription.device)) is not None:
            delivery.acknowledged(id, self.clock())

    # What application servers ask.

    def push(
        self, push: str, headers: Mapping[str, str], body: bytes, audience: Collection[str] = ()
    ) -> Accepted:
        """Take a message; when this returns, it is on disk. `audience`: the origins that a token may be for.

        Raises Refused and BadInput, whichever comes first: 404, 410; 401, 403; 400; 413, 415; 429.
        """
        now, subscription = self.clock(), self._known(push)
        _check_sender(subscription.key, headers.get("Authorization"), audience, now)
        wanted = read_request(headers, body, self.limits.ttl)
        if wanted.topic is None:  # with a topic it may take the place of one that is counted
            allow("waiting", self.store.count_waiting(subscription.id, now), self.limits)
        receipts = None if wanted.receipts is None else self.receipts.named(wanted.receipts)
        message = Message(
            number=0,
            id=token(),
            push=push,
            topic=wanted.topic,
            received=now,
            expires=now + wanted.ttl,
            urgency=wanted.urgency,
            receipt=receipts,
            body=body,
            subscription=subscription.id,
        )
        self._deliver(message, subscription.device, now)
        return Accepted(message.id, wanted.ttl, receipts)

    def _known(self, push: str) -> Subscription:
        found = self.store.find(push)
        if found is None:
            raise Refused(404, "there is no such subscription: forget it; the device has to subscribe again")
        if found.ended is not None:
            raise Refused(
                410, "the device has ended this subscription: forget it, and send nothing to it any more"
            )
        return found

    def _deliver(self, message: Message, device: str, now: float) -> None:
        """Keep a message and give it to its device, now or when the device is awake."""
        delivery = self.awake.get(device)
        if delivery is not None and message.urgency < delivery.least:
            delivery = None  # as good as asleep
        at_once_or_never = message.expires <= now
        if at_once_or_never and delivery is None:
            return  # "If the user agent is unavailable, a push message with a zero TTL expires" (RFC 8030 §5.2)
        message = self.store.put(message)
        if delivery is not None and at_once_or_never:
            delivery.send(message)
        elif delivery is not None:
            delivery.fill(now)

    def sweep(self) -> None:
        """Drop what is over: messages that expired, and devices that nobody has seen for long."""
        now = self.clock()
        for message in self.store.expire(now):
            self.receipts.tell(message, GAVE_UP)
        if now >= self._tidy_at:
            self._tidy_at = now + self.limits.idle / 10
            self.store.see_devices(self.awake, now)
            self.store.remove_idle(now - self.limits.idle)


def _check_sender(key: bytes | None, credentials: str | None, audience: Collection[str], now: float) -> None:
    """Who sends has to be who the subscription is for (RFC 8292 §4.2); without a key, anybody who knows its name."""
    if key is None and credentials is None:
        return
    if vapid.verify(credentials, audience, now) != key and key is not None:
        raise Refused(403, "this subscription is for another application server: its key is not yours")


def _unknown_device() -> Refused:
    return Refused(404, "this device is not known, or not any more: subscribe again")
