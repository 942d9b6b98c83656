"""Receipts: the push service tells the application server what became of its messages (RFC 8030 §5.1, §6.3).

A receipt subscription is a channel of the lab's own kind: its log remembers, so a reader that was away misses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rtlab.errors import Refused
from rtlab.push.headers import token
from rtlab.push.limits import PushLimits, allow
from rtlab.push.store import Message, Store
from rtlab.server.fanout import Channel, Channels
from rtlab.server.limits import Limits

ARRIVED, GAVE_UP = 204, 410  # what a receipt says


class Receipts:
    """All receipt subscriptions of one push service."""

    def __init__(self, store: Store, limits: PushLimits, clock: Callable[[], float]) -> None:
        self._store, self._limits, self._clock = store, limits, clock
        self._channels = Channels(replace(Limits(), channels=limits.receipts, expiry=limits.idle))

    def named(self, name: str) -> str:
        """The receipt subscription of that name, or a new one for "". Raises Refused (400, 429)."""
        now = self._clock()
        if name:
            if not self._store.see_receipts(name, now):
                raise Refused(
                    400, f"there is no receipt subscription {name[:40]!r}: leave it out to get a new one"
                )
            return name
        allow("receipts", self._store.receipts(), self._limits)
        name = token()
        self._store.add_receipts(name, now)
        return name

    def channel(self, name: str) -> Channel:
        """The channel on which receipts are told. Raises Refused (404)."""
        if not self._store.see_receipts(name, self._clock()):
            raise Refused(404, "there is no such receipt subscription")
        return self._channels.find(name)

    def tell(self, message: Message, status: int) -> None:
        """Say what became of a message, to whoever wanted to know."""
        name = message.receipt
        if name is not None and self._store.see_receipts(name, self._clock()):
            told = {"message": f"/push/message/{message.id}", "status": status}
            self._channels.find(name).publish(told)

    def end(self, name: str) -> None:
        """The application server wants no more of them. Raises Refused (404)."""
        channel = self.channel(name)
        self._store.remove_receipts(name)
        self._channels.by_name.pop(name, None)
        _let_go(channel)

    def close(self) -> None:
        """Let all readers go."""
        for channel in list(self._channels.by_name.values()):
            _let_go(channel)


def _let_go(channel: Channel) -> None:
    for reader in list(channel.readers):
        reader.leave()
