"""A client that says exactly the bytes a test gives it, and is strict with what comes back."""

from __future__ import annotations

import json
import re
import select
import socket
import ssl
import time
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from rtlab.protocol.frames import Frame, FrameParser, Opcode, encode
from rtlab.protocol.handshake import accept_value, client_request

if TYPE_CHECKING:
    from typing_extensions import Self

SECONDS = 20.0  # that any read may take
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 section 1.3


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


class Stream(Connection):
    """One open event stream, as blocks of text."""

    def __init__(
        self,
        url: str,
        target: str,
        headers: dict[str, str] | None = None,
        version: str = "1.1",
        receive_bytes: int | None = None,
    ) -> None:
        super().__init__(url, receive_bytes)
        self.ask(target, headers=headers, version=version)
        self.status, _, self.headers = self.answer_head()
        self.buffer = b""
        self.chunked = self.headers.get("transfer-encoding") == "chunked"

    def block(self) -> dict[str, str]:
        """The fields of the next block; a comment has the field name "", several lines of data are joined."""
        while not (found := re.match(rb"\n*(:[^\n]*\n|.*?\n\n)", self.buffer, re.DOTALL)):
            part = self.chunk() if self.chunked else self.file.read1()
            assert part, "the stream ended"
            self.buffer = (self.buffer + part).replace(b"\r\n", b"\n")
        self.buffer = self.buffer[found.end() :]
        text = found[1].rstrip(b"\n")
        fields: dict[str, str] = {}
        for line in text.decode().split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value
        return fields

    def data(self, block: dict[str, str]) -> dict[str, Any]:
        """A block's data."""
        data: dict[str, Any] = json.loads(block["data"])
        return data


class Socket(Connection):
    """One open WebSocket, as frames."""

    def __init__(
        self,
        url: str,
        target: str,
        headers: dict[str, str] | None = None,
        receive_bytes: int | None = None,
    ) -> None:
        super().__init__(url, receive_bytes)
        self.send(client_request(self.host, self.base + target, KEY, headers=self.shown(headers or {})))
        status, _, answer = self.answer_head()
        assert status == 101, status
        assert answer["sec-websocket-accept"] == accept_value(KEY)
        self.parser = FrameParser(expect_mask=False)
        self.frames: list[Frame] = []

    def frame(self) -> Frame:
        """The next frame."""
        while not self.frames:
            data = self.file.read1()
            assert data, "the connection ended"
            self.frames += self.parser.receive_data(data)
        return self.frames.pop(0)

    def message(self) -> dict[str, Any]:
        """The next message's JSON; pings before it are answered."""
        parts: list[bytes] = []
        while True:
            frame = self.frame()
            if frame.opcode is Opcode.PING:
                self.say(Opcode.PONG, frame.payload)
                continue
            assert frame.opcode is (Opcode.CONTINUATION if parts else Opcode.TEXT), frame
            parts.append(frame.payload)
            if frame.fin:
                document: dict[str, Any] = json.loads(b"".join(parts))
                return document

    def close_code(self) -> tuple[int, str]:
        """The code and reason of a close frame, which must be next and last."""
        frame = self.frame()
        assert frame.opcode is Opcode.CLOSE, frame
        return int.from_bytes(frame.payload[:2], "big"), frame.payload[2:].decode()

    def say(self, opcode: Opcode, payload: bytes = b"", fin: bool = True, rsv: int = 0) -> None:
        """Send one masked frame."""
        self.send(encode(Frame(opcode, payload, fin, rsv, mask=b"\x01\x02\x03\x04")))

    def tell(self, message: Any) -> None:
        """Send a text message of JSON."""
        self.say(Opcode.TEXT, (message if isinstance(message, str) else json.dumps(message)).encode())
