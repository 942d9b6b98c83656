"""The lesson's brokers, each with a tap before it; they end when a cell makes them anew, and with the kernel.

An address makes them somebody else's: `Redis("redis://HOST:6379")`. Then nothing is started here but the tap.
"""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from typing import ClassVar
from urllib.parse import urlsplit

from rtlab.brokers import broker_at
from rtlab.brokers.embedded import EmbeddedKafka
from rtlab.errors import BadInput
from rtlab.fleet import Fleet
from rtlab.wire.tap import Tap


class Tapped:
    """A broker at `address`, and the same through its `tap` at `through`; one of each kind at a time."""

    _current: ClassVar[dict[type, Tapped]] = {}
    address: str
    through: str
    tap: Tap

    def __init__(self) -> None:
        if (before := self._current.pop(type(self), None)) is not None:
            before.close()
        self._things = ExitStack()
        self._fleet: Fleet | None = None
        self._current[type(self)] = self
        atexit.register(self.close)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        raise NotImplementedError

    def fleet(self, processes: int) -> Fleet:
        """Server processes on this broker, instead of those before."""
        if self._fleet is not None:
            self._fleet.close()
        self._fleet = Fleet(processes, self.address)
        return self._fleet

    def close(self) -> None:
        """End what was started here; safe to call again."""
        atexit.unregister(self.close)
        if self._fleet is not None:
            self._fleet.close()
        self._things.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__} at {self.address.partition('?')[0]}"


class Redis(Tapped):
    """A Redis or Valkey: the embedded one, or that of an address `redis://…`. Raises BadInput for other addresses."""

    def __init__(self, address: str = "embedded-redis") -> None:
        if address != "embedded-redis" and not address.startswith("redis://"):
            raise BadInput(
                f"{address[:80]!r} is not redis://HOST:PORT (a tap cannot look into TLS or a cluster)"
            )
        self._asked = address
        super().__init__()

    def _open(self) -> None:
        self.address = self._things.enter_context(broker_at(self._asked))
        url = urlsplit(self.address)
        self.tap = self._things.enter_context(Tap((url.hostname or "127.0.0.1", url.port or 6379)))
        user, at, _ = url.netloc.rpartition("@")
        self.through = f"redis://{user}{at}127.0.0.1:{self.tap.address[1]}{url.path}"


class Kafka(Tapped):
    """A broker of Kafka's protocol in a process of its own. It sends its clients to the tap, as it would to a proxy."""

    def _open(self) -> None:
        # A client asks any broker where the partitions are and goes there, so the broker has to name the tap.
        door = self._things.enter_context(Tap(("127.0.0.1", 1)))
        engine = self._things.enter_context(EmbeddedKafka(door=door.address[1]))
        door.close()
        self.tap = self._things.enter_context(Tap(("127.0.0.1", engine.port), port=door.address[1]))
        self.address = engine.address
        self.through = f"kafka://127.0.0.1:{self.tap.address[1]}?hold=0.5"
