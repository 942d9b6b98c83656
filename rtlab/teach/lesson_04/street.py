"""The street outside the handler of exercise 04.3: clients that are slow, come in crowds, or leave without a word."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from rtlab.teach.outcome import Wrong, show

PATIENCE = 2.5  # seconds in which an answer comes that need not wait
WATCHED = 0.3  # seconds for which a held request is watched
LOOKS = 6  # at the list of events while a request is held, above which it is a loop
LONG = 60  # seconds of a hold that nobody waits out


class Channel:
    """What the handler is given: `events`, and `waiters` that a publish completes."""

    def __init__(self) -> None:
        self.looks = 0
        self.waiters: set[asyncio.Future[None]] = set()
        self._events: list[Any] = []

    @property
    def events(self) -> list[Any]:
        """All events; each look is counted."""
        self.looks += 1
        return self._events

    def publish(self, data: Any) -> None:
        """Append an event and wake all who wait."""
        self._events.append(data)
        waiters, self.waiters = self.waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


class Client:
    """One client, on a connection of its own that it keeps."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, after: int, wait: float, slowly: Callable[[], None] | None = None) -> None:
        """Send a request; `slowly`: in two halves, and in between this is called."""
        head = f"GET /events?after={after}&wait={wait:g} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        if slowly:
            self._writer.write(head[:20])
            await asyncio.sleep(0.02)
            slowly()
            head = head[20:]
        self._writer.write(head)
        await self._writer.drain()

    async def answer(self, did: str, advice: str = "") -> dict[str, Any]:
        """Wait for the answer and read it. Raises `Wrong` when none comes, or another one than was asked for."""
        try:
            head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), PATIENCE)
            length = re.search(rb"content-length: *(\d+)", head, re.I)
            body = await self._reader.readexactly(int(length[1]) if length else 0)
        except asyncio.TimeoutError:
            wanted = "an answer as soon as there is news, or when the hold ends"
            raise Wrong(did, f"no answer for {PATIENCE:g} s", wanted, advice) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Wrong(did, "a connection that was closed", "an answer", advice) from None
        status = head.split(b" ", 2)[1].decode()
        if status != "200":
            raise Wrong(did, f"status {status}", "`200`, also when the hold ends without news")
        try:
            document = json.loads(body)
        except ValueError:
            document = None
        if not isinstance(document, dict) or not {"events", "cursor"} <= document.keys():
            raise Wrong(did, show(body), "a JSON object with `events` and `cursor`")
        return document

    @property
    def answered(self) -> bool:
        """Whether anything has arrived."""
        return bool(getattr(self._reader, "_buffer", b"")) or self._reader.at_eof()

    def leave(self) -> None:
        """Go without a word."""
        self._writer.close()


class Street:
    """A server with the handler, and its clients."""

    def __init__(self, handler: type[RequestHandler]) -> None:
        self.channel = Channel()
        self._server = HTTPServer(Application([("/events", handler, {"channel": self.channel})]))
        (socket,) = bind_sockets(0, "127.0.0.1")
        self._port = socket.getsockname()[1]
        self._server.add_socket(socket)
        self._clients: list[Client] = []

    async def client(self) -> Client:
        """Return a new client, connected."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self._port))
        self._clients.append(client)
        return client

    async def close(self) -> None:
        """Send everybody home."""
        for client in self._clients:
            client.leave()
        self._server.stop()
        await self._server.close_all_connections()


@asynccontextmanager
async def _street(handler: type[RequestHandler]) -> AsyncIterator[Street]:
    street = Street(handler)
    try:
        yield street
    finally:
        await street.close()


async def check_handler(handler: type[RequestHandler]) -> None:
    """Let every scene happen on a server of its own, the plainest first."""
    for scene in (_held, _crowd, _in_between, _already_there, _nothing, _left):
        async with _street(handler) as street:
            await scene(street)


async def _held(street: Street) -> None:
    did = "asked when there was nothing, and published an event 0.3 s later"
    client = await street.client()
    await client.ask(0, LONG)
    await asyncio.sleep(0.1)  # by now it is held
    looks = street.channel.looks
    await asyncio.sleep(WATCHED)
    looks = street.channel.looks - looks
    if client.answered:
        raise Wrong(did, "an answer before the event", "no answer while there is no news and the hold lasts")
    if looks > LOOKS:
        raise Wrong(
            did,
            f"a handler that looked at `channel.events` {looks} times in {WATCHED:g} s while nothing happened",
            "a handler that does nothing until it is woken",
            "That is polling again, inside the server: with ten thousand held requests it is all that it does.",
        )
    street.channel.publish("news")
    advice = "A publish completes the futures in `channel.waiters`: was yours among them?"
    _expect(did, await client.answer(did, advice), ["news"], 1)


async def _crowd(street: Street) -> None:
    did = "let three clients wait, and published one event"
    clients = [await street.client() for _ in range(3)]
    for client in clients:
        await client.ask(0, LONG)
    await asyncio.sleep(0.1)
    street.channel.publish("news")
    for client in clients:
        _expect(did, await client.answer(did, "One event answers everybody who waits."), ["news"], 1)


async def _in_between(street: Street) -> None:
    did = "answered a slow client, published two events before its next request was there"
    client = await street.client()
    await client.ask(0, LONG)
    await asyncio.sleep(0.05)
    street.channel.publish("first")
    cursor = (await client.answer(did))["cursor"]

    def meanwhile() -> None:
        street.channel.publish("second")
        street.channel.publish("third")

    await client.ask(cursor, LONG, slowly=meanwhile)
    advice = (
        "Events came between the answer and the next request. `after` says what the client has: all behind it is news, "
        "and what is there already need not be waited for."
    )
    _expect(did, await client.answer(did, advice), ["second", "third"], 3, advice)


async def _already_there(street: Street) -> None:
    did = f"published two events, then asked after place 0 with `wait={LONG}`"
    street.channel.publish("one")
    street.channel.publish("two")
    client = await street.client()
    await client.ask(0, LONG)
    _expect(
        did, await client.answer(did, "What is already in the log need not be waited for."), ["one", "two"], 2
    )


async def _nothing(street: Street) -> None:
    did = "asked with `wait=0.2`, and published nothing"
    client = await street.client()
    await client.ask(0, 0.2)
    _expect(did, await client.answer(did, "The hold has an end."), [], 0)
    await _let_go(street, did, "Its request was answered and its future is still in `waiters`: take it out.")


async def _left(street: Street) -> None:
    did = "let a client ask, and leave while its request was held"
    client = await street.client()
    await client.ask(0, LONG)
    await asyncio.sleep(0.1)
    client.leave()
    advice = f"The client is gone for good, and would be waited for until the hold of {LONG} s ends."
    await _let_go(street, did, advice)


async def _let_go(street: Street, did: str, advice: str) -> None:
    """Wait until nobody is waited for."""
    for _ in range(int(PATIENCE / 0.02)):
        if not street.channel.waiters:
            return
        await asyncio.sleep(0.02)
    raise Wrong(did, f"{len(street.channel.waiters)} still in `waiters`", "none", advice)


def _expect(did: str, document: dict[str, Any], events: list[str], cursor: int, advice: str = "") -> None:
    """Raise `Wrong` unless the answer holds these events and this place."""
    if document["events"] != events:
        raise Wrong(
            did, show(document["events"]), "each event after the place that was asked for, in order", advice
        )
    if document["cursor"] != cursor:
        raise Wrong(did, f"the cursor {show(document['cursor'])}", "how many events there are in all")
