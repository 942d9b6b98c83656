"""rtlab's own server seen through a tap: every technique is recognised, and what is told adds up to what is counted."""

import json
import socket
from collections.abc import Callable, Generator
from contextlib import closing

import pytest
import requests
import websocket

from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread
from rtlab.wire.exchange import messages
from rtlab.wire.message import Message
from rtlab.wire.record import Chunk
from rtlab.wire.tap import Tap

Until = Callable[[Callable[[], object]], None]
LIMIT = 10.0


@pytest.fixture
def server() -> Generator[ServerThread]:
    with closing(ServerThread(limits=Limits(heartbeat=0.05, missed_beats=100))) as server:
        yield server


@pytest.fixture
def tap(server: ServerThread) -> Generator[Tap]:
    host, port = server.url.removeprefix("http://").split(":")
    with Tap((host, int(port))) as tap:
        yield tap


@pytest.fixture
def session() -> Generator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def url(tap: Tap, path: str) -> str:
    return "http://{}:{}/channels/news/".format(*tap.address) + path


def publish(session: requests.Session, to: str, data: int) -> str:
    """The id of the event."""
    return str(session.post(to, json=data, timeout=LIMIT).json()["id"])


def told(tap: Tap) -> list[Message]:
    """All messages; each byte counted is in one of them."""
    counts, found = None, []
    while counts != tap.counts:  # a heartbeat in between is in one of them alone
        counts = tap.counts
        found = messages(tap.record)
    assert counts is not None
    assert sum(message.size for message in found if message.direction == "up") == counts.up
    assert sum(message.size for message in found if message.direction == "down") == counts.down
    assert not {"?", "unfinished"} & {message.label for message in found}
    return found


def carried(found: list[Message]) -> list[str]:
    return [id for message in found for id in message.events]


def test_polling(tap: Tap, session: requests.Session) -> None:
    sent = [publish(session, url(tap, "events"), number) for number in range(3)]
    answer = session.get(url(tap, "events?after=start"), timeout=LIMIT)
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert session.get(url(tap, "events"), headers=tag, timeout=LIMIT).status_code == 304
    session.get(url(tap, "events?after=now&wait=0.05"), timeout=LIMIT)
    found = [message for message in told(tap) if message.kind != "connect"]
    assert [(message.kind, message.technique) for message in found] == [
        *[("request", None), ("response", None)] * 3,
        *[("request", "short"), ("response", "short")] * 2,
        *[("request", "long"), ("response", "long")],
    ]
    assert [message.label for message in found[1::2]] == ["201"] * 3 + ["200", "304", "200"]
    assert carried(found) == sent
    assert {message.channel for message in found} == {"news"}
    assert found[7].body == answer.content
    chunks = [record for record in tap.record if isinstance(record, Chunk)]
    (seen,) = (chunk.data for chunk in chunks if chunk.arrived == found[7].arrived)
    assert found[7].head + found[7].body == seen


def test_a_stream(tap: Tap, server: ServerThread, session: requests.Session, until: Until) -> None:
    with session.get(url(tap, "stream"), stream=True, timeout=LIMIT):
        until(lambda: any(message.kind == "heartbeat" for message in messages(tap.record)))
        with requests.Session() as other:
            other.trust_env = False
            sent = [publish(other, server.url + "/channels/news/events", number) for number in range(50)]
        until(lambda: carried(messages(tap.record)) == sent)
        found = told(tap)
        assert [message.kind for message in found[:4]] == ["connect", "request", "response", "chunk"]
        assert {message.technique for message in found} == {"sse"}
        assert {message.kind for message in found[4:]} == {"event", "heartbeat"}
        server.close()
        until(lambda: any(message.label == "end" for message in messages(tap.record)))
        assert told(tap)[-1].direction == "down"


def test_a_socket(tap: Tap, server: ServerThread, until: Until) -> None:
    address = url(tap, "socket").replace("http:", "ws:")
    with closing(websocket.create_connection(address, timeout=LIMIT)) as client:
        for number in range(20):
            client.send(json.dumps({"type": "publish", "data": number}))
        heard = [json.loads(client.recv()) for _ in range(41)]
        sent = [message["id"] for message in heard if message["type"] == "event"]
        until(lambda: any(message.label == "ping" for message in messages(tap.record)))
        server.close()
    until(lambda: tap.counts.open == 0)
    found = told(tap)
    assert [message.kind for message in found[:3]] == ["connect", "request", "handshake"]
    assert {message.technique for message in found} == {"websocket"}
    assert carried(found) == sent
    labels = [message.label for message in found]
    assert labels.count("publish") == labels.count("published") == len(sent) == 20
    assert "close 1001" in labels


def test_a_malformed_request_and_its_refusal(tap: Tap, until: Until) -> None:
    with socket.create_connection(tap.address, timeout=LIMIT) as client:
        client.sendall(b"NONSENSE\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 400 ")
        assert client.recv(1000) == b""
    until(lambda: tap.counts.open == 0)
    assert [message.label for message in messages(tap.record) if message.size] == ["?", "400"]
