"""Exercise 15.2: a history that is thinned for a chart, and loses no spike."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show


def check_thin(thin: Callable[..., Any]) -> None:
    """Thin a long noisy series with one spike in it; short and uneven ones besides."""
    chance = random.Random(15)
    noise = [round(20 + chance.uniform(-3, 3), 1) for _ in range(6_000)]
    noise[4_321], noise[17] = 99.0, 1.0
    for values, buckets in ((noise, 300), (list(range(10)), 3), ([5, 1, 9, 7], 2), ([4, 8], 5), ([], 4)):
        got = thin(list(values), buckets)
        did = f"called `thin` with {len(values)} values for a chart of {buckets} buckets"
        wanted = f"a list of at most {buckets} pairs (least, greatest), one for each stretch of the history, in order"
        if not isinstance(got, list) or any(not isinstance(p, (tuple, list)) or len(p) != 2 for p in got):
            raise Wrong(did, show(got), wanted)
        if len(got) > buckets:
            raise Wrong(
                did, f"{len(got)} pairs", wanted, "The chart has no place for more: how long is a stretch?"
            )
        if 2 * len(got) <= min(buckets, len(values)) and len(values) > 2:
            raise Wrong(
                did,
                f"{len(got)} pairs",
                wanted,
                f"The chart has {buckets} places: who looks at it wants to know when it was, too.",
            )
        pairs = [tuple(pair) for pair in got]
        if values and (not pairs or max(high for _, high in pairs) != max(values)):
            raise Wrong(
                did,
                f"a greatest value of {show(max((h for _, h in pairs), default=None))}",
                wanted,
                _lost(values),
            )
        if values and min(low for low, _ in pairs) != min(values):
            raise Wrong(
                did,
                f"a least value of {show(min(low for low, _ in pairs))}",
                wanted,
                "A dip is lost: keep both ends.",
            )
        if values and not _in_order(list(values), pairs):
            raise Wrong(
                did,
                show(pairs),
                wanted,
                "Each pair stands for the values of its own stretch, in the order of time.",
            )


def _lost(values: Any) -> str:
    if len(values) < 100:
        return "Some values are in no stretch: look at the last ones."
    return "A spike of one sample is lost: whoever looks at this chart will say that nothing happened."


def _in_order(values: list[float], pairs: list[tuple[Any, ...]]) -> bool:
    """Whether the values can be cut into stretches with these extremes, as long as each other but for the last."""
    longest = -(-len(values) // len(pairs))
    for size in range(1, longest + 1):
        parts = [values[start : start + size] for start in range(0, len(values), size)]
        if [(min(part), max(part)) for part in parts] == pairs:
            return True
    # Stretches of nearly the same size are as good: as `n * count // buckets` cuts them, or `np.array_split`.
    count = len(pairs)
    for spare in (0, count - 1):
        edges = [(n * len(values) + spare) // count for n in range(count + 1)]
        parts = [values[a:b] for a, b in pairwise(edges)]
        if [(min(part), max(part)) for part in parts if part] == pairs:
            return True
    return False


THIN = '''
def thin(values, buckets):
    """Cut `values` into at most `buckets` stretches of equal length; return (least, greatest) of each."""
    size = ...
    return [... for start in range(0, len(values), size)]
'''
RIGHT = """
def thin(values, buckets):
    size = max(1, -(-len(values) // buckets))
    parts = [values[start:start + size] for start in range(0, len(values), size)]
    return [(min(part), max(part)) for part in parts]
"""


def a_thin_history() -> Exercise:
    """Return 15.2: least and greatest of each stretch."""
    return Exercise(
        id="15.2",
        title="ten minutes on 300 pixels",
        task="Ten minutes at 10 Hz are 6,000 values; the chart is 300 pixels wide. Write `thin(values, buckets)`: "
        "cut the values into at most `buckets` stretches, equally long (the last may be shorter), and return for "
        "each the pair (least, greatest). No spike may be lost.",
        name="thin",
        stub=THIN,
        reference=RIGHT,
        judge=check_thin,
        hints=(
            "6,000 values in 300 stretches: 20 each. And 10 values in 3 stretches? Round up, or there is a fourth.",
            "`-(-a // b)` rounds up; a stretch has one value at least.",
        ),
        wrong=(
            WrongAnswer(
                RIGHT.replace("(min(part), max(part))", "(sum(part) / len(part), sum(part) / len(part))"),
                "A spike",
            ),
            WrongAnswer(RIGHT.replace("(min(part), max(part))", "(part[0], part[0])"), "A spike"),
            WrongAnswer(
                RIGHT.replace("-(-len(values) // buckets)", "len(values) // buckets"), "no place for more"
            ),
            WrongAnswer(RIGHT.replace("(min(part), max(part))", "(part[0], max(part))"), "A dip is lost"),
            WrongAnswer(
                "def thin(values, buckets):\n    return [(min(values), max(values))]\n", "when it was"
            ),
        ),
        why="An average hides exactly what a dashboard is for. Least and greatest cost two numbers a pixel, "
        "whatever the length of the history, and every spike is still there.",
    )
