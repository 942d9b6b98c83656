"""The heads of requests: how long one may take to arrive, and what Tornado leaves to us of RFC 9110 and 9112."""

from __future__ import annotations

import re
import time
from typing import Any, cast

from tornado.httputil import HTTPInputError, HTTPMessageDelegate, HTTPServerRequest, RequestStartLine
from tornado.iostream import IOStream
from tornado.web import Application, RequestHandler


class AwaitedHeads:
    """Connections of which a head is awaited, and by when it has to be whole; who is late is hung up on.

    The first has `seconds` from the connection's acceptance on, TLS's handshake included. Those that follow have as
    long from their first byte on: before it the connection is only idle. `sweep` every quarter of that time.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._due: dict[IOStream, float | None] = {}  # None: nothing of it has come yet

    def __len__(self) -> int:
        return len(self._due)

    def accepted(self, stream: IOStream) -> None:
        """A connection is new."""
        self._due[stream] = time.monotonic() + self.seconds

    def awaited(self, stream: IOStream) -> None:
        """The next head may come, some time."""
        self._due.setdefault(stream, None)

    def done(self, stream: IOStream) -> None:
        """The head is there, or the connection is gone."""
        self._due.pop(stream, None)

    def sweep(self) -> None:
        """Hang up on who is late."""
        now = time.monotonic()
        for stream, due in list(self._due.items()):
            if due is None:
                if stream._read_buffer_size:  # Tornado has no public word for it
                    self._due[stream] = now + self.seconds
            elif now > due:
                stream.close()


class Site(Application):
    """Tornado's application, which sees each head first as it came."""

    heads: AwaitedHeads

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        """Who answers a request. Raises HTTPInputError for one that nobody may."""
        connection: Any = request.connection
        self.heads.done(connection.stream)
        request = _understood(request)
        if "close" in _tokens(request, "Connection"):  # Tornado knows it only where it stands alone
            last_answer(request)
        found = cast(Any, super().find_handler(request, **kwargs))
        if "Expect" in request.headers and not implements(found.handler_class, request.method):
            # What its head is enough to refuse is refused before its body.
            found.stream_request_body = True
            last_answer(request)
        return cast(HTTPMessageDelegate, found)


def implements(handler: type[RequestHandler], method: str | None) -> bool:
    """Whether a resource has a method."""
    missing = RequestHandler._unimplemented_method
    return getattr(handler, (method or "").lower(), missing) is not missing


def last_answer(request: HTTPServerRequest) -> None:
    """Have the answer say that the connection ends with it (RFC 9112 §9.6)."""
    connection: Any = request.connection
    connection._disconnect_on_finish = True  # as Tornado does itself for `Connection: close`


def _understood(request: HTTPServerRequest) -> HTTPServerRequest:
    headers = request.headers
    if request.version == "HTTP/1.0" and "Transfer-Encoding" in headers:
        # RFC 9112 §6.1: HTTP/1.0 has no such thing; who passed it on may have seen its end elsewhere.
        raise HTTPInputError("Transfer-Encoding in HTTP/1.0")
    if "100-continue" in _tokens(request, "Expect"):
        headers["Expect"] = (
            "100-continue"  # RFC 9110 §10.1.1: in any case of its letters, but not for Tornado
        )
    scheme, colons, rest = (request.uri or "").partition("://")
    if not colons or scheme.lower() not in ("http", "https"):
        return request
    # RFC 9112 §3.2.2: the absolute form, as for a proxy, has to be taken, and its host counts, not `Host`.
    authority = re.split("[/?]", rest, maxsplit=1)[0]
    target = rest[len(authority) :]
    headers["Host"] = authority
    line = RequestStartLine(
        request.method or "", target if target.startswith("/") else f"/{target}", request.version
    )
    return HTTPServerRequest(start_line=line, headers=headers, connection=request.connection)


def _tokens(request: HTTPServerRequest, name: str) -> list[str]:
    text = request.headers.get(name)
    return [] if text is None else [token.strip().lower() for token in text.split(",")]
