"""One device's connection: a log of its own, from which the lab's write path sends, and what is not acknowledged yet.

The log is made with the connection and dropped with it. What must last is in the store; the log is only what this
connection has been given. So a device that comes back needs no cursor: it gets all that it has not acknowledged.
"""

from __future__ import annotations

from rtlab.log import Log
from rtlab.push.headers import Urgency
from rtlab.push.keys import to_text
from rtlab.push.store import Message, Store
from rtlab.server.fanout import Channel, Channels

SPARE = 100  # places in the log for messages of TTL 0, which are not held back when many are in flight


class Delivery:
    """What one connection of a device has been sent, at most `window` messages ahead of its acknowledgements.

    `least`: the lowest urgency that the device wants to be woken for now (RFC 8030 §5.3).
    """

    def __init__(self, channels: Channels, store: Store, device: str, least: Urgency, window: int) -> None:
        self.device, self.least, self.window = device, least, window
        self.channel = Channel(channels, device)
        self.channel.log = Log(window + SPARE)
        self._store = store
        self._in_flight: set[str] = set()
        self._last = 0  # number of the newest message that was sent

    def fill(self, now: float) -> None:
        """Send what waits, as far as there is room."""
        room = self.window - len(self._in_flight)
        if room > 0:
            for message in self._store.waiting(self.device, now, self.least, self._last, room):
                self.send(message)

    def send(self, message: Message) -> None:
        """Send one message."""
        self._last = max(self._last, message.number)
        self._in_flight.add(message.id)
        self.channel.publish(as_event(message))

    def acknowledged(self, id: str, now: float) -> None:
        """The device has a message: there is room for another one."""
        self._in_flight.discard(id)
        self.fill(now)

    def leave(self) -> None:
        """End the connection; whoever serves it goes on."""
        known = self.channel.channels.by_name
        if known.get(self.device) is self.channel:
            del known[self.device]
        for reader in list(self.channel.readers):
            reader.leave()


def as_event(message: Message) -> dict[str, str]:
    """What the device is told. Urgency and topic stay with the service (RFC 8030 §5.3 and §5.4: MUST NOT)."""
    return {
        "message": f"/push/message/{message.id}",
        "push": f"/push/p/{message.push}",
        "body": to_text(message.body),
    }
