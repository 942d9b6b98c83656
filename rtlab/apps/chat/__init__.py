"""Chat: rooms, names, history, who is here, who types, and messages that survive a cut.

`chat.room.NAME`: what is said in a room, and who is here; a page reads it from its start, and that is the history.
`chat.here`: leases, from the pages to us. What they change we say in the room, at most four times a second.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from rtlab.apps.app import App, Hub
from rtlab.apps.chat.leases import Lease, Leases
from rtlab.errors import BadInput, InvalidField
from rtlab.event import Event

HERE, ROOM = "chat.here", "chat.room."
NAME = re.compile(r"[^\W_][\w .'-]{0,22}[^\W_]|[^\W_]")  # 1 to 24 characters, letters or digits at both ends
ROOM_NAME = re.compile(r"[a-z0-9-]{1,24}", re.ASCII)
LONGEST = 500  # characters of a message
BEAT = 0.25  # seconds between two looks at who is here


class Chat(App):
    """Judges messages and leases; says in each room who is here whenever that has changed."""

    name, title, summary = (
        "chat",
        "Chat",
        "Rooms, names, history, who is here, and messages that survive a cut.",
    )

    def __init__(self) -> None:
        self.leases = Leases()
        self._changed: set[str] = set()  # rooms

    def check(self, channel: str, data: Any) -> None:
        """Refuse what is no message in a room, and no lease on `chat.here`."""
        if not isinstance(data, dict):
            raise BadInput(f"This is no message: publish an object, not {str(data)[:40]!r}.")
        if channel == HERE:
            self._check_lease(data)
        elif channel.startswith(ROOM):
            check_room(channel.removeprefix(ROOM))
            check_message(data)
        else:
            raise BadInput(f"There is no room {channel}: rooms are {ROOM}NAME.")

    def _check_lease(self, data: dict[str, Any]) -> None:
        tab, seen = data.get("tab"), data.get("seen")
        if not isinstance(tab, str) or not 8 <= len(tab) <= 64:
            raise BadInput("A lease needs the page's own tab, 8 to 64 characters that nobody else has.")
        if not (seen is None or (isinstance(seen, str) and len(seen) <= 80)):
            raise BadInput("What was seen is the id of a message.")
        check_room(data.get("room"))
        self.leases.check_name(check_name(data.get("name")), tab, time.monotonic())

    async def run(self, hub: Hub) -> None:
        """Take leases as they come; look around four times a second."""
        await asyncio.gather(self._listen(hub), self._tell(hub))

    async def _listen(self, hub: Hub) -> None:
        async for item in hub.read(HERE):
            if not isinstance(item, Event):
                continue  # a gap: the leases that we missed are renewed soon
            data, now = item.data, time.monotonic()
            if data.get("leaves"):
                self._changed |= self.leases.give_back(data["tab"])
                continue
            try:
                # Again: two pages may have asked for the same name before either was here.
                self.leases.check_name(data["name"], data["tab"], now)
            except InvalidField:
                continue
            until, typing = now + Leases.SECONDS, bool(data.get("typing"))
            lease = Lease(data["tab"], data["name"], data["room"], until, typing, data.get("seen"))
            self._changed |= self.leases.renew(lease)

    async def _tell(self, hub: Hub) -> None:
        while True:
            await asyncio.sleep(BEAT)
            changed, self._changed = self._changed | self.leases.expire(time.monotonic()), set()
            for room in changed:
                await hub.publish(ROOM + room, self._look(room))

    def _look(self, room: str) -> dict[str, Any]:
        """Who is in a room: as a whole, so that whoever misses one is right again with the next."""
        people = self.leases.people(room)
        return {
            "kind": "people",
            "people": [lease.name for lease in people],
            "typing": [lease.name for lease in people if lease.typing],
            "seen": list(dict.fromkeys(lease.seen for lease in people)),  # up to where, each place once
            "rooms": self.leases.rooms(),
        }


def check_name(name: Any) -> str:
    """Raises InvalidField for what nobody can be called."""
    if not isinstance(name, str) or not name.strip():
        raise InvalidField("name", "The name is empty: say who you are.")
    if not NAME.fullmatch(name):
        raise InvalidField("name", "A name has 1 to 24 letters, digits, spaces, dots and dashes.")
    return name


def check_room(room: Any) -> None:
    """Raises InvalidField for what no room can be called."""
    if not isinstance(room, str) or not ROOM_NAME.fullmatch(room):
        raise InvalidField("room", "A room's name has 1 to 24 of the characters a-z 0-9 -.")


def check_message(data: dict[str, Any]) -> None:
    """Raises InvalidField for no message, or one that is too long; BadInput for what a page never sends."""
    check_name(data.get("name"))
    text = data.get("text")
    if not isinstance(text, str) or not text.strip():
        raise InvalidField("text", "The message is empty: write something first.")
    if len(text) > LONGEST:
        raise InvalidField("text", f"The message has {len(text)} characters: at most {LONGEST} are taken.")
    if data.get("kind") != "message" or set(data) - {"kind", "name", "text", "ref"}:
        raise BadInput("A message has a kind, a name, a text and a ref, and nothing else.")
