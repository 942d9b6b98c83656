"""Exercise 12.2: from the secret that both sides computed to the key that opens the message."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Callable
from typing import Any

from rtlab.teach.card import Rows
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

# RFC 8291, Appendix A, in base64url
EXAMPLE = {
    "secret": "kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    "device": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "sender": "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
    "salt": "DGv6ra1nlYgDCS1FRnbzlw",
}

STUB = '''import hashlib, hmac
def sha(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()

def content_key(secret, auth, device, sender, salt):
    """Return the 16 bytes of the key that opens the message."""
    raise NotImplementedError
'''

REFERENCE = r'''import hashlib, hmac
def sha(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()

def content_key(secret, auth, device, sender, salt):
    """Return the 16 bytes of the key that opens the message."""
    prk_key = sha(auth, secret)
    ikm = sha(prk_key, b"WebPush: info\0" + device + sender + b"\x01")
    prk = sha(salt, ikm)
    return sha(prk, b"Content-Encoding: aes128gcm\0" + b"\x01")[:16]
'''


def _sha(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def _derive(
    secret: bytes,
    auth: bytes,
    device: bytes,
    sender: bytes,
    salt: bytes,
    *,
    swapped: bool = False,
    keys: bool = True,
    counter: bytes = b"\x01",
    end: bytes = b"\0",
) -> bytes:
    """The right way, and with one slip each: what a student's result is compared with to say which it was."""
    prk_key = _sha(secret, auth) if swapped else _sha(auth, secret)
    ikm = _sha(prk_key, b"WebPush: info\0" + (device + sender if keys else sender + device) + counter)
    return _sha(_sha(salt, ikm), b"Content-Encoding: aes128gcm" + end + counter)[:16]


SLIPS: tuple[tuple[dict[str, Any], str], ...] = (
    (
        {"swapped": True},
        "In the first step the shared secret `auth` is HMAC's key, and `secret` is the data.",
    ),
    ({"keys": False}, "The two public keys stand in the other order: the device's comes first."),
    ({"counter": b""}, "HKDF's second step puts the byte 1 behind the info (RFC 5869, section 2.3)."),
    ({"end": b""}, "The info ends with a zero byte: `b'Content-Encoding: aes128gcm\\0'`."),
)


def check_content_key(content_key: Callable[..., Any]) -> None:
    """Try other values than the example's, drawn by chance, and say which slip a wrong key looks like."""
    chance = random.Random(12)
    for _ in range(3):
        values = [chance.randbytes(size) for size in (32, 16, 65, 65, 16)]
        did = "called it with values drawn by chance, as long as the example's"
        got, wanted = (
            content_key(*values),
            "the key by the four steps of RFC 8291, section 3.4, and RFC 8188, section 2.2",
        )
        if not isinstance(got, bytes):
            raise Wrong(did, show(got), "`bytes`")
        if len(got) != 16:
            raise Wrong(
                did, f"{len(got)} bytes", "16 bytes: AES-128 has a key of 128 bits, so cut the last HMAC"
            )
        if got != _derive(*values):
            advice = next((words for slip, words in SLIPS if got == _derive(*values, **slip)), "")
            raise Wrong(did, f"a key that begins with {got[:4].hex()}", wanted, advice)


def the_content_key() -> Exercise:
    """Return 12.2."""
    return Exercise(
        id="12.2",
        title="the key of the RFC's example (write)",
        task="Device and sender have computed the same `secret`. Write the four steps from there to the key: "
        "`prk_key` is `sha(auth, secret)`; `ikm` is `sha(prk_key, info + b'\\x01')` with the info "
        "`b'WebPush: info\\0'`, the device's public key, the sender's; `prk` is `sha(salt, ikm)`; the key is the "
        "first 16 bytes of `sha(prk, info + b'\\x01')` with the info `b'Content-Encoding: aes128gcm\\0'`. All values "
        "are `bytes`; here are the example's, in base64url.",
        name="content_key",
        stub=STUB,
        reference=REFERENCE,
        judge=check_content_key,
        hints=(
            "Four calls of `sha`, each takes the result of the one before. Name them as the RFC does.",
            "`sha(key, data)`: the key of the first is `auth`, of the third `salt`; the last result is cut: `[:16]`.",
        ),
        wrong=(
            WrongAnswer(REFERENCE.replace("sha(auth, secret)", "sha(secret, auth)"), "`auth` is HMAC's key"),
            WrongAnswer(REFERENCE.replace("device + sender", "sender + device"), "device's comes first"),
            WrongAnswer(REFERENCE.replace(r' + b"\x01"', ""), "the byte 1 behind the info"),
            WrongAnswer(REFERENCE.replace(r"aes128gcm\0", "aes128gcm"), "ends with a zero byte"),
            WrongAnswer(REFERENCE.replace("[:16]", ""), "cut the last HMAC"),
        ),
        why="Whoever holds one of the two private keys gets to this key, and nobody else: the push service sees the "
        "public keys and the salt, and is none the wiser. Both public keys are in it, so neither can be exchanged.",
        shown=(Rows(tuple(EXAMPLE.items())),),
    )
