"""What the readers of one page cost, counted where it cannot be wrong: at the server's socket.

A page sees neither heads nor chunk sizes, comments or pings. So it names itself in the query of each request
(`?page=ID`), and may ask afterwards how many requests and bytes that made. Whoever does not name itself is not
counted, and pays nothing for it.
"""

from __future__ import annotations

import re
import secrets
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tornado.httputil import HTTPServerRequest
from tornado.iostream import IOStream

if TYPE_CHECKING:
    from rtlab.server.handler import Handler

PAGE = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


@dataclass
class Tally:
    """What one page has cost so far."""

    requests: int = 0
    bytes_up: int = 0
    bytes_down: int = 0


class Line:
    """One connection that a page has used: whose request it carries now."""

    def __init__(self, stream: IOStream) -> None:
        self.tally: Tally | None = None
        self.frames = False  # after a handshake all that arrives belongs to it
        write, read = stream.write_to_fd, stream.read_from_fd

        def write_to_fd(data: memoryview) -> int:
            written = write(data)
            if self.tally is not None:
                self.tally.bytes_down += written
            return written

        def read_from_fd(buffer: bytearray | memoryview) -> int | None:
            size = read(buffer)
            if self.frames and self.tally is not None:
                self.tally.bytes_up += size or 0
            return size

        # On this connection only: the write path of all others stays as short as it is.
        vars(stream).update(write_to_fd=write_to_fd, read_from_fd=read_from_fd)


class Meter:
    """Counts for the pages that ask for it, the last `PAGES` of them."""

    PAGES = 1000

    def __init__(self) -> None:
        self.since = secrets.token_hex(4)  # another one in another process, whose counts begin at 0
        self._tallies: OrderedDict[str, Tally] = OrderedDict()
        self._lines: weakref.WeakKeyDictionary[IOStream, Line] = weakref.WeakKeyDictionary()

    def tally(self, page: str) -> Tally:
        """What a page has cost; nothing, if it is not known (any more)."""
        return self._tallies.get(page, Tally())

    def asked(self, handler: Handler) -> None:
        """A request begins: what its connection carries from here on is its page's, until the next one begins."""
        page = handler.get_query_argument("page", "")
        line = self._lines.get(handler.iostream)
        if line is not None:
            line.tally = None
        if not PAGE.fullmatch(page):
            return
        if line is None:
            line = self._lines[handler.iostream] = Line(handler.iostream)
        line.tally = tally = self._tallies.pop(page, None) or Tally()
        self._tallies[page] = tally
        if len(self._tallies) > self.PAGES:
            self._tallies.popitem(last=False)
        tally.requests += 1
        tally.bytes_up += request_size(handler.request)

    def upgraded(self, handler: Handler) -> None:
        """The connection carries frames from here on."""
        if (line := self._lines.get(handler.iostream)) is not None:
            line.frames = True


def request_size(request: HTTPServerRequest) -> int:
    """The bytes of a request, from what is known of it: exact for heads as browsers write them (RFC 9112 §5)."""
    start = f"{request.method} {request.uri} {request.version}\r\n"
    fields: list[tuple[str, Any]] = list(request.headers.get_all())
    head = start + "".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n"
    length = request.headers.get("Content-Length", "0")
    return len(head.encode("latin-1", "replace")) + (int(length) if length.isdigit() else 0)
