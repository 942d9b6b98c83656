"""The exercises of lesson 01, one request on the wire: cut a byte stream, count transits, mind the tail."""

import random
from itertools import pairwise

from rtlab.teach.checks import Case, Cases, Number, Symptom
from rtlab.teach.exercises import Exercise, WrongAnswer

STUB = '''
def whole_requests(pieces):
    """Return every whole request in what `recv` handed over, piece after piece."""
    ...
'''
_CUT = "def whole_requests(pieces):\n    end = b'\\r\\n\\r\\n'\n    return "

FIRST = b"GET /channels/news/events HTTP/1.1\r\nHost: lab.example\r\n\r\n"
SECOND = b"GET /channels/chat/events HTTP/1.1\r\nHost: lab.example\r\n\r\n"
THIRD = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def _streams(draw: random.Random) -> tuple[Case, ...]:
    """Draw requests in pieces: one in one, one in many, many in one, a cut inside the empty line, an unfinished one."""
    everything = FIRST + SECOND + THIRD + SECOND[:20]
    places = [0, *sorted(draw.sample(range(1, len(everything)), 9)), len(everything)]
    anywhere = [everything[begin:end] for begin, end in pairwise(places)]
    return (
        Case(([FIRST],), [FIRST]),
        Case(([FIRST[:5], FIRST[5:40], FIRST[40:]],), [FIRST]),
        Case(([FIRST + SECOND],), [FIRST, SECOND]),
        Case(([FIRST[:-2], FIRST[-2:] + SECOND],), [FIRST, SECOND]),
        Case(([FIRST, SECOND[:20]],), [FIRST]),
        Case(([],), []),
        Case((anywhere,), [FIRST, SECOND, THIRD]),
    )


def the_stream(draw: random.Random) -> Exercise:
    """Return 01.1: where one request ends and the next begins."""

    def each(got: object) -> list[bytes]:
        return [one for one in got if isinstance(one, bytes)] if isinstance(got, list) else []

    return Exercise(
        id="01.1",
        title="find the requests in a stream of bytes",
        task="Write `whole_requests(pieces)`. `pieces` is a list of `bytes`, as one `recv` after the other handed them "
        "over. They hold `GET` requests without a body, one behind the other. Return a list of the requests that are "
        "whole, each with the empty line that ends it (RFC 9112, section 2.1); leave out one that is still on its way.",
        name="whole_requests",
        stub=STUB,
        reference=_CUT + "[head + end for head in b''.join(pieces).split(end)[:-1]]\n",
        judge=Cases(
            _streams(draw),
            "a list of `bytes`: each whole request once, from its first letter to the end of its empty line",
            (
                Symptom(
                    lambda got, _: any(one.count(b"\r\n\r\n") > 1 for one in each(got)),
                    "Two requests are stuck together: one `recv` may hand over several.",
                ),
                Symptom(
                    lambda got, case: got == case.arguments[0],
                    "You took each piece for a request. TCP keeps the bytes and their order, not the pieces.",
                ),
                Symptom(
                    lambda got, _: any(not one.startswith(b"GET ") and len(one) > 4 for one in each(got)),
                    "There is a request without its beginning: that came in an earlier piece.",
                ),
                Symptom(
                    lambda got, case: (
                        bool(each(got))
                        and [one + b"\r\n\r\n" for one in each(got)][: len(case.result)] == case.result
                    ),
                    "The empty line belongs to the request: it says that there are no more headers.",
                ),
                Symptom(
                    lambda got, _: any(
                        not one.endswith(b"\r\n\r\n") or not one.strip(b"\r\n") for one in each(got)
                    ),
                    "The last one is not whole: its empty line is yet to come, or nothing has come at all.",
                ),
                Symptom(
                    lambda got, case: isinstance(got, list) and len(got) < len(case.result),
                    "One is missing: the end of a request may itself be cut in two, or several come at once.",
                ),
            ),
        ),
        hints=(
            "Where the pieces begin and end means nothing. What do you have when you put them together again?",
            r"`bytes.split(b'\r\n\r\n')` cuts at every empty line. What is its last element?",
        ),
        wrong=(
            WrongAnswer(_CUT + "list(pieces)\n", "each piece for a request"),
            WrongAnswer(
                _CUT + "[head + end for piece in pieces for head in piece.split(end)[:-1]]\n",
                "without its beginning",
            ),
            WrongAnswer(_CUT + "[head + end for head in b''.join(pieces).split(end)]\n", "not whole"),
            WrongAnswer(_CUT + "b''.join(pieces).split(end)[:-1]\n", "empty line belongs"),
            WrongAnswer(_CUT + "[b''.join(pieces)]\n", "stuck together"),
        ),
        why="Every program that reads from a socket has this loop in it. One that takes a `recv` for a message works "
        "on its author's machine and fails on a real network.",
    )


def the_transits() -> Exercise:
    """Return 01.2: three exchanges over one new connection."""
    return Exercise(
        id="01.2",
        title="three requests, one connection",
        task="The one-way delay is 30 ms, and the server needs 10 ms for an answer. A program opens a connection, then "
        "fetches three resources over it, each request sent when the answer before has come. How many milliseconds "
        "pass from its first step to the third answer? (Plain HTTP, no TLS; sending takes no time.)",
        name="milliseconds",
        stub="milliseconds = ...\n",
        reference="milliseconds = 2 * 30 + 3 * (2 * 30 + 10)\n",
        judge=Number(
            270,
            "milliseconds",
            "the handshake, then three exchanges: transits of 30 ms, and 10 ms at the server for each answer",
            within=0.001,
            slips={
                210: "The connection has to be there first.",
                390: "That is a new connection for each request: this one is kept alive.",
                240: "The server needs its time as well.",
                300: "The third part of the handshake keeps nobody waiting: the request travels right behind it.",
                150: "That is one way only: a request has to get there, and its answer back.",
                180: "That is one way only: a request has to get there, and its answer back.",
                130: "That would be one exchange: each request waits for the answer before it.",
            },
        ),
        hints=(
            "How many transits must pass before the client may send its first request?",
            "Draw it as in the picture above: an arrow for each transit, and a short stay at the server.",
        ),
        wrong=(
            WrongAnswer("milliseconds = 3 * (2 * 30 + 10)\n", "has to be there first"),
            WrongAnswer("milliseconds = 3 * (4 * 30 + 10)\n", "new connection for each"),
            WrongAnswer("milliseconds = 3 * 30 + 3 * (2 * 30 + 10)\n", "keeps nobody waiting"),
        ),
        why="On a slow path it is the number of round trips that counts, hardly ever the number of bytes.",
    )


def the_tail() -> Exercise:
    """Return 01.3: how often a page of many requests meets the tail."""
    return Exercise(
        id="01.3",
        title="one per cent of what?",
        task="The p99 of a server is 1 s: one request in a hundred takes longer. A page makes 100 requests that know "
        "nothing of each other, and is done when all are answered. Which share of the page's visitors waits longer "
        "than 1 s? (A number from 0 to 1.)",
        name="share",
        stub="share = ...\n",
        reference="share = 1 - 0.99 ** 100\n",
        judge=Number(
            1 - 0.99**100,
            "visitors of one",
            "the probability that at least one of 100 requests is among the slowest hundredth",
            slips={
                0.01: "That is the share of requests. A visitor makes a hundred of them.",
                1.0: "Probabilities that are added up count visitors twice who meet two slow requests.",
                0.99**100: "That is the share of visitors who wait for none.",
                100 * (1 - 0.99**100): "That is in per cent: a number from 0 to 1, please.",
                0.99: "That is the share of quick requests.",
            },
        ),
        hints=(
            "Turn it round: what is the probability that none of the 100 requests is slow?",
            "That one request is quick has probability 0.99; that two are, 0.99 × 0.99.",
        ),
        wrong=(
            WrongAnswer("share = 0.01\n", "share of requests"),
            WrongAnswer("share = 100 * 0.01\n", "added up"),
            WrongAnswer("share = 0.99 ** 100\n", "wait for none"),
        ),
        why="The rare case of one request is the common case of a page: that is why p99 is measured at all.",
    )


def exercises(draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; where the stream is cut is drawn for one student."""
    return the_stream(draw), the_transits(), the_tail()
