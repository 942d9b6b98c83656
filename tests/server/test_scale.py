"""A thousand of each at once on one process; and a hundred that do not read while a publisher does not wait."""

from __future__ import annotations

import json
import re
import socket
import threading
from contextlib import ExitStack
from typing import Any

import pytest

from rtlab.protocol.frames import Frame, Opcode, encode
from rtlab.server.connections import allow_files

from .process import ServerProcess
from .raw import HANDSHAKE, SECONDS, Connection, Socket, Stream

PATH = "/channels/a"
EACH = 1000
MIB = 1 << 20


@pytest.fixture(autouse=True)
def files() -> None:
    """As many open files as the connections need."""
    assert allow_files(3 * EACH + 200) >= 3 * EACH + 200, "raise the limit of open files (ulimit -n)"


def metric(connection: Connection, name: str) -> int:
    """One number of /metrics."""
    text = connection.get("/metrics").body.decode()
    return int(float(text.partition(f"\nrtlab_{name} ")[2].partition("\n")[0]))


@pytest.mark.limit(120)
def test_a_thousand_polls_streams_and_sockets_at_once_each_get_the_next_event(
    until: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds: dict[str, tuple[str, dict[str, str]]] = {
        "held long polls": (PATH + "/events?wait=60", {}),
        "event streams": (PATH + "/stream", {}),
        "WebSockets": (PATH + "/socket", HANDSHAKE),
    }
    with ServerProcess() as server, ExitStack() as stack:
        control = stack.enter_context(Connection(server.url))
        control.get("/metrics")
        clients: dict[str, list[Connection]] = {}
        lines = []
        for kind, (path, headers) in kinds.items():
            before = server.rss()
            clients[kind] = [stack.enter_context(Connection(server.url)) for _ in range(EACH)]
            for client in clients[kind]:
                client.ask(path, headers=headers)
            count = "held_polls" if "poll" in kind else "readers"
            wanted = 2 * EACH if kind == "WebSockets" else EACH
            until(lambda count=count, wanted=wanted: metric(control, count) == wanted)
            kilobytes = (server.rss() - before) / EACH / 1024
            lines.append(f"{EACH} {kind}: {kilobytes:.1f} KiB of the server's memory each")
        identity = control.post(PATH + "/events", '"for all"').json()["id"]
        for client in clients["held long polls"]:
            (event,) = client.answer().json()["events"]
            assert event["id"] == identity
        for client in clients["event streams"]:
            assert client.answer_head()[0] == 200
            told = client.chunk()
            while b"data: " not in told:
                told += client.chunk()
            assert told.count(identity.encode()) == 2
        for client in clients["WebSockets"]:
            assert client.answer_head()[0] == 101
            told = client.file.read1()
            while b'"event"' not in told:
                told += client.file.read1()
            assert identity.encode() in told
    with capsys.disabled():
        print("", *lines, sep="\n")


def test_where_the_process_may_have_few_files_the_server_lets_in_as_many_as_it_can_serve(until: Any) -> None:
    with ServerProcess(files=100) as server, ExitStack() as stack:
        clients = [stack.enter_context(Connection(server.url)) for _ in range(300)]
        first = clients[0]
        assert first.get("/healthz").status == 200
        served = metric(first, "connections")
        assert 10 < served < 100
        for client in clients[1:served]:
            assert client.get("/healthz").status == 200
        assert clients[served].get("/healthz").status == 503
        assert all(client.ended() for client in clients[100:])
        for client in clients[1:]:
            client.close()
        until(lambda: metric(first, "connections") == 1)
        assert stack.enter_context(Connection(server.url)).get("/healthz").status == 200


class Tally:
    """What one reader had: events and missed ones, which must add up without a hole."""

    def __init__(self, client: Stream | Socket) -> None:
        self.client = client
        self.position = self.received = self.missed = 0

    def take(self) -> None:
        """Read one thing."""
        if isinstance(self.client, Stream):
            text = "\n".join(self.client.block().values()).encode()
        else:
            text = self.client.frame().payload
        if missed := re.search(rb'"missed": ?(\d+)', text[:200]):
            self.missed += int(missed[1])
            self.position += int(missed[1])
        else:
            self.received += 1
            self.position += 1
        assert b'.%d"' % self.position in text[:200]


@pytest.mark.limit(120)
def test_a_hundred_slow_readers_and_a_publisher_at_full_speed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    slow_count, fast_count, count, size, batch = 100, 4, 5_000, 5_000, 25
    window_bytes, send_bytes, socket_bytes = MIB // 2, 64 * 1024, 16 * 1024
    with (
        ServerProcess(bytes=window_bytes, send_bytes=send_bytes, socket_bytes=socket_bytes) as server,
        ExitStack() as stack,
    ):
        kinds: tuple[tuple[Any, str], ...] = ((Stream, "/stream"), (Socket, "/socket"))
        slow = [
            Tally(stack.enter_context(kind(server.url, PATH + path, receive_bytes=8192)))
            for kind, path in kinds
            for _ in range(slow_count // 2)
        ]
        fast = [
            Tally(stack.enter_context(kind(server.url, PATH + path)))
            for kind, path in kinds
            for _ in range(fast_count // 2)
        ]
        for tally in slow + fast:
            first = tally.client.block() if isinstance(tally.client, Stream) else tally.client.message()
            assert "data" not in first
        feeder = stack.enter_context(Socket(server.url, PATH + "/socket?after=new.0"))
        feeder.message()
        before, peak = server.rss(), 0
        text = json.dumps({"type": "publish", "data": "x" * size}).encode()
        burst = encode(Frame(Opcode.TEXT, text, mask=b"\1\2\3\4")) * batch
        turns = threading.Semaphore(2)  # bursts under way: who is fast stays within the window

        def publish() -> None:
            for _ in range(count // batch):
                assert turns.acquire(timeout=60)
                feeder.send(burst)

        publisher = threading.Thread(target=publish)
        publisher.start()
        acknowledged = 0
        for sent in range(batch, count + 1, batch):
            while acknowledged < sent:  # first: who does not take its answers is not listened to
                acknowledged += feeder.frame().payload.startswith(b'{"type":"published"')
            for tally in fast:
                while tally.position < sent:
                    tally.take()
            turns.release()
            peak = max(peak, server.rss())
            for tally in slow[sent // batch % 50 :: 50]:  # now and then a slow one reads a little
                tally.take()
        publisher.join(SECONDS)
        assert [(tally.received, tally.missed) for tally in fast] == [(count, 0)] * fast_count
        for tally in slow:
            tally.client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MIB)  # slow no more
            while tally.position < count:
                tally.take()
        peak = max(peak, server.rss())
        assert [tally.received + tally.missed for tally in slow] == [count] * slow_count
        assert all(tally.missed > 0 for tally in slow)
    # The window as JSON, as blocks and as frames; a batch for each reader at worst, and what the kernel refused
    # of it; what the allocator does not give back.
    bound = 3 * window_bytes + (slow_count + fast_count + 1) * send_bytes + 10 * MIB
    assert peak - before < bound
    with capsys.disabled():
        missed = sum(tally.missed for tally in slow) / slow_count
        print(
            f"\n{slow_count} slow readers, {count} events of {size} bytes: the server's memory grew by "
            f"{(peak - before) / MIB:.1f} MiB (bound {bound / MIB:.0f}, published {count * size / MIB:.0f}); "
            f"a slow one missed {missed:.0f}"
        )
