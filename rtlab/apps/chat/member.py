"""Somebody in a room, from Python: holds a lease, hears what is said, and says something.

with Member(lab.url, "ada", by="long") as ada:
    ada.say("hello")
    ada.wait(lambda: "hello" in ada.heard)
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from rtlab.apps.chat import HERE, ROOM
from rtlab.apps.chat.leases import Leases
from rtlab.clients import READERS, Publisher, WebSocket
from rtlab.errors import RtlabError, Unavailable
from rtlab.event import Event


class Member:
    """Reads a room from its start in a thread, and renews a lease in another, until `close()` or the block's end.

    `server` is its URL. A name that is taken raises ServerError, a server that is not there Unavailable.
    """

    def __init__(self, server: str, name: str, room: str = "lobby", by: str = "websocket") -> None:
        self.name = name
        self.heard: list[str] = []  # the texts of the messages, in order
        self.here: list[str] = []  # the names of those who are in the room
        self.arrivals: dict[str, int] = {}  # event id → monotonic ns
        self._lease = {"tab": secrets.token_hex(8), "name": name, "room": room}
        self._reader = READERS[by](f"{server}/channels/{ROOM}{room}", after="start")
        self._says = Publisher(f"{server}/channels/{ROOM}{room}")
        self._renews = Publisher(f"{server}/channels/{HERE}")
        self._gone, self._changed = threading.Event(), threading.Condition()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._listen, self._stay)]

    def __enter__(self) -> Member:
        try:
            self._renews.publish(self._lease)
            self._reader.__enter__()
        except RtlabError:
            self.close()
            raise
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()

    def say(self, text: str, key: str | None = None) -> str:
        """Say something in the room; its id. Raises ServerError with the reason if it is refused."""
        data = {"kind": "message", "name": self.name, "text": text}
        key = secrets.token_hex(8) if key is None else key
        if isinstance(self._reader, WebSocket):
            return self._reader.send(data, key)
        return self._says.publish(data, key)

    def wait(self, holds: Callable[[], Any], seconds: float = 10.0) -> Any:
        """Wait until something holds of what was heard; what it is then, or was at the end of so many seconds."""
        with self._changed:
            return self._changed.wait_for(holds, seconds)

    def wait_for(self, messages: int, seconds: float = 10.0) -> bool:
        """Wait until so many messages were heard; whether they were."""
        return bool(self.wait(lambda: len(self.heard) >= messages, seconds))

    def vanish(self) -> None:
        """Go without a word: a battery that is empty, a train in a tunnel."""
        self._gone.set()
        self._reader.close()

    def close(self) -> None:
        """Say good-bye and leave; safe to call again."""
        if not self._gone.is_set():
            with contextlib.suppress(RtlabError):  # refused, or nobody there: the lease runs out by itself
                self._renews.publish(self._lease | {"leaves": True})
        self.vanish()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(5.0)
        self._says.close()
        self._renews.close()

    def _listen(self) -> None:
        for event in self._reader.events():
            if not isinstance(event, Event):
                continue
            with self._changed:
                self.arrivals[event.id] = time.monotonic_ns()
                if event.data["kind"] == "message":
                    self.heard.append(event.data["text"])
                else:
                    self.here = event.data["people"]
                self._changed.notify_all()

    def _stay(self) -> None:
        while not self._gone.wait(Leases.SECONDS / 3):
            with contextlib.suppress(Unavailable):  # the next renewal comes soon
                self._renews.publish(self._lease)
