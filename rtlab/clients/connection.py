"""HTTP as a reader needs it: `requests` over one counted connection, and a failure told in one of two ways.

`Unavailable` is worth another attempt; `ServerError` is not.
"""

import email.utils
import errno
import http.client
import ssl
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError

from rtlab.clients.channel import Channel
from rtlab.clients.line import CountedSocket, Line
from rtlab.clients.reader import Stats
from rtlab.errors import BadInput, ServerError, Unavailable
from rtlab.protocol.problem import Problem

# Too many requests, bad gateway, unavailable, gateway timeout: the same request may succeed later (RFC 9110, RFC 6585).
LATER = {429, 502, 503, 504}
LONGEST_WAIT = 7 * 86_400.0  # seconds that a server may ask us to wait
PIECE = 4096  # bytes of a long chunk that are taken at a time, for whole events in it not to wait for its end
TROUBLE = (requests.RequestException, HTTPError, OSError)


class WholeHead(http.client.HTTPResponse):
    """An answer whose head has its end. Python takes one that was cut for a whole one with fewer headers."""

    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        self._counted: CountedSocket = sock
        super().__init__(sock, *args, **options)

    def begin(self) -> None:
        """Read the head. Raises ConnectionResetError where it stops in the middle."""
        super().begin()
        if self._counted.ended:
            raise ConnectionResetError(errno.ECONNRESET, "Connection cut in the head of an answer")


class PlainConnection(HTTPConnection):
    """urllib3's connection on our socket."""

    response_class = WholeHead

    def __init__(self, *args: Any, line: Line, **options: Any) -> None:
        super().__init__(*args, **options)
        self.line = line

    def _new_conn(self) -> Any:
        try:
            return self.line.connect(self._dns_host, self.port)
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error


class TLSConnection(PlainConnection, HTTPSConnection):
    """The same with TLS."""

    def connect(self) -> None:
        """Connect. Raises OSError, also where the reader was closed in the meantime."""
        try:
            super().connect()
            self.line.watch(self.sock)
        except BaseException:
            self.line.close()  # ssl leaves a socket open that was shut down before its handshake
            raise


class CountedAdapter(HTTPAdapter):
    """Plugs our connections into requests."""

    def __init__(self, line: Line) -> None:
        self.line = line
        super().__init__(pool_connections=1, pool_maxsize=1)

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        """As in requests, with our kind of connection in the pool."""
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        secure = isinstance(pool, urllib3.HTTPSConnectionPool)
        if secure and pool.conn_kw.get("ssl_context") is None:
            pool.conn_kw["ssl_context"] = self.line.tls
        pool.ConnectionCls = partial(TLSConnection if secure else PlainConnection, line=self.line)
        return pool


class Connection:
    """Requests to one server over one connection that is kept alive (or, if asked, closed after each answer)."""

    def __init__(
        self,
        channel: Channel,
        stats: Stats,
        keep_alive: bool = True,
        cacert: str | Path | None = None,
        token: str | None = None,
    ) -> None:
        self.channel, self.stats = channel, stats
        self.line = Line(stats, cacert)
        self.session = requests.Session()
        self.session.auth = Shown(token)
        self.session.trust_env = (
            not channel.is_loopback
        )  # a proxy of the environment cannot reach our loopback
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, CountedAdapter(self.line))
        if not keep_alive:
            self.session.headers["Connection"] = "close"

    def request(
        self, method: str, resource: str, deadline: float | None, *, stream: bool = False, **options: Any
    ) -> requests.Response:
        """Ask for a resource of the channel; the answer is good (2xx or 304), and whole unless it is a `stream`.

        Raises Unavailable (also at the deadline) and ServerError.
        """
        self.line.deadline = deadline
        self.stats.requests += 1
        url = self.channel.http(resource)
        try:
            answer = self.session.request(method, url, allow_redirects=False, stream=stream, **options)
            if answer.status_code < 300 or answer.status_code == 304:
                return answer
            body = answer.content
        except TROUBLE as error:
            raise lost(self.channel, error) from error
        answer.close()
        raise refusal(answer.status_code, answer.reason, body, answer.headers, url)

    def receive(self, body: "Body", deadline: float | None) -> bytes | None:
        """The next bytes of an answer that goes on and on; None at the deadline. Raises Unavailable at its end."""
        self.line.deadline = deadline
        try:
            return body.next() if self.line.readable() else None
        except StopIteration:
            raise Unavailable(f"{self.channel.authority} ended the stream") from None
        except TROUBLE as error:
            raise lost(self.channel, error) from error

    def close(self) -> None:
        """Close what is open; for a thread that is in the middle of a request there is `line.hang_up`."""
        self.session.close()


def bearer(token: str | None) -> dict[str, str]:
    """The header that shows a token (RFC 6750 §2.1). Raises BadInput for one that no header can carry."""
    if token is None:
        return {}
    if not (token.isascii() and token.isprintable() and token and " " not in token):
        raise BadInput("the token has characters that no header carries: use the one that the server gave")
    return {"Authorization": f"Bearer {token}"}


class Shown(requests.auth.AuthBase):
    """Puts the token into each request. As the session's `auth`: else requests puts a password of ~/.netrc there."""

    def __init__(self, token: str | None) -> None:
        self._header = bearer(token)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the token, if there is one."""
        request.headers.update(self._header)
        return request


class Body:
    """The body of an answer that does not end, as it arrives."""

    def __init__(self, answer: requests.Response) -> None:
        self._answer = answer
        raw = answer.raw
        self._pieces = raw.read_chunked(PIECE) if raw.chunked else iter(partial(raw.read1, PIECE), b"")

    def next(self) -> bytes:
        """The next piece. Raises StopIteration at the end."""
        return next(self._pieces)

    def close(self) -> None:
        """Hang up: the only way to end such an answer."""
        self._answer.close()


def lost(channel: Channel, error: BaseException) -> Unavailable:
    """What to say when the connection failed: the first cause, without the layers that it came through."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    what = (
        error.strerror
        if isinstance(error, OSError) and error.strerror
        else str(error) or type(error).__name__
    )
    if isinstance(error, ConnectionRefusedError):
        what += ". Is the server running? `rtlab serve` starts one"
    if isinstance(error, ssl.SSLCertVerificationError):
        what += ". If you trust this server, give the file of its authority: cacert=FILE, or --cacert FILE"
    return Unavailable(f"no answer from {channel.authority}: {what}")


def refusal(
    status: int, reason: str, body: bytes, headers: Mapping[str, str], url: str
) -> Unavailable | ServerError:
    """The error for an answer that is none: its problem document in one sentence, and what was asked."""
    if status // 100 == 3 and "Location" in headers:
        return ServerError(status, f"the channel has moved: use the one at {headers['Location']}")
    try:
        problem = Problem.from_json(body, status)
    except BadInput:  # not from our server
        problem = Problem(status, reason, "")
    message = f"{status} {problem.title or reason}: {problem.detail or 'no reason given'} ({url})"
    if status in LATER:
        return Unavailable(message, retry_after(headers.get("Retry-After", "")))
    return ServerError(status, message)


def retry_after(value: str) -> float:
    """The seconds that a `Retry-After` asks for, be it seconds or a date (RFC 9110 §10.2.3); 0 if it has neither.

    At most `LONGEST_WAIT`: no clock waits for as many years as a header has room for.
    """
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_WAIT)
    try:
        left = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        return min(max(0.0, left), LONGEST_WAIT)
    except (ValueError, OverflowError):
        return 0.0
