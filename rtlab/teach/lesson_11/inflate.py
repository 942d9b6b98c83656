"""Exercise 11.3: inflate a message, and stop in time."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

from rtlab.protocol.deflate import deflate
from rtlab.teach.checks import finish
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

MOST = 64 << 10  # bytes that a message may have
BOMB = 16 << 20  # bytes that a bomb becomes
ROOM = 4 * MOST  # bytes of memory in which a message of MOST bytes can be inflated
SMALLEST = 9  # the level at which a bomb is smallest on the wire


def check_inflate(inflate: Callable[[bytes, int], Any]) -> None:
    """Inflate what may be, then what may not; how much memory that took is measured."""
    text = b'{"temperature": 21.5}' * 20
    _same(inflate, "a message of 420 bytes", text)
    _same(
        inflate,
        f"a message of exactly the limit, {MOST} bytes",
        text * (MOST // len(text)) + bytes(MOST % len(text)),
    )
    _same(inflate, "an empty message", b"")
    _refused(inflate, "a message of one byte more than the limit", deflate(bytes(MOST + 1), SMALLEST))
    bomb = deflate(bytes(BOMB), SMALLEST)
    got, peak = _refused(inflate, f"a bomb of {len(bomb) >> 10} KiB", bomb)
    if peak > ROOM:
        raise Wrong(
            got,
            f"{peak >> 20} MiB of memory taken before it was refused",
            f"no more than a few times the limit, which is {MOST >> 10} KiB",
            "It was inflated first and judged afterwards: by then the harm is done.",
        )


def _same(inflate: Callable[[bytes, int], Any], what: str, message: bytes) -> None:
    did = f"gave it {what}"
    try:
        got = finish(inflate(deflate(message), MOST))
    except ValueError as error:
        raise Wrong(did, f"`ValueError: {error}`", "the message: it is within the limit") from None
    if got != message:
        size = f"{len(got)} bytes" if isinstance(got, bytes) else show(got)
        raise Wrong(did, size, "the message as it was, as `bytes`")


def _refused(inflate: Callable[[bytes, int], Any], what: str, small: bytes) -> tuple[str, int]:
    """Return what was done, and the peak of memory in bytes."""
    did = f"gave it {what}"
    tracemalloc.start()
    try:
        got = finish(inflate(small, MOST))
    except ValueError:
        return did, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    if not isinstance(got, bytes):
        raise Wrong(did, show(got), "`ValueError`")
    advice = (
        "Half a message is not a message: whoever gets it believes that it is whole."
        if len(got) == MOST
        else "What counts is how large it becomes, not how small it came."
    )
    raise Wrong(did, f"{len(got)} bytes, as if that were all", "`ValueError`", advice)


STUB = '''
import zlib

def inflate(data, most):
    """Inflate one message of a WebSocket; raise ValueError if it becomes more than `most` bytes."""
    return zlib.decompress(data + b"\\x00\\x00\\xff\\xff", -zlib.MAX_WBITS)
'''

HEAD = """
import zlib

def inflate(data, most):
    blow = zlib.decompressobj(-zlib.MAX_WBITS)
"""

REFERENCE = (
    HEAD
    + """    message = blow.decompress(data + b"\\x00\\x00\\xff\\xff", most + 1)
    if len(message) > most:
        raise ValueError(f"more than {most} bytes")
    return message
"""
)


def inflate_with_a_limit() -> Exercise:
    """Return 11.3."""
    whole = 'blow.decompress(data + b"\\x00\\x00\\xff\\xff"'
    return Exercise(
        id="11.3",
        title="stop in time (modify)",
        task="`inflate(data, most)` gets one compressed message of a WebSocket: raw deflate, from which the last four "
        "bytes are left out (RFC 7692, section 7.2.2). Give the message back, or raise `ValueError` when it becomes "
        "larger than `most` bytes. The check also looks at how much memory that takes. `zlib.decompress`, which the "
        "stub has, knows no limit and wants an end that such a message has not: `zlib.decompressobj(-zlib.MAX_WBITS)` "
        "makes an object that works piece by piece.",
        name="inflate",
        stub=STUB,
        reference=REFERENCE,
        judge=check_inflate,
        hints=(
            "The object's `decompress(data, max_length)` gives at most `max_length` bytes, and keeps the rest.",
            "How do you know that there is more than `most`? Ask for one byte more, and see whether it comes.",
        ),
        wrong=(
            WrongAnswer(REFERENCE.replace(", most + 1)", ")"), "by then the harm is done"),
            WrongAnswer(REFERENCE.replace(", most + 1)", ", most)"), "Half a message"),
            WrongAnswer(
                HEAD + f"    if len(data) > most:\n        raise ValueError\n    return {whole})\n",
                "not how small it came",
            ),
            WrongAnswer(
                REFERENCE.replace("most + 1)", "most)").replace("> most", ">= most"), "within the limit"
            ),
        ),
        limit=15.0,
        why="A limit that is looked at afterwards limits nothing: the check stands where the bytes are made. The same "
        "holds for a picture's pixels, an archive's files and a query's depth.",
    )
