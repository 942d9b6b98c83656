"""Every limit of the server: its default, what it is for, and how a caller is told that it was crossed.

Each field is an option of `rtlab serve` (`body_bytes` is `--body-bytes`).
"""

from __future__ import annotations

import contextlib
import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from rtlab.errors import BadInput, LimitExceeded


def _limit(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class Limits:
    """What one server allows; sizes in bytes, times in seconds."""

    events: int = _limit(10_000, "events that a channel keeps")
    bytes: int = _limit(16 << 20, "bytes of JSON that a channel keeps")
    channels: int = _limit(1_000, "channels that have a log")
    expiry: float = _limit(
        3600.0, "seconds without an event or a reader after which a channel's log is dropped"
    )
    body_bytes: int = _limit(1 << 20, "bytes of a published body")
    message_bytes: int = _limit(1 << 20, "bytes of a WebSocket message from a client, inflated")
    header_bytes: int = _limit(16 << 10, "bytes of a request's head")
    answer_events: int = _limit(1_000, "events in one answer to a poll")
    hold: float = _limit(60.0, "seconds that a long poll is held at most")
    send_bytes: int = _limit(256 << 10, "bytes handed to a reader's socket at a time")
    socket_bytes: int = _limit(64 << 10, "bytes that the kernel keeps for a slow reader (SO_SNDBUF)")
    connections: int = _limit(20_000, "connections at once")
    connections_per_address: int = _limit(256, "connections at once from one address, loopback excepted")
    publish_rate: float = _limit(100_000.0, "events that one address may publish in a second")
    heartbeat: float = _limit(15.0, "seconds from one sign of life on a stream or socket to the next")
    missed_beats: int = _limit(
        1, "whole heartbeats that a client may give no sign of life for before its connection is ended"
    )
    head_seconds: float = _limit(
        15.0, "seconds that a request's head may take to arrive, the first one with TLS's handshake"
    )
    body_seconds: float = _limit(30.0, "seconds that a body may take to arrive")
    idle_seconds: float = _limit(3600.0, "seconds that a connection may wait for its next request")

    def __post_init__(self) -> None:
        for limit in fields(self):
            if not getattr(self, limit.name) > 0:
                raise BadInput(
                    f"the limit {limit.name} is {getattr(self, limit.name)!r}: give a number above 0"
                )


# limit → HTTP status (RFC 9110, RFC 6585) and seconds after which another try makes sense
STATUS: dict[str, tuple[int, int | None]] = {
    "header_bytes": (431, None),
    "body_bytes": (413, None),
    "bytes": (413, None),
    "channels": (503, 60),
    "connections": (503, 5),
    "connections_per_address": (429, 5),
    "publish_rate": (429, 1),
}


class Admission:
    """Who is connected from where, and how fast each address publishes."""

    ADDRESSES = 10_000  # whose publish rate is remembered

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.most = limits.connections  # or fewer, where the process may not have so many files open
        self.open = 0
        self.excess: dict[object, LimitExceeded] = {}  # connections that are one too many, and why
        self._by_address: Counter[str] = Counter()
        self._tokens: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def connect(self, address: str) -> None:
        """Count a new connection. Raises LimitExceeded where there are too many, at all or from this address."""
        if self.open >= self.most:
            message = f"the server has its {self.most} connections: try again later"
            raise LimitExceeded("connections", self.most, message)
        allowed = self.limits.connections_per_address
        if self._by_address[address] >= allowed and not is_loopback(address):
            message = f"there are {allowed} connections from your address: close one"
            raise LimitExceeded("connections_per_address", allowed, message)
        self.connected(address)

    def connected(self, address: str) -> None:
        """Count a connection that has been let in."""
        self.open += 1
        self._by_address[address] += 1

    def disconnected(self, address: str) -> None:
        """Count a connection that is gone."""
        self.open -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    @contextlib.contextmanager
    def connection(self, address: str) -> Iterator[None]:
        """Count a connection for as long as the block lasts."""
        self.connected(address)
        try:
            yield
        finally:
            self.disconnected(address)

    def check_publish(self, address: str) -> None:
        """Take a token from the address's bucket (one second's worth deep); raise LimitExceeded if there is none."""
        rate, now = self.limits.publish_rate, time.monotonic()
        tokens, since = self._tokens.pop(address, (max(rate, 1.0), now))
        tokens = min(max(rate, 1.0), tokens + (now - since) * rate)
        self._tokens[address] = tokens - (tokens >= 1), now
        if len(self._tokens) > self.ADDRESSES:
            self._tokens.popitem(last=False)
        if tokens < 1:
            raise LimitExceeded(
                "publish_rate", rate, f"more than {rate:g} events a second from you: publish more slowly"
            )


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
