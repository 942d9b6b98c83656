"""Exercise 06.5: the whole client's half of the handshake, to be written."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtlab.errors import HandshakeError
from rtlab.protocol.handshake import check_request, response
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.lesson_06.accept import sha1_in_base64
from rtlab.teach.lesson_06.answer import CHECK_ALL
from rtlab.teach.lesson_06.head import READ_HEAD, READING
from rtlab.teach.lesson_06.peer import END, Peer, Scene
from rtlab.teach.outcome import Wrong, show

_REFUSING = (
    Scene(
        "answers 403",
        lambda key: [b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"],
        None,
        "Only 101 switches protocols.",
        closes=True,
    ),
    Scene(
        "answers with the accept value of another key",
        lambda key: [response(sha1_in_base64(key))],
        None,
        "The answer must belong to the key that was sent, as in 06.3.",
    ),
)


@dataclass(frozen=True)
class ClientHalf:
    """Holds `open_websocket(connection, host, resource)` against a strict server and against bad ones."""

    host: str = "example.com:8765"
    resource: str = "/channels/news/socket?after=start"

    def __call__(self, open_websocket: Callable[[Peer, str, str], Any]) -> None:
        """Play every scene, and read each request as a strict server would."""
        keys = []
        for scene in (*READING, *_REFUSING):
            got, peer = scene.play(lambda peer: open_websocket(peer, self.host, self.resource))
            self._read(peer.request)
            keys.append(peer.key)
            right = isinstance(got, ConnectionError) if scene.behind is None else got == scene.behind
            if not right:
                raise scene.wrong(got)
        if len(set(keys)) < len(keys):
            raise Wrong(
                "opened several connections",
                f"the key {show(keys[0])} more than once",
                "16 new random bytes for each connection (RFC 6455, section 4.1)",
                "With a key that never changes, an old answer from a cache would fit.",
            )

    def _read(self, request: bytes) -> None:
        """Read a request as RFC 6455, section 4.2.1 tells the server to."""
        did = "read your request as a strict server"
        start, *lines = request.partition(END)[0].decode("latin-1").split("\r\n")
        if start != f"GET {self.resource} HTTP/1.1":
            raise Wrong(
                did, show(start), "`GET`, the resource and `HTTP/1.1` in the first line, one space between"
            )
        pairs = [(name, value) for name, _, value in (line.partition(":") for line in lines)]
        try:
            check_request("GET", "HTTP/1.1", pairs)
        except HandshakeError as refusal:
            raise Wrong(
                did, f"status {refusal.status}", "a request that is not refused", refusal.detail
            ) from None
        host = next(value.strip() for name, value in pairs if name.lower() == "host")
        if host != self.host:
            raise Wrong(did, f"the host {show(host)}", "the host that it was given, with its port")


_OPEN_STUB = '''
def open_websocket(connection, host, resource):
    """Ask for a WebSocket and return the bytes behind the answer's head; raise ConnectionError when it is refused."""
    raise NotImplementedError
'''

_OPEN_REFERENCE = f"""
import base64, os
{CHECK_ALL}{READ_HEAD}
def open_websocket(connection, host, resource):
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall((
        f"GET {{resource}} HTTP/1.1\\r\\n"
        f"Host: {{host}}\\r\\n"
        "Upgrade: websocket\\r\\n"
        "Connection: Upgrade\\r\\n"
        f"Sec-WebSocket-Key: {{key}}\\r\\n"
        "Sec-WebSocket-Version: 13\\r\\n"
        "\\r\\n"
    ).encode())
    head, rest = read_head(connection)
    check_answer(head, key)
    return rest
"""


def open_a_websocket(draw: random.Random) -> Exercise:
    """Return 06.5: the whole client's half, to be written."""

    def instead(line: str, other: str) -> str:
        return _OPEN_REFERENCE.replace(line, other)

    once = '    head, _, rest = connection.recv(65536).partition(b"\\r\\n\\r\\n")\n'
    return Exercise(
        id="06.5",
        title="the client's half (write)",
        task="Write `open_websocket(connection, host, resource)`: send the request, read the answer, check it, and "
        "return the bytes that have already arrived behind the head. Raise `ConnectionError` when the server refuses, "
        "or closes. `connection` has a socket's `sendall(data)` and `recv(size)`; 06.3 and 06.4 are parts of it.",
        name="open_websocket",
        stub=_OPEN_STUB,
        reference=_OPEN_REFERENCE,
        judge=ClientHalf(),
        hints=(
            "Six lines make the request: `GET`, `Host`, `Upgrade`, `Connection`, `Sec-WebSocket-Key`, "
            "`Sec-WebSocket-Version`; each ends with CR LF, and a blank line follows.",
            "Then `read_head(connection)` of 06.4, then `check_answer(head, key)` of 06.3, then `return rest`.",
        ),
        wrong=(
            WrongAnswer(instead("    head, rest = read_head(connection)\n", once), "TCP carries bytes"),
            WrongAnswer(instead("    check_answer(head, key)\n", ""), "Only 101"),
            WrongAnswer(instead("urandom(16)", "urandom(12)"), "16 bytes in base64"),
            WrongAnswer(instead("os.urandom(16)", "bytes(16)"), "16 new random bytes"),
            WrongAnswer(instead("if not piece", "if False"), "had closed"),
            WrongAnswer(instead('        "\\r\\n"\n', ""), "wait for ever"),
        ),
        why="This is all that a WebSocket library does before the first frame: some forty lines, one hash, and the "
        "care not to trust what comes back.",
    )
