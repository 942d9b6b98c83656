"""A server beside a notebook's kernel: in a thread with a loop of its own, so that a busy cell does not stop it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from rtlab.errors import RtlabError
from rtlab.server.app import Server

T = TypeVar("T")


class ServerThread:
    """Runs a `Server` (same arguments) in a daemon thread from construction until `close()`.

    What goes wrong at the start is raised here, not lost in the thread.
    """

    START_SECONDS = 10.0
    STOP_SECONDS = 5.0

    def __init__(self, *args: Any, **options: Any) -> None:
        self.server = Server(*args, **options)
        self._loop = asyncio.new_event_loop()
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="rtlab server", daemon=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.server.start(), self._loop).result(self.START_SECONDS)
        except BaseException:
            self.close()
            raise

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._finish_tasks())
        self._loop.close()

    async def _finish_tasks(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        """Where the server listens."""
        return self.server.url

    def call(self, function: Callable[..., T], *args: Any) -> T:
        """Run a function on the server's loop and return what it returns; raises what it raises."""

        async def run() -> T:
            return function(*args)

        return self.run(run())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """As `call`, for a coroutine."""
        if not self._thread.is_alive():
            work.close()
            raise RtlabError("the server has been closed: make a new one")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(self.START_SECONDS)

    def close(self) -> None:
        """Stop gracefully, within 5 s; safe to call again and from any thread."""
        with self._closing:
            if not self._thread.is_alive():
                return
            stopping = asyncio.run_coroutine_threadsafe(self.server.stop(grace=1.0), self._loop)
            try:
                stopping.result(self.STOP_SECONDS)
            finally:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join(self.STOP_SECONDS)
