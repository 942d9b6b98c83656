"""Keys on the curve P-256: made, written as text, kept in files that nobody else may read.

Web Push writes every binary value in base64url without padding (RFC 7515 §2), and every public key as an
uncompressed point: the byte 4, then x and y, 32 bytes each (RFC 8291 §3.1, RFC 8292 §3.2).
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from rtlab.errors import BadInput

CURVE = ec.SECP256R1()  # P-256
POINT = 65  # bytes of an uncompressed point
OWNER_ONLY = 0o600  # of a file with a private key


def to_text(data: bytes) -> str:
    """Write bytes in base64url, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """Read base64url, padded or not. Raises BadInput for any other character."""
    bare = text.rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", bare, re.ASCII) or len(bare) % 4 == 1:
        raise BadInput(f"{text[:40]!r} is not base64url: use A-Z a-z 0-9 - _ without line ends")
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def new_key() -> ec.EllipticCurvePrivateKey:
    """Make a private key."""
    return ec.generate_private_key(CURVE)


def point(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> bytes:
    """The public key as an uncompressed point, of a private key its public half."""
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_key(data: bytes) -> ec.EllipticCurvePublicKey:
    """Read an uncompressed point. Raises BadInput for one that is not on the curve.

    The check is not a formality: who computes with a point off the curve gives away bits of the private key.
    """
    if len(data) != POINT or data[0] != 4:
        raise BadInput(
            f"a public key is the byte 4 and 64 more, this is {len(data)} bytes: {to_text(data[:9])}…"
        )
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)
    except ValueError:
        raise BadInput(
            f"the point {to_text(data[:9])}… is not on the curve P-256: it is no public key"
        ) from None


def private_key(number: bytes, public: bytes | None = None) -> ec.EllipticCurvePrivateKey:
    """Read a private key from its 32 bytes; with `public`, check that the two belong together. Raises BadInput."""
    try:
        key = ec.derive_private_key(int.from_bytes(number, "big"), CURVE)
    except ValueError:
        raise BadInput("this is not a private key of P-256: it is 0 or too large") from None
    if public is not None and point(key) != public:
        raise BadInput("the private key and the public key do not belong together")
    return key


def private_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The 32 bytes of a private key: for the owner's own file only."""
    return key.private_numbers().private_value.to_bytes(32, "big")


def write_private(path: Path, secret: bytes) -> None:
    """Write a secret to a file that only its owner may read (mode 0600), whole or not at all. Raises BadInput."""
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.unlink(missing_ok=True)
        # With its mode from the very first moment: a file that is made readable and then closed was readable once.
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY), "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from None


def save_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Keep a private key as PEM (mode 0600). Raises BadInput."""
    write_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Read a private key from PEM. Raises BadInput, which says nothing of what is in the file."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}; `rtlab push keys` makes one") from None
    except (ValueError, TypeError):
        raise BadInput(
            f"{path} has no private key in PEM that can be read: make one with `rtlab push keys`"
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != CURVE.name:
        raise BadInput(f"the key in {path} is not on P-256, the one curve of Web Push (RFC 8292 §2)")
    return key
