"""What stands on the path between client and server and does something to what passes: one box after another.

    tap = Tap(server, middleboxes=[StripsUpgrade(), EndsIdle(30.0)])     # the first is the nearest to the client

A box sees the bytes of a connection and answers with acts: pass these on, end this direction, break it off. No
sockets and no clocks (the time is told to it), so a box can be read, and tested, by itself. What it imitates is said
in its docstring: `trouble` has what happens to any bytes, `proxies` what programs do that understand HTTP, `tls` what
those do that open TLS.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rtlab.wire.record import UP

SECOND = 1_000_000_000  # ns


@dataclass(frozen=True)
class Pass:
    """Bytes go on in a direction, `after` nanoseconds later than they would by themselves."""

    direction: str
    data: bytes
    after: int = 0


@dataclass(frozen=True)
class Finish:
    """A direction ends, behind what has been passed: FIN."""

    direction: str


@dataclass(frozen=True)
class Cut:
    """The connection is broken off, both ways, behind what has been passed: RST."""


Act = Pass | Finish | Cut


class Box:
    """One connection's way through a middlebox. This one lets everything pass; the others change what they must."""

    due: int | None = None  # when `wake` is to be called, in ns of the monotonic clock

    def receive(self, direction: str, data: bytes, now: int) -> Iterable[Act]:
        """Bytes have come, travelling in `direction`."""
        return [Pass(direction, data)]

    def end(self, direction: str, now: int) -> Iterable[Act]:
        """The sender of `direction` has said that no more will come."""
        return [Finish(direction)]

    def wake(self, now: int) -> Iterable[Act]:
        """The time `due` has come."""
        return []


class Middlebox:
    """A kind of box with its settings: `open` gives each connection a box of its own."""

    def open(self, now: int) -> Box:
        """A connection begins."""
        return Box()


class Chain:
    """The boxes of one connection: what one passes on, the next one sees."""

    def __init__(self, middleboxes: Iterable[Middlebox], now: int) -> None:
        self._boxes: Sequence[Box] = [middlebox.open(now) for middlebox in middleboxes]

    @property
    def due(self) -> int | None:
        """When the next box wants to be woken."""
        return min((box.due for box in self._boxes if box.due is not None), default=None)

    def receive(self, direction: str, data: bytes, now: int) -> list[Act]:
        """What becomes of bytes that one end has sent."""
        return self._carry([Pass(direction, data)], self._entrance(direction), now)

    def end(self, direction: str, now: int) -> list[Act]:
        """What becomes of an end."""
        return self._carry([Finish(direction)], self._entrance(direction), now)

    def wake(self, now: int) -> list[Act]:
        """What the boxes do whose time has come."""
        acts: list[Act] = []
        for place, box in enumerate(self._boxes):
            if box.due is not None and box.due <= now:
                box.due = None
                for act in box.wake(now):
                    acts += self._carry([act], self._behind(place, act), now)
        return acts

    def _entrance(self, direction: str) -> int:
        return 0 if direction == UP else len(self._boxes) - 1

    @staticmethod
    def _behind(place: int, act: Act) -> int:
        """The box that an act of the box at `place` comes to."""
        return place if isinstance(act, Cut) else place + 1 if act.direction == UP else place - 1

    def _carry(self, acts: Iterable[Act], place: int, now: int) -> list[Act]:
        """Let acts go through the boxes from `place` on; what comes out at either end."""
        out: list[Act] = []
        waiting = deque((act, place, 0) for act in acts)
        while waiting:
            act, place, later = waiting.popleft()
            if isinstance(act, Cut):
                return [*out, act]
            if not 0 <= place < len(self._boxes):
                out.append(Pass(act.direction, act.data, later + act.after) if isinstance(act, Pass) else act)
                continue
            box = self._boxes[place]
            if isinstance(act, Pass):
                later += act.after
                found = box.receive(act.direction, act.data, now)
            else:
                found = box.end(act.direction, now)
            # In front of what waits: it is older.
            waiting.extendleft(reversed([(next_, self._behind(place, next_), later) for next_ in found]))
        return out
