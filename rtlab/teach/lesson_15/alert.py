"""Exercise 15.1: an alert rule with a duration and hysteresis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

Sample = tuple[int, float]  # second, value
ABOVE, BELOW, SECONDS = 90, 70, 3

# What happens, its values from second to second, and the turns that a person should be told of.
CASES: tuple[tuple[str, tuple[float, ...], list[tuple[int, str]]], ...] = (
    ("the value stayed above for four seconds", (50, 95, 95, 95, 95), [(4, "raised")]),
    ("a spike was over after two seconds", (50, 95, 95, 50, 50, 50), []),
    ("two spikes came close together", (95, 95, 50, 95, 95, 50, 50), []),
    ("the value trembled about the upper threshold", (95, 95, 95, 95, 85, 95, 85, 95), [(3, "raised")]),
    (
        "it was over, and came again",
        (95, 95, 95, 95, 95, 60, 95, 95, 95, 95),
        [(3, "raised"), (5, "cleared"), (9, "raised")],
    ),
    (
        "the value was exactly at a threshold",
        (90, 90, 90, 90, 90, 91, 91, 91, 91, 70, 69),
        [(8, "raised"), (10, "cleared")],
    ),
)


# Once more twice as fast and half as high: a rule that knows 90, or takes samples for seconds, is wrong there.
QUICK = 0.5
PACE = {
    1: "one a second",
    QUICK: f"two a second, with the thresholds {QUICK * ABOVE:g} and {QUICK * BELOW:g} and {QUICK * SECONDS:g} s",
}
LITERAL = (
    "With one sample a second and other thresholds it was right: which number of yours should be an "
    "argument, and do you count samples where seconds are asked for?"
)


def check_watch(watch: Callable[..., Any]) -> None:
    """Let the rule watch each series; name what it told too much, too little, too early."""
    for part in (1, QUICK):
        for what, values, turns in CASES:
            samples = [(part * at, part * value) for at, value in enumerate(values)]
            wanted = [(part * at, turn) for at, turn in turns]
            got = watch(list(samples), part * ABOVE, part * BELOW, part * SECONDS)
            did = f"called `watch` with {[value for _, value in samples]}, {PACE[part]}: {what}"
            if not isinstance(got, list):
                raise Wrong(did, show(got), "a list of pairs, such as `[(4, 'raised')]`")
            if [tuple(turn) if isinstance(turn, (list, tuple)) else turn for turn in got] != wanted:
                advice = _advice(what, got, turns) if part == 1 else LITERAL
                raise Wrong(did, show(got), _wanted(turns), advice)


def _wanted(turns: list[tuple[int, str]]) -> str:
    words = {"raised": "one alert raised", "cleared": "cleared once it was below `below`"}
    return ", ".join(words[turn] for _, turn in turns) + ", each at its time" if turns else "no alert"


def _advice(what: str, got: list[Any], turns: list[tuple[int, str]]) -> str:
    if not turns and got:
        return (
            "Two short spikes are not one long one: what interrupts the time starts it anew."
            if "two" in what
            else ("A spike that is over in time is nobody's business: wait for the seconds to pass.")
        )
    if len(got) > len(turns):
        return "It flaps: one alert begins above one threshold and ends below *another*."
    if "exactly" in what:
        return "Above is more than `above`, and below is less than `below`: exactly at a threshold nothing changes."
    if got and turns and got[0][0] < turns[0][0]:
        return "Too early: the value must have been above for the whole time."
    return ""


WATCH = '''
def watch(samples, above, below, seconds):
    """Return the turns of an alert as a list of (time, "raised") and (time, "cleared").

    Raised at the first sample at which the value has been above `above` for `seconds` on end; cleared at the
    first sample below `below` after that. `samples` is a list of (time, value).
    """
    turns, raised, since = [], False, None
    for time, value in samples:
        ...
    return turns
'''

HEAD = (
    "def watch(samples, above, below, seconds):\n"
    "    turns, raised, since = [], False, None\n"
    "    for time, value in samples:\n"
)
RIGHT = (
    HEAD + "        if raised:\n"
    "            if value < below:\n"
    "                raised, since = False, None\n"
    "                turns.append((time, 'cleared'))\n"
    "        elif value > above:\n"
    "            since = time if since is None else since\n"
    "            if time - since >= seconds:\n"
    "                raised = True\n"
    "                turns.append((time, 'raised'))\n"
    "        else:\n"
    "            since = None\n"
    "    return turns\n"
)


def an_alert() -> Exercise:
    """Return 15.1: raise after a time, clear below another threshold."""
    return Exercise(
        id="15.1",
        title="an alert that neither flaps nor cries wolf",
        task="Complete `watch`. An alert is *raised* when the value has been above `above` for `seconds` on end. While "
        "it is raised nothing happens until the value is below `below`, which is lower: then it is *cleared*. Each "
        "turn is told once, with its time.",
        name="watch",
        stub=WATCH,
        reference=RIGHT,
        judge=check_watch,
        hints=(
            "Three states: calm, above but not for long enough, raised. `since` tells the first two apart.",
            "In each state only one question matters. What happens to `since` when the value falls back too early?",
        ),
        wrong=(
            WrongAnswer(RIGHT.replace("value < below", "value <= above"), "It flaps"),
            WrongAnswer(RIGHT.replace("time - since >= seconds", "True"), "Too early"),
            WrongAnswer(RIGHT.replace("        else:\n            since = None\n", ""), "not one long one"),
            WrongAnswer(RIGHT.replace("value > above", "value >= above"), "exactly at a threshold"),
            WrongAnswer(RIGHT.replace("value > above", "value > 90"), "should be an argument"),
            WrongAnswer(
                RIGHT.replace(
                    "since = time if since is None else since", "since = 0 if since is None else since + 1"
                ).replace("time - since >= seconds", "since >= seconds"),
                "count samples",
            ),
        ),
        why="The time keeps spikes out, and the gap between the two thresholds keeps a trembling value from raising "
        "twenty alerts. Both are paid for in latency: you learn of real trouble later by just that time.",
    )
