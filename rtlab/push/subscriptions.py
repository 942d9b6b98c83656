"""The subscriptions of one application server: what browsers and devices gave it, kept in a file of its own.

Each has the form in which every browser gives it (`PushSubscription.toJSON()`, W3C Push API):

    {"endpoint": "https://…", "keys": {"p256dh": PUBLIC KEY, "auth": SECRET}}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rtlab.errors import BadInput
from rtlab.push.encryption import AUTH
from rtlab.push.keys import from_text, point, public_key, to_text, write_private
from rtlab.push.place import folder


class Target(NamedTuple):
    """Where to send to, and how to encrypt for it."""

    endpoint: str
    p256dh: bytes  # the device's public key for this application
    auth: bytes  # the secret that it shares with the application server

    @classmethod
    def parse(cls, given: Any) -> Target:
        """Read a subscription. Raises BadInput that says what is wrong with it."""
        try:
            endpoint, keys = given["endpoint"], given["keys"]
            p256dh, auth = from_text(keys["p256dh"]), from_text(keys["auth"])
        except (KeyError, TypeError, AttributeError):
            form = '{"endpoint": URL, "keys": {"p256dh": KEY, "auth": SECRET}}'
            raise BadInput(f"this is not a subscription: it has the form {form}") from None
        folder(endpoint)
        if len(auth) != AUTH:
            raise BadInput(f"the subscription's secret has {len(auth)} bytes: it should have {AUTH}")
        return cls(endpoint, point(public_key(p256dh)), auth)

    def to_json(self) -> dict[str, Any]:
        """Write it as a browser does."""
        return {
            "endpoint": self.endpoint,
            "keys": {"p256dh": to_text(self.p256dh), "auth": to_text(self.auth)},
        }

    def __repr__(self) -> str:
        """Without the secret: a target is printed in notebooks and logs."""
        return f"Target({self.endpoint!r})"


class Subscriptions:
    """All of them by endpoint; with a `path` they are kept there, for nobody else to read (mode 0600)."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._by_endpoint: dict[str, Target] = {}
        if path is not None and path.exists():
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            given = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise BadInput(f"{path} is not a file of subscriptions: {error}") from None
        for one in given if isinstance(given, list) else [given]:
            target = Target.parse(one)
            self._by_endpoint[target.endpoint] = target

    def __len__(self) -> int:
        return len(self._by_endpoint)

    def __iter__(self) -> Iterator[Target]:
        return iter(list(self._by_endpoint.values()))

    def __contains__(self, endpoint: object) -> bool:
        return endpoint in self._by_endpoint

    def add(self, given: Any) -> Target:
        """Keep a subscription; one of the same endpoint is replaced. Raises BadInput."""
        target = given if isinstance(given, Target) else Target.parse(given)
        self._by_endpoint[target.endpoint] = target
        self._write()
        return target

    def remove(self, endpoint: str) -> None:
        """Forget a subscription, known or not."""
        if self._by_endpoint.pop(endpoint, None) is not None:
            self._write()

    def _write(self) -> None:
        if self.path is not None:
            kept = [target.to_json() for target in self._by_endpoint.values()]
            write_private(self.path, json.dumps(kept, indent=1).encode())
