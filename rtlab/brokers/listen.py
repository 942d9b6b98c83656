"""What is new in Redis streams: one blocking XREAD for all that are followed, on a connection of its own.

XREAD BLOCK is a long poll: the server holds the question until there is an entry behind one of the ids in it. A
stream that is to be followed as well has to get into a question that is already held, so each listener asks for
one stream more, its own, and an entry there makes it ask again. In a cluster one question can only be for one
slot: there each stream has a listener to itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterator
from typing import Any

from rtlab.broker import pause
from rtlab.brokers.connect import TROUBLES, Connect, trouble_with
from rtlab.brokers.ending import cancelled

HOLD_SECONDS = 5.0  # that a question is held
LATE_SECONDS = 5.0  # that the answer may come later than that
AT_ONCE = 1_000  # entries of a stream in one answer

Entries = asyncio.Queue[list[Any]]


class Listener:
    """Puts the entries of streams into queues, for as long as somebody is `listening`; knows of any trouble."""

    def __init__(self, connect: Connect, client: Any) -> None:
        self.address = connect.address
        self.trouble: str | None = None
        self.failures = 0
        self.begun = asyncio.Event()  # the first question has been answered, or failed
        self._connect, self._client = connect, client
        self._places: dict[str, str] = {}  # stream → the id behind which it is read
        self._queues: dict[str, Entries] = {}
        self._alone: dict[str, asyncio.Task[None]] = {}  # in a cluster: stream → its own listener
        self._bell = f"rtlab:bell:{secrets.token_hex(8)}"
        self._rung = "0"
        self._ringing: set[asyncio.Task[None]] = set()
        self._all = asyncio.create_task(self._listen([self._bell]), name="XREAD")

    @contextlib.contextmanager
    def listening(self, stream: str, after: str) -> Iterator[Entries]:
        """A queue of what comes after an id (`-`: the start), from here to the end of the block."""
        entries: Entries = asyncio.Queue()
        self._places[stream], self._queues[stream] = ("0" if after == "-" else after), entries
        if self._connect.cluster:
            self._alone[stream] = asyncio.create_task(self._listen([stream]), name=f"XREAD {stream}")
        else:
            self._ring()
        try:
            yield entries
        finally:
            del self._places[stream], self._queues[stream]
            if stream in self._alone:
                self._alone.pop(stream).cancel()

    def _ring(self) -> None:
        """Have the question asked again."""
        task = asyncio.create_task(self._strike())
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)

    async def _strike(self) -> None:
        with contextlib.suppress(*TROUBLES):  # then the question will be asked anew anyway
            pipeline = self._client.pipeline(transaction=False)
            pipeline.xadd(self._bell, {"": ""}, maxlen=1, approximate=False)
            pipeline.expire(self._bell, 60)
            await pipeline.execute()

    def _question(self, fixed: list[str]) -> dict[str, str]:
        asked = {stream: self._places[stream] for stream in fixed if stream in self._places}
        if self._bell in fixed:
            asked = {self._bell: self._rung} | ({} if self._connect.cluster else self._places)
        return asked

    async def _listen(self, fixed: list[str]) -> None:
        failed = 0
        while True:
            client = self._connect.client(HOLD_SECONDS + LATE_SECONDS)
            try:
                while True:
                    await self._ask(client, fixed)
                    failed = 0
            except TROUBLES as error:
                self.failures += failed == 0
                failed += 1
                self.trouble = f"the broker {self.address} {trouble_with(error)}"
                self.begun.set()
                await asyncio.sleep(pause(failed))
            finally:
                with contextlib.suppress(*TROUBLES):
                    await client.aclose()

    async def _ask(self, client: Any, fixed: list[str]) -> None:
        # The first question, and the first after a failure, is not held: its answer says that all is well.
        hold = int(HOLD_SECONDS * 1000) if self.begun.is_set() and self.trouble is None else None
        answer = await client.xread(self._question(fixed), count=AT_ONCE, block=hold)
        self.trouble = None
        self.begun.set()
        for name, entries in answer or ():
            stream = name.decode()
            if stream == self._bell:
                self._rung = entries[-1][0].decode()
            elif stream in self._queues:
                self._places[stream] = entries[-1][0].decode()
                self._queues[stream].put_nowait(entries)

    async def close(self) -> None:
        """Ask no more."""
        await cancelled([self._all, *self._alone.values(), *self._ringing])
        with contextlib.suppress(*TROUBLES):
            await self._client.delete(self._bell)
