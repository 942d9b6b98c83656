"""Lesson 03, adaptive polling: what it asks first, a policy of one's own, and what a mixture of intervals costs."""

import math
import random
from dataclasses import dataclass, field
from typing import Any

from rtlab.measure.simulate import adaptive_polling, short_polling
from rtlab.measure.workload import bursty
from rtlab.teach.asked import Asked, Choice
from rtlab.teach.checks import Number
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.outcome import Wrong, show

QUESTIONS = (
    Asked(
        "03.1",
        "Events come as a Poisson process: they know nothing of each other. All policies may make the same number of "
        "requests. Which has the least mean latency?",
        (
            Choice(
                "a",
                "Back-off: it asks quickly when something has happened, and saves its requests when nothing has.",
                "It is what one would do oneself, and it sounds like a clever use of a budget.",
                "Lesson 03: the frontier on Poisson events. Where is back-off, where is the curve?",
            ),
            Choice(
                "b",
                "The one that follows the rate: it asks when an event is due.",
                "With a good estimate of the rate it asks once for each event.",
                "Lesson 03: after an event, when is the next one due? Look at what an estimate does to the interval.",
            ),
            Choice(
                "c",
                "A fixed interval.",
                "If events tell nothing about each other, there is nothing to adapt to.",
                "Lesson 03: two intervals in turn, against one of the same mean.",
            ),
            Choice(
                "d",
                "It depends on the rate of events.",
                "Whether answers are empty or full depends on the rate.",
                "Lesson 03: back-off against its closed form, at rates from 0.002 to 20 a second.",
            ),
        ),
        "c",
        "An event that falls anywhere falls into long intervals more often than into short ones, and waits longer "
        "there. So every variation of the interval costs latency, at every rate, and Poisson events give nothing back.",
    ),
)

RATE, SECONDS = 0.3, 20_000.0  # of the bursts that a policy is tried on
INTERVAL = 1.5  # s, of the fixed polling that it has to beat
SHARE = 0.95  # of fixed polling's requests, and of its latency, that it may have at most
SEEDS = (4, 5, 7, 20, 34, 35, 68, 74, 76, 95)  # with about as many events as their rate says, so equally hard
PATIENCE = 10  # times fixed polling's requests after which the check ends


@dataclass
class Watched:
    """A policy as it is, with what it answered noted down; refuses what is no interval, and too many requests."""

    pace: Any
    most: int
    after_news: list[tuple[float, float]] = field(
        default_factory=list
    )  # interval before and after such an answer
    after_nothing: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.interval = _interval(getattr(self.pace, "interval", None), "read `.interval` of a new policy")

    def next(self, events: int, elapsed: float, hint: float | None = None) -> float:
        """Pass the answer on to the policy, and note what it says."""
        said = self.pace.next(events, elapsed, hint)
        called = f"`next({events}, {elapsed:.3g}, None)`"
        interval = _interval(said, f"called {called}")
        if getattr(self.pace, "interval", None) != said:
            raise Wrong(
                f"called {called}, then read `.interval`",
                f"{show(said)}, and {show(getattr(self.pace, 'interval', None))}",
                "the same: `next` returns the new interval and keeps it in `self.interval`",
            )
        (self.after_news if events else self.after_nothing).append((self.interval, interval))
        self.interval = interval
        if len(self.after_news) + len(self.after_nothing) > self.most:
            raise Wrong(
                "ran it on bursts in virtual time",
                f"more than {self.most:,} requests; the check stopped there",
                "no more requests than fixed polling makes",
                "Too eager: an interval this short is paid for in every pause between two bursts.",
            )
        return interval


@dataclass(frozen=True)
class BeatsFixed:
    """Runs a policy and fixed polling on the same bursts; the policy must be earlier without more requests."""

    seed: int

    def __call__(self, policy: type) -> None:
        """Compare requests first, then latency; say which of the two axes was lost, and how it looks."""
        events = bursty(RATE, SECONDS, branching=0.95, decay=0.3, seed=self.seed)
        fixed = short_polling(events, INTERVAL, phase=0.5)
        watched = Watched(_made(policy), PATIENCE * fixed.requests)
        run = adaptive_polling(events, watched)
        did = (
            f"ran it, and fixed polling every {INTERVAL:g} s, on the same {len(events):,} events in bursts, for "
            f"{SECONDS:,.0f} s of virtual time"
        )
        got = (
            f"{run.requests:,} requests and a mean latency of {run.mean_latency:.3f} s; "
            f"fixed {fixed.requests:,} and {fixed.mean_latency:.3f} s"
        )
        too_many = run.requests > SHARE * fixed.requests
        if too_many or run.mean_latency > SHARE * fixed.mean_latency:
            wanted = f"at most {SHARE:.0%} of fixed polling's requests, and of its latency"
            raise Wrong(did, got, wanted, _symptom(watched, too_many))


def _made(policy: type) -> Any:
    """Make a policy as the check needs it: without arguments, and with a method `next`."""
    try:
        made = policy()
    except TypeError as error:
        if error.__traceback__ is None or error.__traceback__.tb_next is not None:
            raise  # within the student's own lines
        raise Wrong(
            f"called `{policy.__name__}()`",
            show(error),
            "a class that can be called without arguments: give every setting a default",
        ) from None
    if not callable(getattr(made, "next", None)):
        raise Wrong(
            f"looked at `{policy.__name__}()`",
            "no method `next`",
            "a class with `interval` and `next`, as above",
        )
    return made


def _interval(said: Any, did: str) -> float:
    """Return what was said, if it is an interval."""
    wanted = "an interval: seconds above 0"
    if said is None:
        raise Wrong(did, show(said), wanted, "Forgotten? Set it in `__init__`, and let `next` return it.")
    if isinstance(said, bool) or not isinstance(said, (int, float)) or not math.isfinite(said):
        raise Wrong(did, show(said), wanted)
    if said <= 0:
        advice = "A step down needs a floor, or one day it goes below nought. Nobody can ask before they ask."
        raise Wrong(did, show(said), wanted, advice)
    return float(said)


def _symptom(watched: Watched, too_many: bool) -> str:
    """Name what the intervals look like."""
    news, nothing = watched.after_news, watched.after_nothing
    shorter = sum(after < before for before, after in news)
    longer = sum(after > before for before, after in nothing)
    if not any(before != after for before, after in news + nothing):
        return "The interval never changed: that is fixed polling, a point of the curve. `events` says what came."
    if not shorter and not longer and news and nothing:
        return "It is the wrong way round: longer after news, shorter after nothing."
    if not shorter and any(after > before for before, after in news + nothing):
        return "The interval never went back down when events came: after the first pause it stays long."
    if not longer and any(after < before for before, after in news + nothing):
        return "The interval never grew again when nothing came: after the first burst it stays short."
    if {after for _, after in news} == {after for _, after in nothing}:
        return "The intervals are the same after news and after nothing: they do not depend on `events`."
    if too_many:
        return "Too eager: it asks often where nothing happens. Let the interval grow further, or faster."
    return "Too lazy: when a burst begins, or goes on, it asks too late. Where are its long intervals?"


POLICY = """
class MyPace:
    def __init__(self):
        self.interval = 2.0      # seconds, before the first answer

    def next(self, events, elapsed, hint=None):
        ...                      # events: how many the answer brought
        return self.interval
"""


def _policy(*body: str, start: str = "2.0") -> str:
    lines = "".join(f"        {line}\n" for line in body)
    return (
        f"class MyPace:\n    def __init__(self):\n        self.interval = {start}\n\n"
        f"    def next(self, events, elapsed, hint=None):\n{lines}        return self.interval\n"
    )


def the_policy(draw: random.Random) -> Exercise:
    """Return 03.1: a policy that beats fixed polling on bursts."""
    return Exercise(
        id="03.1",
        title="beat fixed polling",
        task=f"Complete `MyPace`: after each answer `next` decides the next interval. On bursts it has to beat fixed "
        f"polling every {INTERVAL:g} s on both axes: at most {SHARE:.0%} of its requests, and of its mean latency. "
        f"`events` is how many the answer brought, `elapsed` how many seconds it covers; `hint` is `None` here.",
        name="MyPace",
        stub=POLICY,
        reference=_policy(
            "if events:",
            "    self.interval = max(self.interval / 2, 0.25)",
            "else:",
            "    self.interval = min(self.interval + 0.25, 8.0)",
        ),
        judge=BeatsFixed(draw.choice(SEEDS)),
        hints=(
            "A burst goes on for a while: news make more news likely. So what should `next` do after an answer with "
            "events, and what after an empty one?",
            "Shorter after news, down to a quarter of a second; longer after nothing, up to some seconds. Then ask how "
            "fast each: one empty answer does not end a burst.",
        ),
        wrong=(
            WrongAnswer(_policy("self.interval = 2.0"), "never changed"),
            WrongAnswer(
                _policy("if not events:", "    self.interval = min(self.interval * 2, 8.0)"),
                "never went back down",
            ),
            WrongAnswer(_policy("if events:", "    self.interval = 0.25"), "never grew again"),
            WrongAnswer(
                _policy("self.interval = 3.0 if self.interval == 1.0 else 1.0", start="1.0"),
                "do not depend on `events`",
            ),
            WrongAnswer(_policy("self.interval += -0.5 if events else 0.1"), "needs a floor"),
            WrongAnswer(
                _policy("self.interval = 0.1 if events else min(self.interval + 0.01, 8.0)"), "Too eager"
            ),
            WrongAnswer(_policy("self.interval = 0.001 if events else 0.002"), "the check stopped there"),
            WrongAnswer(
                _policy("self.interval = 1.0 if events else min(self.interval * 2, 16.0)"), "Too lazy"
            ),
            WrongAnswer(_policy("self.interval = 4.0 if events else 1.0"), "wrong way round"),
            WrongAnswer(_policy("return 0.25 if events else 4.0"), "keeps it in `self.interval`"),
            WrongAnswer(_policy("return None"), "Forgotten?"),
        ),
        why="With fewer requests you are earlier: bursts are where what has just happened says what comes next.",
        limit=15.0,
    )


def the_mixture() -> Exercise:
    """Return 03.2: the mean latency of two intervals in turn."""
    return Exercise(
        id="03.2",
        title="two intervals in turn",
        task="A client on a path with a one-way delay of 0.1 s waits 2 s, then 6 s, then 2 s, and so on. Events are "
        "Poisson. What is the mean latency, in seconds?",
        name="latency",
        stub="latency = ...\n",
        reference="latency = (2**2 + 6**2) / (2 * (2 + 6)) + 0.1\n",
        judge=Number(
            2.6,
            "seconds",
            "E[I²] / 2E[I] and one transit",
            within=0.005,
            slips={
                2.1: "That is right for a fixed 4 s. Into which of the two intervals do more events fall?",
                2.0: "That is right for a fixed 4 s, without the delay. Into which interval do more events fall?",
                2.5: "The answer is under way for a while, too.",
                2.7: "Only the answer's way counts, not the request's.",
                5.0: "That is E[I²]/E[I], the mean length of the interval into which an event falls. How much of it "
                "does it wait?",
                5.1: "That is the whole interval into which an event falls. How much of it does it wait?",
                4.1: "That is the mean interval. An event waits less than a whole one.",
            },
        ),
        hints=(
            "Of 8 seconds, 6 belong to the long interval: with which probability does an event fall into it?",
            "The mean of what one waits in each interval, weighted with those probabilities; then the way.",
        ),
        wrong=(
            WrongAnswer("latency = 4 / 2 + 0.1\n", "do more events fall"),
            WrongAnswer("latency = (2**2 + 6**2) / (2 * (2 + 6))\n", "under way"),
            WrongAnswer("latency = (2**2 + 6**2) / (2 + 6) + 0.1\n", "How much of it"),
        ),
        why="Long intervals catch more events than short ones, so every variation of the interval costs latency.",
    )


def exercises(draw: random.Random) -> tuple[Exercise, ...]:
    """Return the lesson's exercises; which bursts come differs from student to student."""
    return the_policy(draw), the_mixture()
