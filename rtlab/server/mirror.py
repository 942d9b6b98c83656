"""Channels whose logs a broker keeps: this server follows each that it has readers for, once, and shares it out.

    reader's cursor ── place ──▶ window ◀── tail ── broker      what is new
                                   ▲
                                   └─────── read ── broker      what is older than the window

Nobody reads a channel's broker but its one mirror, so a reader more costs the broker nothing. When the broker is
away the readers stay: they have what has come so far, and the rest when the broker is back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rtlab.broker import WORDS, Broker, Page, before, later, order, pause
from rtlab.errors import LimitExceeded, Unavailable
from rtlab.event import NEW, Cursor, Event, Gap, encode_data
from rtlab.log import element
from rtlab.server.fanout import Channel, check_key
from rtlab.server.window import Window, until

if TYPE_CHECKING:
    from rtlab.server.mirrors import Mirrors

log = logging.getLogger("rtlab.server")
PAGE = 250  # older records asked for at a time: some milliseconds' work, in which nobody else is served
ARRIVAL_SECONDS = 3.0  # that what the broker has acknowledged may take to get here


class MirrorChannel(Channel):
    """A channel of a broker's: a window of its log, filled by one task while somebody reads."""

    far = True
    log: Window | None

    def __init__(self, channels: Mirrors, name: str, broker: Broker) -> None:
        super().__init__(channels, name)
        self.mirrors, self.broker = channels, broker
        self._opening = asyncio.Lock()  # held while the window is made, or grows backwards
        self._following: asyncio.Task[None] | None = None
        self._users = 0  # requests under way
        self._appended: str | None = None  # the newest event of this server's own making
        self._news = asyncio.Event()  # set, and replaced, at each page that comes

    @contextlib.contextmanager
    def _in_use(self) -> Iterator[None]:
        self.channels.by_name[self.name] = self
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            self.tidy()

    async def append(self, data: Any, key: str | None = None) -> tuple[Event, bool]:
        """Have the broker keep an event; as `Channel.append`, and raises Unavailable while it is away."""
        check_key(key)
        encoded = encode_data(data)
        if len(encoded) > (most := self.channels.limits.bytes):
            raise LimitExceeded("bytes", most, f"{len(encoded)} bytes: at most {most} fit")
        with self._in_use():
            if self.broker.trouble is not None:
                raise Unavailable(self.broker.trouble, 1.0)
            self.mirrors.admit(self.name)
            (id, time, _), fresh = await self.broker.append(self.name, encoded, key)
            self._appended = id
        event = Event(id, time, data)
        if fresh:
            self.channels.appended(self, event)
        return event, fresh

    async def place(self, after: str) -> tuple[int, Gap | None]:
        """As `Channel.place`, in a window that goes back to the place, if the broker still has it.

        Raises InvalidCursor, LimitExceeded, and Unavailable: the broker is away and would have to be asked.
        """
        if after not in WORDS:
            Cursor.parse(after)
        with self._in_use():
            await self._follow()
            await (self._catch_up() if after in WORDS else self._arrival(self._appended))
            is_ahead = await self._is_ahead(after)
            await self._extend("start" if is_ahead else after)
            return self.locate(after)

    async def event(self, id: str) -> tuple[bytes | None, bool]:
        """As `Channel.event`."""
        place = before(str(Cursor.parse(id)))
        if self.log is not None and self.log.find(id) is not None:
            return await super().event(id)
        page = await self.broker.read(self.name, place, 1)
        if page.records and page.records[0].id == id:
            return element(*page.records[0]), False
        if page.log != Cursor.parse(id).log:
            return None, False
        at, begin = order(id), order(page.after)
        return None, at[:-1] == begin[:-1] and (0,) < at[-1:] <= begin[-1:]

    async def _follow(self) -> None:
        """Open the window at the newest event, and go on from there for as long as there are readers."""
        if self._following is not None:
            return
        async with self._opening:
            if self._following is not None:
                return
            self.mirrors.follow_one_more()
            page = await self.broker.read(self.name, "last", 1)
            if page.log is not None:
                self.log = self._window(page, 0)
            self._following = asyncio.create_task(self._take_all(page.end), name=f"mirror of {self.name}")

    def _window(self, page: Page, position: int) -> Window:
        window = Window(self.channels.kept(self.name), self.channels.limits.bytes, page, position)
        for record in page.records:
            window.add(record)
        return window

    async def _catch_up(self) -> None:
        """Have what the broker has now: a word such as `now` means its end, not this server's."""
        if self.broker.trouble is not None:
            return  # what is here is all that there is to be had
        with contextlib.suppress(Unavailable):
            page = await self.broker.read(self.name, "now", 0)
            await self._arrival(page.end if page.log is not None else None)

    async def _is_ahead(self, after: str) -> bool:
        """Whether a place is beyond the broker's own end, too: then it is a gap, and reading begins at the start.

        A reader may come from a server that was ahead of this one; it waits here for what it has had already.
        Raises Unavailable where the broker cannot tell, or does not bring it in time.
        """
        if self.log is None or not self.log.is_behind(after):
            return False
        if self.broker.trouble is not None:
            raise Unavailable(self.broker.trouble, 1.0)
        page = await self.broker.read(self.name, "now", 0)
        if page.log is None or (page.log == Cursor.parse(after).log and order(page.end) < order(after)):
            return True
        await self._arrival(after)
        if self.log.is_behind(after):
            raise Unavailable(f"{after} is in the log, and has not come to this server yet: ask again", 1.0)
        return False

    async def _arrival(self, cursor: str | None) -> None:
        """Wait until an event that the broker has acknowledged is here, or its log is not the one that is."""
        deadline = asyncio.get_running_loop().time() + ARRIVAL_SECONDS
        while cursor is not None and not self._has(cursor):
            left = deadline - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except asyncio.TimeoutError:
                return

    def _has(self, cursor: str) -> bool:
        if self.log is None:
            return False
        return self.log.id != Cursor.parse(cursor).log or self.log.reaches(cursor)

    async def _extend(self, after: str) -> None:
        """Put before the window what lies between a place and its beginning, backwards, as long as there is room."""
        if self.log is None or self._within(self.log, after):
            return  # who reads back is in nobody's way
        async with self._opening:
            events = PAGE
            while self.log is not None and not self._within(self.log, after):
                found = await self._grow(self.log, after, events)
                if found is None:
                    return
                if found < PAGE // 2:  # others' records stand between this channel's
                    events *= 2

    async def _grow(self, window: Window, after: str, events: int) -> int | None:
        """Put what is at most so many places before the window before it; None: it has moved on meanwhile."""
        begin, first = window.cursor(window.first), window.first
        place = later(before(begin, events), after)
        page = await self.broker.read(self.name, place, PAGE)
        missed, start, older = page.missed, page.after, until(begin, page.records)
        while page.records and order(page.end) < order(begin):
            page = await self.broker.read(self.name, page.end, PAGE)
            if page.missed != 0:  # the broker has trimmed its log meanwhile
                missed, start, older = page.missed, page.after, []
            older += until(begin, page.records)
        if self.log is not window or window.first != first or page.log != window.id:
            return None  # it is full, or of another log
        if window.add_before(older, start) and (missed != 0 or order(place)[-1] == 0):
            window.complete = True
            if missed == 0:
                window.alias(NEW)
        return len(older)

    def _within(self, window: Window, after: str) -> bool:
        """Whether there is nothing to be had by asking the broker for what is after a place."""
        if after in ("now", "last") or window.knows(after) or window.is_behind(after):
            return True
        return window.full or window.complete

    async def _take_all(self, after: str) -> None:
        """Take what comes, until the channel is dropped."""
        failed = 0
        while True:
            try:
                async for page in self.broker.tail(self.name, after):
                    self._take(page)
                    after, failed = page.end, 0
                return
            except Unavailable:
                failed += 1
            except Exception:
                log.exception("the mirror of %s stumbled; it goes on from %s", self.name, after)
                failed += 1
            await asyncio.sleep(pause(failed))

    def _take(self, page: Page) -> None:
        log = self.log
        if log is None:
            self.log = self._window(page, page.missed or 0)
            self.log.complete = True
            if page.missed == 0:
                self.log.alias(NEW)
            else:
                self.log.counted_from = 0 if page.missed else self.log.first + 1
        elif page.log != log.id or page.missed != 0:
            self.flush()  # who is at rest gets what there was
            # One place is left out where it is not known how many are: whoever stands before it is told of a gap.
            self.log = self._window(page, log.end + (page.missed or 1))
            if page.log == log.id and page.missed:
                self.log.counted_from = log.counted_from
        else:
            for record in page.records:
                log.add(record)
        self.touched = asyncio.get_running_loop().time()
        news, self._news = self._news, asyncio.Event()
        news.set()
        self._grown = True
        self.flush_soon()

    @property
    def followed(self) -> bool:
        """Whether what comes is taken."""
        return self._following is not None

    @property
    def idle(self) -> bool:
        """Whether nobody uses it."""
        return not (self._users or self.readers or self.held)

    def tidy(self) -> None:
        """A channel that is not followed is forgotten with its last user; a mirror is kept for a while."""
        self.touched = asyncio.get_running_loop().time()
        if self.idle and self._following is None:
            self.channels.by_name.pop(self.name, None)

    def drop(self) -> None:
        """Follow it no more."""
        self.channels.by_name.pop(self.name, None)
        if self._following is not None:
            self._following.cancel()
