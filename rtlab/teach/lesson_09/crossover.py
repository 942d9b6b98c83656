"""Exercise 09.2: from which rate on polling is the cheaper one."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Verdict, Wrong, show

CROSSOVER = '''
def crossover(T, poll, item, push):
    """Return the events a second above which polling every T costs the server less CPU than a push for each."""
    ...
'''
_CROSSOVER = "import math\ndef crossover(T, poll, item, push):\n    "

# T, and the CPU seconds of an exchange, of an event in an answer, of a push with one event
CASES = (
    (1.0, 600e-6, 4e-6, 16e-6),
    (0.25, 600e-6, 4e-6, 16e-6),
    (10.0, 350e-6, 0.0, 7e-6),
    (2.0, 500e-6, 5e-6, 105e-6),
    (1.0, 500e-6, 20e-6, 20e-6),
    (1.0, 500e-6, 20e-6, 10e-6),
)


@dataclass(frozen=True)
class Crossing:
    """Holds `crossover(T, poll, item, push)` against unit costs for some of which there is no such rate."""

    def __call__(self, crossover: Callable[[float, float, float, float], float]) -> None:
        """Compare case by case; say which part of the formula looks wrong."""
        for T, poll, item, push in CASES:
            got = crossover(T, poll, item, push)
            there_is_one = push > item
            right = poll / (T * (push - item)) if there_is_one else math.inf
            if isinstance(got, int | float) and (got == right or math.isclose(got, right, rel_tol=1e-6)):
                continue
            did = f"called `crossover({T:g}, {poll:g}, {item:g}, {push:g})`"
            wanted = "the λ at which N/T · poll + Nλ · item and Nλ · push are the same"
            if not there_is_one:
                wanted = (
                    "`math.inf`: where an event in an answer costs as much as a push, no rate is high enough"
                )
            raise Wrong(did, show(got), wanted, self._advice(got, T, poll, item, push))

    @staticmethod
    def _advice(got: object, T: float, poll: float, item: float, push: float) -> str:
        if not isinstance(got, int | float):
            return "A number is wanted, or `math.inf`."
        if push <= item:
            return "Look at the sign of what you divide by: a rate below 0 is none."
        slips = {
            poll / (push - item): "T is missing: a client that asks half as often pays half as much.",
            poll / (T * push): "An event in an answer is not free either: polling pays `item` for each.",
            T
            * poll
            / (push - item): "T stands on the wrong side: with a longer T polling is cheaper, not dearer.",
            poll
            / (T * (push + item)): "Polling pays `item`, push does not: the difference of the two is saved.",
        }
        near = (words for slip, words in slips.items() if math.isclose(got, slip, rel_tol=1e-6))
        return next(near, "")


def the_crossover() -> Exercise:
    """Return 09.2: the crossover rate for given unit costs."""
    return Exercise(
        id="09.2",
        title="where polling becomes the cheaper one",
        task="N clients poll every `T` seconds. An exchange costs the server `poll` seconds of CPU whatever it "
        "carries, and each event in an answer `item` more; a push of one event to one client costs `push`. Write "
        "`crossover(T, poll, item, push)`: the events per second above which polling costs the server less CPU than "
        "a push for each event. Where there is no such rate, return `math.inf`.",
        name="crossover",
        stub=CROSSOVER,
        reference=_CROSSOVER + "return poll / (T * (push - item)) if push > item else math.inf\n",
        judge=Crossing(),
        hints=(
            "Write down what each costs the server in a second: N/T exchanges and Nλ events, against Nλ pushes.",
            "Set the two equal and solve for λ. N falls out. What if `push - item` is 0, or below?",
        ),
        wrong=(
            WrongAnswer(
                _CROSSOVER + "return poll / (push - item) if push > item else math.inf\n", "T is missing"
            ),
            WrongAnswer(_CROSSOVER + "return poll / (T * push)\n", "not free either"),
            WrongAnswer(
                _CROSSOVER + "return poll / (T * (push - item))\n", "ZeroDivisionError", Verdict.RAISED
            ),
            WrongAnswer(
                _CROSSOVER + "return T * poll / (push - item) if push > item else math.inf\n", "wrong side"
            ),
            WrongAnswer(
                _CROSSOVER + "return poll / (T * (push - item)) if push != item else math.inf\n",
                "below 0 is none",
            ),
        ),
        why="The number of clients falls out: it is the events in one interval, λT, that decide. And what polling does "
        "above that rate a push that waits T can do as well, without asking.",
    )
