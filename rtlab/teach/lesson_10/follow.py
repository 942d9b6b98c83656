"""Exercise 10.1: a reconnect loop that survives the storm."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.lesson_10.world import World
from rtlab.teach.outcome import Wrong, show

OUTAGE = 120.0  # seconds
KNOCKS = 60  # times that a client may knock in an outage of that length
CAP = 10.0  # seconds that a pause may be
ASKED_FOR = 30.0  # seconds of a Retry-After
SEEDS = range(1, 7)  # of clients whose long pauses are looked at
SPAN_IS_LONG = 8  # failures in a row after which the span has come to its cap
LOW = 0.2  # of the longest pause: of a hundred and more drawn with full jitter some are shorter

Follow = Callable[..., Any]


def check_follow(follow: Follow) -> None:
    """Play a calm day, cuts, failing power, a long outage, a server that says when, and several clients at once."""
    _by_the_clock_it_was_given(follow)
    _all(World("read in peace").live(follow))
    _all(World("cut the connection at three requests", breaks=(2, 4, 5)).live(follow))
    _all(World("let the power fail before event 3 was handled", crash_before=(3,)).live(follow))
    _all(World("let the power fail right after event 4 was handled", crash_after=(4,)).live(follow))
    _outage(follow)
    _told(follow)
    _two(follow)
    _full(follow)
    _again(follow)


def _all(world: World) -> World:
    """Raise `Wrong` unless everything was handled."""
    if len(world.effects) < world.events:
        got = f"it returned with {len(world.effects)} of {world.events} events handled"
        advice = "It ended early." if world.saved != world.events else world._lost()
        raise Wrong(world.did, got, "each event handled once, until `ask` returns `None`", advice)
    return world


def _by_the_clock_it_was_given(follow: Follow) -> None:
    code = getattr(follow, "__code__", None)
    if code is not None and _sleeps_by_itself(code):
        advice = "The scenes last minutes of a time of their own: only the argument `sleep` lets it pass."
        raise Wrong(
            "read `follow`", "another `sleep`, of a module", "use the `sleep` that you are given", advice
        )


def _sleeps_by_itself(code: CodeType) -> bool:
    """Whether a `sleep` is named that is no argument: a module's, or a global one."""
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return "sleep" in code.co_names or any(_sleeps_by_itself(each) for each in inner)


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
    other = World(did, away=(0.06, ASKED_FOR), retry_after=ASKED_FOR, seed=1).live(follow)
    if world.pauses == other.pauses:
        advice = "All were told the same number at the same moment: that is the storm put off. What makes them differ?"
        raise Wrong(did, f"two clients that both paused {world.pauses[0]:g} s", "pauses of their own", advice)


def _two(follow: Follow) -> None:
    did = "cut off two clients at the same moment"
    one, other = (World(did, away=(0.06, 5.0), seed=seed).live(follow) for seed in (1, 2))
    if one.pauses == other.pauses:
        advice = "A thousand clients that were cut off together would come back together: `chance()` differs."
        pauses = show([round(pause, 2) for pause in one.pauses])
        raise Wrong(did, f"both paused {pauses}", "pauses of their own", advice)


def _full(follow: Follow) -> None:
    did = f"took the server away from {len(SEEDS)} clients for two minutes"
    worlds = [World(did, away=(0.06, OUTAGE), seed=seed).live(follow) for seed in SEEDS]
    late = [pause for world in worlds for pause in world.pauses[SPAN_IS_LONG:]]
    if late and min(late) > LOW * max(late):
        got = (
            f"once the span was at its longest, {len(late)} pauses from {min(late):.1f} to {max(late):.1f} s"
        )
        advice = "That spreads the clients over a part of the span, and nobody comes in the rest: full jitter uses all."
        raise Wrong(did, got, "pauses from nothing to the whole span", advice)


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
SWALLOWS = """
def follow(ask, handle, done, load, save, sleep, chance):
    failures = 0
    while True:
        try:
            events = ask(load())
            if events is None:
                return
            failures = 0
            for event in events:
                if not done(event.id):
                    handle(event)
                save(event.id)
        except BaseException as lost:
            span = min(10.0, 0.1 * 2 ** failures)
            sleep(getattr(lost, 'retry_after', 0) + chance() * span)
            failures += 1
"""
RETURNS = SWALLOWS.replace(
    "            span",
    "            if not hasattr(lost, 'retry_after'):\n                return\n            span",
    1,
)
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
            WrongAnswer(RIGHT.replace("chance() * ", ""), "the storm put off"),
            WrongAnswer(
                RIGHT.replace("lost.retry_after + chance() * span", "lost.retry_after or chance() * span"),
                "the storm put off",
            ),
            WrongAnswer(
                RIGHT.replace(
                    "sleep(lost.retry_after + chance() * span)",
                    "sleep(lost.retry_after + chance() if lost.retry_after else span)",
                ),
                "would come back together",
            ),
            WrongAnswer(
                RIGHT.replace("chance() * span", "span / 2 + chance() * span / 2"), "full jitter uses all"
            ),
            WrongAnswer(RIGHT.replace("sleep(lost", "time.sleep(lost"), "the `sleep` that you are given"),
            WrongAnswer(SWALLOWS, "Nobody catches a power failure"),
            WrongAnswer(RETURNS, "Nobody catches a power failure"),
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
