"""Exercise 18.3: the server's state has come; what is shown now?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

BANK = 10  # a boat does not get past it


def step(x: int, move: int) -> int:
    """The rule of the game: a step, as far as the bank."""
    return min(max(x + move, 0), BANK)


# What the server says, which moves wait, and what is right: where the boat is shown, and which moves wait still.
CASES: tuple[tuple[dict[str, int], list[tuple[int, int]], int, list[int]], ...] = (
    ({"x": 3, "seen": 0}, [(1, 1), (2, 1)], 5, [1, 2]),
    ({"x": 4, "seen": 1}, [(1, 1), (2, 1), (3, 1)], 6, [2, 3]),
    ({"x": 5, "seen": 7}, [(6, 1), (7, 1)], 5, []),
    ({"x": 2, "seen": 4}, [(4, 1), (5, 1), (6, -1), (7, 1)], 3, [5, 6, 7]),
    ({"x": 9, "seen": 2}, [(3, 1), (4, 1), (5, -1)], 9, [3, 4, 5]),
)


def check_reconcile(reconcile: Callable[..., Any]) -> None:
    """Bring states to a page on which moves wait."""
    rule = "where the boat is shown, and the moves that the server has still to see"
    for state, waiting, x, left in CASES:
        seen = state["seen"]
        numbers = [number for number, _ in waiting]
        did = f"brought a state with the boat at {state['x']}, move {seen} seen, while the moves {numbers} waited"
        got = reconcile(dict(state), list(waiting), step)
        if not isinstance(got, tuple) or len(got) != 2:
            raise Wrong(did, show(got), f"two things: {rule}")
        shown, kept = got
        kept = [number for number, _ in kept]
        if any(number <= seen for number in kept):
            advice = (
                "What the server has seen is in its state. If it waits for ever, it is done again for ever."
            )
            raise Wrong(did, f"the moves {kept} wait", rule, advice)
        if kept != left:
            advice = (
                "A move that the server has not seen may still be lost: it must be sent, and done, again."
            )
            raise Wrong(did, f"the moves {kept} wait", rule, advice)
        if shown != x:
            raise Wrong(did, f"the boat is shown at {show(shown)}", rule, _why(shown, state, waiting))


def _why(shown: object, state: dict[str, int], waiting: list[tuple[int, int]]) -> str:
    """What a wrong place looks like."""
    sums = state["x"] + sum(move for number, move in waiting if number > state["seen"])
    twice = state["x"]
    for _, move in waiting:
        twice = step(twice, move)
    if shown == state["x"]:
        return "The boat jumps back to where it was when this state left the server. What has the player done since?"
    if shown == twice:
        return "A move that is in the server's state already is done a second time."
    if shown == sums:
        return f"The bank is at {BANK}: the server would have applied its rule to each move, one after the other."
    return "Begin at the server's place, and let the rule do each move that it has not seen, in order."


RECONCILE = '''
def reconcile(state, waiting, step):
    """Return where to show the boat, and the moves that still wait.

    `state`: {"x": the boat's place, "seen": the number of the last move that is in it}. `waiting`: (number, move) of
    the moves that were made and not seen, oldest first. `step(x, move)`: the rule, which returns the new place.
    """
    return state["x"], waiting
'''
RIGHT = """
def reconcile(state, waiting, step):
    waiting = [(number, move) for number, move in waiting if number > state["seen"]]
    x = state["x"]
    for number, move in waiting:
        x = step(x, move)
    return x, waiting
"""


def replay_what_waits() -> Exercise:
    """Return 18.3: reconciliation."""
    return Exercise(
        id="18.3",
        title="reconcile (modify)",
        task="A page shows each move at once, and a state of the server comes that has not seen the last ones. This "
        "`reconcile` takes the server's word, and the boat jumps back. Change it: what the server has seen is over, "
        "what it has not seen is done again on top of its state.",
        name="reconcile",
        stub=RECONCILE,
        reference=RIGHT,
        judge=check_reconcile,
        hints=(
            'Two steps: which moves still wait? The state says the last one that it has seen, in `state["seen"]`.',
            "Begin with the server's place, and give each move that still waits to `step`, in order.",
        ),
        wrong=(
            WrongAnswer(
                RIGHT.replace("number > state", "number >= state"), "If it waits for ever, it is done again"
            ),
            WrongAnswer(RIGHT.replace("return x,", 'return state["x"],'), "jumps back"),
            WrongAnswer(RIGHT.replace("x = step(x, move)", "x += move"), "applied its rule to each move"),
            WrongAnswer(RIGHT.replace("return x, waiting", "return x, []"), "may still be lost"),
            WrongAnswer(
                """
def reconcile(state, waiting, step):
    x = state["x"]
    for number, move in waiting:
        x = step(x, move)
    return x, [(number, move) for number, move in waiting if number > state["seen"]]
""",
                "done a second time",
            ),
        ),
        why="Prediction is a guess with the server's own rules, so it is nearly always right, and nothing is seen of "
        "the delay. Where it was wrong, the next state says so: nobody has to ask, and nobody can cheat by guessing.",
    )
