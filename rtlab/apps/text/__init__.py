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
from collections.abc import Mapping
from typing import Any

from rtlab.apps.app import App, Hub
from rtlab.apps.chat import check_name
from rtlab.apps.text.operations import ID, LONGEST, Insert, decode, decode_id, encode
from rtlab.apps.text.replica import Replica
from rtlab.errors import BadInput
from rtlab.event import Event

TEXT, WHOLE, HERE = "text", "text.whole", "text.here"
EVERY = 100  # events from one whole text to the next: far fewer than a log keeps
REMIND_SECONDS = (
    600.0  # from one whole text to the next at the longest, for a log in which nothing comes expires
)
CARETS = 100  # that `text.here` keeps


class Text(App):
    """Judges operations and carets; keeps a copy of its own, to tell the whole text to whoever comes late."""

    name, title, summary = "text", "Shared text", "One text that all edit at once, also without a connection."

    def __init__(self) -> None:
        self.replica = Replica("server")
        self._upto = "start"  # cursor behind the last event that is in our copy

    @property
    def keeps(self) -> Mapping[str, int]:
        """The newest whole text says all; carets are worth nothing when they are old."""
        return {WHOLE: 1, HERE: CARETS}

    def check(self, channel: str, data: Any) -> None:
        """Refuse what is no operation, no caret, or more than the text may hold."""
        if channel == HERE:
            check_caret(data)
        elif channel == TEXT:
            self._check_room([each for each in decode(data) if isinstance(each, Insert)])
        else:
            raise BadInput(f"On {channel} only the server speaks: operations go to {TEXT}, carets to {HERE}.")

    def _check_room(self, inserts: list[Insert]) -> None:
        new = sum(id not in self.replica for insert in inserts for id in insert.ids)
        if new and self.replica.size + self.replica.waiting + new > LONGEST:
            raise BadInput(
                f"The text is full: it holds {LONGEST:,} letters, with those that were deleted, "
                "for somebody might still write behind them."
            )

    async def run(self, hub: Hub) -> None:
        """Follow the operations; tell the whole text at once, every hundred events, and every ten minutes."""
        await self._tell(hub)
        await asyncio.gather(self._follow(hub), self._remind(hub))

    async def _follow(self, hub: Hub) -> None:
        untold = 0
        async for item in hub.read(TEXT, after="start"):
            if not isinstance(item, Event):  # another log: our copy is still right, but its place is not
                self._upto = item.cursor
                await self._tell(hub)
                continue
            for operation in decode(item.data):
                self.replica.apply(operation)
            self._upto = item.id
            untold += 1
            if untold >= EVERY:
                await self._tell(hub)
                untold = 0

    async def _remind(self, hub: Hub) -> None:
        while True:
            await asyncio.sleep(REMIND_SECONDS)
            await self._tell(hub)

    async def _tell(self, hub: Hub) -> None:
        await hub.publish(WHOLE, {"upto": self._upto, **encode(self.replica.operations())})


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
