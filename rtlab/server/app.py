"""The server: its routes, and its life from start to a graceful stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ssl
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from tornado.ioloop import PeriodicCallback
from tornado.web import RequestHandler

from rtlab.broker import Broker
from rtlab.errors import BadInput, PortInUse
from rtlab.event import Event
from rtlab.server.access import Access
from rtlab.server.answers import Answers
from rtlab.server.connections import SPARE_FILES, CountedHTTPServer, allow_files, listen
from rtlab.server.fanout import Channels
from rtlab.server.handler import METHODS, Handler, NotFound
from rtlab.server.heads import AwaitedHeads, Site
from rtlab.server.limits import Admission, Limits
from rtlab.server.meter import Meter
from rtlab.server.metrics import ChannelsHandler, HealthHandler, MetricsHandler, counts
from rtlab.server.mirrors import Mirrors
from rtlab.server.pages import BROWSER, FILE, FileHandler
from rtlab.server.place import Place
from rtlab.server.polling import EventHandler, EventsHandler
from rtlab.server.reader import Reader
from rtlab.server.socket import SocketHandler
from rtlab.server.stream import StreamHandler
from rtlab.server.tickets import TicketsHandler, tickets_of

ROUTES: list[tuple[str, type[Handler], dict[str, Any]]] = [
    (r"/channels/([^/]+)/events", EventsHandler, {}),
    (r"/channels/([^/]+)/events/([^/]+)", EventHandler, {}),
    (r"/channels/([^/]+)/stream", StreamHandler, {}),
    (r"/channels/([^/]+)/socket", SocketHandler, {}),
    (r"/channels", ChannelsHandler, {}),
    (r"/tickets", TicketsHandler, {}),
    (r"/metrics", MetricsHandler, {}),
    (r"/healthz", HealthHandler, {}),
    (r"/", FileHandler, {}),
    (r"/(rtlab\.js)", FileHandler, {}),
    (rf"/rtlab/({FILE})", FileHandler, {"folder": BROWSER / "rtlab"}),
]

HEARD_OUT = 4  # times the allowed size: a head so large is still read, and refused in words


class Extension(Protocol):
    """What is served beside the channels, by the same process: an application, a push service.

    `routes` are as Tornado has them: a pattern, a handler, its arguments (a `Handler` gets `server` besides).
    """

    routes: Sequence[tuple[str, type[RequestHandler], dict[str, Any]]]

    async def start(self, server: Server) -> None:
        """Begin to work, once the server listens."""

    async def stop(self) -> None:
        """End all that was begun; the server calls it before it closes its connections."""


class Server:
    """One server process: channels in memory or of a broker's, every technique over them.

    `host`, `port`: where to listen (port 0: any free one, see `url`). `allow_origins`: pages of other
    origins that may use it, each exactly as the browser sends it. `frame_ancestors`: whose pages may show ours in a
    frame besides (as in CSP: `http://localhost:*`). `allow_hosts`: names other than
    loopback's that it answers to. `behind_proxy`: a proxy that knows who may pass stands before it, under a
    name and a scheme that only the proxy knows, as on JupyterHub. `hint`: seconds of `max-age` told to
    pollers. `on_append(channel, event)` is called at each append. `extensions`: what is served beside the channels.
    `broker`: who keeps the logs, so that several servers can share them; the server starts it and closes it.
    `place`: which process of a fleet it is; then it serves also while the broker is not there.
    `tls`: speak https and wss with it (see `tls`).
    `access`: who may read and publish, by their tokens; None: anybody who can connect.
    `deflate`: agree to permessage-deflate on a WebSocket whose client offers it (RFC 7692).
    """

    DISCARDED_BODY_BYTES = 64 << 20  # of a body over the limit that is read before it is refused

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits | None = None,
        *,
        allow_origins: Iterable[str] = (),
        allow_hosts: Iterable[str] = (),
        frame_ancestors: Iterable[str] = (),
        behind_proxy: bool = False,
        hint: int | None = None,
        on_append: Callable[[str, Event], None] | None = None,
        extensions: Sequence[Extension] = (),
        broker: Broker | None = None,
        place: Place | None = None,
        tls: ssl.SSLContext | None = None,
        access: Access | None = None,
        deflate: bool = True,
    ) -> None:
        if not 0 <= port <= 65535:
            raise BadInput(f"port {port}: give one from 1 to 65535, or 0 for any free one")
        self.host, self.port = host, port
        self.limits = limits or Limits()
        self.allow_origins = frozenset(allow_origins)
        self.allow_hosts = frozenset(name.lower() for name in (host, *allow_hosts) if name)
        self.frame_ancestors = tuple(frame_ancestors)
        self.behind_proxy = behind_proxy
        self.hint = hint
        self.broker, self.place = broker, place
        self.tls, self.access = tls, access
        self.tickets = None if access is None else tickets_of(access, place)
        self.deflate = deflate
        self.channels = (
            Mirrors(self.limits, broker, on_append) if broker else Channels(self.limits, on_append)
        )
        self.admission = Admission(self.limits)
        self.answers = Answers()
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.meter = Meter()
        self.extensions = list(extensions)
        self._started: list[Extension] = []
        self.stopping = False
        self._open: set[Reader] = set()
        self._http: CountedHTTPServer | None = None
        self._timers: list[PeriodicCallback] = []
        self._counts: asyncio.Server | None = None  # for the other processes of a fleet

    @property
    def url(self) -> str:
        """Where it listens, such as http://127.0.0.1:8765."""
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises PortInUse, BadInput for a host that is not this machine's, Unavailable for its broker."""
        if self.broker is not None:
            await self._start_broker(self.broker)
        try:
            self._listen()
        except BaseException:
            if self.broker is not None:
                await self.broker.close()
            raise
        for extension in self.extensions:
            self._started.append(extension)
            await extension.start(self)
        if self.place is not None:
            self._counts = await self.place.answer(lambda: counts(self))

    async def _start_broker(self, broker: Broker) -> None:
        try:
            if self.place is None:
                await broker.check()
            await broker.start()
        except BaseException:
            await broker.close()
            raise

    def _listen(self) -> None:
        try:
            sockets = listen(self.host, self.port) if self.place is None else self.place.sockets()
        except (OSError, UnicodeError) as error:
            if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                raise PortInUse(self.host, self.port) from None
            raise BadInput(f"cannot listen on {self.host}:{self.port}: {error}") from None
        self.port = sockets[0].getsockname()[1]
        self._application = application = Site(
            [route for extension in [None, *self.extensions] for route in self._routes(extension)],
            default_handler_class=NotFound,
            default_handler_args={"server": self},
            log_function=lambda handler: self.count(handler, handler.get_status()),
        )
        limits = self.limits
        application.heads = AwaitedHeads(limits.head_seconds)
        self._http = CountedHTTPServer(
            application,
            ssl_options=self.tls,
            max_header_size=HEARD_OUT * limits.header_bytes,
            max_body_size=limits.body_bytes,
            body_timeout=limits.body_seconds,
            idle_connection_timeout=limits.idle_seconds,
        )
        self._http.admission, self._http.heads = self.admission, application.heads
        files = allow_files(limits.connections + SPARE_FILES)
        self.admission.most = min(limits.connections, max(1, files - SPARE_FILES))
        self._http.add_sockets(sockets)
        self._every(limits.heartbeat, self._beat)
        self._every(limits.head_seconds / 4, application.heads.sweep)
        self._every(min(limits.expiry, 60.0), self.channels.expire)

    async def extend(self, extension: Extension) -> None:
        """Serve something besides, on a server that listens already."""
        self.extensions.append(extension)
        self._application.wildcard_router.add_rules(self._routes(extension))
        self._started.append(extension)
        await extension.start(self)

    def _routes(self, extension: Extension | None) -> list[Any]:
        """The paths of an extension; of the contract itself, which come first, so that nobody takes one of them."""
        routes = ROUTES if extension is None else extension.routes
        return [
            (path, handler, ({"server": self} if issubclass(handler, Handler) else {}) | arguments)
            for path, handler, arguments in routes
        ]

    def _every(self, seconds: float, call: Callable[[], None]) -> None:
        timer = PeriodicCallback(call, seconds * 1000)
        timer.start()
        self._timers.append(timer)

    def _beat(self) -> None:
        for reader in list(self._open):
            reader.beat(self.limits.missed_beats)

    @contextlib.contextmanager
    def reading(self, reader: Reader) -> Iterator[None]:
        """Let a reader have its channel's events for as long as the block lasts."""
        self._open.add(reader)
        reader.channel.enter(reader)
        if reader.stream.closed():  # while its request was being read: nobody will tell us again
            reader.leave()
        try:
            yield
        finally:
            self._open.discard(reader)
            reader.leave()

    def count(self, handler: RequestHandler, status: int) -> None:
        """Count an answered request."""
        # By the handler, not the path: each name that a client thinks of would be counted for ever.
        resource = type(handler).__name__.removesuffix("Handler").lower()
        method = handler.request.method if handler.request.method in METHODS else "other"
        self.requests[resource, method, status] += 1

    async def stop(self, grace: float = 2.0) -> None:
        """Stop gracefully: listen no more, end streams, answer held polls, close sockets with 1001; idempotent.

        What has not ended `grace` seconds later is cut.
        """
        if self._http is None:
            return
        http, self._http = self._http, None
        self.stopping = True
        http.stop()
        if self._counts is not None:
            self._counts.close()
        while self._started:
            await self._started.pop().stop()
        http.conn_params.no_keep_alive = True  # whoever asks now is told so, and to close
        for timer in self._timers:
            timer.stop()
        channels = list(self.channels.by_name.values())
        for channel in channels:
            channel.flush()
            channel.wake()
        for reader in list(self._open):
            reader.leave()
        deadline = asyncio.get_running_loop().time() + grace
        while self._open or any(channel.held for channel in channels):
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.005)
        for reader in list(self._open):
            reader.stream.close()
        await http.close_all_connections()
        self.channels.close()
        if self.broker is not None:
            await self.broker.close()
