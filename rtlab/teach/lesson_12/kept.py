"""A look into the push service's own store: what it knows of a message that waits."""

from __future__ import annotations

from rtlab.push.headers import Urgency
from rtlab.push.service import PushService
from rtlab.push.store import Message
from rtlab.push.subscriptions import Target


def kept_for(service: PushService, target: Target) -> list[Message]:
    """Return the messages that wait for a subscription's device, as the service keeps them."""
    found = service.store.find(target.endpoint.rpartition("/")[2])
    device = "" if found is None else found.device
    return service.store.waiting(device, service.clock(), Urgency.VERY_LOW, after=0, limit=100)
