"""What can go wrong, as one small tree.

RtlabError
├── BadInput            somebody gave what cannot be used: says what was wrong and what would be right
│   ├── InvalidCursor   a cursor that cannot be parsed
│   ├── InvalidName     a channel name outside ``[A-Za-z0-9._-]{1,64}``
│   ├── InvalidData     data that JSON cannot carry (NaN, a lone surrogate, an unknown type)
│   └── InvalidField    a field of a form that cannot be used; carries its name
├── LimitExceeded       a limit was crossed; carries its name and value
├── KeyReused           an idempotency key came back with another body
├── ProtocolError       the peer broke a protocol; carries the close code
│   └── LocalProtocolError  our own side was about to
├── Refused             a request is refused; carries the HTTP status and headers
│   └── HandshakeError  a WebSocket handshake was refused
├── ServerError         a server answered what a reader cannot go on from; carries the status
├── Unavailable         no answer that can be used, for now; carries how long to wait, if the server said so
├── PortInUse           the port asked for is taken
└── Missing             an optional part is not installed; carries the remedy
"""


class RtlabError(Exception):
    """The root: catch this to catch everything that rtlab raises on purpose."""


class BadInput(RtlabError, ValueError):
    """A value that cannot be used; the message says what would be right."""


class InvalidCursor(BadInput):
    """A cursor that cannot be parsed. One that is well formed but of another log is a gap, not an error."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(
            f"{text[:80]!r} is not a cursor: give start, last, now, "
            "or an id that the server sent, such as 3f9ac2d1.17"
        )


class InvalidName(BadInput):
    """A channel name that is not made of 1 to 64 letters, digits, dots, dashes and underscores."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"{name[:80]!r} is not a channel name: use 1 to 64 of the characters "
            "A-Z a-z 0-9 . _ -, for example room-1"
        )


class InvalidData(BadInput):
    """Data that JSON cannot carry."""


class InvalidField(BadInput):
    """What somebody filled in cannot be used; `field` is the field that the sentence belongs to."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


class LimitExceeded(RtlabError):
    """A limit was crossed: `limit` is its name as an option, `value` what it is set to."""

    def __init__(self, limit: str, value: float, message: str) -> None:
        self.limit, self.value = limit, value
        super().__init__(message)


class KeyReused(RtlabError):
    """An idempotency key that stands for an earlier event came back with other data."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"the idempotency key {key[:80]!r} was used for an event with other data: choose a new key"
        )


class ProtocolError(RtlabError):
    """The peer broke the WebSocket protocol; `close_code` is what RFC 6455 section 7.4.1 has for it."""

    def __init__(self, close_code: int, reason: str) -> None:
        self.close_code, self.reason = close_code, reason
        super().__init__(f"{reason} (close code {int(close_code)})")


class LocalProtocolError(ProtocolError):
    """Our own side was about to break the protocol; nothing was sent."""


class Refused(RtlabError):
    """A request that is refused: the HTTP `status` that says so, and the `headers` that go with it."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        self.status, self.detail, self.headers = status, detail, headers or {}
        super().__init__(f"{detail} (status {status})")


class HandshakeError(Refused):
    """A WebSocket handshake that fails."""


class ServerError(RtlabError):
    """A server answered what a reader cannot go on from; `status` is its HTTP status or close code."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class Unavailable(RtlabError):
    """No answer that can be used, for now: nobody listens, the connection was lost, or the server asks to wait.

    `retry_after`: seconds that the server asks for (RFC 9110 §10.2.3), 0 if it does not. Another attempt makes sense.
    """

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class PortInUse(RtlabError):
    """The port asked for is taken by another program."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        super().__init__(
            f"port {port} on {host} is in use: choose another with --port, or --port 0 for any free one"
        )


class Missing(RtlabError):
    """An optional part is not installed; the message says how to get it: by an extra of ours, or by a `remedy`."""

    def __init__(self, what: str, extra: str = "", remedy: str = "") -> None:
        self.what, self.extra = what, extra
        self.remedy = remedy or f"pip install 'rtlab[{extra}]' (or `make venv` in a checkout)"
        super().__init__(f"{what} is not installed: {self.remedy}")
