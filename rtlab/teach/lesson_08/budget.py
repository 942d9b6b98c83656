"""Exercise 08.2: an interval out of the chart, for a promise about nearly everybody."""

from rtlab.teach.checks import Number
from rtlab.teach.exercises import Exercise, WrongAnswer


def a_budget_for_the_slowest() -> Exercise:
    """Return 08.2: the longest interval whose p99 keeps a budget."""
    return Exercise(
        id="08.2",
        title="a budget for 99 of 100",
        task="A page promises that 99 of 100 changes are seen within 300 ms. It polls every T seconds, with d = 40 ms; "
        "changes come at any time. Read the longest T off the distribution: which one just keeps the promise? "
        "(To the millisecond.)",
        name="longest",
        stub="longest = ...\n",
        reference="longest = (0.300 - 0.040) / 0.99\n",
        judge=Number(
            0.26263,
            "seconds",
            "the T for which a share of 0.99 has arrived after 300 ms",
            within=0.003,
            slips={
                0.26: "With this one nobody waits longer than 300 ms. The promise is about 99 of 100.",
                0.52: "That makes the mean 300 ms: half of the changes come later.",
                0.303: "The answer is under way for d as well.",
                0.3: "The answer is under way for d as well, and the promise is not about the worst.",
                262.63: "That is in milliseconds; T is in seconds here.",
                0.222: "The request's own way costs no latency.",
            },
        ),
        hints=(
            "The share that has arrived grows evenly from 0 at d to 1 at T + d. Where is it 0.99?",
            "d + 0.99 T is the latency that 99 of 100 do not exceed.",
        ),
        wrong=(
            WrongAnswer("longest = 0.300 - 0.040\n", "nobody waits longer"),
            WrongAnswer("longest = 2 * (0.300 - 0.040)\n", "half of the changes come later"),
            WrongAnswer("longest = 0.300 / 0.99\n", "under way for d"),
        ),
        why="Mean, p99 and worst are three promises with three intervals. Say which one you make.",
    )
