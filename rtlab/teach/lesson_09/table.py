"""Exercise 09.1: a benchmark's table that counts heads only, put right."""

from rtlab.teach.card import Table, Words
from rtlab.teach.checks import Number
from rtlab.teach.exercises import Exercise, WrongAnswer

HEADS, FRAME, PAYLOAD = 428, 2, 160  # bytes

_SHOWN = (
    Table(
        ("clients", "polling, Mbit/s", "WebSocket, Mbit/s", "ratio"),
        (
            ("1,000", "3.42", "0.016", "214 : 1"),
            ("10,000", "34.2", "0.16", "214 : 1"),
            ("100,000", "342", "1.6", "214 : 1"),
        ),
    ),
    Words(
        "One message a second for each client. Heads of request and answer: 428 bytes. Head of a frame: 2 bytes. "
        "“Half a per cent of the traffic is left.”"
    ),
)


def the_table() -> Exercise:
    """Return 09.1: what the ratio is once everything that crosses the wire is counted."""
    return Exercise(
        id="09.1",
        title="the flaw in the table",
        task="A vendor publishes the table below. The arithmetic is right, and yet nobody will see that ratio on a "
        "wire: it leaves out what both have to carry. Work out the ratio with all of it: a message has 160 bytes of "
        "payload; each packet has 40 bytes of IP and TCP headers; polling sends a packet with the request, one with "
        "the answer, and one that only acknowledges; WebSocket one with the frame and one that only acknowledges. "
        "No TLS. What is `ratio`, polling's bytes to WebSocket's, for one message?",
        name="ratio",
        stub="ratio = ...\n",
        reference="ratio = (428 + 160 + 3 * 40) / (2 + 160 + 2 * 40)\n",
        judge=Number(
            (HEADS + PAYLOAD + 120) / (FRAME + PAYLOAD + 80),
            "bytes of polling for one of WebSocket",
            "all bytes of one message, payload and packets too, on both sides",
            within=0.002,
            slips={
                214.0: "That is the table: heads only.",
                588 / 162: "The payload is in. Which headers does each packet have besides?",
                508 / 42: "The packets are in. What about the payload, and the acknowledgements?",
                548 / 82: "Packets and acknowledgements are in. The payload travels too.",
                668 / 202: "What only acknowledges is a packet too, with 40 bytes.",
                708 / 122: "A frame has its payload and a packet of its own, as an answer has.",
                868 / 242: "The payload goes one way: it is in the answer, not in the request.",
            },
        ),
        hints=(
            "For polling: heads, payload, three packets. For WebSocket: frame, payload, two packets.",
            "Every packet has 40 bytes of headers, whatever is in it.",
        ),
        wrong=(
            WrongAnswer("ratio = 428 / 2\n", "heads only"),
            WrongAnswer("ratio = (428 + 160) / (2 + 160)\n", "Which headers"),
            WrongAnswer("ratio = (428 + 160 + 2 * 40) / (2 + 160 + 40)\n", "only acknowledges"),
            WrongAnswer("ratio = (428 + 2 * 160 + 3 * 40) / (2 + 160 + 2 * 40)\n", "goes one way"),
        ),
        why="214 : 1 is 3 : 1. Nobody lied: the table counts what differs and leaves out what does not. Ask of every "
        "ratio what both sides had to carry anyway, and whether anything was run at all.",
        shown=_SHOWN,
    )
