"""Socket.IO in Python, both ends: a python-socketio server on a lab's own Tornado, and its client.

service = SocketIO()
lab.extend(service)                     # at /socket.io/, beside the channels, so behind the same tap
with SocketIOClient(lab.url) as client:
    service.publish("news", {"n": 1})
    client.wait_for(1)
    client.order({"n": 2})              # with an acknowledgement
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

from rtlab.errors import Missing, Unavailable
from rtlab.server.app import Extension, Server

log = logging.getLogger("rtlab.libraries")  # of both ends: what they warn of is what is shown here
log.addHandler(logging.NullHandler())
SECONDS = 20.0  # that anything may take
LOST = ("transport close", "transport error", "ping timeout")  # reasons of a disconnection that nobody wanted
AGAIN = 0.1  # seconds before the client tries again; Socket.IO's own default is 1, then longer and longer


def _library() -> Any:
    try:
        import socketio
    except ImportError:
        raise Missing("python-socketio", "lab") from None
    return socketio


class SocketIO:
    """The server, as something that an rtlab server serves besides.

    `heartbeat`: seconds from one ping to the next; `patience`: seconds that a pong may take. Socket.IO's own defaults.
    """

    def __init__(self, heartbeat: float = 25.0, patience: float = 20.0) -> None:
        library = _library()
        self.server: Any = library.AsyncServer(
            async_mode="tornado",
            ping_interval=heartbeat,
            ping_timeout=patience,
            logger=log,
            engineio_logger=log,
        )
        self.server.on("order", lambda _sid, data: {"accepted": data})
        self.running = False
        self.routes: Sequence[Any] = [(r"/socket\.io/", library.get_tornado_handler(self.server), {})]

    async def start(self, server: Server) -> None:
        """Know the loop, for `publish` is called from other threads."""
        self._loop, self.running = asyncio.get_running_loop(), True

    async def stop(self) -> None:
        """End its own tasks; the server closes the connections."""
        self.running = False
        await self.server.shutdown()

    def publish(self, event: str, *data: Any) -> None:
        """Send each of the data as an event of that name to all who are connected now, and to nobody later."""

        async def emit() -> None:
            for each in data:
                await self.server.emit(event, each)

        asyncio.run_coroutine_threadsafe(emit(), self._loop).result(SECONDS)


class Extensible(Protocol):
    """What is used here of a `Lab`."""

    def extend(self, extension: Extension) -> None:
        """Serve something besides."""
        ...


_services: weakref.WeakKeyDictionary[Extensible, SocketIO] = weakref.WeakKeyDictionary()


def service_of(lab: Extensible, heartbeat: float = 25.0) -> SocketIO:
    """The lab's own Socket.IO server, which begins with the first call; from then on with this heartbeat."""
    service = _services.get(lab)
    if service is None or not service.running:  # the lab's server was restarted
        service = _services[lab] = SocketIO(heartbeat)
        lab.extend(service)
    service.server.eio.ping_interval = heartbeat
    return service


class Polls(HTTPAdapter):
    """Plain HTTP that knows its sockets, so that a poll can be broken off while the server holds it."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        """As in requests, with our kind of connection in the pool."""
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = partial(_Noted, sockets=self._sockets)
        return pool

    def break_off(self) -> None:
        """End every connection now."""
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class _Noted(HTTPConnection):
    def __init__(self, *args: Any, sockets: list[socket.socket], **options: Any) -> None:
        super().__init__(*args, **options)
        self._sockets = sockets

    def connect(self) -> None:
        super().connect()
        self._sockets.append(self.sock)


class SocketIOClient:
    """The client, connected until the block ends. Its data of the event `news` are in `got`.

    `transports`: `["polling"]` or `["websocket"]` alone; None: polling first, and the upgrade.
    """

    def __init__(self, url: str, transports: list[str] | None = None) -> None:
        self.url, self.transports = url, transports
        self.got: list[Any] = []
        self.connects = 0  # the first and every later one
        self._changed = threading.Condition()
        self._may_return = threading.Event()
        self._may_return.set()
        self._http = requests.Session()
        self._http.trust_env = False  # no proxy to this machine itself
        # Whatever else is installed: requests offers what it finds.
        self._http.headers["Accept-Encoding"] = "gzip, deflate"
        self._polls = Polls()
        self._http.mount("http://", self._polls)
        self._client: Any = _library().Client(
            reconnection_delay=AGAIN,
            reconnection_delay_max=AGAIN,
            randomization_factor=0,
            http_session=self._http,
            timestamp_requests=False,  # against caches, of which there are none here; and bytes would differ
            logger=log,
            engineio_logger=log,
        )
        self._client.on("connect", self._connected)
        self._client.on("disconnect", self._disconnected)
        self._client.on("news", self._take)

    def __enter__(self) -> SocketIOClient:
        self._client.connect(self.url, transports=self.transports)
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()

    def _connected(self) -> None:
        with self._changed:
            self.connects += 1
            self._changed.notify_all()

    def _disconnected(self, reason: str) -> None:
        """Called before the client tries again, or waits for its threads, so both wait for us."""
        engine = self._client.eio
        if reason not in LOST:
            if engine.write_loop_task is not None:
                engine.write_loop_task.join(
                    SECONDS
                )  # goodbye is said, but the server answers no poll that it holds
            self._polls.break_off()
            return
        if engine.ws is not None:
            engine.ws.shutdown()  # or its socket would be left to the garbage collector
        self._may_return.wait(SECONDS)

    def _take(self, data: Any) -> None:
        with self._changed:
            self.got.append(data)
            self._changed.notify_all()

    @property
    def transport(self) -> str:
        """What carries it now: `polling` or `websocket`."""
        return str(self._client.transport())

    def order(self, data: Any) -> Any:
        """Send the event `order` and wait for its acknowledgement; what the server's handler returned."""
        return self._client.call("order", data, timeout=SECONDS)

    def stay_away(self) -> None:
        """Do not come back from the next loss of the connection before `come_back`: a laptop that sleeps."""
        self._may_return.clear()

    def come_back(self) -> None:
        """Connect again, as the client does by itself; returns when it has."""
        before = self.connects
        self._may_return.set()
        self.wait(lambda: self.connects > before, "the client does not come back")

    def wait_for(self, number: int) -> None:
        """Wait until so many events have come. Raises Unavailable."""
        self.wait(lambda: len(self.got) >= number, f"there are not {number} events")

    def wait(self, holds: Callable[[], bool], otherwise: str) -> None:
        """Wait until something holds of what the client has. Raises Unavailable with `otherwise`."""
        with self._changed:
            if not self._changed.wait_for(holds, SECONDS):
                raise Unavailable(f"{otherwise} after {SECONDS:g} s")

    def close(self) -> None:
        """Disconnect, and let its threads end."""
        self._may_return.set()
        engine = self._client.eio
        threads = [thread for thread in (engine.read_loop_task, engine.write_loop_task) if thread is not None]
        self._client.disconnect()
        for thread in threads:
            thread.join(SECONDS)  # it may be in the middle of a request
        self._http.close()
