"""A Tornado application that a cell defines, on a free port, in a thread beside the kernel."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from typing import Any, ClassVar

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from rtlab.errors import RtlabError

LOGGERS = ("tornado.application", "tornado.general", "tornado.access")
SECONDS = 10.0  # that starting and stopping may take


class Hosted:
    """Serves `routes` at `url` until `close()`; one of the same name takes its place.

    `http`: arguments of Tornado's `HTTPServer`; `settings` go to its `Application`. `errors` has what the handlers
    raised: a thread must not write into a notebook's cell.
    """

    _by_name: ClassVar[dict[str, Hosted]] = {}

    def __init__(
        self,
        routes: Sequence[tuple[str, type[RequestHandler]]],
        name: str = "hosted",
        *,
        http: dict[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        if (before := self._by_name.get(name)) is not None:
            before.close()
        self._lines: list[str] = []
        self.errors: list[BaseException] = []
        self._application = Application(list(routes), log_function=self._note, **settings)
        (self._socket,) = bind_sockets(0, "127.0.0.1")
        self.port: int = self._socket.getsockname()[1]
        self._http, self._ready = http or {}, threading.Event()
        self._closing = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name=f"rtlab {name}", daemon=True)
        for logger in LOGGERS:
            logging.getLogger(logger).addFilter(self._take)
        self._thread.start()
        if not self._ready.wait(SECONDS):
            raise RtlabError("the server does not start: restart the kernel")
        self._by_name[name] = self

    def __repr__(self) -> str:
        return f"a server at {self.url}"

    @property
    def url(self) -> str:
        """Where it listens; also the origin of its own pages."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        """What its own pages' requests have in `Host`."""
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> list[str]:
        """The access log, a line for each answer that a client can have by now: method, URL, status."""
        if not self._loop.is_closed():  # who has an answer may be quicker than the line about it
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop).result(SECONDS)
        return list(self._lines)

    def close(self) -> None:
        """Hang up on everybody and stop; safe to call again."""
        with self._closing:
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._stop.set)
                self._thread.join(SECONDS)
                for logger in LOGGERS:
                    logging.getLogger(logger).removeFilter(self._take)

    @classmethod
    def close_all(cls) -> None:
        """Close every one that was not closed yet."""
        while cls._by_name:
            cls._by_name.popitem()[1].close()

    def __enter__(self) -> Hosted:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = HTTPServer(self._application, **self._http)
        server.add_socket(self._socket)
        self._ready.set()
        await self._stop.wait()
        server.stop()
        await server.close_all_connections()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _note(self, handler: RequestHandler) -> None:
        self._lines.append(f"{handler.request.method} {handler.request.uri} {handler.get_status()}")

    def _take(self, record: logging.LogRecord) -> bool:
        """Keep what our own thread would log, and let the rest pass."""
        if record.thread != self._thread.ident:
            return True
        if record.exc_info and record.exc_info[1] is not None:
            self.errors.append(record.exc_info[1])
        return False
