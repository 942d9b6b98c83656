"""What all handlers share: who may ask, where a reader is in the log, and how an error is told."""

from __future__ import annotations

import http.client
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tornado.iostream import IOStream
from tornado.web import HTTPError, RequestHandler

from rtlab.errors import BadInput, InvalidField, KeyReused, LimitExceeded, Refused, RtlabError, Unavailable
from rtlab.protocol.problem import CONTENT_TYPE, Problem
from rtlab.server.access import EVERYTHING, Grant
from rtlab.server.fanout import Channel
from rtlab.server.heads import implements
from rtlab.server.limits import STATUS, is_loopback

if TYPE_CHECKING:
    from rtlab.server.app import Server

PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}  # RFC 9110's; the library has older ones
METHODS = ("GET", "HEAD", "POST", "DELETE", "OPTIONS")
ASK_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Prefer"
TELL_HEADERS = "ETag, Location, Preference-Applied, Retry-After"


class Handler(RequestHandler):
    """The base of every handler: checks `Host` and `Origin`, finds the channel, tells problems."""

    _granted: Grant | None = None

    def initialize(self, server: Server) -> None:
        """Tornado's constructor: `server` is the one that the handler belongs to."""
        self.server = server

    def set_default_headers(self) -> None:
        """No version numbers of what we are built on, no guessing of content types."""
        self.set_header("Server", "rtlab")
        self.set_header("X-Content-Type-Options", "nosniff")

    def prepare(self) -> None:
        """Refuse a stranger's `Host` or `Origin`, and more connections than the limits allow."""
        self.server.meter.asked(self)
        self._share()
        self._check_host()
        self._check_origin()
        self._check_size()
        if self.request.headers.get("Expect", "100-continue") != "100-continue":
            raise HTTPError(417, "Expect may say 100-continue, and nothing else")  # RFC 9110 §10.1.1
        if self.server.stopping:
            raise HTTPError(503, "the server stops: try again in a moment, in case it comes back")
        if (excess := self.server.admission.excess.get(self.iostream)) is not None:
            raise excess

    @property
    def iostream(self) -> IOStream:
        """The connection, below HTTP."""
        stream: IOStream = self.request.connection.stream  # type: ignore[union-attr]
        return stream

    @property
    def address(self) -> str:
        """The peer's IP address."""
        return self.request.remote_ip or ""

    def _check_host(self) -> None:
        # A page of evil.example can make its own name point at 127.0.0.1 (DNS rebinding): only `Host` tells.
        host = self.request.host_name.strip("[]")
        if not (is_loopback(host) or host in self.server.allow_hosts or self.server.behind_proxy):
            raise HTTPError(
                403, f"this server does not answer to the name {host!r}: allow it with --allow-host {host}"
            )

    def _check_origin(self) -> None:
        origin = self.request.headers.get("Origin")
        if origin is not None and origin not in (*self._own_origins(), *self.server.allow_origins):
            raise HTTPError(
                403, f"pages of {origin} may not use this server: allow them with --allow-origin {origin}"
            )

    def _check_size(self) -> None:
        limit, uri = self.server.limits.header_bytes, self.request.uri or ""
        if len(uri) > limit:
            raise HTTPError(414, f"the URL has {len(uri)} bytes: ask with at most {limit}")
        size = len(uri) + sum(len(name) + len(value) + 4 for name, value in self.request.headers.get_all())
        if size > limit:
            message = (
                f"the request's head has {size} bytes: send at most {limit}, and fewer or shorter cookies"
            )
            raise LimitExceeded("header_bytes", limit, message)

    def _share(self) -> None:
        """Let a page of a listed origin read the answer, also one that is a problem (CORS: Fetch, §3.2)."""
        if self.server.allow_origins:
            self.set_header("Vary", "Origin")
        if (origin := self.request.headers.get("Origin")) in self.server.allow_origins:
            self.set_header("Access-Control-Allow-Origin", origin)
            self.set_header(
                "Access-Control-Allow-Credentials", "true"
            )  # a proxy before us may want its cookies
            self.set_header("Access-Control-Expose-Headers", TELL_HEADERS)

    def _own_origins(self) -> tuple[str, ...]:
        host = self.request.host
        if self.server.behind_proxy:  # which may have taken the TLS off
            return f"http://{host}", f"https://{host}"
        return (f"{self.request.protocol}://{host}",)

    def options(self, *_path: str) -> None:
        """What may be asked here; for a listed origin also the answer to CORS's preflight (Fetch, §3.2)."""
        self.set_header("Allow", self.allowed())
        if "Access-Control-Request-Method" in self.request.headers:
            self.set_header("Access-Control-Allow-Methods", self.allowed())
            self.set_header("Access-Control-Allow-Headers", ASK_HEADERS)
            self.set_header("Access-Control-Max-Age", "600")
        self.set_status(204)

    def allowed(self) -> str:
        """The methods that this resource has, as `Allow` lists them (RFC 9110 §10.2.1)."""
        return ", ".join(method for method in METHODS if implements(type(self), method))

    def head(self, *path: str) -> Any:
        """The head of what GET would answer (RFC 9110 §9.3.2); Tornado leaves the body out."""
        get: Any = self.get
        return get(*path)

    def compute_etag(self) -> None:
        """No tags but the cursors of polling."""

    def channel(self, name: str) -> Channel:
        """The channel that the path names. Raises Refused for who may not read it, or publish to it."""
        self.grant().check("publish" if self.request.method == "POST" else "read", name)
        return self.server.channels.find(name)

    def grant(self) -> Grant:
        """What the client may do, by the token that it shows, which is verified once. Raises Refused."""
        if self._granted is None:
            self._granted = self._judge()
        return self._granted

    def _judge(self) -> Grant:
        ticket = self.get_query_argument("ticket", None)
        if ticket is not None and self.server.tickets is not None:
            return self.server.tickets.redeem(ticket)
        return self.by_token()

    def by_token(self) -> Grant:
        """What the client may do by a token of its own: a ticket is for one connection to a channel. Raises Refused."""
        return self.bearer(self.get_query_argument("access_token", None))

    def bearer(self, otherwise: str | None = None) -> Grant:
        """What the client may do by the token in its head, or by another one. Raises Refused."""
        if self.server.access is None:
            return EVERYTHING
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        return self.server.access.grant(token.strip() if scheme.lower() == "bearer" else otherwise)

    def asked_cursor(self) -> str:
        """Where the reader says it is: `Last-Event-ID`, else `after`, else the cursor in `If-None-Match`, else now."""
        headers = self.request.headers
        etag = re.fullmatch(r'\s*(?:W/)?"([^"]*)"\s*', headers.get("If-None-Match", ""))
        after = self.get_query_argument("after", etag[1] if etag else "now")
        return headers.get("Last-Event-ID") or after

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an exception with a problem document (RFC 9457) that says what was wrong and what would be right."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        document, headers = describe(error, status_code)
        if document.status == 405:
            headers["Allow"] = self.allowed()
            document = replace(
                document, detail=f"{self.request.method} cannot be asked here: use {self.allowed()}"
            )
        self._share()  # once more: Tornado has cleared the headers that were set so far
        self.set_status(document.status, document.title)
        for name, value in headers.items():
            self.set_header(name, value)
        self.set_header("Content-Type", CONTENT_TYPE)
        self.finish(document.to_json())

    def log_exception(self, *exc_info: Any) -> None:
        """What we refuse on purpose is no news; anything else goes to the log with its traceback."""
        if not isinstance(exc_info[1], RtlabError | HTTPError):
            super().log_exception(*exc_info)


def describe(error: BaseException | None, status: int = 500) -> tuple[Problem, dict[str, str]]:
    """The problem document for an error, and the headers that go with its status."""
    headers: dict[str, str] = {}
    detail = str(error)
    if isinstance(error, Refused):
        status, detail, headers = error.status, error.detail, dict(error.headers)
    elif isinstance(error, LimitExceeded):
        status, again = STATUS[error.limit]
        if again is not None:
            headers["Retry-After"] = str(again)
        if error.limit.startswith("connections"):
            headers["Connection"] = "close"
        return problem(status, detail, {"limit": error.limit, "value": error.value}), headers
    elif isinstance(error, InvalidField):
        return problem(400, detail, {"field": error.field}), headers
    elif isinstance(error, KeyReused):
        status = 422
    elif isinstance(error, Unavailable):
        status = 503
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    elif isinstance(error, BadInput):
        status = 400
    elif isinstance(error, HTTPError):
        status, detail = error.status_code, error.get_message() or ""
        if status == 503:
            headers["Retry-After"] = "1"
    else:
        detail = "the server made a mistake; its log says which" if status == 500 else ""
    return problem(status, detail), headers


def problem(status: int, detail: str, extra: dict[str, Any] | None = None) -> Problem:
    """A problem document whose title is the status's own phrase."""
    return Problem(
        status, PHRASES.get(status) or http.client.responses.get(status, ""), detail, extra=extra or {}
    )


class NotFound(Handler):
    """Any path that the contract does not have."""

    def prepare(self) -> None:
        """Say which paths there are."""
        super().prepare()
        raise HTTPError(
            404, f"there is nothing at {self.request.path}: channels are at /channels/NAME/events"
        )
