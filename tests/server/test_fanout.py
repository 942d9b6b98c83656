"""The write path: encoded once, written together, and nothing queued for who does not read."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any

import pytest

from rtlab.broker import Appended
from rtlab.brokers.memory import MemoryBroker
from rtlab.log import Encode, Kept
from rtlab.protocol.frames import Opcode
from rtlab.server import polling, socket, stream
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread

from .raw import Connection, Socket, Stream

Serve = Callable[..., ServerThread]
PATH = "/channels/a"


def publish(server: ServerThread, *data: Any, channel: str = "a") -> list[str]:
    """Append events in one turn of the server's loop; their ids."""
    return server.call(lambda: [server.server.channels.find(channel).publish(one)[0].id for one in data])


def test_an_event_is_encoded_once_for_each_format_however_many_read_it(
    serve: Serve, things: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[tuple[str, str]] = Counter()

    def counted(name: str, encode: Encode) -> Encode:
        def count(event: Kept) -> bytes:
            calls[name, event.id] += 1
            return encode(event)

        return count

    for module, form in ((stream, "CHUNKED_STREAM"), (socket, "FRAMES")):
        known = getattr(module, form)
        monkeypatch.setattr(module, form, known._replace(event=counted(form, known.event)))
    monkeypatch.setattr(polling, "element", counted("element", polling.element))
    server = serve()
    streams = [things.enter_context(Stream(server.url, PATH + "/stream")) for _ in range(5)]
    sockets = [things.enter_context(Socket(server.url, PATH + "/socket")) for _ in range(5)]
    for reader in streams:
        reader.block()
    for peer in sockets:
        peer.message()
    ids = publish(server, *range(10))
    for reader in streams:
        assert [reader.block()["id"] for _ in ids] == ids
    for peer in sockets:
        assert [peer.message()["id"] for _ in ids] == ids
    with Connection(server.url) as connection:
        for _ in range(5):
            assert len(connection.get(PATH + "/events?after=start").json()["events"]) == 10
    with Stream(server.url, PATH + "/stream?after=start") as late:
        late.block()
        assert [late.block()["id"] for _ in ids] == ids
    assert calls == {(name, id): 1 for name in ("CHUNKED_STREAM", "FRAMES", "element") for id in ids}


def test_asking_for_one_event_again_and_again_keeps_nothing(serve: Serve) -> None:
    server = serve()
    (identity,) = publish(server, "a")
    with Connection(server.url) as connection:
        for _ in range(5):
            connection.get(f"{PATH}/events/{identity}")
    log = server.server.channels.find("a").log
    assert log is not None
    assert len(log._window[1].encodings) == 1


def test_a_burst_is_one_chunk_and_one_event_is_written_at_once(serve: Serve) -> None:
    server = serve()
    with Stream(server.url, PATH + "/stream") as reader:
        reader.chunk()
        publish(server, *range(100))
        assert reader.chunk().count(b"data: ") == 100
        publish(server, "one")
        assert reader.chunk().count(b"data: ") == 1


def test_small_writes_are_not_held_back_on_a_connection_that_was_used_before(
    serve: Serve, until: Any
) -> None:
    server = serve()
    with Connection(server.url) as connection:
        assert connection.get("/healthz").status == 200  # after which Tornado has Nagle's algorithm on again
        connection.ask(PATH + "/stream")
        until(lambda: server.server._open)
        (standing,) = server.server._open
        assert standing.stream.socket.getsockopt(IPPROTO_TCP, TCP_NODELAY)


def test_readers_at_different_places_each_get_what_they_lack(serve: Serve, things: Any) -> None:
    server = serve(Limits(send_bytes=500))
    ids = publish(server, *range(50))
    places = random.Random(7).choices(range(50), k=20)
    readers = [
        things.enter_context(Stream(server.url, f"{PATH}/stream?after={ids[place]}")) for place in places
    ]
    publish(server, *range(50, 60))
    for reader, place in zip(readers, places, strict=True):
        reader.block()
        got = [json.loads(reader.block()["data"])["data"] for _ in range(59 - place)]
        assert got == list(range(place + 1, 60))


@pytest.mark.parametrize("kind", ["chunked", "plain", "frames"])
def test_a_reader_that_falls_behind_is_told_how_many_it_missed_and_goes_on(
    kind: str, serve: Serve, until: Any
) -> None:
    server = serve(Limits(events=20, socket_bytes=4096, send_bytes=20_000))
    count, received, missed = 0, [], 0
    if kind == "frames":
        reader: Any = Socket(server.url, PATH + "/socket", receive_bytes=4096)
        reader.message()
    else:
        version = "1.1" if kind == "chunked" else "1.0"
        reader = Stream(server.url, PATH + "/stream", version=version, receive_bytes=4096)
        reader.block()

    def item() -> tuple[str, dict[str, Any]]:
        if kind == "frames":
            message = reader.message()
            return message["type"], message
        block = reader.block()
        return block.get("event", "event"), json.loads(block["data"])

    with reader:
        until(lambda: server.server._open)
        (standing,) = server.server._open
        for _ in range(3):  # three times: falls behind, then catches up
            while server.call(lambda: standing.at_rest):
                publish(server, count)
                publish(server, *["x" * 1000] * 9)
                count += 10
            publish(server, *["x" * 1000] * 50)
            count += 50
            while len(received) + missed < count:
                what, told = item()
                if what == "gap":
                    missed += told["missed"]
                else:
                    received.append(int(told["id"].rpartition(".")[2]))
                    assert received[-1] == len(received) + missed, "the next after the gap"
        assert missed > 0
        assert len(received) + missed == count
        publish(server, "end")
        assert item()[1]["data"] == "end"


def test_nothing_is_queued_for_a_reader_that_does_not_read(serve: Serve, things: Any, until: Any) -> None:
    server = serve(Limits(socket_bytes=4096, send_bytes=10_000), debug=False)
    for kind, path in ((Stream, "/stream"), (Socket, "/socket")):
        for _ in range(5):
            things.enter_context(kind(server.url, PATH + path, receive_bytes=4096))
    until(lambda: len(server.server._open) == 10)
    for _ in range(30):
        publish(server, *["x" * 1000] * 30)
    queued = server.call(lambda: [len(reader.stream._write_buffer) for reader in server.server._open])
    assert max(queued) <= 11_000
    behind = server.call(lambda: [reader.position for reader in server.server._open])
    assert max(behind) < 900


def test_a_slow_socket_may_still_publish_and_gets_its_answers(serve: Serve, until: Any) -> None:
    server = serve(Limits(socket_bytes=4096, send_bytes=10_000))
    with Socket(server.url, PATH + "/socket", receive_bytes=4096) as slow:
        slow.message()
        until(lambda: server.server._open)
        (standing,) = server.server._open
        while server.call(lambda: standing.at_rest):
            publish(server, *["x" * 1000] * 10)
        for number in range(5):
            slow.tell({"type": "publish", "data": number, "ref": number})
        slow.say(Opcode.PING, b"still there")
        answers, events = [], 0
        while len(answers) < 6:
            frame = slow.frame()
            if frame.opcode is Opcode.PONG:
                answers.append(frame.payload.decode())
            elif (message := json.loads(frame.payload))["type"] == "event":
                events += 1
            else:
                answers.append(message["ref"])
        assert answers == [0, 1, 2, 3, 4, "still there"]


def test_a_slow_poll_costs_one_answer(serve: Serve) -> None:
    server = serve(Limits(send_bytes=50_000))
    publish(server, *["x" * 1000] * 1000)
    with Connection(server.url) as connection:
        assert len(connection.get(PATH + "/events?after=start").body) <= 50_300


def test_channels_do_not_hear_each_other(serve: Serve) -> None:
    server = serve()
    with Stream(server.url, "/channels/a/stream") as one, Stream(server.url, "/channels/b/stream") as other:
        one.block(), other.block()
        publish(server, "for a", channel="a")
        publish(server, "for b", channel="b")
        assert "for a" in one.block()["data"]
        assert "for b" in other.block()["data"]


def test_an_owner_whose_callback_fails_does_not_keep_the_event_from_readers(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(channel: str, event: Any) -> None:
        raise ZeroDivisionError("the owner's mistake")

    server = serve(on_append=fail)
    with Stream(server.url, PATH + "/stream") as reader, Connection(server.url) as connection:
        reader.block()
        answer = connection.post(PATH + "/events", '"a"')
        assert "log" in answer.problem(500)
        assert "mistake" not in answer.json()["detail"].replace("made a mistake", "")
        assert '"a"' in reader.block()["data"]
    assert "the owner's mistake" in caplog.text
    caplog.clear()


class Gate(MemoryBroker):
    """A broker that has an event at once, and says so when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()

    async def append(self, channel: str, data: bytes, key: str | None = None) -> Appended:
        appended = await super().append(channel, data, key)
        if data == b'"mine"':
            await self.open.wait()
        return appended


def test_who_publishes_while_a_batch_is_written_is_told_so_before_it_gets_its_own_event(
    serve: Serve, until: Any
) -> None:
    broker = Gate()
    server = serve(Limits(socket_bytes=4096), broker=broker)
    count, seen = 0, []
    with Socket(server.url, PATH + "/socket", receive_bytes=4096) as slow, Connection(server.url) as other:
        slow.message()
        until(lambda: server.server._open)
        (standing,) = server.server._open
        while server.call(lambda: standing.at_rest):
            assert other.post(PATH + "/events", json.dumps("x" * 20_000)).status == 201
            count += 1
        slow.tell({"type": "publish", "data": "mine"})
        until(lambda: standing.channel.end - standing.channel.log.first == count + 1)
        while server.call(
            lambda: standing.stream.writing()
        ):  # the batch is taken, and the answer still to come
            seen.append(slow.message())
        server.call(broker.open.set)
        while not {"published", "mine"} <= {
            *(one["type"] for one in seen),
            *(one.get("data") for one in seen),
        }:
            seen.append(slow.message())
    told = [one["type"] for one in seen].index("published")
    own = [one.get("data") for one in seen].index("mine")
    assert told < own
