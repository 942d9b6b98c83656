"""Exercise 13.3: how many server processes some clients and events take, and what adding processes does not divide."""

import math

from rtlab.teach.checks import Number
from rtlab.teach.exercises import Exercise, WrongAnswer

_RIGHT = "processes = math.ceil(10_000 * 200 * 10e-6 / (0.6 - 200 * 300e-6))\n"


def needed(clients: int, rate: float, write: float, mirror: float, busy: float = 0.6) -> int:
    """Processes of one core each for N clients and λ events a second, `write` and `mirror` in seconds of CPU.

    Each of P makes Nλ/P deliveries a second and reads all λ events: Nλ·write/P + λ·mirror ≤ busy. Raises
    ZeroDivisionError or gives a negative number where the events alone are too many for any process.
    """
    return math.ceil(clients * rate * write / (busy - rate * mirror))


def how_many() -> Exercise:
    """Return 13.3: processes for 10,000 traders."""
    right = needed(10_000, 200, 10e-6, 300e-6)

    def answer(source: str) -> str:
        return "import math\n" + source

    return Exercise(
        id="13.3",
        title="how many processes",
        task="10,000 traders get 200 prices a second each, the same for all. A delivery takes a process 10 µs of CPU, "
        "and to take an event from the broker takes each process 300 µs, whether it has many readers or few. A "
        "process has one core and shall be 60 % busy at most. How many processes does it take?",
        name="processes",
        stub="processes = ...\n",
        reference=answer(_RIGHT),
        judge=Number(
            float(right),
            "processes",
            "whole processes, each at most 60 % busy with its share of the deliveries and with all of the events",
            within=0.001,
            slips={
                34.0: "The deliveries are shared out. Who takes the events from the broker?",
                22.0: "They are full to the brim: none shall be more than 60 % busy.",
                20.0: "That is what the deliveries take if nothing else is done and the cores are full.",
                33.0: "A third of a process too little: round up. And who takes the events from the broker?",
            },
        ),
        hints=(
            "Of P processes each makes Nλ/P deliveries a second. How many events does each take from the broker?",
            "Nλ · 10 µs / P + λ · 300 µs has to stay below 0.6. Solve it for P.",
        ),
        wrong=(
            WrongAnswer(
                answer("processes = math.ceil(10_000 * 200 * 10e-6 / 0.6)\n"), "Who takes the events"
            ),
            WrongAnswer(
                answer("processes = math.ceil(10_000 * 200 * 10e-6 / (1 - 200 * 300e-6))\n"), "to the brim"
            ),
            WrongAnswer("processes = 20\n", "nothing else is done"),
        ),
        why="Processes divide N, never λ: each of them takes every event once. At 2,000 events a second no number of "
        "processes would do; then channels have to be divided, which is what partitions and clusters are for.",
    )
