"""Text: one text that several people edit at once, with or without a connection.

`text`: the operations, from the pages and from nobody else. The log has them in an order in which each comes behind
what it builds on, for a page publishes only what it has built on what it has read, and its own in order.
`text.whole`: now and then all operations so far in one event, and the cursor behind the last of them. Whoever comes,
or has fallen out of the window of `text`, takes that and reads on from there. It keeps one event.
`text.here`: where everybody's caret is, from page to page; who is silent for three renewals has gone.

Where the whole is less than a page knows, for the server was started again, the page publishes what is missing: it is
the copies that have the text, not the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from rtlab.apps.app import App, Hub
from rtlab.apps.chat import check_name
from rtlab.apps.text.operations import (
    ID,
    LONGEST,
    Id,
    Insert,
    Operation,
    decode,
    decode_id,
    decode_whole,
    encode,
)
from rtlab.apps.text.replica import Replica
from rtlab.errors import BadInput, LimitExceeded
from rtlab.event import Event

TEXT, WHOLE, HERE = "text", "text.whole", "text.here"
EVERY = 100  # events from one whole text to the next: far fewer than a log keeps
AHEAD = (
    LONGEST // 2
)  # that a letter's number may be above how many the server knows, which may have forgotten some
REMIND_SECONDS = (
    600.0  # from one whole text to the next at the longest, for a log in which nothing comes expires
)
CARETS = 100  # that `text.here` keeps
log = logging.getLogger("rtlab.apps")


class Text(App):
    """Judges operations and carets; keeps a copy of its own, to tell the whole text to whoever comes late."""

    name, title, summary = "text", "Shared text", "One text that all edit at once, also without a connection."

    def __init__(self) -> None:
        self.replica = Replica("server")
        self._named: set[Id] = set()  # letters of which we know, also those that are let in and not yet read
        self._upto = "start"  # cursor behind the last event that is in our copy
        self._untold = 0  # events since the whole text was told
        self._begun, self._due = (
            asyncio.Event(),
            asyncio.Event(),
        )  # our copy is no empty one; it is to be told

    @property
    def keeps(self) -> Mapping[str, int]:
        """The newest whole text says all; carets are worth nothing when they are old."""
        return {WHOLE: 1, HERE: CARETS}

    def check(self, channel: str, data: Any) -> None:
        """Refuse what is no operation, no caret, or more than the text may hold."""
        if channel == HERE:
            check_caret(data)
        elif channel == TEXT:
            self._let_in(decode(data))
        else:
            raise BadInput(f"On {channel} only the server speaks: operations go to {TEXT}, carets to {HERE}.")

    def _let_in(self, operations: Iterable[Operation]) -> None:
        """Keep the text within its bounds; a letter that was deleted before it came counts from then on.

        A letter's number is one above the highest that its writer knew, so there are at least as many letters as
        the highest says: one that was far above would use up the numbers for everybody.
        """
        new: set[Id] = set()
        for operation in operations:
            known = len(self._named) + len(new)
            if isinstance(operation, Insert) and operation.id.counter > known + AHEAD:
                raise BadInput(f"{operation.id} counts too far ahead: the server knows {known:,} letters.")
            new.update(id for id in operation.ids if id not in self._named)
        if new and len(self._named) + len(new) > LONGEST:
            raise BadInput(
                f"The text is full: it holds {LONGEST:,} letters, with those that were deleted, "
                "for somebody might still write behind them."
            )
        self._named |= new

    async def follow(self, hub: Hub) -> None:
        """Keep our copy up to date: from the newest whole text on, if a broker has kept one."""
        whole = await hub.newest(WHOLE)
        if whole is not None:
            with contextlib.suppress(KeyError, TypeError, BadInput):  # it is from no server of ours
                await self._take(decode_whole(whole.data))
                self._upto = whole.data["upto"]
        self._begun.set()
        async for item in hub.read(TEXT, after=self._upto):
            if isinstance(item, Event):
                with contextlib.suppress(
                    BadInput
                ):  # from a server without this application: no page reads it either
                    await self._take(decode(item.data))
                self._upto = item.id
                self._untold += 1
            else:  # another log: our copy is still right, but its place is not
                self._upto = item.cursor
                self._untold = EVERY
            if self._untold >= EVERY:
                self._due.set()

    async def _take(self, operations: Iterable[Operation]) -> None:
        for operation in operations:
            self._named.update(operation.ids)
            self.replica.apply(operation)
            await asyncio.sleep(0)  # where many stand behind the same letter, each takes milliseconds

    async def run(self, hub: Hub) -> None:
        """Tell the whole text at once, every hundred events, and every ten minutes."""
        await self._begun.wait()
        while True:
            self._due.clear()
            await self._tell(hub)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._due.wait(), REMIND_SECONDS)

    async def _tell(self, hub: Hub) -> None:
        self._untold = 0
        try:
            await hub.publish(WHOLE, {"upto": self._upto, **encode(self.replica.operations())})
        except LimitExceeded as error:  # who comes late reads on from the last one that was told
            log.warning("the whole text cannot be told: %s", error)


def check_caret(data: Any) -> None:
    """Raises BadInput or InvalidField for what says not where somebody is."""
    if not isinstance(data, dict) or set(data) - {"site", "name", "after", "leaves"}:
        raise BadInput(
            "A caret has a site, a name, the id that it stands behind, and whether its owner leaves."
        )
    check_name(data.get("name"))
    if not isinstance(data.get("site"), str) or not ID.fullmatch(f"1@{data['site']}"):
        raise BadInput("A site has 1 to 16 of the characters a-z 0-9.")
    if data.get("after") is not None:
        decode_id(data["after"])
