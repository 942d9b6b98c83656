"""Who sends: an application server proves to the push service that it is the one of last time (RFC 8292).

    Authorization: vapid t=TOKEN, k=PUBLIC KEY

The token is a JSON Web Token: who it is for (`aud`, the push service's origin), until when it holds (`exp`), whom to
write to when something goes wrong (`sub`), and a signature with the private key of `k`. Nothing is registered
anywhere: the subscription names the key, so only who has its private half can send to it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from py_vapid import Vapid, VapidException

from rtlab.errors import BadInput, Refused
from rtlab.push.keys import from_text, point, public_key, to_text

SCHEME = "vapid"
LONGEST = 24 * 3600  # seconds from the request that `exp` may be ahead (RFC 8292 §2)
VALID = 12 * 3600  # seconds that our own tokens hold


class Token(NamedTuple):
    """A token taken apart: nothing in it is secret, and nothing is proven before the signature is checked."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes  # what the signature is over
    signature: bytes


def authorization(
    key: ec.EllipticCurvePrivateKey, endpoint: str, contact: str, now: Callable[[], float] = time.time
) -> str:
    """The value of `Authorization` for a message to `endpoint`; `contact` is a mailto: or https: URL.

    With `py-vapid`. Raises BadInput for an endpoint or a contact that no push service would take.
    """
    parts = urlsplit(endpoint)
    if not (contact.startswith("mailto:") and "@" in contact) and not contact.startswith("https://"):
        raise BadInput(
            f"the contact {contact!r}: give mailto:you@example.org or an https:// URL (RFC 8292 §2.1)"
        )
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(now()) + VALID, "sub": contact}
    try:
        value: str = Vapid(private_key=key).sign(claims)["Authorization"]
    except VapidException as error:
        raise BadInput(f"no token for {endpoint!r} and {contact!r}: {error}") from None
    return value


def verify(header: str | None, audience: Collection[str], now: float) -> bytes:
    """Check an `Authorization` header as a push service does; return the public key that it proves, a point.

    `audience`: the origins that are this push service's own. Raises Refused: 401 where credentials are missing, 403
    where they are wrong (RFC 8292 §4.2).
    """
    text, key = credentials(header)
    try:
        signer = public_key(from_text(key))
        token = read_token(text)
    except BadInput as error:
        raise Refused(403, f"the VAPID credentials cannot be read: {error}") from None
    if (fault := find_fault(token, audience, now)) is not None:
        raise Refused(403, fault)
    if not is_signed(token, signer):
        raise Refused(403, "the token is not signed with the key k: sign it with that key's private half")
    return point(signer)


def credentials(header: str | None) -> tuple[str, str]:
    """Take the token and the key from an `Authorization` header. Raises Refused (401)."""
    scheme, _, rest = (header or "").strip().partition(" ")
    values = dict(re.findall(r'([a-z]+)\s*=\s*"?([A-Za-z0-9._=-]+)"?', rest))
    if scheme.lower() != SCHEME or not {"t", "k"} <= values.keys():
        ask = "send Authorization: vapid t=TOKEN, k=PUBLIC KEY (RFC 8292 §3)"
        raise Refused(401, f"this subscription wants to know who sends: {ask}", {"WWW-Authenticate": SCHEME})
    return values["t"], values["k"]


def read_token(text: str) -> Token:
    """Take a token apart (RFC 7515 §3.1). Raises BadInput."""
    parts = text.split(".")
    if len(parts) != 3:
        raise BadInput(f"a token has three parts with dots between, this one has {len(parts)}")
    header, claims = (_json(part) for part in parts[:2])
    return Token(header, claims, ".".join(parts[:2]).encode(), from_text(parts[2]))


def _json(part: str) -> dict[str, Any]:
    try:
        found = json.loads(from_text(part))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadInput(f"the part {part[:20]}… of the token is not a JSON object in base64url")
    return found


def find_fault(token: Token, audience: Collection[str], now: float) -> str | None:
    """What is wrong with a token's claims, in one sentence; None if they are in order (RFC 8292 §2)."""
    until = token.claims.get("exp")
    if token.header.get("alg") != "ES256":
        return f"the token says alg {token.header.get('alg')!r}: VAPID has ES256 only"
    if token.claims.get("aud") not in audience:
        meant = " or ".join(sorted(audience))
        return f"the token is for {token.claims.get('aud')!r}: its aud has to be {meant}, the origin of this service"
    if isinstance(until, bool) or not isinstance(until, int | float):
        return "the token does not say until when it holds: give exp in seconds since 1970"
    if until <= now:
        return f"the token expired {now - until:.0f} s ago: sign a new one"
    if until > now + LONGEST:
        return f"the token holds for {(until - now) / 3600:.1f} more hours: 24 at most"
    return None


def is_signed(token: Token, key: ec.EllipticCurvePublicKey) -> bool:
    """Whether the token is signed with the private half of this key (ES256: two numbers of 32 bytes)."""
    if len(token.signature) != 64:
        return False
    r, s = (int.from_bytes(token.signature[at : at + 32], "big") for at in (0, 32))
    try:
        key.verify(encode_dss_signature(r, s), token.signed, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def key_text(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> str:
    """A public key as subscriptions name it: `applicationServerKey` of the browser, `k` of the header."""
    return to_text(point(key))
