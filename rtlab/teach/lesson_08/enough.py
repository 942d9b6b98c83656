"""Exercise 08.1: how many events a figure needs."""

from rtlab.teach.checks import Number
from rtlab.teach.exercises import Exercise, WrongAnswer

MEAN = "(0.5 / 2 + 0.040)"
SIGMA = "(0.5 / 12**0.5)"


def enough_events() -> Exercise:
    """Return 08.1: the sample size for a mean within 2 %."""
    return Exercise(
        id="08.1",
        title="enough events",
        task="You measure short polling with T = 0.5 s over a path of d = 40 ms, and events come as a Poisson process. "
        "A wait that is uniform from 0 to T has the standard deviation T/√12. How many independent events do you need "
        "until the 95 % interval of the mean reaches from 2 % below to 2 % above it?",
        name="events",
        stub="events = ...\n",
        reference=f"events = round((1.96 * {SIGMA} / (0.02 * {MEAN})) ** 2)\n",
        judge=Number(
            2379,
            "events",
            "the n for which 1.96 standard errors, σ/√n, are 2 % of the mean",
            within=0.05,
            slips={
                48.8: "That is how many standard errors fit: the error shrinks with √n, so square it.",
                619: "One standard error is 2 % then. A 95 % interval reaches 1.96 of them to each side.",
                7137: "T/2 is the mean wait. How far waits are from it says the standard deviation.",
                28549: "T is the whole width of the distribution. Its standard deviation is smaller.",
                3201: "The mean latency has another part: every answer is under way for d.",
                9517: "Then the whole interval is 2 % wide. It is to reach 2 % to each side.",
                1838: "That is the figure for T = 0.25 s.",
            },
        ),
        hints=(
            "A mean of n independent values has the standard error σ/√n. Write down σ and the mean.",
            "1.96 σ/√n = 0.02 · mean. Solve for n.",
        ),
        wrong=(
            WrongAnswer(f"events = 1.96 * {SIGMA} / (0.02 * {MEAN})\n", "shrinks with √n"),
            WrongAnswer(f"events = ({SIGMA} / (0.02 * {MEAN})) ** 2\n", "1.96 of them to each side"),
            WrongAnswer(f"events = (1.96 * {SIGMA} / (0.02 * 0.25)) ** 2\n", "under way for d"),
            WrongAnswer(f"events = (1.96 * 0.25 / (0.02 * {MEAN})) ** 2\n", "T/2 is the mean wait"),
        ),
        why="Half of the error costs four times as many events. A figure without its n is a figure without its error.",
    )
