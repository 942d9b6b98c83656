"""The part of a broker's log that a server holds: read like a log in memory, filled from both ends.

Its positions are this server's own, so that the write path is the same for every broker; its cursors are the
broker's. What is older than the window is put before it when somebody asks for it, as far as the limits allow.
"""

from __future__ import annotations

from collections.abc import Sequence

from rtlab.broker import WORDS, Page, Record, order
from rtlab.event import Cursor, Gap
from rtlab.log import Kept, Log, element

ALIASES = 1_000  # cursors that name the same place as an event's, kept at a time


class Window(Log):
    """Events of a broker's log. The first is at the position behind `first`; its cursor is behind `after`."""

    def __init__(self, max_events: int, max_bytes: int, page: Page, position: int = 0) -> None:
        super().__init__(max_events, max_bytes)
        self.id = page.log or self.id
        self.first = self.end = position
        self.counted_from = position  # how many events lie between two places before this one is not known
        self.complete = False  # it began with the oldest event that the broker had
        self._crowded: int | None = (
            None  # the position before which there was no room for the next older event
        )
        self._after = page.after
        self._places = {page.after: position}
        self._aliases: dict[str, int] = {}

    def cursor(self, position: int) -> str:
        """The broker's name for a position in the window."""
        return self._window[position].id if position > self.first else self._after

    def add(self, record: Record) -> None:
        """Put a record at the end."""
        self._places[record.id] = self.end + 1
        self._keep(_kept(record))

    def reaches(self, cursor: str) -> bool:
        """Whether the window goes on to a cursor of its log, or beyond."""
        return order(self.cursor(self.end)) >= order(cursor)

    def is_behind(self, place: str) -> bool:
        """Whether a place is of this log, and beyond what has come so far."""
        return place not in WORDS and Cursor.parse(place).log == self.id and not self.reaches(place)

    @property
    def full(self) -> bool:
        """Whether there is no room for anything older."""
        return self.end - self.first >= self.max_events or self._crowded == self.first

    def add_before(self, records: Sequence[Record], after: str) -> bool:
        """Put records that end where the window begins before it, the newest first; False if not all fit.

        `after` is the cursor before the first of them.
        """
        if not records:
            self._places.pop(self._after, None)
            self._after, self._places[after] = after, self.first
        for number in range(len(records) - 1, -1, -1):
            kept = _kept(records[number])
            if self.end - self.first >= self.max_events or self.bytes + len(kept.json) > self.max_bytes:
                self._crowded = self.first
                return False
            self._window[self.first] = kept
            self._places[kept.id] = self.first
            self.first -= 1
            self.bytes += len(kept.json)
            self._after = records[number - 1].id if number else after
            self._places[self._after] = self.first
            self.counted_from = min(self.counted_from, self.first)
        return True

    def alias(self, cursor: str) -> None:
        """Know the place before the first event by one more name."""
        if len(self._aliases) >= ALIASES:
            self._aliases.clear()
        self._aliases[cursor] = self.first

    def knows(self, cursor: str) -> bool:
        """Whether a cursor is a place in the window."""
        return self._place(cursor) is not None

    def _place(self, cursor: str) -> int | None:
        position = self._places.get(cursor, self._aliases.get(cursor))
        if position is None and cursor not in WORDS:
            position = self._between(cursor)
        return position if position is not None and position >= self.first else None

    def _between(self, cursor: str) -> int | None:
        """The position of a place that is no event's: records of other channels stand between those of this one."""
        if Cursor.parse(cursor).log != self.id:
            return None
        place = order(cursor)
        if not order(self._after) <= place <= order(self.cursor(self.end)):
            return None
        later = (n for n in range(self.end, self.first, -1) if order(self._window[n].id) <= place)
        return next(later, self.first)

    def _forget_oldest(self) -> None:
        self._places.pop(self._after, None)
        self._after = self._window[self.first + 1].id
        self.complete = False
        super()._forget_oldest()

    def locate(self, after: str) -> tuple[int, Gap | None]:
        """As `Log.locate`; what is not in the window, or of another log, is a gap."""
        if after in WORDS:
            return super().locate(after)
        if (position := self._place(after)) is not None:
            return position, None
        missed = self._missed(Cursor.parse(after))
        return self.first, None if missed == 0 else Gap(missed, self._after)

    def _missed(self, cursor: Cursor) -> int | None:
        """How many events are between a place before the window and the window; None where it cannot be known."""
        begin = Cursor.parse(self._after).position
        if cursor.log not in (self.id, "new") or not isinstance(begin, int):
            return None
        position = cursor.position
        return begin - position if isinstance(position, int) and position <= begin else None

    def gap(self, position: int) -> Gap | None:
        """As `Log.gap`, for a reader who stands at a position that the window once had."""
        if position >= self.first:
            return None
        return Gap(self.first - position if position >= self.counted_from else None, self._after)

    def find(self, id: str) -> int | None:
        """The position of an event in the window, by its id."""
        position = self._places.get(id)
        return position if position is not None and position > self.first else None


def _kept(record: Record) -> Kept:
    return Kept(record.id, element(*record), None, {})


def until(begin: str, records: list[Record]) -> list[Record]:
    """Those of the records that are not behind a cursor."""
    return [record for record in records if order(record.id) <= order(begin)]
