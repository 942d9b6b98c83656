"""The world of exercise 10.1, in virtual time: a channel, a path that breaks, a process that crashes."""

from __future__ import annotations

import inspect
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from rtlab.teach.outcome import Wrong, show

ROUND_TRIP = 0.05  # seconds that an answer takes
MOST = 400  # times that it may ask, in one scene
LIVES = 20  # times that it is started again


class Lost(ConnectionError):
    """The connection is gone, or the server refuses; `retry_after`: seconds that it asks for, 0 where it says none."""

    def __init__(self, retry_after: float = 0.0) -> None:
        self.retry_after = retry_after
        super().__init__(f"503, Retry-After: {retry_after:g}" if retry_after else "connection reset")


class Crash(BaseException):
    """The power fails. Nothing that a program can catch."""


class Stop(BaseException):
    """The scene is over: a verdict has been found."""


@dataclass(frozen=True)
class Happening:
    """One event of the channel."""

    id: int
    text: str


@dataclass
class World:
    """One scene. `breaks`: at which attempts the connection is lost; `away`: from when to when nobody answers (s)."""

    did: str
    events: int = 6
    breaks: tuple[int, ...] = ()
    away: tuple[float, float] = (-1.0, -1.0)
    retry_after: float = 0.0  # that the server says while it is away
    crash_before: tuple[int, ...] = ()  # ids at which the power fails before the thing is done
    crash_after: tuple[int, ...] = ()  # and after it is done
    seed: int = 0
    now: float = 0.0
    asked: int = 0
    pauses: list[float] = field(default_factory=list)
    asked_at: list[float] = field(default_factory=list)
    effects: list[int] = field(default_factory=list)
    saved: Any = "start"
    verdict: Wrong | None = None
    dead: bool = False  # the power has failed, and nothing of this life may go on

    def stop(self, got: str, wanted: str, advice: str = "") -> NoReturn:
        """Say what was wrong; the first verdict counts."""
        self.verdict = self.verdict or Wrong(self.did, got, wanted, advice)
        raise Stop

    def _power_fails(self) -> NoReturn:
        self.dead = True
        raise Crash

    def _over(self, call: str) -> bool:
        """Whether a verdict was swallowed, so that the program is to be led out. Stops one that outlives its power."""
        if self.dead:
            self._undead(f"`{call}` was called after the power had failed")
        return self.verdict is not None

    def _undead(self, got: str) -> NoReturn:
        self.dead = False
        advice = (
            "Nobody catches a power failure, and no line of that life runs after it. What is yours to catch?"
        )
        self.stop(got, "that it ends there; it is started again from the beginning", advice)

    def live(self, follow: Callable[..., Any]) -> World:
        """Let the program run, again after each crash, until it has read everything. Raises Wrong."""
        chance = random.Random(self.seed)
        for _ in range(LIVES):
            try:
                self.dead = False
                came = follow(
                    self.ask,
                    self.handle,
                    self.done,
                    self.load,
                    self.save,
                    self.sleep,
                    chance.random,
                )
                if inspect.iscoroutine(came):
                    came.close()
                    self.stop("a coroutine", "a plain `def`: nobody awaits it here")
                if self.dead:
                    self._undead("it returned although the power had failed")
            except Crash:
                continue
            except Stop:
                break
            except Lost as lost:
                advice = "A lost connection is no reason to give up: it is why the loop is there."
                self.verdict = Wrong(self.did, f"`{lost!r}` came out of it", "that it goes on", advice)
            break
        if self.verdict is not None:
            raise self.verdict
        return self

    def ask(self, cursor: Any) -> list[Happening] | None:
        """Answer a long poll: what is behind `cursor`, two at a time; None when the channel has been closed."""
        if self._over("ask"):
            return None
        self.asked += 1
        if self.asked > MOST:
            wanted = "that it comes to the end"
            self.stop(f"more than {MOST} requests in {self.now:.1f} s", wanted, self._restless())
        self.asked_at.append(self.now)
        if self.away[0] <= self.now < self.away[1]:
            raise Lost(self.retry_after)
        if self.asked in self.breaks:
            raise Lost
        self.now += ROUND_TRIP
        if cursor == "start":
            cursor = 0
        if not isinstance(cursor, int) or isinstance(cursor, bool) or not 0 <= cursor <= self.events:
            self.stop(f"`ask({show(cursor).strip('`')})`", "a cursor: `'start'`, or the id of an event")
        if cursor == self.events:
            return None
        if self.asked % 3 == 0:
            return []  # the hold is over, and nothing has happened
        return [Happening(n, f"event {n}") for n in range(cursor + 1, min(cursor + 2, self.events) + 1)]

    def _restless(self) -> str:
        if not self.pauses and (self.breaks or self.away[1] > 0):
            return "It knocks as fast as it can. What should it do between two attempts that fail?"
        if self.away[1] > 0 and self.effects and len(self.effects) < self.events:
            return "Its pauses are too short for an outage of this length: should they not grow?"
        return "It asks for the same again and again: where does the next request begin?"

    def handle(self, event: Happening) -> None:
        """Do the thing; what is done stays done, and is known by its id."""
        if self._over("handle"):
            return
        if event.id in self.crash_before:
            self.crash_before = tuple(id for id in self.crash_before if id != event.id)
            self._power_fails()
        if event.id in self.effects:
            advice = (
                "The power failed after the thing was done and before that was written down. "
                "Who comes back cannot know; but it can ask whether this id is `done`."
            )
            if not self.crash_after and not self.crash_before and self.did.startswith("read in peace"):
                advice = "Each request must begin behind what was handled: keep the cursor."
            self.stop(f"event {event.id} handled twice", "each event handled once", advice)
        missing = [n for n in range(1, event.id) if n not in self.effects]
        if missing:
            self.stop(
                f"event {event.id} handled, and event {missing[0]} was not",
                "each event, in order",
                self._lost(),
            )
        self.effects.append(event.id)
        if event.id in self.crash_after:
            self._power_fails()

    def _lost(self) -> str:
        return (
            "The cursor had moved past it when the power failed: what is saved must have been handled."
            if "power" in self.did
            else "An answer brings several events: none may be passed over."
        )

    def done(self, id: Any) -> bool:
        """Whether the thing of this id has been done."""
        return self._over("done") or id in self.effects

    def load(self) -> Any:
        """What was saved, by this life or one before; `'start'` at first."""
        self._over("load")
        return self.saved

    def save(self, cursor: Any) -> None:
        """Write a cursor to the disk."""
        if self._over("save"):
            return
        if isinstance(cursor, Happening):
            self.stop(f"`save({show(cursor).strip('`')})`", "the event's `id`")
        self.saved = cursor

    def sleep(self, seconds: Any) -> None:
        """Let virtual time pass."""
        if self._over("sleep"):
            return
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds >= 0:
            self.stop(f"`sleep({show(seconds).strip('`')})`", "a number of seconds from 0")
        self.pauses.append(float(seconds))
        self.now += seconds

    def gaps(self, since: float, until: float) -> list[float]:
        """Seconds between requests in a span of time."""
        times = [at for at in self.asked_at if since <= at <= until]
        return [later - at for at, later in itertools.pairwise(times)]
