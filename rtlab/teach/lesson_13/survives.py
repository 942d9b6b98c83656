"""Exercise 13.1: five accidents, and what the reader makes of each."""

from collections.abc import Mapping
from dataclasses import dataclass

from rtlab.teach.card import Rows
from rtlab.teach.checks import ValueCheck
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

OUTCOMES = ("all", "gap", "lost", "twice")

ACCIDENTS: Mapping[str, tuple[str, str, str]] = {
    "killed": (
        "all",
        "Logs in Redis Streams, four processes. The one that a reader is connected to is killed, and five events are "
        "published before the reader has found another.",
        "Where was the reader's place kept, and where were the events? Neither was in the process that died.",
    ),
    "subscriber": (
        "lost",
        "A process subscribes to a channel of Redis pub/sub. Its connection to Redis breaks for two seconds, in which "
        "five messages are published; then it subscribes again.",
        "Publish/subscribe gives a message to whoever listens at that moment. Nobody wrote it down, nor that it was "
        "missed.",
    ),
    "trimmed": (
        "gap",
        "A stream keeps a thousand entries. A reader is away while five thousand are published, and comes back with "
        "its cursor.",
        "A log is bounded, so four thousand are gone. But its reader brought a cursor: what can the server see?",
    ),
    "memory": (
        "gap",
        "One process with its logs in memory. It is killed while a reader listens, and started again; three more "
        "events are published, and the reader comes back with its cursor.",
        "The new log has another LOGID than the cursor. The server cannot know how many are missing, only that.",
    ),
    "repeat": (
        "twice",
        "Logs in Kafka. A publisher's append is done, but the answer is cut off. It publishes again, without an "
        "idempotency key.",
        "The broker cannot tell a repeat from a second event that says the same. What would tell it?",
    ),
}
"""What comes of each accident, the accident in words, and what speaks against every other answer."""


@dataclass(frozen=True)
class Survivors(ValueCheck):
    """Compares what comes of each accident."""

    def __call__(self, answer: object) -> None:
        """Report the first accident that ends otherwise."""
        did = "read your outcomes"
        if not isinstance(answer, dict) or set(answer) != set(ACCIDENTS):
            keys = ", ".join(f"`{name}`" for name in ACCIDENTS)
            raise Wrong(did, show(answer), f"a `dict` with the keys {keys}")
        for accident, (right, _, advice) in ACCIDENTS.items():
            if answer[accident] not in OUTCOMES:
                names = ", ".join(f"`{name}`" for name in OUTCOMES)
                raise Wrong(did, f"{show(answer[accident])} for `{accident}`", f"one of {names}")
            if answer[accident] != right:
                got = f"{show(answer[accident])} for `{accident}`"
                raise Wrong(did, got, "what the reader makes of it", advice)


def what_survives() -> Exercise:
    """Return 13.1: say what a reader has after each of five accidents."""

    def answer(**changed: str) -> str:
        return f"outcome = { ({name: right for name, (right, _, _) in ACCIDENTS.items()} | changed)!r}\n"

    return Exercise(
        id="13.1",
        title="what survives",
        task="Five accidents. What does the reader have afterwards? `all`: each event once; `gap`: some are missing "
        "and it is told so; `lost`: some are missing and nobody says a word; `twice`: an event is there twice.",
        name="outcome",
        stub=f"outcome = {dict.fromkeys(ACCIDENTS)!r}\n",
        reference=answer(),
        judge=Survivors(),
        hints=(
            "Ask for each: was the event written down, where, and is that place still there?",
            "A cursor makes the difference between `gap` and `lost`; a key that between `all` and `twice`.",
        ),
        wrong=(
            WrongAnswer(answer(subscriber="all"), "Nobody wrote it down"),
            WrongAnswer(answer(trimmed="lost"), "brought a cursor"),
            WrongAnswer(answer(memory="all"), "another LOGID"),
            WrongAnswer(answer(repeat="all"), "cannot tell a repeat"),
            WrongAnswer(answer(killed="gap"), "Neither was in the process"),
        ),
        why="A log remembers the event, a cursor the reader's place, a key the publisher's attempt. Each of them "
        "covers one kind of accident, and a broker as such covers none.",
        shown=(Rows(tuple((name, words) for name, (_, words, _) in ACCIDENTS.items())),),
    )
