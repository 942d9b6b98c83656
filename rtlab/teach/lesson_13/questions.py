"""What a tap before a broker saw: questions that the broker held, and their answers.

Redis speaks RESP: an array of strings, each with its length. A request of Kafka is its size and then a head: which
call it is (16 bits; 1 is Fetch), its version (16), a number that the answer repeats (32), the client's name.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace

from rtlab.wire.record import UP, Chunk, Record

FETCH = 1  # Kafka protocol guide, "Api Keys"
_LENGTH = re.compile(rb"[*$]\d+\r\n")


@dataclass(frozen=True)
class Question:
    """A blocking question: when it left and arrived, and its answer likewise (monotonic ns); 0: no answer yet.

    `words`: the question as a person would type it; `wait`: how long the broker may hold it, in seconds;
    `entries`: what the answer brought.
    """

    words: str
    wait: float
    left: int
    arrived: int
    entries: int = 0
    answer_left: int = 0
    answer_arrived: int = 0
    size: int = 0  # bytes of the question
    answer_size: int = 0

    @property
    def held(self) -> float:
        """Seconds that the broker held it."""
        return (self.answer_left - self.arrived) / 1e9


def chunks(record: Iterable[Record]) -> list[Chunk]:
    """The bytes that crossed, without the comings and goings of connections."""
    return [one for one in record if isinstance(one, Chunk)]


def xreads(record: Iterable[Record]) -> list[Question]:
    """Every `XREAD BLOCK` that has been answered, with its answer, oldest first."""
    open_: dict[int, Question] = {}
    found = []
    for chunk in chunks(record):
        if chunk.direction == UP and b"XREAD" in chunk.data:
            words = typed(chunk.data)
            wait = re.search(r"BLOCK (\d+)", words)
            seconds = int(wait[1]) / 1000 if wait else 0.0
            open_[chunk.connection] = Question(
                words, seconds, chunk.left, chunk.arrived, size=len(chunk.data)
            )
        elif chunk.direction != UP and chunk.connection in open_:
            entries = len(re.findall(rb"\$1\r\nd\r\n", chunk.data))
            found.append(_answered(open_.pop(chunk.connection), chunk, entries))
    return found


def fetches(record: Iterable[Record], value: bytes) -> list[Question]:
    """Every Fetch of Kafka's that has been answered; `entries` counts how often `value` came in the answer."""
    open_: dict[tuple[int, bytes], Question] = {}
    found = []
    for chunk in chunks(record):
        if len(chunk.data) < 14:
            continue
        if chunk.direction == UP:
            call, version = struct.unpack(">hh", chunk.data[4:8])
            if call == FETCH:
                name = struct.unpack(">h", chunk.data[12:14])[0]
                wait = struct.unpack(">i", chunk.data[18 + name : 22 + name])[0]
                words = f"Fetch, version {version}, max_wait_ms={wait}"
                asked = Question(words, wait / 1000, chunk.left, chunk.arrived, size=len(chunk.data))
                open_[chunk.connection, chunk.data[8:12]] = asked
        elif (number := (chunk.connection, chunk.data[4:8])) in open_:
            found.append(_answered(open_.pop(number), chunk, chunk.data.count(value)))
    return found


def _answered(question: Question, chunk: Chunk, entries: int) -> Question:
    return replace(
        question,
        entries=entries,
        answer_left=chunk.left,
        answer_arrived=chunk.arrived,
        answer_size=len(chunk.data),
    )


def typed(data: bytes) -> str:
    """A command of RESP as one would type it: without the lengths."""
    return " ".join(part.decode() for part in _LENGTH.sub(b"", data).split(b"\r\n") if part)
