"""Who may read and publish what: a bearer's token (RFC 6750), one for all or a JSON Web Token for each (RFC 7519).

A client shows it in `Authorization: Bearer TOKEN`. A browser's `EventSource` and `WebSocket` cannot send headers: a
page puts a ticket into their URL (see `tickets`). The token itself may also come as `access_token` in the query
(RFC 6750 §2.3): then it stands in the URL, which histories, logs and `Referer` like to keep. This server writes it
nowhere.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from rtlab.errors import BadInput, Missing, Refused
from rtlab.server.limits import is_loopback

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="rtlab"'}  # RFC 6750 §3
LEAST_SECRET = 32  # bytes of a shared key for HS256 (RFC 7518 §3.2)
EXPIRED = 4401  # close code, of the range for private use (RFC 6455 §7.4.2): the WebSocket's 401
PUBLIC = "give an RSA, P-256 or Ed25519 one, as openssl pkey -pubout writes it"
EDGES = ("-----BEGIN", "ssh-")  # how a public key in PEM or in OpenSSH's form begins


@dataclass(frozen=True)
class Grant:
    """What somebody may do: `read` and `publish` are patterns of channel names, `until` is wall-clock seconds."""

    subject: str = "anybody"
    read: tuple[str, ...] = ("*",)
    publish: tuple[str, ...] = ("*",)
    until: float | None = None

    def left(self) -> float | None:
        """Seconds until it ends; None: it does not."""
        return None if self.until is None else max(0.0, self.until - time.time())

    def only(self, channel: str, seconds: float) -> Grant:
        """Of this the right to read one channel, for so many seconds at most, and no longer than this lasts."""
        ends = time.time() + seconds
        return Grant(self.subject, (channel,), (), ends if self.until is None else min(ends, self.until))

    @property
    def reads_all(self) -> bool:
        """Whether it covers reading every channel there may be."""
        return "*" in self.read

    def may(self, action: str, channel: str) -> bool:
        """Whether it covers an action, `read` or `publish`, on a channel."""
        allowed: tuple[str, ...] = getattr(self, action)
        return any(fnmatchcase(channel, pattern) for pattern in allowed)

    def check(self, action: str, channel: str) -> None:
        """Raise Refused (403) unless it covers an action, `read` or `publish`, on a channel."""
        if not self.may(action, channel):
            raise Refused(403, f"{self.subject} may not {action} {channel}: ask for a token that allows it")


EVERYTHING = Grant()


class Access:
    """Judges tokens: `token` is one that allows everything; `key` verifies JSON Web Tokens.

    `key`: a secret of 32 bytes or more (HS256), or a public key in PEM (RS256, ES256, EdDSA). A token has `sub` and
    `exp`, and in `rtlab` what it allows: {"read": ["news", "room-*"], "publish": ["room-*"]}.
    Raises BadInput for a key that is too short or cannot be read; Missing where nothing is installed to read it with.
    """

    def __init__(self, token: str | None = None, key: str | None = None) -> None:
        if token is None and key is None:
            raise BadInput("there is nothing to check tokens with: give a token or a key")
        if token is not None and not (token.isascii() and token.isprintable() and len(token) >= 8):
            raise BadInput(
                "the token must be 8 or more printable ASCII characters: make one with openssl rand -hex 16"
            )
        is_public = key is not None and key.startswith(EDGES)
        if key is not None and not is_public and len(key.encode()) < LEAST_SECRET:
            raise BadInput(f"the key has fewer than {LEAST_SECRET} bytes: make one with openssl rand -hex 32")
        self._token, self._key = token, key
        self._verifier: Any = key
        self._algorithm = "HS256"
        if key is not None and is_public:
            self._verifier, self._algorithm = _public(key)

    def derived(self, purpose: str) -> str | None:
        """A secret that every server with the same token or key has; None where there is none to derive it from.

        Not a public key, and no short token: who sees what is signed with it could find that out by trying.
        """
        shared = (self._token, self._key if self._algorithm == "HS256" else None)
        known = next((one for one in shared if one is not None and len(one) >= LEAST_SECRET), None)
        return None if known is None else hmac.digest(known.encode(), purpose.encode(), "sha256").hex()

    def grant(self, presented: str | None) -> Grant:
        """What the bearer may do. Raises Refused (401)."""
        if presented is None:
            raise Refused(401, "this server wants a token: send Authorization: Bearer TOKEN", CHALLENGE)
        # In a time that does not tell how much of it was right.
        if self._token is not None and hmac.compare_digest(presented.encode(), self._token.encode()):
            return EVERYTHING
        if self._key is None:
            raise _wrong("it is not this server's")
        return self._verified(presented)

    def _verified(self, presented: str) -> Grant:
        import jwt

        try:
            claims = jwt.decode(
                presented, self._verifier, [self._algorithm], options={"require": ["exp", "sub"]}
            )
        except jwt.ExpiredSignatureError:
            raise _wrong("it has expired: get a new one") from None
        except (jwt.InvalidTokenError, jwt.InvalidKeyError) as error:
            raise _wrong(str(error)) from None
        allowed = claims.get("rtlab", {})
        return Grant(
            claims["sub"], _patterns(allowed, "read"), _patterns(allowed, "publish"), float(claims["exp"])
        )


def _public(text: str) -> tuple[Any, str]:
    """A public key, and the algorithm that it is for. A bad one is told now: later everybody would be refused."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    except ImportError:
        raise Missing("cryptography", "push") from None
    load = serialization.load_ssh_public_key if text.startswith("ssh-") else serialization.load_pem_public_key
    try:
        match key := load(text.encode()):
            case rsa.RSAPublicKey():
                return key, "RS256"
            case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()):
                return key, "ES256"
            case ed25519.Ed25519PublicKey():
                return key, "EdDSA"
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadInput(f"the key is no public key ({error}): {PUBLIC}") from None
    raise BadInput(f"the key is of a kind that no token is verified with here: {PUBLIC}")


def _patterns(allowed: Any, action: str) -> tuple[str, ...]:
    found = allowed.get(action, ()) if isinstance(allowed, Mapping) else ()
    return tuple(p for p in found if isinstance(p, str)) if isinstance(found, list) else ()


def _wrong(why: str) -> Refused:
    told = {"WWW-Authenticate": CHALLENGE["WWW-Authenticate"] + ', error="invalid_token"'}
    return Refused(401, f"the token is no good: {why}", told)


def issue(
    key: str, subject: str, read: Sequence[str] = (), publish: Sequence[str] = (), seconds: float = 3600.0
) -> str:
    """Make a token with a shared key (HS256), for a lesson or a test. Raises BadInput as `Access`."""
    import jwt

    Access(key=key)
    allowed = {"read": list(read), "publish": list(publish)}
    claims = {"sub": subject, "exp": time.time() + seconds, "rtlab": allowed}
    return str(jwt.encode(claims, key, algorithm="HS256"))


def chosen(token: str | None, key_file: Path | None, host: str, anyone: bool) -> Access | None:
    """What the command line asks for. Raises BadInput for an open server that other machines can reach."""
    if token is None and key_file is None:
        if not (is_loopback(host) or anyone):
            raise BadInput(
                f"--host {host or '(all)'} lets other machines in, and nobody would have to show a token: "
                "give one with --token or --jwt-key, or add --anyone if that is what you want"
            )
        return None
    try:
        return Access(token, None if key_file is None else key_file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeError) as error:
        raise BadInput(
            f"the key cannot be read ({error}): give a file with a secret or a public key"
        ) from None
