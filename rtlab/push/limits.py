"""Every limit of the push service: its default, and what it is for. Each is an option of `rtlab push serve`."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from rtlab.errors import BadInput, Refused

DAY = 24 * 3600


def _limit(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class PushLimits:
    """What one push service allows; times in seconds. The size of a message is not among them: RFC 8030 sets it."""

    ttl: int = _limit(28 * DAY, "seconds that a message may wait, whatever its TTL says")
    waiting: int = _limit(100, "messages that may wait for one subscription")
    in_flight: int = _limit(100, "messages sent to a device that it has not acknowledged yet")
    devices: int = _limit(100_000, "devices")
    subscriptions: int = _limit(1_000, "subscriptions of one device")
    receipts: int = _limit(1_000, "receipt subscriptions")
    idle: float = _limit(60.0 * DAY, "seconds without a connection after which a device is forgotten")

    def __post_init__(self) -> None:
        for limit in fields(self):
            if not getattr(self, limit.name) > 0:
                raise BadInput(
                    f"the limit {limit.name} is {getattr(self, limit.name)!r}: give a number above 0"
                )


def allow(limit: str, there: int, limits: PushLimits) -> None:
    """Refuse one more of what a limit counts, where the limit is reached. Raises Refused (429, RFC 8030 §8.4)."""
    if there >= (most := getattr(limits, limit)):
        raise Refused(
            429, f"the limit of {most} is reached ({limit}): try again later", {"Retry-After": "60"}
        )
