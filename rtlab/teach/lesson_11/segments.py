"""The parts of a JSON Web Token that are JSON: base64url without its padding (RFC 7515, section 2)."""

from __future__ import annotations

import base64
import json
from typing import Any


def decode(part: str) -> bytes:
    """Return the bytes of a part, to which Python wants the `=` back that the token leaves out."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def unpack(part: str) -> dict[str, Any]:
    """Return what a token's head or body says."""
    said: dict[str, Any] = json.loads(decode(part))
    return said


def pack(what: dict[str, Any]) -> str:
    """Return a head or body that says this."""
    return base64.urlsafe_b64encode(json.dumps(what).encode()).rstrip(b"=").decode()
