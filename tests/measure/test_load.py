"""The asyncio load sends what the reference readers send, byte for byte; a handshake's headers in another order."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from rtlab.errors import RtlabError
from rtlab.measure.process import Process
from rtlab.server.thread import ServerThread
from rtlab.wire.record import Chunk
from rtlab.wire.tap import Tap

FIRST = {"short": 3, "adaptive": 3, "long": 2, "sse": 1, "websocket": 1}  # requests that are compared


@pytest.fixture(scope="module")
def server() -> Iterator[ServerThread]:
    server = ServerThread()
    yield server
    server.close()


def group(technique: str, port: int) -> dict[str, object]:
    return {
        "technique": technique, "port": port, "channels": ["silent"], "clients": 1, "interval": 0.05,
        "period": 0.05, "hold": 7.5, "backoff": (0.05, 0.1, 2.0),
    }  # fmt: skip


def requests(tap: Tap) -> list[str]:
    """What a client said, its port and its key aside."""
    up = b"".join(r.data for r in tap.record if isinstance(r, Chunk) and r.direction == "up").decode()
    plain = re.sub(r"(?<=Key: )\S+", "KEY", re.sub(r"127\.0\.0\.1:\d+", "HOST", up))
    return [head for head in plain.split("\r\n\r\n") if head]


def first_words(server: ServerThread, role: str) -> dict[str, list[str]]:
    """The first requests of one client of each technique."""
    port = int(server.url.rpartition(":")[2])
    with ExitStack() as stack:
        taps = {name: stack.enter_context(Tap(("127.0.0.1", port))) for name in FIRST}
        groups = [group(name, tap.address[1]) for name, tap in taps.items()]
        stack.enter_context(Process(role)).start(groups=groups)
        deadline = time.monotonic() + 20
        while any(len(requests(taps[name])) < most for name, most in FIRST.items()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return {name: requests(taps[name])[:most] for name, most in FIRST.items()}


def test_the_load_says_what_the_readers_say(server: ServerThread) -> None:
    load, readers = first_words(server, "load"), first_words(server, "readers")
    handshakes = [said.pop("websocket")[0].split("\r\n") for said in (load, readers)]
    assert load == readers
    assert sorted(handshakes[0]) == sorted(handshakes[1])


def test_a_load_that_cannot_connect_says_why() -> None:
    with Process("load") as load, pytest.raises(RtlabError) as told:
        load.start(groups=[group("sse", 1)])
    assert "its load process died" in str(told.value)
    assert "Connect" in str(told.value)
