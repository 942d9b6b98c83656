"""A body cut into encrypted records: the content coding aes128gcm (RFC 8188).

    salt (16) | record size (4) | length of the key's name (1) | the key's name | record | record | …

Written to be read. The library `http-ece` does the same, encrypts for `encryption.encrypt`, and is what the tests
hold this module against.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from rtlab.errors import BadInput

# RFC 8188, Section 2
SALT, SIZE, NAME_LENGTH = 16, 4, 1  # bytes of the head's parts
TAG = 16  # bytes that AES-GCM adds
LAST, MORE = 2, 1  # the byte behind a record's text: is it the last one?
SMALLEST_RECORD = TAG + 2  # "Values smaller than 18 are invalid."

# RFC 8188, Sections 2.2 and 2.3
KEY_INFO = b"Content-Encoding: aes128gcm\0"
NONCE_INFO = b"Content-Encoding: nonce\0"


class Head(NamedTuple):
    """What stands before the records. In Web Push the key's name is the sender's public key (RFC 8291 §4)."""

    salt: bytes
    record_size: int
    key_name: bytes
    length: int  # of the head itself


def read_head(body: bytes) -> Head:
    """Read the head of a body. Raises BadInput."""
    fixed = SALT + SIZE + NAME_LENGTH
    if len(body) < fixed or len(body) < fixed + body[fixed - 1]:
        raise BadInput(f"the body ends within its head, after {len(body)} bytes: it is not aes128gcm")
    end = fixed + body[fixed - 1]
    size = int.from_bytes(body[SALT : SALT + SIZE], "big")
    if size < SMALLEST_RECORD:
        raise BadInput(
            f"a record size of {size}: a record has {SMALLEST_RECORD} bytes at least (RFC 8188 §2)"
        )
    return Head(body[:SALT], size, body[fixed:end], end)


def hmac(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA-256."""
    mac = HMAC(key, SHA256())
    mac.update(data)
    return mac.finalize()


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    """HKDF's second step for at most 32 bytes: one HMAC, cut to length (RFC 5869 §2.3)."""
    return hmac(prk, info + b"\x01")[:length]


class RecordKeys(NamedTuple):
    """What a secret and a salt give: the pseudo-random key, the encryption key, the first record's nonce."""

    prk: bytes
    key: bytes
    nonce: bytes


def record_keys(secret: bytes, salt: bytes) -> RecordKeys:
    """Derive the keys of one body (RFC 8188 §2.2, §2.3)."""
    prk = hmac(salt, secret)
    return RecordKeys(prk, expand(prk, KEY_INFO, 16), expand(prk, NONCE_INFO, 12))


def decrypt_records(records: bytes, record_size: int, keys: RecordKeys) -> bytes:
    """Decrypt what follows the head. Raises BadInput where a record was changed, cut off, moved or added."""
    text = bytearray()
    for number, start in enumerate(range(0, len(records), record_size)):
        record = records[start : start + record_size]
        try:
            padded = AESGCM(keys.key).decrypt(nonce(keys.nonce, number), record, None)
        except (InvalidTag, ValueError):
            raise BadInput(
                f"record {number} is not what was encrypted with this key: nothing of it can be used"
            ) from None
        is_last = start + record_size >= len(records)
        text += unpad(padded, LAST if is_last else MORE, number)
    return bytes(text)


def nonce(first: bytes, number: int) -> bytes:
    """The nonce of a record: the first one, its number added bit by bit (exclusive or), so that none comes twice."""
    return (int.from_bytes(first, "big") ^ number).to_bytes(12, "big")


def unpad(padded: bytes, delimiter: int, number: int) -> bytes:
    """Take off the zeros and the delimiter behind a record's text. Raises BadInput for another delimiter."""
    text = padded.rstrip(b"\0")
    if not text or text[-1] != delimiter:
        where = "ends the body and should not" if delimiter == MORE else "should end the body and does not"
        raise BadInput(f"record {number} {where}: a part is missing, or there is one too many")
    return text[:-1]
