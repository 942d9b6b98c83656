"""Engines that keep the logs of many servers: `open_broker` makes the one that an address names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rtlab.broker import Broker
from rtlab.brokers.address import shown
from rtlab.brokers.embedded import EMBEDDED
from rtlab.errors import BadInput, Missing

ADDRESSES = f"redis://HOST:PORT, kafka://HOST:PORT, {' or '.join(EMBEDDED)}"


def open_broker(address: str, max_events: int = 10_000) -> Broker:
    """The broker of that address, whose channels keep about `max_events`. Raises BadInput, and Missing: no library."""
    scheme = address.partition(":")[0]
    try:
        if scheme.startswith("redis"):
            from rtlab.brokers.redis import RedisBroker

            return RedisBroker(address, max_events)
        if scheme == "kafka":
            from rtlab.brokers.kafka import KafkaBroker

            return KafkaBroker(address)
    except ImportError:
        raise Missing("the client of that broker", "brokers") from None
    raise BadInput(f"{shown(address)!r} is not the address of a broker: give {ADDRESSES}")


@contextlib.contextmanager
def broker_at(address: str) -> Iterator[str]:
    """The address itself; or, of one that is started here for as long as the block lasts, where that is."""
    if address not in EMBEDDED:
        yield address
        return
    with EMBEDDED[address]() as engine:
        yield engine.address
