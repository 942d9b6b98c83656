"""Exercise 10.4: how long the longest pause must be, for the server to bear everybody's return."""

from rtlab.teach.checks import Number
from rtlab.teach.exercises import Exercise, WrongAnswer

CLIENTS, BEARS = 10_000, 500  # clients; connections a second that the server can make


def longest_pause(clients: int, bears: float) -> float:
    """Seconds s for which clients that pause uniformly from 0 to s come no faster than `bears` a second.

    The mean pause is s/2, so that N of them make 2N/s attempts a second.
    """
    return 2 * clients / bears


def how_long_at_most() -> Exercise:
    """Return 10.4: the cap of a back-off, from the load that a server can bear."""
    right, once = longest_pause(CLIENTS, BEARS), CLIENTS / BEARS
    return Exercise(
        id="10.4",
        title="how long to pause",
        task="A server with 10,000 clients is away for so long that everybody's back-off has come to its longest "
        "pause, s. With full jitter each pause is a uniform draw from 0 to s, and attempts take no time. When the "
        "server is back it can make 500 connections a second. How long must s be, in seconds, for the clients to come "
        "no faster than that on average?",
        name="seconds",
        stub="seconds = ...\n",
        reference=f"seconds = {right:g}\n",
        judge=Number(
            right,
            "seconds",
            "the s at which 10,000 clients make 500 attempts a second",
            slips={
                once: "That is how long everybody takes to come once. But how long is a pause on average, "
                "when it is drawn evenly between 0 and s?",
                once / 2: "The mean of a uniform draw is half of its span: which of the two is asked for?",
                1 / once: "That is attempts a second for each client; a pause is its inverse, or twice that.",
            },
        ),
        hints=(
            "One client pauses s/2 on average: how many attempts does it make in a second?",
            "10,000 times that is the rate at which they come. Let it be 500.",
        ),
        wrong=(
            WrongAnswer("seconds = 20\n", "how long is a pause on average"),
            WrongAnswer("seconds = 10\n", "which of the two"),
            WrongAnswer("seconds = 0.05\n", "its inverse"),
            WrongAnswer("seconds = 500\n", "too large"),
        ),
        why="The longest pause is the server's protection, and the price is that after a long outage the last client "
        "comes back s later. A server that knows its load can say so itself, by `Retry-After`.",
    )
