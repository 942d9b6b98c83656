"""Notifications: a page with a service worker, and the application server that sends to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tornado.web import HTTPError, RequestHandler

from rtlab.errors import BadInput, ServerError, Unavailable
from rtlab.event import read_json
from rtlab.push.application import ApplicationServer, Sent
from rtlab.push.headers import Urgency, read_topic
from rtlab.push.subscriptions import Target
from rtlab.server.handler import Handler
from rtlab.server.pages import FILE, FileHandler

if TYPE_CHECKING:
    from rtlab.server.app import Server

HERE = Path(__file__).parent
SHARED = HERE.parent / "page"  # the look of all applications' pages


class Notify:
    """The page at `/apps/notify/` and its application server, an extension beside a `PushService`.

    `send` reaches every browser that has subscribed; from any thread but the server's.
    """

    def __init__(self, sender: ApplicationServer | None = None) -> None:
        self.sender = sender or ApplicationServer()
        self._sending = threading.Lock()
        ours = {"notify": self}
        self.routes: Sequence[tuple[str, type[RequestHandler], dict[str, Any]]] = [
            (r"/apps/notify/key", KeyHandler, ours),
            (r"/apps/notify/subscriptions", SubscriptionsHandler, ours),
            (r"/apps/notify/send", SendHandler, ours),
            (rf"/apps/notify/({FILE})?", FileHandler, {"folder": HERE}),
            (r"/apps/([a-zA-Z]+\.[a-z]+)", FileHandler, {"folder": SHARED}),
            (rf"/apps/vendor/({FILE})", FileHandler, {"folder": SHARED / "vendor"}),
        ]

    async def start(self, server: Server) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """Close the connections to push services."""
        self.sender.close()

    def send(self, text: str, **options: Any) -> dict[str, Sent | ServerError | Unavailable]:
        """As `ApplicationServer.send_to_all`, to all who subscribed; `text`: plain, or JSON with `title` and `body`."""
        with self._sending:
            return self.sender.send_to_all(text, **options)


class NotifyHandler(Handler):
    """The base of the application server's own handlers."""

    def initialize(self, server: Server, notify: Notify) -> None:  # type: ignore[override]
        """Tornado's constructor."""
        super().initialize(server)
        self.notify = notify

    def read(self) -> dict[str, Any]:
        """The body: a JSON object. Raises BadInput."""
        if self.request.headers.get("Content-Type", "").partition(";")[0] != "application/json":
            raise HTTPError(415, "send application/json")
        given = read_json(self.request.body)
        if not isinstance(given, dict):
            raise BadInput("send a JSON object")
        return given


class KeyHandler(NotifyHandler):
    """`/apps/notify/key`: the public key that a browser names when it subscribes."""

    def get(self) -> None:
        """Answer with it."""
        self.finish({"key": self.notify.sender.public_key})


class SubscriptionsHandler(NotifyHandler):
    """`/apps/notify/subscriptions`: a browser hands over its subscription."""

    def post(self) -> None:
        """Keep it. Only those of this server's own push service are taken: it shall not be made to call others."""
        target = Target.parse(self.read())
        path, _, name = target.endpoint.rpartition("/")
        if not path.endswith("/push/p"):
            raise BadInput("this page's application server sends to its own push service only")
        # The browser may reach us through a proxy, under a name that means nothing here.
        self.notify.sender.subscriptions.add(target._replace(endpoint=f"{self.server.url}/push/p/{name}"))
        self.set_status(201)


class SendHandler(NotifyHandler):
    """`/apps/notify/send`: send one message to everybody."""

    async def post(self) -> None:
        """Send; what became of each is a sentence."""
        given = self.read()
        text, ttl = str(given.get("text", "")), given.get("ttl", 60)
        if not isinstance(ttl, int) or ttl < 0:
            raise BadInput("ttl: give whole seconds, 0 or more")
        options = {
            "ttl": ttl,
            "urgency": Urgency.parse(str(given.get("urgency", "normal"))).text,
            "topic": read_topic(str(given["topic"])) if given.get("topic") else None,
        }
        # In a thread, for the push service that it waits for is in this one.
        results = await asyncio.to_thread(self.notify.send, text, **options)
        self.finish({"results": [describe(result) for result in results.values()]})


def describe(result: Sent | ServerError | Unavailable) -> str:
    """What became of a message, for people."""
    if isinstance(result, Sent):
        return f"{result.status}: the push service has it, for {result.ttl} s at most"
    return str(result)
