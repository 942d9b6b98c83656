"""What a device keeps between two times awake: its name at the push service, and the keys of its subscriptions."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from rtlab.errors import BadInput
from rtlab.push.encryption import AUTH
from rtlab.push.keys import from_text, new_key, point, private_bytes, private_key, to_text, write_private
from rtlab.push.subscriptions import Target


@dataclass(frozen=True)
class Application:
    """One application on the device: its subscription, and the keys to read with, which never leave the device."""

    name: str
    endpoint: str
    own: str  # the device's name of the subscription: to end it
    private: ec.EllipticCurvePrivateKey = field(repr=False)
    auth: bytes = field(repr=False)

    @property
    def target(self) -> Target:
        """What the application server is given."""
        return Target(self.endpoint, point(self.private), self.auth)


@dataclass
class Memory:
    """All of it; with a `path` it is kept there, for nobody else to read (mode 0600)."""

    set: str = ""  # the URL of the device's subscription set; "" before the first subscription
    applications: list[Application] = field(default_factory=list)
    path: Path | None = None

    def write(self) -> None:
        """Keep it."""
        if self.path is None:
            return
        kept = [
            {
                "name": one.name,
                "endpoint": one.endpoint,
                "own": one.own,
                "private": to_text(private_bytes(one.private)),
                "auth": to_text(one.auth),
            }
            for one in self.applications
        ]
        write_private(self.path, json.dumps({"set": self.set, "applications": kept}, indent=1).encode())

    @classmethod
    def read(cls, path: Path | None) -> Memory:
        """What was kept; nothing yet is no error. Raises BadInput, which says nothing of what is in the file."""
        if path is None or not path.exists():
            return cls(path=path)
        try:
            kept: dict[str, Any] = json.loads(path.read_text())
            applications = [
                Application(
                    one["name"],
                    one["endpoint"],
                    one["own"],
                    private_key(from_text(one["private"])),
                    from_text(one["auth"]),
                )
                for one in kept["applications"]
            ]
            return cls(str(kept["set"]), applications, path)
        except OSError as error:
            raise BadInput(f"cannot read {path}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise BadInput(f"{path} is not a device's file: remove it, and subscribe again") from None


def new_secrets() -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """The keys of a new subscription: a pair, and a secret for device and application server."""
    return new_key(), os.urandom(AUTH)
