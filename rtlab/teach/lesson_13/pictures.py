"""Two pictures: questions that are held twice, and readers that move from one process to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rtlab.teach.lesson_13.crew import LOOK
from rtlab.teach.lesson_13.questions import chunks, xreads
from rtlab.view.layout import Box
from rtlab.view.parties import Crossing, Held, draw_parties
from rtlab.view.picture import Picture
from rtlab.view.sheet import Sheet
from rtlab.view.style import LIGHT, PALETTE
from rtlab.wire.message import Message
from rtlab.wire.record import UP, Record

READER, SERVER, BROKER = "reader", "server", "broker"
WORDS = {
    "carries": "carries events",
    "asks": "asks, or acknowledges",
    "sends": "appends",
    "held": "a question that is held",
}
WIDTH, LEFT, TOP, LANE, TALL = 640.0, 92.0, 74.0, 46.0, 34.0


def held_twice(messages: Iterable[Message], record: Sequence[Record], title: str) -> Picture:
    """Draw a long poll of a reader, and the server's own of its broker."""
    crossings, held = _reader(messages)
    for question in xreads(record):
        count = question.entries
        words = f"{count} " + ("entry" if count == 1 else "entries")
        carries = "carries" if count else "asks"
        crossings += [
            Crossing(SERVER, BROKER, "asks", question.left, question.arrived, "XREAD BLOCK"),
            Crossing(BROKER, SERVER, carries, question.answer_left, question.answer_arrived, words),
        ]
        held.append(Held(BROKER, question.arrived, question.answer_left))
    crossings += [
        Crossing(SERVER, BROKER, "sends", chunk.left, chunk.arrived, "append")
        for chunk in chunks(record)
        if chunk.direction == UP and b"EVALSHA" in chunk.data
    ]
    crossings.sort(key=lambda one: one.left)
    return draw_parties(
        (READER, SERVER, BROKER), crossings, held=held, title=title, technique="long", words=WORDS
    )


def _reader(messages: Iterable[Message]) -> tuple[list[Crossing], list[Held]]:
    crossings, held, asked = [], [], None
    for message in messages:
        if message.kind == "request":
            asked = message
            words = "GET …&wait=25" if "wait=" in message.label else "GET …"
            crossings.append(Crossing(READER, SERVER, "asks", message.left, message.arrived, words))
        elif message.kind == "response" and asked is not None:
            count = len(message.events)
            words = f"200, {count} event" + "s" * (count != 1)
            carries = "carries" if count else "asks"
            crossings.append(Crossing(SERVER, READER, carries, message.left, message.arrived, words))
            if count:  # the first answer only says where the reader is
                held.append(Held(SERVER, asked.arrived, message.left))
            asked = None
    return crossings, held


def moves(
    looks: Sequence[tuple[float, dict[str, int]]], marks: Sequence[tuple[float, str]], title: str
) -> Picture:
    """Draw a lane for each process, as thick as it has connections, over time; and what happened when."""
    places = sorted({place for _, there in looks for place in there})
    most = max(max(there.values(), default=1) for _, there in looks)
    end = max(at for at, _ in looks)
    sheet = Sheet(WIDTH, LIGHT)
    bottom = TOP + LANE * len(places)
    sheet.cut(bottom + 46)
    ink, grey = LIGHT.ink, LIGHT.quiet_text

    def x(at: float) -> float:
        return LEFT + (WIDTH - LEFT - 24) * at / end

    sheet.text(14, 22, title, size=14, colour=ink)
    for number, place in enumerate(places):
        base = TOP + LANE * (number + 1) - 6
        sheet.text(LEFT - 10, base - TALL / 2, f"process {place}", size=10, colour=ink, align="right")
        boxes, steps = [], zip(looks, [*looks[1:], (end, looks[-1][1])], strict=True)
        for (at, there), (after, later) in steps:
            if count := there.get(place, 0):
                until = after if place in later else _gone(at, after, marks)
                boxes.append(Box(x(at), base - TALL * count / most, x(until), base))
        sheet.boxes(boxes, PALETTE["sse"], alpha=0.75)
        sheet.lines([((LEFT, base), (WIDTH - 24, base))], LIGHT.hair, 0.8)
    for at, words in marks:
        sheet.lines([((x(at), TOP - 6), (x(at), bottom))], ink, 1.0)
        sheet.text(x(at) + 4, TOP - 12, words, size=9.5, colour=ink)
    for second in range(int(end) + 1):
        sheet.text(x(second), bottom + 12, f"{second}", size=9, colour=grey, align="center")
    sheet.text(WIDTH - 24, bottom + 30, "time, s", size=9, colour=grey, align="right")
    sheet.text(
        LEFT,
        bottom + 30,
        f"height: connections, {most} at most; the one that asks is counted too",
        size=9,
        colour=grey,
    )
    told = [f"At {at:.1f} s: {words}." for at, words in marks]
    return Picture(sheet.figure, title, told)


def _gone(at: float, after: float, marks: Sequence[tuple[float, str]]) -> float:
    """When a process ended that was there at one look and not at the next: at what was marked between them, if it was.

    The looks may be far apart just then: one that knocks at the process that is no more waits in vain for a while.
    """
    ends = (max(at, mark) for mark, _ in marks if at - LOOK <= mark <= after)
    return next(ends, min(after, at + LOOK))
