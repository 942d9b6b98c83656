"""Exercise 06.3: what a client checks in the server's answer, by a function to be modified."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from rtlab.protocol.handshake import accept_value, response
from rtlab.teach.exercises import Exercise, WrongAnswer
from rtlab.teach.lesson_06.accept import drawn_key
from rtlab.teach.lesson_06.peer import END, attempt
from rtlab.teach.outcome import Wrong, show


@dataclass(frozen=True)
class Answers:
    """Holds `check_answer(head, key)` against heads that a client must accept and heads that it must refuse."""

    key: str

    def __call__(self, check_answer: Callable[[bytes, str], object]) -> None:
        """Give it every head in turn."""
        right = response(self.key)
        for what, head in (
            ("the right answer", right),
            ("the right answer with its header names in lower case", _lower_names(right)),
            ("the right answer with one header more", right.replace(END, b"\r\nServer: example" + END)),
        ):
            self._give(
                check_answer, what, head, True, "Names of headers have no case (RFC 9110, section 5.1)."
            )
        value, other = accept_value(self.key).encode(), accept_value(accept_value(self.key)).encode()
        for what, head, advice in (
            ("an answer 200", right.replace(b"101 Switching Protocols", b"200 OK"), "The status is not 101."),
            (
                "an answer with another accept value",
                right.replace(value, other),
                "Who answers with a value that does not belong to this key has not read this request.",
            ),
            (
                "an answer without an accept value",
                right.replace(b"Sec-WebSocket-Accept: " + value + b"\r\n", b""),
                "A server that knows nothing of WebSocket could have sent this.",
            ),
            (
                "an answer with the right value in another header",
                right.replace(b"Sec-WebSocket-Accept", b"X-Echo"),
                "The value counts only in the header that is meant for it.",
            ),
        ):
            self._give(check_answer, what, head, False, advice)

    def _give(
        self, check_answer: Callable[[bytes, str], object], what: str, head: bytes, good: bool, advice: str
    ) -> None:
        got = attempt(lambda: check_answer(head, self.key))
        if good and isinstance(got, ConnectionError):
            raise Wrong(f"gave it {what}", show(got), "no exception: this server speaks WebSocket", advice)
        if not good and not isinstance(got, ConnectionError):
            raise Wrong(f"gave it {what}", f"{show(got)}: it was accepted", "a `ConnectionError`", advice)


def _lower_names(head: bytes) -> bytes:
    """Write the header names of a head in lower case, as a server may."""
    start, *lines = head.split(b"\r\n")
    pairs = (line.partition(b":") for line in lines)
    return b"\r\n".join([start, *(name.lower() + colon + value for name, colon, value in pairs)])


_CHECK_STATUS = '''
def check_answer(head, key):
    """Raise ConnectionError unless `head`, the bytes of an answer, accepts a handshake with this key."""
    status, *lines = head.decode("latin-1").split("\\r\\n")
    if status.split()[1] != "101":
        raise ConnectionError(status)
'''

_IMPORT = "from rtlab.protocol.handshake import accept_value\n"

CHECK_ALL = f"""{_IMPORT}{_CHECK_STATUS}\
    headers = {{}}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    if headers.get("sec-websocket-accept") != accept_value(key):
        raise ConnectionError("the accept value does not belong to the key")
"""


def check_the_answer(draw: random.Random) -> Exercise:
    """Return 06.3: a check that believes too much, to be modified."""
    by_case = CHECK_ALL.replace("name.lower()", "name").replace(
        "sec-websocket-accept", "Sec-WebSocket-Accept"
    )
    return Exercise(
        id="06.3",
        title="a client that does not believe everything (modify)",
        task="This `check_answer` accepts whatever comes with status 101. Change it so that it also raises "
        "`ConnectionError` when `Sec-WebSocket-Accept` is missing or does not belong to `key`.",
        name="check_answer",
        stub=_CHECK_STATUS,
        reference=CHECK_ALL,
        judge=Answers(drawn_key(draw)),
        hints=(
            "Make a `dict` of the lines first, with names in lower case: `line.partition(':')`.",
            "Your `accept_value` of 06.1 says what the value must be; `headers.get(name)` is `None` if there is none.",
        ),
        wrong=(
            WrongAnswer(by_case, "have no case"),
            WrongAnswer(
                _CHECK_STATUS + "    if 'sec-websocket-accept' not in head.decode().lower():\n"
                "        raise ConnectionError(head)\n",
                "does not belong to this key",
            ),
            WrongAnswer(
                _IMPORT + _CHECK_STATUS + "    if accept_value(key) not in head.decode():\n"
                "        raise ConnectionError(head)\n",
                "another header",
            ),
        ),
        why="Between client and server may stand a cache or a proxy that answers for it. The check costs one hash and "
        "tells a WebSocket server from everything else.",
    )
