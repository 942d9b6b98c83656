"""Exercise 10.3: six recordings of a path that misbehaves; what is it each time?"""

import random
from collections.abc import Mapping

from rtlab.teach.card import Code, Fold
from rtlab.teach.checks import Faults
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.lesson_10.recorded import RECORDED

SIGNS: Mapping[str, str] = {
    "strips": "Were it a box that takes a header away, a request would differ at its two ends: compare them.",
    "buffers": "Were it a buffer, something that has left the server would arrive later, several at once.",
    "idle": "Were it an idle time-out, both ends would get a `FIN` that neither of them sent, a fixed time after "
    "something had passed for the last time.",
    "half-open": "Were it half-open, one end would send, nothing of it would arrive, and nothing would say no.",
    "lost answer": "Were an answer lost, the server would have sent it, and the same cursor would be asked for again.",
    "impatient": "Were it a gateway without patience, a status would reach the client that the server never sent.",
    "restarted": "Were the server restarted, its cursors would begin with another LOGID, and a gap would be told of.",
}
"""How each fault that may be named would show; `restarted` does not occur."""


def six_recordings(draw: random.Random) -> Exercise:
    """Return 10.3, the recordings in an order of this student's own."""
    order = draw.sample(sorted(RECORDED), len(RECORDED))
    judge = Faults(tuple(order), SIGNS, "recording", "lines", "the one fault that explains every line")
    return Exercise(
        id="10.3",
        title="what is wrong with these six?",
        task="Each recording was made at both ends of a path on which one thing was wrong; `→` is towards the server. "
        "Name it for each, as in `faults = {1: 'idle', …}`; the names are "
        + judge.names
        + " (one of them does not occur).",
        name="faults",
        stub=judge.stub,
        reference=judge.answer(),
        judge=judge,
        hints=(
            "Find the first line that is at one end and not at the other. Who sent it, and what became of it?",
            "A `FIN` or an answer at one end must have been sent at the other. If it was not, who sent it?",
        ),
        wrong=(
            WrongAnswer(judge.answer("strips", "restarted"), "another LOGID"),
            WrongAnswer(judge.answer("buffers", "half-open"), "nothing would say no"),
            WrongAnswer(judge.answer("idle", "impatient"), "that the server never sent"),
            WrongAnswer(judge.answer("lost answer", "idle"), "neither of them sent"),
            WrongAnswer(judge.answer("half-open", "buffers"), "arrive later"),
        ),
        why="A fault in the middle is found by two recordings, one at each end: what left and did not arrive, and what "
        "arrived and was never sent. With one recording each side blames the other.",
        shown=tuple(
            Fold(f"Recording {number}", (Code(RECORDED[fault]),)) for number, fault in enumerate(order, 1)
        ),
    )
