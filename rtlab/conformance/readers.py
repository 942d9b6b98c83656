"""Each technique as the same thing: a reader that stands at a cursor and is told of events and gaps in their order."""

from __future__ import annotations

import abc
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from rtlab.conformance.opened import Socket, Stream
from rtlab.conformance.raw import Connection, Persistent

if TYPE_CHECKING:
    from typing_extensions import Self

Item = tuple[str, dict[str, Any]]  # "event" or "gap", and its members


class Reader(abc.ABC):
    """Opened with a position, as `after` or as request headers; `cursor` is where it stands."""

    connection: Connection
    cursor: str

    @abc.abstractmethod
    def __init__(
        self, url: str, channel: str, after: str | None = None, headers: dict[str, str] | None = None
    ) -> None: ...

    @abc.abstractmethod
    def next(self) -> Item:
        """What comes next."""

    def event(self) -> Any:
        """The data of the event that must come next."""
        kind, item = self.next()
        assert kind == "event", (kind, item)
        return item["data"]

    def gap(self) -> dict[str, Any]:
        """The gap that must come next."""
        kind, item = self.next()
        assert kind == "gap", (kind, item)
        return item

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()


class ShortPoll(Reader):
    """Asks again and again."""

    interval = 0.01
    wait = ""
    prefer = ""

    def __init__(
        self, url: str, channel: str, after: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        self.connection = Persistent(url)
        self.path = channel + "/events"
        self.items: list[Item] = []
        query = "" if after is None else "?" + urlencode({"after": after})
        self.poll(query, headers or {})

    def poll(self, query: str, headers: dict[str, str]) -> None:
        """Ask once, and keep what comes."""
        answer = self.connection.get(self.path + query, headers=headers)
        if answer.status == 304:
            assert answer.headers["etag"] == headers["If-None-Match"], answer.headers
            return
        assert answer.status == 200, answer
        told = answer.json()
        assert set(told) == {"events", "cursor", "gap"}
        assert answer.headers["etag"] == f'"{told["cursor"]}"'
        self.cursor = told["cursor"]
        if told["gap"] is not None:
            self.items.append(("gap", told["gap"]))
        self.items += [("event", event) for event in told["events"]]

    def next(self) -> Item:
        """What comes next."""
        deadline = time.monotonic() + Connection.seconds
        while not self.items:
            assert time.monotonic() < deadline, "nothing came"
            self.again()
            if not self.items:
                time.sleep(self.interval)
        return self.items.pop(0)

    def again(self) -> None:
        """Ask from the cursor."""
        query = {"after": self.cursor} | ({"wait": self.wait} if self.wait else {})
        self.poll("?" + urlencode(query), {"Prefer": self.prefer} if self.prefer else {})


class ConditionalPoll(ShortPoll):
    """Says what it has as an entity tag."""

    def again(self) -> None:
        """Ask for what is new."""
        self.poll("", {"If-None-Match": f'"{self.cursor}"'})


class LongPoll(ShortPoll):
    """Lets the server wait."""

    wait = "5"


class PreferPoll(ShortPoll):
    """Lets the server wait, in RFC 7240's words."""

    prefer = "wait=5"


class EventStream(Reader):
    """Server-sent events."""

    def __init__(
        self, url: str, channel: str, after: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        query = "" if after is None else "?" + urlencode({"after": after})
        self.connection = self.stream = Stream(url, f"{channel}/stream{query}", headers)
        assert self.stream.status == 200, self.stream.rest()
        while "id" not in (first := self.stream.block()):
            assert "data" not in first, "the first block should say where the stream begins"
        assert "data" not in first, first
        self.cursor = first["id"]

    def next(self) -> Item:
        """What comes next."""
        block = self.stream.block()
        while "data" not in block:  # a comment, or how long to wait before a reconnection
            block = self.stream.block()
        kind = {"message": "event"}.get(name := block.get("event", "message"), name)
        item = self.stream.data(block)
        self.cursor = item["id"] if kind == "event" else item["cursor"]
        assert self.cursor == block["id"]
        return kind, item


class WebSocketReader(Reader):
    """Frames."""

    def __init__(
        self, url: str, channel: str, after: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        query = "" if after is None else "?" + urlencode({"after": after})
        self.connection = self.socket = Socket(url, f"{channel}/socket{query}", headers)
        opened = self.socket.message()
        assert set(opened) == {"type", "cursor"}
        assert opened["type"] == "open"
        self.cursor = opened["cursor"]

    def next(self) -> Item:
        """What comes next."""
        item = self.socket.message()
        kind = item.pop("type")
        self.cursor = item["id"] if kind == "event" else item["cursor"]
        return kind, item


READERS: dict[str, type[Reader]] = {
    "short": ShortPoll,
    "conditional": ConditionalPoll,
    "long": LongPoll,
    "prefer": PreferPoll,
    "sse": EventStream,
    "websocket": WebSocketReader,
}
