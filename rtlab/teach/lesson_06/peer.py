"""The server that a client of lesson 06 talks to: it answers as servers on a real network do, well and badly.

In pieces of any size, with the first frame close behind the head, with a refusal, or with half of an answer. It needs
no port and never makes anybody wait: where a real socket would wait for ever, it says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtlab.teach.outcome import Wrong, show

END = b"\r\n\r\n"
PATIENCE = 100  # how often a closed connection may be asked for more


class Peer:
    """The other end of a connection, with a socket's `sendall(data)` and `recv(size)`.

    When the request has ended it answers with `pieces(key)`, one for each `recv`; then it stays open, or closes.
    """

    def __init__(
        self, pieces: Callable[[str], list[bytes]], closes: bool = False, request: bytes = b""
    ) -> None:
        self.request = request
        self.complaint: Wrong | None = None
        self._answer, self._closes = pieces, closes
        self._pieces: list[bytes] | None = None
        self._in_vain = 0

    def sendall(self, data: bytes) -> None:
        """Take a part of the request."""
        self.request += memoryview(data)  # as a socket does, it refuses text

    def recv(self, size: int) -> bytes:
        """Give the next piece of the answer, at most `size` bytes; nothing when the server has closed."""
        if END not in self.request:
            self._complain(
                "a `recv` before the end of the request",
                "a blank line (CR LF twice) behind the request's last header, before the answer is read",
                "The server waits for the end of the head, the client for the answer: both would wait for ever.",
            )
        if self._pieces is None:
            self._pieces = self._answer(self.key)
        if self._pieces:
            piece, rest = self._pieces[0][:size], self._pieces[0][size:]
            self._pieces[:1] = [rest] if rest else []
            return piece
        self._in_vain += 1
        if not self._closes:
            self._complain(
                "one more `recv` when the whole head had been given",
                "no `recv` once the blank line is there",
                "The server now waits for your first frame: a real `recv` would wait for ever.",
            )
        if self._in_vain > PATIENCE:
            self._complain(
                f"more than {PATIENCE} times `recv` after the server had closed",
                "a `ConnectionError`",
                "`recv` returns `b''` when the other side has closed, at once and every time: a loop must look for it.",
            )
        return b""

    def settimeout(self, seconds: float | None) -> None:
        """Accept a time limit: nobody waits here."""

    def close(self) -> None:
        """Accept a close."""

    @property
    def key(self) -> str:
        """The key in the request; empty where there is none."""
        for line in self.request.decode("latin-1").split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "sec-websocket-key":
                return value.strip()
        return ""

    def _complain(self, got: str, wanted: str, advice: str) -> None:
        self.complaint = Wrong("played the server", got, wanted, advice)
        raise self.complaint


@dataclass(frozen=True)
class Scene:
    """How a server behaves, and what the client must make of it: the bytes behind the head, or a refusal (None)."""

    server: str
    pieces: Callable[[str], list[bytes]]
    behind: bytes | None
    advice: str
    closes: bool = False

    def play(self, client: Callable[[Peer], Any], request: bytes = b"") -> tuple[Any, Peer]:
        """Let a client talk to this server; return what it gave, or its ConnectionError, and the server's side.

        Raises `Wrong` when the client did what would make it wait for ever.
        """
        peer = Peer(self.pieces, self.closes, request)
        try:
            got = attempt(lambda: client(peer))
        finally:
            if peer.complaint:  # also when the client caught it
                peer.complaint.did = self._played()
                raise peer.complaint from None
        return got, peer

    def wrong(self, got: Any) -> Wrong:
        """Make the message for a client that made something else of it."""
        wanted = "a `ConnectionError`" if self.behind is None else "the bytes that the server sent, each once"
        return Wrong(self._played(), show(got), wanted, self.advice)

    def _played(self) -> str:
        return f"played a server that {self.server}"


def attempt(call: Callable[[], Any]) -> Any:
    """Return what a call gives, or the ConnectionError that it raises."""
    try:
        return call()
    except ConnectionError as refusal:
        return refusal
