"""Exercise 17.3: how seldom must a sensor speak for its battery to last?"""

from rtlab.teach.checks import Number
from rtlab.teach.exercises import Exercise, WrongAnswer

JOULES = 21_600  # two AA cells
EACH = 11.6 * 1.06 + 0.26 * 1.21  # joules of one message beyond the tail
WATTS = JOULES / (30 * 24 * 3600)


def a_month_on_two_cells() -> Exercise:
    """Return 17.3: the shortest interval with which two cells last 30 days."""
    return Exercise(
        id="17.3",
        title="a month on two cells",
        task="A polled sensor sleeps between its requests. Each wakes the radio (0.26 s at 1.21 W) and keeps it "
        "awake for a tail (11.6 s at 1.06 W); the message itself is too short to count. Two AA cells hold 21,600 J. "
        "What is the shortest polling interval, in seconds, with which they last 30 days?",
        name="interval",
        stub="interval = ...\n",
        reference="interval = (0.26 * 1.21 + 11.6 * 1.06) * 30 * 24 * 3600 / 21_600\n",
        judge=Number(
            EACH / WATTS,
            "seconds",
            "the joules of one waking, divided by the watts that the cells can give for 30 days",
            within=0.005,
            slips={
                11.6 * 1.06 / WATTS: "Waking up costs, too: 0.26 s at 1.21 W.",
                0.26
                * 1.21
                / WATTS: "Waking up is the small part: afterwards the radio stays awake for its tail.",
                EACH / WATTS / 60: "That is in minutes.",
                30 * 24 * 3600 / 21_600: "That many seconds for each joule. How many joules has one request?",
                11.6: "With a request in each tail the radio never sleeps: the cells are empty after some hours.",
                EACH / WATTS / 30: "That is for one day.",
            },
        ),
        hints=(
            "How many joules does one request cost, if the next comes long after the tail?",
            "How many requests can 21,600 J pay for? Spread them evenly over 30 days.",
        ),
        wrong=(
            WrongAnswer("interval = 11.6 * 1.06 * 30 * 24 * 3600 / 21_600\n", "Waking up costs, too"),
            WrongAnswer("interval = 11.6\n", "never sleeps"),
            WrongAnswer("interval = 30 * 24 * 3600 / 21_600\n", "for each joule"),
        ),
        why="A request every 25 minutes, for a radio whose tail is 12 s: its timers, not your bytes, empty the "
        "battery. A sensor that must be heard sooner needs another radio, not another protocol.",
    )
