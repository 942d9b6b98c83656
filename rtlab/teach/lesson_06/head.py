"""Exercise 06.4: reading to the end of a head, by lines to be put in order."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtlab.protocol.handshake import response
from rtlab.teach.checks import Lines
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.lesson_06.accept import drawn_key
from rtlab.teach.lesson_06.peer import END, Peer, Scene
from rtlab.teach.outcome import Verdict

FRAME = b"\x81\x0aone\r\n\r\ntwo"  # a text frame whose payload has a blank line in it

READING = (
    Scene(
        "answers in two pieces",
        lambda key: [response(key)[:30], response(key)[30:]],
        b"",
        "One `recv` gives what has arrived so far: a part of the head, or all of it. TCP carries bytes, not messages.",
    ),
    Scene(
        "answers byte by byte",
        lambda key: [bytes([byte]) for byte in response(key)],
        b"",
        "Go on with `recv` until the blank line is there, also when that arrives in two halves.",
    ),
    Scene(
        "sends its first frame right behind the head",
        lambda key: [response(key) + FRAME],
        FRAME,
        "What stands behind the first blank line is the first frame, with blank lines of its own perhaps: hand it on.",
    ),
    Scene(
        "closes in the middle of its head",
        lambda key: [response(key)[:40]],
        None,
        "`recv` returns `b''` when the other side has closed.",
        closes=True,
    ),
)


@dataclass(frozen=True)
class Reading:
    """Holds `read_head(connection)` against servers that answer in pieces."""

    key: str

    def __call__(self, read_head: Callable[[Peer], Any]) -> None:
        """Play every scene."""
        head = response(self.key)
        for scene in READING:
            got, _ = scene.play(read_head, b"Sec-WebSocket-Key: " + self.key.encode() + END)
            if scene.behind is None:
                right = isinstance(got, ConnectionError)
            else:
                right = got in [(head.removesuffix(END), scene.behind), (head, scene.behind)]
            if not right:
                raise scene.wrong(got)


READ_HEAD = """
def read_head(connection):
    head = b""
    while b"\\r\\n\\r\\n" not in head:
        piece = connection.recv(1024)
        if not piece:
            raise ConnectionError("closed before the end of the head")
        head += piece
    head, rest = head.split(b"\\r\\n\\r\\n", 1)
    return head, rest
"""


def read_the_head(draw: random.Random) -> Exercise:
    """Return 06.4: lines to put in order, two of them to be left out."""
    forgets, splits = "        head = piece", '    head, rest = head.split(b"\\r\\n\\r\\n")'
    lines = Lines.shuffled(READ_HEAD, "read_head", draw, (forgets, splits))

    unlooking = READ_HEAD.replace("        if not piece:\n", "").replace(READ_HEAD.splitlines()[6] + "\n", "")
    return Exercise(
        id="06.4",
        title="read to the end of the head (put in order)",
        task="These lines make `read_head(connection)`: it returns the bytes of the head, and those behind it that "
        "have already arrived. Give their order as a list of numbers, such as `order = [4, 1, …]`. Two lines are left "
        "over.",
        name="order",
        stub="order = []\n",
        reference=lines.order(READ_HEAD),
        judge=Reading(drawn_key(draw)),
        hints=(
            "The first line is the `def`, the last one is the `return`. What must be known before the loop begins?",
            "Of two lines that look alike, one goes wrong when the answer comes in pieces, or when a blank line stands "
            "in what follows the head.",
        ),
        wrong=(
            WrongAnswer(
                lines.order(READ_HEAD.replace("        head += piece", forgets)), "TCP carries bytes"
            ),
            WrongAnswer(
                lines.order(READ_HEAD.replace('\\r\\n\\r\\n", 1)', '\\r\\n\\r\\n")')),
                "too many values",
                Verdict.RAISED,
            ),
            WrongAnswer(lines.order(unlooking), "had closed"),
        ),
        why="TCP has no messages: every reader of a head, a frame or an event must be ready to get it in any pieces, "
        "and with the beginning of the next one behind it.",
        lines=lines,
    )
