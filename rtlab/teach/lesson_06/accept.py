"""Exercise 06.1: the accept value."""

import base64
import hashlib
import random

from rtlab.protocol.handshake import GUID, accept_value
from rtlab.teach.checks import Case, Cases, Symptom
from rtlab.teach.exercises import Exercise, WrongAnswer

SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455, section 1.3


def sha1_in_base64(text: str | bytes) -> str:
    """Hash a text, or bytes, as the accept value is hashed, whatever went into it."""
    data = text if isinstance(text, bytes) else text.encode()
    return base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def drawn_key(draw: random.Random) -> str:
    """Draw a `Sec-WebSocket-Key`."""
    return base64.b64encode(draw.randbytes(16)).decode()


_SYMPTOMS = (
    Symptom(
        lambda got, _: isinstance(got, bytes),
        "These are `bytes`; the value of a header is text: decode them.",
    ),
    Symptom(
        lambda got, _: isinstance(got, str) and len(got) == 40,
        "Forty hexadecimal digits are a digest written for people. The header carries the digest's 20 bytes in base64.",
    ),
    Symptom(
        lambda got, _: isinstance(got, str) and len(got) == 56,
        "That is the base64 of hexadecimal digits: take the digest's bytes, `digest()`.",
    ),
    Symptom(
        lambda got, case: got == sha1_in_base64(case.arguments[0]),
        "Only the key went into the hash. So could any server answer that knows nothing of WebSocket: the GUID of the "
        "RFC is missing.",
    ),
    Symptom(
        lambda got, case: got == sha1_in_base64(base64.b64decode(case.arguments[0]) + GUID.encode()),
        "The key was decoded first. It goes into the hash as it stands in the request: 24 characters.",
    ),
    Symptom(
        lambda got, case: got == sha1_in_base64(GUID + case.arguments[0]),
        "Key and GUID went in the wrong way round.",
    ),
    Symptom(
        lambda got, case: isinstance(got, str) and got != got.strip(),
        "There is white space around it: in a head, a line's end would end the header.",
    ),
)


def the_accept_value(draw: random.Random) -> Exercise:
    """Return 06.1, with keys of this student's own behind the one of the RFC."""
    keys = [SAMPLE_KEY, *(drawn_key(draw) for _ in range(3))]
    stub = f'''
GUID = "{GUID}"

def accept_value(key):
    """Return the Sec-WebSocket-Accept that belongs to a Sec-WebSocket-Key."""
    ...
'''
    body = 'import base64, hashlib\n\nGUID = "' + GUID + '"\n\ndef accept_value(key):\n    return '
    return Exercise(
        id="06.1",
        title="the accept value",
        task="Write `accept_value(key)`: what a server puts into `Sec-WebSocket-Accept` when the client has sent `key` "
        "as its `Sec-WebSocket-Key` (RFC 6455, section 4.2.2, step 5.4). Both are `str`.",
        name="accept_value",
        stub=stub,
        reference=body + "base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()\n",
        judge=Cases(
            tuple(Case((key,), accept_value(key)) for key in keys),
            "a `str` of 28 characters: 20 bytes of SHA-1, in base64",
            _SYMPTOMS,
        ),
        hints=(
            "Three steps: put the GUID behind the key, take SHA-1 of that, write the result in base64.",
            "`hashlib.sha1(…).digest()` takes and gives bytes, and so does `base64.b64encode(…)`: `.encode()` on the "
            "way in, `.decode()` on the way out.",
        ),
        wrong=(
            WrongAnswer(body + "hashlib.sha1((key + GUID).encode()).hexdigest()\n", "hexadecimal"),
            WrongAnswer(
                body + "base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()\n",
                "the GUID of the RFC is missing",
            ),
            WrongAnswer(
                body
                + "base64.b64encode(hashlib.sha1(base64.b64decode(key) + GUID.encode()).digest()).decode()\n",
                "decoded first",
            ),
            WrongAnswer(body + "base64.b64encode(hashlib.sha1((key + GUID).encode()).digest())\n", "bytes"),
        ),
        why="The value proves that a WebSocket server read this very request: a cache, or a server that was tricked "
        "into echoing text, cannot give it. It is no secret and no password.",
    )
