"""Large answers to polls, shared: many polls that were held at one place get the same bytes, so one copy is enough.

Without it each of a thousand polls whose clients do not read would keep an answer of its own in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable

from tornado.web import RequestHandler


class Answers:
    """The large answers of the last moments, by what they say."""

    LARGE = 32 << 10  # bytes from which it is worth a write of its own
    SECONDS = 1.0  # that one is remembered for: those who were held together are answered together

    def __init__(self) -> None:
        self._bodies: dict[Hashable, bytes] = {}

    def finish(self, handler: RequestHandler, what: Hashable, size: int, body: Callable[[], bytes]) -> None:
        """Finish a handler with a body of about `size` bytes; all bodies that say the same `what` are made once."""
        if size < self.LARGE:
            handler.finish(body())
            return
        if what not in self._bodies:
            self._bodies[what] = body()
            asyncio.get_running_loop().call_later(self.SECONDS, self._bodies.pop, what)
        shared = self._bodies[what]
        # The head by itself, for Tornado would make one new string of both; then the body as it is.
        handler.set_header("Content-Length", str(len(shared)))
        handler.flush()
        handler.finish(shared)
