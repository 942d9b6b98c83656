"""A client that says exactly the bytes a test gives it, and is strict with what comes back."""

from __future__ import annotations

import json
import select
import socket
import ssl
import time
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from typing_extensions import Self

SECONDS = 20.0  # that any read may take


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; header names in lower case, a repeated header joined by commas."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def problem(self, status: int) -> str:
        """The detail of a problem document, after a check that it is a whole one of this status."""
        assert self.status == status, (self.status, self.body)
        return check_problem(self.headers, self.body, status)


def check_problem(headers: Any, body: bytes, status: int) -> str:
    """RFC 9457: type, title, status and detail; about:blank has the status's own phrase as its title."""
    assert headers["content-type"].partition(";")[0] == "application/problem+json"
    return check_document(json.loads(body), status)


def check_document(document: dict[str, Any], status: int) -> str:
    """The detail of a problem document, after the same check."""
    assert document.get("type", "about:blank") == "about:blank"
    assert document["status"] == status
    assert document["title"]
    detail: str = document["detail"]
    assert len(detail) > 10, "the detail should say what was wrong, and what would be right"
    assert "Traceback" not in detail
    return detail


class Connection:
    """A TCP connection to the server of a URL, whose path stands before every target."""

    seconds: ClassVar[float] = SECONDS  # that any answer may take
    token: ClassVar[str | None] = None  # that every request shows
    tls: ClassVar[ssl.SSLContext | None] = None  # for https, if not the system's own authorities

    def __init__(self, url: str, receive_bytes: int | None = None) -> None:
        self.url, self.receive_bytes = url, receive_bytes
        parts = urlsplit(url)
        self.host, self.base = parts.netloc, parts.path.rstrip("/")
        self.socket = self.connect()
        self.file = self.socket.makefile("rb")

    def connect(self) -> socket.socket:
        """Connect to the server."""
        parts = urlsplit(self.url)
        place = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        family, kind, protocol, _, address = socket.getaddrinfo(*place, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        try:
            if self.receive_bytes is not None:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_bytes)
            made.settimeout(self.seconds)
            made.connect(address)
            if parts.scheme == "https":
                made = (self.tls or ssl.create_default_context()).wrap_socket(
                    made, server_hostname=parts.hostname
                )
        except OSError:
            made.close()
            raise
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self.file.close()
        self.socket.close()

    def send(self, data: bytes | str) -> None:
        """Send these bytes."""
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def head(self, method: str, target: str, headers: dict[str, str], version: str = "1.1") -> str:
        """The bytes of a request's head."""
        lines = [f"{method} {self.base if target.startswith('/') else ''}{target} HTTP/{version}"]
        if "Host" not in headers:
            lines.append(f"Host: {self.host}")
        lines += [f"{name}: {value}" for name, value in self.shown(headers).items()]
        return "\r\n".join([*lines, "", ""])

    def shown(self, headers: dict[str, str]) -> dict[str, str]:
        """These headers, and the token."""
        if self.token is None or "Authorization" in headers:
            return headers
        return {"Authorization": f"Bearer {self.token}", **headers}

    def ask(
        self, target: str, method: str = "GET", headers: dict[str, str] | None = None, version: str = "1.1"
    ) -> None:
        """Send a request without a body."""
        self.send(self.head(method, target, headers or {}, version))

    def get(self, target: str, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
        """Send a request without a body, read the answer."""
        self.ask(target, method, headers)
        return self.answer(method)

    def post(self, target: str, body: bytes | str, headers: dict[str, str] | None = None) -> Answer:
        """Publish a body as it is."""
        data = body.encode() if isinstance(body, str) else body
        given = {"Content-Type": "application/json", "Content-Length": str(len(data)), **(headers or {})}
        self.send(self.head("POST", target, given).encode("latin-1") + data)
        return self.answer("POST")

    def publish(self, channel: str, data: object) -> str:
        """Publish an event that has to be taken; its id."""
        answer = self.post(channel + "/events", json.dumps(data))
        assert answer.status == 201, (answer.status, answer.body)
        identity: str = answer.json()["id"]
        return identity

    def answer_head(self) -> tuple[int, str, dict[str, str]]:
        """Read status, reason and headers."""
        version, status, reason = self.line().split(" ", 2)
        assert version == "HTTP/1.1"
        headers: dict[str, str] = {}
        while line := self.line():
            name, _, value = line.partition(":")
            name = name.lower()
            headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
        return int(status), reason, headers

    def answer(self, method: str = "GET") -> Answer:
        """Read one whole answer."""
        status, reason, headers = self.answer_head()
        return Answer(status, reason, headers, self._body(method, status, headers))

    def _body(self, method: str, status: int, headers: dict[str, str]) -> bytes:
        if method == "HEAD" or status in (204, 304) or status < 200:
            return b""
        if headers.get("transfer-encoding") == "chunked":
            return b"".join(iter(self.chunk, b""))
        if "content-length" in headers:
            return self.read(int(headers["content-length"]))
        return self.rest()

    def chunk(self) -> bytes:
        """Read one chunk of a body; the last one is empty."""
        data = self.read(int(self.line().partition(";")[0], 16))
        assert self.read(2) == b"\r\n"
        return data

    def line(self) -> str:
        """Read a line of a head."""
        line = self.file.readline()
        assert line.endswith(b"\r\n"), f"the connection ended in {line!r}"
        return line[:-2].decode("latin-1")

    def read(self, size: int) -> bytes:
        """Read so many bytes."""
        data = self.file.read(size)
        assert len(data) == size, "the connection ended too early"
        return data

    def rest(self) -> bytes:
        """Everything up to the end of the connection, also if that is a reset."""
        data = bytearray()
        try:
            while part := self.file.read1():
                data += part
        except ConnectionResetError:
            pass
        return bytes(data)

    def first_line(self) -> bytes:
        """What comes up to the first end of line, or up to the end of the connection."""
        try:
            return self.file.readline()
        except ConnectionResetError:
            return b""

    def send_until_answered(self, piece: bytes) -> None:
        """Send a piece of a body again and again until something comes: slowly at first, for many judge by the head."""
        deadline, patience = time.monotonic() + self.seconds, 1.0
        while not select.select([self.socket], [], [], patience)[0]:
            assert time.monotonic() < deadline, "all is taken, and nothing is answered"
            try:
                self.send(piece)
            except OSError:  # it hangs up; what it said before may still be there to be read
                return
            patience /= 2

    def silent(self, seconds: float) -> bool:
        """Whether nothing comes for so long."""
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(1)  # and if something comes, the test is over
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(self.seconds)
        return False

    def ended(self) -> bool:
        """Whether the server hangs up and says nothing more before."""
        return self.rest() == b""


class Persistent(Connection):
    """Connects again when an answer said that it was the connection's last, as an ordinary client does."""

    last = False

    def send(self, data: bytes | str) -> None:
        """Send these bytes."""
        if self.last:
            self.close()
            self.socket, self.last = self.connect(), False
            self.file = self.socket.makefile("rb")
        super().send(data)

    def answer_head(self) -> tuple[int, str, dict[str, str]]:
        """Read status, reason and headers."""
        status, reason, headers = super().answer_head()
        self.last = headers.get("connection", "").lower() == "close"
        return status, reason, headers
