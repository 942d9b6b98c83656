"""The laboratory of one notebook: a server, a tap before it, and the pictures of what crossed between.

lab = Lab()
lab.network(delay=0.040)
lab.publish("news", {"headline": "hello"})
with LongPolling(lab.channel("news"), after="start") as reader:
    ...
lab.space_time()
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from rtlab.apps.app import App
from rtlab.apps.catalogue import find
from rtlab.apps.embedded import Embedded
from rtlab.apps.site import Applications
from rtlab.apps.sources import SOURCES, Source
from rtlab.brokers import broker_at, open_broker
from rtlab.browser import behind_proxy, browser_url
from rtlab.errors import BadInput, InvalidName, Missing, RtlabError
from rtlab.event import NAME, Event
from rtlab.server.app import Extension
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread
from rtlab.wire.exchange import messages
from rtlab.wire.message import Message
from rtlab.wire.record import Counts
from rtlab.wire.tap import Tap

if TYPE_CHECKING:
    from rtlab.view.picture import Picture
    from rtlab.wire.middlebox import Middlebox

ORDER = ("short", "adaptive", "long", "sse", "websocket")  # of the lanes in a picture
# Whose pages show a lab's pages in a frame: JupyterLab on this machine, on any port; a notebook in VS Code.
NOTEBOOKS = ("http://127.0.0.1:*", "http://localhost:*", "vscode-webview:", "vscode-file:")
APPENDS_KEPT = 100_000  # events whose time of append is remembered


class Wire:
    """What crossed between the clients and the server since the last `clear()`."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self._known: dict[int, Message] = {}  # of each connection the last message before `clear()`
        self.since = time.monotonic_ns()

    @property
    def messages(self) -> list[Message]:
        """Requests, answers, stream events and frames, in the order in which they left."""
        return messages(self._tap.record, before=self._known.values())

    @property
    def counts(self) -> Counts:
        """Bytes each way, and connections; exact."""
        return self._tap.counts

    def clear(self) -> None:
        """Begin a new record; open connections stay open, and it is not forgotten what they carry."""
        self._known |= {m.connection: replace(m, head=b"", body=b"") for m in self.messages if m.technique}
        self._tap.clear()
        self.since = time.monotonic_ns()


class Lab:
    """A server and a tap on free ports of 127.0.0.1. A new Lab takes the place of the one before.

    `delay`: one-way seconds that the tap adds in each direction. `limits`, `hint` and other options go to the
    server. `broker`: the address of one (or `embedded-redis`, `embedded-kafka`: the lab starts one), for the
    server to keep its logs in. It closes by itself when Python ends.
    """

    _current: Lab | None = None
    _replacing = threading.Lock()

    def __init__(
        self,
        delay: float = 0.0,
        *,
        limits: Limits | None = None,
        broker: str | None = None,
        **server_options: Any,
    ) -> None:
        with Lab._replacing:
            if Lab._current is not None:
                Lab._current.close()
            self._appends: OrderedDict[str, int] = OrderedDict()
            self._channel_of: dict[str, str] = {}
            self._sources: list[Source] = []
            self._apps: dict[str, Callable[[], App]] = {}
            self._options: dict[str, Any] = {
                "limits": limits,
                "behind_proxy": behind_proxy(),
                "frame_ancestors": NOTEBOOKS,
                **server_options,
            }
            self._things = ExitStack()  # what the lab has besides: its own broker
            self._broker = self._things.enter_context(broker_at(broker)) if broker else None
            try:
                self._server = self._new_server()
            except BaseException:
                self._things.close()
                raise
            try:
                self._tap = Tap(("127.0.0.1", self._server.server.port), delay=delay).start()
            except BaseException:
                self._server.close()
                self._things.close()
                raise
            self.wire = Wire(self._tap)
            Lab._current = self
            atexit.register(self.close)

    def __repr__(self) -> str:
        return f"Lab({self._tap.delay:g} s each way)"

    def _new_server(self, port: int = 0, **options: Any) -> ServerThread:
        broker = open_broker(self._broker) if self._broker else None
        return ServerThread(port=port, on_append=self._noted, broker=broker, **self._options | options)

    def _noted(self, channel: str, event: Event) -> None:
        """Note the moment of an append (called on the server's loop)."""
        self._appends[event.id] = time.monotonic_ns()
        self._channel_of[event.id] = channel
        if len(self._appends) > APPENDS_KEPT:
            oldest, _ = self._appends.popitem(last=False)
            del self._channel_of[oldest]

    @property
    def url(self) -> str:
        """The server as clients reach it: through the tap."""
        host, port = self._tap.address
        return f"http://{host}:{port}"

    @property
    def server_url(self) -> str:
        """The server itself, past the tap: what goes there is not recorded or delayed."""
        return self._server.url

    @property
    def server(self) -> ServerThread:
        """The server's own thread, for who wants to look inside; another one after `restart_server`."""
        return self._server

    def channel(self, name: str) -> str:
        """The URL of a channel, for readers and publishers. Raises InvalidName."""
        if not NAME.fullmatch(name):
            raise InvalidName(name)
        return f"{self.url}/channels/{name}"

    def publish(self, name: str, data: Any, key: str | None = None) -> str:
        """Append an event to a channel, at the server itself; its id. Raises as `Log.append`."""

        async def append() -> Event:
            return (await self._server.server.channels.find(name).append(data, key))[0]

        return self._server.run(append()).id

    def network(self, delay: float) -> None:
        """Set the one-way delay of each direction, in seconds, for what leaves from now on."""
        self._tap.delay = delay

    def middleboxes(self, *boxes: Middlebox) -> None:
        """Put these on the path of connections to come, the first nearest to the clients; none: an open path again."""
        self._tap.middleboxes = boxes

    def cut(self) -> None:
        """Break every connection between clients and server, once: readers come back by themselves."""
        self._tap.cut()

    @property
    def broker(self) -> str | None:
        """The address of the broker that keeps the logs; None: they are in the server's memory."""
        return self._broker

    @property
    def appends(self) -> dict[str, int]:
        """When the server appended each event: id → monotonic ns."""
        return dict(self._appends)

    def appended(self, channel: str, since: int = 0) -> dict[str, int]:
        """When the server appended each event of one channel: id → monotonic ns, from `since` on."""
        return {
            id: at
            for id, at in self._appends.copy().items()
            if at >= since and self._channel_of.get(id) == channel
        }

    def source(
        self, name: str = "machine", channel: str | None = None, rate: float = 1.0, **options: Any
    ) -> Source:
        """Begin to publish: `machine` (this machine's metrics) or `random`, on the channel of that name.

        `rate`: events a second. See `Source` for the options. The lab closes it.
        """
        if name not in SOURCES:
            raise BadInput(f"{name!r} is not a source: there are {', '.join(SOURCES)}")
        target = channel or name
        source = Source(lambda data: self.publish(target, data), SOURCES[name](), rate, **options)
        self._sources.append(source)
        return source

    def app(
        self, app: str | type[App], *, height: int = 640, recorded: bool = True, **query: str
    ) -> Embedded:
        """Serve an application: one of ours by its name, or your own class. The result shows itself in a cell.

        `query` goes into the page's address: `by="sse"`. `height` in pixels. Through the tap unless `recorded` is
        False. Raises BadInput for a name that is none.
        """
        make = find(app) if isinstance(app, str) else app
        made = make()
        if made.name not in self._apps:
            self._apps[made.name] = make
            self.extend(Applications([made]))
        path = f"/apps/{made.name}/" + (f"?{urlencode(query)}" if query else "")
        return Embedded(self.browser_url(path, recorded=recorded), made.title, height)

    def extend(self, extension: Extension) -> None:
        """Serve something beside the channels, behind the same tap, until the server is restarted."""
        self._server.run(self._server.server.extend(extension))

    def restart_server(self) -> None:
        """Stop the server and start another on the same port: logs in memory begin anew, with another epoch."""
        port = self._server.server.port
        self._server.close()
        applications = Applications([make() for make in self._apps.values()])
        extensions = [*self._options.get("extensions", ()), applications]
        self._server = self._new_server(port, extensions=extensions)

    def browser_url(self, path: str = "/", *, recorded: bool = True) -> str:
        """The URL for a browser, also behind JupyterHub; through the tap unless `recorded` is False."""
        return browser_url(self._tap.address[1] if recorded else self._server.server.port, path)

    def space_time(
        self,
        channel: str | None = None,
        *,
        title: str | None = None,
        names: Mapping[str, str] | None = None,
        dark: bool = False,
    ) -> Picture:
        """Draw what crossed since the last `wire.clear()`: one lane for each technique, on one time axis.

        `channel`: only what concerns this one. `names`: what to write beside some events, by their ids, where
        otherwise all are numbered.
        """
        shown = [m for m in self.wire.messages if channel in (None, m.channel)]
        try:
            # Takes a second the first time, which is not in the picture.
            from rtlab.view.space_time import space_time
            from rtlab.view.strokes import Lane
        except ImportError:
            raise Missing("matplotlib", "lab") from None

        appends = {
            id: at
            for id, at in self._appends.copy().items()
            if at >= self.wire.since and channel in (None, self._channel_of[id])
        }
        lanes = [
            Lane(technique, of_lane, self._labels(of_lane, appends, names))
            for technique in ORDER
            if (of_lane := [m for m in shown if m.technique == technique])
        ]
        return space_time(lanes, appends, title=title, delay=self._tap.delay, dark=dark)

    def _labels(
        self, lane: list[Message], appends: dict[str, int], names: Mapping[str, str] | None
    ) -> dict[str, str]:
        """Number the events of the channels that a lane reads, or name them."""
        channels = {m.channel for m in lane}
        seen: Counter[str] = Counter()
        labels = {}
        for id in appends:
            name = self._channel_of[id]
            if name in channels:
                seen[name] += 1
                labels[id] = str(seen[name]) if names is None else names.get(id, "")
        return labels

    def close(self) -> None:
        """Close sources, tap and server; safe to call again, from any thread, and by itself at exit."""
        atexit.unregister(self.close)
        if Lab._current is self:
            Lab._current = None
        errors: list[RtlabError] = []
        for source in self._sources:
            try:
                source.close()
            except RtlabError as error:
                errors.append(error)
        self._sources.clear()
        self._tap.close()
        self._server.close()
        self._things.close()
        if errors:
            raise errors[0]

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()
