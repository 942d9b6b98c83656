"""The exercises of lesson 14, chat: who is here, and what survives a cut."""

import random

from rtlab.teach.checks import Number
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.lesson_14.outbox import the_outbox
from rtlab.teach.lesson_14.presence import who_is_here

__all__ = ["exercises"]


def the_bill_of_presence() -> Exercise:
    """Return 14.2: messages against leases."""
    return Exercise(
        id="14.2",
        title="who talks most",
        task="A room of 50 people. Each says something once in two minutes, and everybody hears it. Each renews a "
        "lease every 4 s with a `POST`. For each request that carries a message (a `POST` as "
        "well), how many requests reach the server that carry a lease?",
        name="ratio",
        stub="ratio = ...\n",
        reference="ratio = (50 / 4) / (50 / 120)\n",
        judge=Number(
            30.0,
            "leases for each message",
            "the renewals of a second divided by the messages of a second",
            slips={
                1 / 30: "Turn it over: leases for each message.",
                12.5: "That is the leases of a second; divide by the messages of a second.",
                1500: "One person's messages against fifty people's leases.",
                0.6: "Fifty readers hear it, but only one request carries it up.",
            },
        ),
        hints=("How many renewals does one person make in two minutes?",),
        wrong=(
            WrongAnswer("ratio = 50 / 4\n", "divide by the messages"),
            WrongAnswer("ratio = (50 / 120) / (50 / 4)\n", "Turn it over"),
            WrongAnswer("ratio = (50 / 4) / (50 * 50 / 120)\n", "only one request carries it up"),
        ),
        why="Saying that one is still here is most of what a chat's clients send, whatever the technique. Where the "
        "socket carries the leases, they are frames of some 100 bytes.",
    )


def exercises(_draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; they are the same for everybody."""
    return who_is_here(), the_bill_of_presence(), the_outbox()
