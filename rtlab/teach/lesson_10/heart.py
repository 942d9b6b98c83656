"""Exercise 10.2: a heartbeat, by a clock that is told to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

EVERY = 10.0  # seconds of a beat
STEP = 1.0  # seconds between two looks at the clock
WORDS = ("ping", "wait", "dead")


@dataclass(frozen=True)
class Peer:
    """The other end of a connection: how it behaves, in words, and when something of it arrives."""

    words: str
    answers_after: float | None = 0.1  # seconds from a ping to its pong; None: there is no answer
    talks_every: float | None = None  # seconds between messages of its own
    until: float = 1e9  # when it goes silent, without a word


IDLE = Peer("was idle, and answered each ping at once")
SLOW = Peer("was idle and far away: each pong took nine tenths of a beat", 0.9 * EVERY)
BUSY = Peer("sent an event a second, and was too busy to answer a ping", None, 1.0)
GONE = Peer("answered, then the path went silent at 42 s without a word", until=42.0)
TALKED = Peer("sent an event a second, then the path went silent at 42 s without a word", None, 1.0, 42.0)
ALIVE, DEAD = (IDLE, SLOW, BUSY), (GONE, TALKED)


@dataclass
class Life:
    """What came of watching a peer: pings, when they were sent, and when it was said to be dead."""

    pings: list[float]
    heard: float  # when something arrived last
    dead: float | None = None


def watch(make: Callable[[float, float], Any], peer: Peer, seconds: float = 200.0) -> Life:
    """Let a peer and a heart live, look at the clock each second, and note what the heart says."""
    heart, life = make(EVERY, 0.0), Life([], 0.0)
    due: list[float] = []  # pongs on their way
    now = 0.0
    while now < seconds and life.dead is None:
        now += STEP
        talks = peer.talks_every is not None and now % peer.talks_every == 0
        if now < peer.until and (talks or any(at <= now for at in due)):
            heart.heard(now)
            life.heard = now
        due = [at for at in due if at > now]
        said = heart.tick(now)
        if said not in WORDS:
            words = ", ".join(f"`{word!r}`" for word in WORDS)
            advice = "Does every way through it return something?" if said is None else ""
            raise Wrong("called `tick`", show(said), f"one of {words}: these words, exactly", advice)
        if said == "ping":
            life.pings.append(now)
            if peer.answers_after is not None:
                due.append(now + peer.answers_after)
        elif said == "dead":
            life.dead = now
    return life


def check_heart(make: Callable[[float, float], Any]) -> None:
    """Watch three peers that live and two whose path has gone silent."""
    for peer in ALIVE:
        life = watch(make, peer)
        did = f"let it watch a peer that {peer.words}; a beat is {EVERY:g} s"
        if life.dead is not None:
            raise Wrong(did, f"`dead` at {life.dead:g} s", "that it lives", _killed(life, peer))
        if len(life.pings) > 200 / EVERY + 1:
            advice = "A ping that is on its way needs no second one: at most one in a beat."
            raise Wrong(did, f"{len(life.pings)} pings in 200 s", "at most one ping in a beat", advice)
    for peer in DEAD:
        life = watch(make, peer)
        did = f"let it watch a peer that {peer.words}; a beat is {EVERY:g} s"
        late = f"`dead` within two beats after the last sign of life, which came at {life.heard:g} s"
        if life.dead is None:
            advice = (
                "Nothing says no on a half-open connection: a ping that nobody answers raises no error, ever. "
                "What ends the waiting?"
            )
            raise Wrong(did, f"{len(life.pings)} pings and no verdict in 200 s", late, advice)
        if life.dead > life.heard + 2 * EVERY:
            raise Wrong(did, f"`dead` at {life.dead:g} s", late, _too_late(life))


def _too_late(life: Life) -> str:
    if life.dead is not None and life.dead <= life.heard + 2 * EVERY + STEP:
        return "One look too late: exactly two beats are already the end."
    return "The clock that counts runs from the last thing that was *heard*, not from what was sent."


def _killed(life: Life, peer: Peer) -> str:
    if peer is BUSY:
        return "Whatever arrives is a sign of life, not a pong alone."
    if not life.pings:
        return "Who is idle says nothing by itself. Has anybody asked it?"
    return (
        "It was asked and its answer was on the way. How long may an answer take? Two beats are the promise."
    )


STUB = '''
class Heart:
    """Tells whether the peer lives. It has no clock of its own: it is told the time, in seconds."""

    def __init__(self, every, now):
        self.every = every      # seconds of a beat

    def heard(self, now):
        """Something has come from the peer, whatever it was."""

    def tick(self, now):
        """Called each second. Return 'ping' (send one now), 'wait', or 'dead'."""
        return "wait"
'''
RIGHT = """
class Heart:
    def __init__(self, every, now):
        self.every, self.last, self.asked = every, now, now

    def heard(self, now):
        self.last = now

    def tick(self, now):
        if now - self.last >= 2 * self.every:
            return "dead"
        if now - max(self.last, self.asked) >= self.every:
            self.asked = now
            return "ping"
        return "wait"
"""


def is_anybody_there() -> Exercise:
    """Return 10.2: write the part of a reader that finds a half-open connection."""
    verdict = "        if now - self.last >= 2 * self.every:\n            return 'dead'\n".replace("'", '"')
    return Exercise(
        id="10.2",
        title="a heartbeat (write)",
        task="Write `Heart`. `tick` is called each second and says what to do. A peer that is gone must be called "
        "`dead` within two beats after the last sign of life; one that lives never, even if it has nothing to say, is "
        "busy talking, or takes nine tenths of a beat to answer. Send at most one ping in a beat.",
        name="Heart",
        stub=STUB,
        reference=RIGHT,
        judge=check_heart,
        hints=(
            "It needs to remember two moments: when something was heard last, and when it asked last.",
            "A beat of silence: ask. A second one: nobody is there. What resets the first clock, and what does not?",
        ),
        wrong=(
            WrongAnswer(RIGHT.replace(verdict, ""), "no error, ever"),
            WrongAnswer(RIGHT.replace("2 * self.every", "self.every"), "Has anybody asked it?"),
            WrongAnswer(RIGHT.replace("2 * self.every", "1.5 * self.every"), "Two beats are the promise"),
            WrongAnswer(RIGHT.replace("            self.asked = now\n", ""), "at most one in a beat"),
            WrongAnswer(RIGHT.replace("2 * self.every", "3 * self.every"), "*heard*, not"),
            WrongAnswer(RIGHT.replace(">= 2 * self.every", "> 2 * self.every"), "One look too late"),
            WrongAnswer(RIGHT.replace('"ping"', '"Ping"'), "these words, exactly"),
            WrongAnswer(RIGHT.replace('"wait"', '"alive"'), "these words, exactly"),
            WrongAnswer(RIGHT.replace('        return "wait"\n', ""), "Does every way through it"),
            WrongAnswer(
                RIGHT.replace(
                    '            return "ping"', '            self.last = now\n            return "ping"'
                ),
                "no error, ever",
            ),
        ),
        why="Silence is turned into news by a deadline and by nothing else. rtlab's readers call it `silence`, its "
        "server `missed_beats`; a browser's `WebSocket` has neither, so that a page has to keep its own.",
    )
