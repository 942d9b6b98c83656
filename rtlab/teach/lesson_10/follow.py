"""Exercise 10.1: a reconnect loop that survives the storm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.lesson_10.world import World
from rtlab.teach.outcome import Wrong, show

OUTAGE = 120.0  # seconds
KNOCKS = 60  # times that a client may knock in an outage of that length
CAP = 10.0  # seconds that a pause may be
ASKED_FOR = 30.0  # seconds of a Retry-After

Follow = Callable[..., Any]


def check_follow(follow: Follow) -> None:
    """Play a calm day, cuts, failing power, a long outage, a server that says when, and two clients at once."""
    _all(World("read in peace").live(follow))
    _all(World("cut the connection at three requests", breaks=(2, 4, 5)).live(follow))
    _all(World("let the power fail before event 3 was handled", crash_before=(3,)).live(follow))
    _all(World("let the power fail right after event 4 was handled", crash_after=(4,)).live(follow))
    _outage(follow)
    _told(follow)
    _two(follow)
    _again(follow)


def _all(world: World) -> World:
    """Raise `Wrong` unless everything was handled."""
    if len(world.effects) < world.events:
        got = f"it returned with {len(world.effects)} of {world.events} events handled"
        advice = "It ended early." if world.saved != world.events else world._lost()
        raise Wrong(world.did, got, "each event handled once, until `ask` returns `None`", advice)
    return world


def _outage(follow: Follow) -> None:
    world = _all(World("took the server away for two minutes", away=(0.06, OUTAGE)).live(follow))
    knocks = len(world.gaps(0.06, OUTAGE))
    if knocks > KNOCKS:
        advice = "Ten thousand like it would keep the server down. Should a pause not grow with each failure?"
        raise Wrong(world.did, f"{knocks} requests in that time", f"at most {KNOCKS}", advice)
    if max(world.pauses) > CAP:
        advice = "A pause that grows without end keeps the client away long after the server is back."
        raise Wrong(world.did, f"a pause of {max(world.pauses):.1f} s", f"none longer than {CAP:g} s", advice)


def _told(follow: Follow) -> None:
    did = f"let the server answer `503` with `Retry-After: {ASKED_FOR:g}`"
    world = _all(World(did, away=(0.06, ASKED_FOR), retry_after=ASKED_FOR).live(follow))
    if early := [gap for gap in world.gaps(0.06, ASKED_FOR) if gap < ASKED_FOR]:
        advice = "The server has said when it makes sense to come back, in `retry_after` of the exception."
        raise Wrong(did, f"the next request {early[0]:.2f} s later", f"none for {ASKED_FOR:g} s", advice)


def _two(follow: Follow) -> None:
    did = "cut off two clients at the same moment"
    one, other = (World(did, away=(0.06, 5.0), seed=seed).live(follow) for seed in (1, 2))
    if one.pauses == other.pauses:
        advice = "A thousand clients that were cut off together would come back together: `chance()` differs."
        pauses = show([round(pause, 2) for pause in one.pauses])
        raise Wrong(did, f"both paused {pauses}", "pauses of their own", advice)


def _again(follow: Follow) -> None:
    did = "cut the connection once more, after an outage of two minutes and an answer"
    world = World(did, events=8, away=(0.06, OUTAGE)).live(follow)
    first = next(n for n, at in enumerate(world.asked_at, 1) if at >= OUTAGE)
    world = _all(World(did, events=8, away=(0.06, OUTAGE), breaks=(first + 1,)).live(follow))
    if world.pauses[-1] > 1.0:
        advice = "It got an answer in between: that trouble is over, and the next one begins small."
        raise Wrong(did, f"a pause of {world.pauses[-1]:.1f} s", "a short pause at the first failure", advice)


STUB = '''
def follow(ask, handle, done, load, save, sleep, chance):
    """Read a channel to its end, whatever happens.

    ask(cursor)    the events behind it (`event.id`), maybe none; `None`: the channel is closed, return.
                   Raises ConnectionError; its `retry_after`: the seconds that the server asks for, or 0
    handle(event)  do the thing; the power may fail before it is done, or right after
    done(id)       whether that thing has been done
    load()         the cursor that was saved last, also by an earlier life; save(cursor) writes one
    sleep(seconds) pause; chance() is a random number from 0 to 1
    """
    while (events := ask(load())) is not None:
        for event in events:
            save(event.id)
            handle(event)
'''
RIGHT = """
def follow(ask, handle, done, load, save, sleep, chance):
    failures = 0
    while True:
        try:
            events = ask(load())
        except ConnectionError as lost:
            span = min(10.0, 0.1 * 2 ** failures)
            sleep(lost.retry_after + chance() * span)
            failures += 1
            continue
        failures = 0
        if events is None:
            return
        for event in events:
            if not done(event.id):
                handle(event)
            save(event.id)
"""
BEFORE = """            save(event.id)
            if not done(event.id):
                handle(event)
"""
AFTER = """            if not done(event.id):
                handle(event)
            save(event.id)
"""


def survive_the_storm() -> Exercise:
    """Return 10.1: complete a loop that works on a calm day."""
    return Exercise(
        id="10.1",
        title="a reconnect loop that survives the storm (modify)",
        task="This `follow` works on a calm day. Make it survive: cut connections, a power failure before or after an "
        "event is handled (it is then started again), an outage of two minutes, a server that says `Retry-After`. "
        "Each event shall be handled exactly once, in order. After a failure pause with full jitter over a span that "
        "begins at about 0.1 s, doubles, and is never more than 10 s; after an answer it begins anew.",
        name="follow",
        stub=STUB,
        reference=RIGHT,
        judge=check_follow,
        hints=(
            "Two questions: what may be written down before the event is handled, and what has the next life to ask? "
            "And after a failure: how long is the pause, at most, and who else pauses just as long?",
            "Full jitter is `chance() * span`. The span depends on how many failures there were *in a row*.",
        ),
        wrong=(
            WrongAnswer(RIGHT.replace("ask(load())", "ask('start')"), "the same again"),
            WrongAnswer(RIGHT.replace(AFTER, BEFORE), "when the power failed"),
            WrongAnswer(RIGHT.replace("if not done(event.id)", "if True"), "The power failed after"),
            WrongAnswer(
                RIGHT.replace("            sleep(lost.retry_after + chance() * span)\n", ""), "as fast as it"
            ),
            WrongAnswer(RIGHT.replace("span = min(10.0, 0.1 * 2 ** failures)", "span = 0.5"), "grow"),
            WrongAnswer(RIGHT.replace("min(10.0, 0.1 * 2 ** failures)", "0.1 * 2 ** failures"), "long after"),
            WrongAnswer(RIGHT.replace("lost.retry_after + ", ""), "has said when"),
            WrongAnswer(RIGHT.replace("chance() * ", ""), "would come back together"),
            WrongAnswer(RIGHT.replace("        failures = 0\n        if", "        if"), "begins small"),
            WrongAnswer(RIGHT.replace("            continue\n", "            return\n"), "ended early"),
            WrongAnswer(
                RIGHT.replace("        except ConnectionError as lost:", "        except KeyError as lost:"),
                "no reason to give up",
            ),
        ),
        why="At least once on the wire, an id to know the second time by, and the cursor behind what is done: together "
        "that is exactly once, for as long as the log and the list of ids go back. The pauses are for the others.",
        limit=10.0,
    )
