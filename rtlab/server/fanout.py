"""The write path: how one event reaches every reader of a channel.

A reader on an open stream costs a cursor, not a queue. At the end of a turn of the loop in which its
channel grew, each reader at rest gets everything from its cursor on, as one bytes object that all who
stand at the same place share. A reader is at rest when the kernel has taken all that was written to it.
While it has not, nothing is added: when it is at rest again it gets what has come since, or a gap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from rtlab.broker import Overview
from rtlab.errors import InvalidData, InvalidName, LimitExceeded
from rtlab.event import NAME, NEW, Cursor, Event, Gap
from rtlab.log import Encode, Log
from rtlab.server.forms import Form
from rtlab.server.forms import element as as_json
from rtlab.server.limits import Limits
from rtlab.server.reader import Reader

MAX_KEY = 255  # characters of an idempotency key, which is kept as long as its event


class Channel:
    """One channel on this server: its log, once somebody has published, and those who read it."""

    far = False  # whether an append has to go to a broker

    def __init__(self, channels: Channels, name: str) -> None:
        self.channels, self.name = channels, name
        self.log: Log | None = None
        self.readers: set[Reader] = set()
        self.held: set[asyncio.Future[None]] = set()  # one for each held poll
        self.touched = asyncio.get_running_loop().time()  # of the last append or reader
        self.asked = 0  # times that somebody asked to read: who polls is nowhere in between
        self._flush_due = False
        self._grown = False  # since the last flush

    def check(self, data: Any) -> None:
        """Let whoever owns the channel judge what a client wants to publish. Raises BadInput for what it refuses."""
        for check in self.channels.checks:
            check(self.name, data)

    def publish(self, data: Any, key: str | None = None) -> tuple[Event, bool]:
        """Append an event; True if it is new, False if its key was known.

        Raises as `Log.append` does, and InvalidData for a key of no or too many characters.
        """
        check_key(key)
        log = self.log if self.log is not None else self.channels.new_log(self.name)
        before = log.end
        event = log.append(data, key)
        if fresh := log.end > before:
            self.log, self.channels.by_name[self.name] = log, self
            self.touched = asyncio.get_running_loop().time()
            self._grown = True
            self.flush_soon()
            self.channels.appended(self, event)
        return event, fresh

    async def append(self, data: Any, key: str | None = None) -> tuple[Event, bool]:
        """As `publish`, wherever the log is: a broker takes its time."""
        return self.publish(data, key)

    async def place(self, after: str) -> tuple[int, Gap | None]:
        """As `locate`, wherever the log is."""
        return self.locate(after)

    async def event(self, id: str) -> tuple[bytes | None, bool]:
        """The JSON of one event, None if it is not there; and whether it was, before the window moved on."""
        place, log = Cursor.parse(id), self.log
        if log is None:
            return None, False
        if (position := log.find(id)) is not None:
            return log.encoded(position - 1, as_json, 0, limit=1)[0][0], False
        return None, place.log == log.id and isinstance(
            place.position, int
        ) and 0 < place.position <= log.first

    def locate(self, after: str) -> tuple[int, Gap | None]:
        """As `Log.locate`; where there is no log yet, the start of the log to come."""
        self.touched = asyncio.get_running_loop().time()
        self.asked += 1
        if self.log is not None:
            return self.log.locate(after)
        if after in ("start", "last", "now") or Cursor.parse(after) == Cursor.parse(NEW):
            return 0, None
        return 0, Gap(None, NEW)

    def cursor(self, position: int) -> str:
        """The cursor of a position; `new.0` where there is no log yet."""
        return self.log.cursor(position) if self.log is not None else NEW

    @property
    def end(self) -> int:
        """The position behind the newest event."""
        return self.log.end if self.log is not None else 0

    def encoded(self, position: int, encode: Encode, limit: int) -> tuple[list[bytes], int]:
        """As `Log.encoded`, at most one write's worth; nothing where there is no log yet."""
        if self.log is None:
            return [], 0
        return self.log.encoded(position, encode, self.channels.limits.send_bytes, limit)

    def enter(self, reader: Reader) -> None:
        """Let a reader have every event from its position on."""
        self.channels.by_name[self.name] = self
        self.readers.add(reader)
        self.flush_soon()

    def hold(self) -> asyncio.Future[None]:
        """Something to wait for: done at the next append, and when the server stops. `release` it in the end."""
        held: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.channels.by_name[self.name] = self
        self.held.add(held)
        return held

    def release(self, held: asyncio.Future[None]) -> None:
        """The poll that held this is answered, or its client has left."""
        self.held.discard(held)
        self.tidy()

    def flush_soon(self) -> None:
        """See to it that `flush` runs once, when the callbacks of this turn of the loop are done."""
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Give each reader at rest what it has not had, one shared batch for each place that somebody stands at."""
        self._flush_due = False
        if self._grown:  # a reader that enters, or is at rest again, is no news to those who are held
            self._grown = False
            self.wake()
        behind: dict[tuple[Form, int], list[Reader]] = {}
        for reader in self.readers:
            if reader.at_rest and reader.position < self.end:
                behind.setdefault((reader.form, reader.position), []).append(reader)
        for (form, position), readers in behind.items():
            data, end, events = self._batch(form, position)
            for reader in readers:
                reader.position = end
                reader.write(data)
            self.channels.delivered += events * len(readers)
            self.channels.batches += len(readers)
            if end < self.end:
                self.flush_soon()

    def _batch(self, form: Form, position: int) -> tuple[bytes, int, int]:
        """What is behind a position as one write, the position behind it, and how many events are in it."""
        assert self.log is not None
        parts: list[bytes] = []
        if position < self.log.first:
            gap = self.log.gap(position)
            parts, position = [form.gap(gap)] if gap is not None else [], self.log.first
        events, end = self.log.encoded(position, form.event, self.channels.limits.send_bytes)
        return form.wrap(b"".join(parts + events)), end, len(events)

    def wake(self) -> None:
        """Let every held poll answer."""
        for held in self.held:
            if not held.done():
                held.set_result(None)

    def tidy(self) -> None:
        """A channel that nobody has published to is forgotten with its last reader."""
        self.touched = asyncio.get_running_loop().time()
        if self.log is None and not self.readers and not self.held:
            self.channels.by_name.pop(self.name, None)


def check_key(key: str | None) -> None:
    """Raise InvalidData for an idempotency key of no or too many characters."""
    if key is not None and not 0 < len(key) <= MAX_KEY:
        raise InvalidData(f"the idempotency key has {len(key)} characters: use 1 to {MAX_KEY}")


class Channels:
    """All channels of one server. Publishing makes a channel's log; reading makes nothing."""

    def __init__(self, limits: Limits, on_append: Callable[[str, Event], None] | None = None) -> None:
        self.limits, self.on_append = limits, on_append
        self.by_name: dict[str, Channel] = {}
        self.checks: list[Callable[[str, Any], None]] = []  # of clients' events, before they are appended
        self.windows: dict[str, int] = {}  # channels that keep fewer events than the limit says, and how many
        self.published = self.delivered = self.batches = 0

    def find(self, name: str) -> Channel:
        """The channel of that name; one that nobody knows of yet is not kept. Raises InvalidName."""
        if not NAME.fullmatch(name):
            raise InvalidName(name)
        return self.by_name.get(name) or self.new_channel(name)

    def new_channel(self, name: str) -> Channel:
        """A channel that nobody knows of yet."""
        return Channel(self, name)

    def new_log(self, name: str) -> Log:
        """A log for the first event of the channel of that name. Raises LimitExceeded."""
        if sum(known.log is not None for known in self.by_name.values()) >= self.limits.channels:
            message = f"the server has its {self.limits.channels} channels: publish to one of them"
            raise LimitExceeded("channels", self.limits.channels, message)
        return Log(self.kept(name), self.limits.bytes)

    def kept(self, name: str) -> int:
        """How many events of the channel of that name are kept here at most."""
        return min(self.limits.events, self.windows.get(name, self.limits.events))

    def appended(self, channel: Channel, event: Event) -> None:
        """Count an event and tell the server's owner."""
        self.published += 1
        if self.on_append is not None:
            self.on_append(channel.name, event)

    def expire(self) -> None:
        """Drop the logs that nobody has written to or read for as long as the limit says."""
        oldest = asyncio.get_running_loop().time() - self.limits.expiry
        for channel in list(self.by_name.values()):
            if not channel.readers and not channel.held and channel.touched < oldest:
                del self.by_name[channel.name]

    async def overview(self) -> list[Overview]:
        """The channels that have a log, by name."""
        return [
            Overview(name, log.cursor(log.end), log.end - log.first, log.bytes)
            for name, channel in sorted(self.by_name.items())
            if (log := channel.log) is not None
        ]

    def close(self) -> None:
        """Nothing of it works by itself."""
