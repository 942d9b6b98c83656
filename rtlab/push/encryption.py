"""A message that only one device can read: Web Push's message encryption (RFC 8291).

The device made a key pair and a secret when it subscribed, and gave public key and secret to the application
server. For each message the application server makes a key pair of its own, uses it once and forgets it. Each
side multiplies its private key with the other's public one, and both get the same point. The push service has
neither private key, so it has nothing to multiply.
"""

from __future__ import annotations

from typing import NamedTuple

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from rtlab.errors import BadInput
from rtlab.push.keys import POINT, new_key, point, public_key
from rtlab.push.records import (
    NAME_LENGTH,
    SALT,
    SIZE,
    TAG,
    decrypt_records,
    expand,
    hmac,
    read_head,
    record_keys,
)

AUTH = 16  # bytes of the secret that device and application server share (RFC 8291 §3.2)
MAX_BODY = 4096  # bytes that every push service has to take (RFC 8030 §7.2)
HEAD = SALT + SIZE + NAME_LENGTH + POINT
MAX_PLAINTEXT = MAX_BODY - HEAD - TAG - 1  # 3,993: what is left of it (RFC 8291 §4)


class Steps(NamedTuple):
    """The values on the way from two keys to a decrypted message, named as in RFC 8291, Appendix A."""

    ecdh_secret: bytes  # the point that both sides compute; its x
    prk_key: bytes  # … mixed with the secret that only the two know
    key_info: bytes  # both public keys, so that nobody can put another in their place
    ikm: bytes  # the secret of this pair of keys: RFC 8188 begins here
    prk: bytes  # … mixed with the message's salt
    cek: bytes  # content encryption key
    nonce: bytes


def derive(private: ec.EllipticCurvePrivateKey, sender: bytes, auth: bytes, salt: bytes) -> Steps:
    """What the device computes (RFC 8291 §3.3, §3.4). `sender` is the public key in the message's head.

    Raises BadInput for a point that is not on the curve.
    """
    ecdh_secret = private.exchange(ec.ECDH(), public_key(sender))
    prk_key = hmac(auth, ecdh_secret)
    key_info = b"WebPush: info\0" + point(private) + sender
    ikm = expand(prk_key, key_info, 32)
    prk, cek, nonce = record_keys(ikm, salt)
    return Steps(ecdh_secret, prk_key, key_info, ikm, prk, cek, nonce)


def decrypt(body: bytes, private: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """Decrypt a message on the device that it was encrypted to. Raises BadInput."""
    head = read_head(body)
    if len(head.key_name) != POINT:
        raise BadInput(
            f"the head names a key of {len(head.key_name)} bytes: Web Push has the sender's {POINT} there"
        )
    return decrypt_records(
        body[head.length :],
        head.record_size,
        record_keys(derive(private, head.key_name, auth, head.salt).ikm, head.salt),
    )


def encrypt(plaintext: bytes, p256dh: bytes, auth: bytes) -> bytes:
    """Encrypt a message to a device: `p256dh` is its public key, `auth` its secret, both from its subscription.

    With `http-ece`, and a key pair that is used for this message only. Raises BadInput: too long, not a key.
    """
    if len(plaintext) > MAX_PLAINTEXT:
        raise BadInput(
            f"the message has {len(plaintext)} bytes, at most {MAX_PLAINTEXT} fit into a push message: "
            "send a short one that says where the rest is"
        )
    if len(auth) != AUTH:
        raise BadInput(f"the subscription's secret has {len(auth)} bytes: it should have {AUTH}")
    body: bytes = http_ece.encrypt(
        plaintext, private_key=new_key(), dh=point(public_key(p256dh)), auth_secret=auth
    )
    return body
