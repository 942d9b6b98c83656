"""Exercise 05.1: a parser for event streams, to be written, and held against awkward streams in pieces of any size."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.lesson_05.awkward import STREAMS, Awkward
from rtlab.teach.outcome import Wrong, show


@dataclass(frozen=True)
class AnyPieces:
    """Feeds each stream to a new parser: whole, byte by byte, and cut in two at every place."""

    def __call__(self, parser: type[Any]) -> None:
        """Go on from the easy to the hard: all streams whole, then byte by byte, then every cut."""
        for case in STREAMS:
            self._feed(parser, case, [case.stream], "whole", case.rule)
        for case in STREAMS:
            single = [case.stream[place : place + 1] for place in range(len(case.stream))]
            self._feed(parser, case, single, "byte by byte", _symptom(case))
        for case in STREAMS:
            for place in range(1, len(case.stream)):
                pieces = [case.stream[:place], case.stream[place:]]
                self._feed(parser, case, pieces, f"cut behind byte {place}", _symptom(case))

    @staticmethod
    def _feed(parser: type[Any], case: Awkward, pieces: Iterable[bytes], how: str, advice: str) -> None:
        did = f"fed `{case.stream!r}` {how}"
        reader = parser()
        got = []
        for piece in pieces:
            events = reader.feed(piece)
            if not isinstance(events, list):
                raise Wrong(did, show(events), "a list from every `feed`, empty when no event is complete")
            got += events
        wanted = f"{len(case.events)} event{'s' * (len(case.events) != 1)}, as the standard says"
        if got != case.events:
            raise Wrong(did, show(got), wanted, advice)
        if reader.last_event_id != case.last_event_id:
            found = f"the right events, and then `last_event_id` {show(reader.last_event_id)}"
            raise Wrong(did, found, "the id that a reconnecting reader would send", case.rule)


def _symptom(case: Awkward) -> str:
    """Name what a cut can spoil in a stream that was read well as a whole."""
    if b"\r\n" in case.stream:
        return "CR LF cut in two is still one line end, not two."
    if b"\xef\xbb\xbf" in case.stream:
        return "A byte order mark may arrive cut in pieces, too."
    if any(byte >= 0x80 for byte in case.stream):
        return "A character may be cut in two: decode whole lines, not pieces."
    return "A piece may end anywhere: keep what has begun until the rest comes."


PARSER_STUB = '''
class Stream:
    """Reads an event stream from pieces of any size."""

    def __init__(self):
        self.last_event_id = ""     # what a reader that reconnects would send

    def feed(self, data):
        """Take the next bytes; return the events that they complete: [(type, data, last id), …]."""
        raise NotImplementedError
'''

PARSER = '''
class Stream:
    """Reads an event stream from pieces of any size."""

    def __init__(self):
        self.last_event_id = ""
        self.line, self.after_cr, self.first = bytearray(), False, True
        self.id, self.type, self.data = "", "", []

    def feed(self, data):
        """Take the next bytes; return the events that they complete: [(type, data, last id), …]."""
        events = []
        for byte in data:
            second_half = self.after_cr and byte == 10
            self.after_cr = byte == 13
            if byte not in b"\\r\\n":
                self.line.append(byte)
            elif not second_half:
                events += self.take(bytes(self.line))
                self.line.clear()
        return events

    def take(self, line):
        if self.first:
            line, self.first = line.removeprefix(b"\\xef\\xbb\\xbf"), False
        if not line:
            return self.dispatch()
        field, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self.data.append(value)
        elif field == "event":
            self.type = value
        elif field == "id" and "\\0" not in value:
            self.id = value
        return []

    def dispatch(self):
        self.last_event_id = self.id
        event = (self.type or "message", "\\n".join(self.data), self.id)
        found, self.type, self.data = [event] if self.data else [], "", []
        return found
'''


def the_parser() -> Exercise:
    """Return 05.1: the parser."""

    def instead(line: str, other: str) -> str:
        assert line in PARSER
        return PARSER.replace(line, other)

    pieces = "        for line in {}:\n            events += self.take(line)\n        return events\n\n    def take"
    head, tail = PARSER.partition("        for byte in data:")[0], PARSER.partition("    def take")[2]
    return Exercise(
        id="05.1",
        title="a parser for event streams (write)",
        task="Write the class `Stream`. Its `feed(data)` gets the next bytes of a stream, as many as TCP happens to "
        "bring, and returns a list of the events that they complete: `(type, data, last event id)`, all text. Its "
        "attribute `last_event_id` is what a reader that reconnects would send. The rules are those of the two tables "
        "above, and three more: the text is UTF-8, and bytes that are not become U+FFFD; no other character ends a "
        "line; a field without a colon has an empty value.",
        name="Stream",
        stub=PARSER_STUB,
        reference=PARSER,
        judge=AnyPieces(),
        hints=(
            "Two jobs, two methods: one collects bytes until a line has ended, the other does what the line says. "
            "Keep between two calls: the line that has begun, whether a CR came last, data lines, type and id.",
            "Go through `data` byte by byte. At CR or LF the line is whole, unless it is an LF right behind a CR. An "
            "empty line dispatches: join the data lines, if there are any, with LF; forget data and type, keep the id.",
        ),
        wrong=(
            WrongAnswer(
                instead('byte not in b"\\r\\n"', 'byte not in b"\\n"'),
                "three line ends",
            ),
            WrongAnswer(
                head
                + pieces.format('data.replace(b"\\r\\n", b"\\n").replace(b"\\r", b"\\n").split(b"\\n")[:-1]')
                + tail,
                "keep what has begun",
            ),
            WrongAnswer(
                head + pieces.format("[line.encode() for line in data.decode().splitlines()]") + tail,
                "No other character ends a line",
            ),
            WrongAnswer(
                instead(
                    "            self.data.append(value)\n",
                    "            self.data.append(value)\n            return self.dispatch()\n",
                ),
                "Several data lines",
            ),
            WrongAnswer(
                instead('value.removeprefix(" ")', "value.strip()"),
                "one only",
            ),
            WrongAnswer(
                instead("        events = []\n", "        events, self.after_cr = [], False\n"),
                "CR LF cut in two",
            ),
            WrongAnswer(instead("        self.last_event_id = self.id\n", ""), "reconnecting reader"),
            WrongAnswer(instead(' and "\\0" not in value', ""), "NUL"),
            WrongAnswer(instead('"utf-8", "replace"', '"latin-1"'), "UTF-8"),
        ),
        why="This is a whole event-stream parser, and a browser's does no more: some thirty lines, and the care never "
        "to take a piece for a line.",
    )
