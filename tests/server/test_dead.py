"""A hundred that never read and a hundred whose machine is gone: what they cost is bounded, and they are let go of."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import psutil
import pytest

from rtlab.errors import BadInput
from rtlab.measure import dead as dead_module
from rtlab.measure.dead import Plan, run
from rtlab.measure.dead_readers import TECHNIQUES, DeadReaders
from rtlab.measure.kernel import socket_memory
from rtlab.protocol.frames import Opcode
from rtlab.server.limits import Limits

from .process import ServerProcess
from .raw import Connection, Socket, Stream

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sockets take filters on Linux alone")
EACH, MIB = 100, 1 << 20
Until = Callable[[Callable[[], object]], None]
COUNT, SIZE = 6, 80_000  # events of the burst, and the bytes of one
HEARTBEAT = 1.0  # the kernel's probes have whole seconds


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    with ServerProcess(heartbeat=HEARTBEAT) as server:
        yield server


class Pulse:
    """A socket that reads well in a thread, and counts the pings: the server sends one at each heartbeat."""

    def __init__(self, server: ServerProcess) -> None:
        self.beats = 0
        self.ids: list[str] = []
        self._socket = Socket(server.url, "/channels/a/socket")
        self._socket.message()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self._socket.frames or (data := self._socket.file.read1()):
            self._socket.frames += [] if self._socket.frames else self._socket.parser.receive_data(data)
            for frame in self._socket.frames:
                if frame.opcode is Opcode.PING:
                    self.beats += 1
                    self._socket.say(Opcode.PONG)
                else:
                    self.ids.append(json.loads(frame.payload)["id"])
            self._socket.frames.clear()

    def close(self) -> None:
        self._socket.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()


class Scene:
    """A server with those who read well, and some who are dead or will be."""

    def __init__(self, server: ServerProcess, things: ExitStack, until: Until) -> None:
        self.server, self.things, self.until = server, things, until
        self.process = psutil.Process(server.process.pid)
        self.port = int(server.url.rpartition(":")[2])
        self.control = things.enter_context(Connection(server.url))
        self.publish("first")
        self.pulse = things.enter_context(closing(Pulse(server)))
        self.until(lambda: self.waiting() == 1)
        self.files = self.process.num_fds()

    def publish(self, data: str) -> str:
        """Publish, and return the id."""
        return str(self.control.post("/channels/a/events", json.dumps(data)).json()["id"])

    def waiting(self) -> int:
        """Open streams and sockets, and held polls."""
        channels = self.control.get("/channels").json()["channels"]
        return sum(row["readers"] + row["held"] for row in channels)

    def dead(self, count: int) -> DeadReaders:
        """So many readers, of every technique, that are going to be dead."""
        before = self.waiting()
        dead = self.things.enter_context(closing(DeadReaders(self.port, "/channels/a", TECHNIQUES, count)))
        self.until(lambda: self.waiting() == before + count)
        return dead

    def within_two_heartbeats(self, holds: Callable[[], bool]) -> None:
        """Wait for something; the server may send three beats until then, for the first one is soon, and a late one."""
        first = self.pulse.beats
        self.until(holds)
        assert self.pulse.beats - first <= 4


def test_the_dead_cost_no_more_than_buffers_and_are_gone_within_two_heartbeats(
    server: ServerProcess, until: Until
) -> None:
    with ExitStack() as things:
        scene = Scene(server, things, until)
        resident = server.rss()
        idle, gone = scene.dead(EACH), scene.dead(EACH)
        assert scene.process.num_fds() == scene.files + 2 * EACH
        gone.vanish()
        ids = [scene.publish("x" * SIZE) for _ in range(COUNT)]
        buffers, grown = socket_memory(scene.port), server.rss() - resident
        # Not more for each than the send buffer that it was given (the kernel doubles it), and what all share.
        assert MIB < buffers < 2 * EACH * 2 * Limits.socket_bytes + MIB
        assert grown < 2 * EACH * Limits.socket_bytes
        scene.within_two_heartbeats(
            lambda: scene.process.num_fds() == scene.files and socket_memory(scene.port) < MIB
        )
        assert len(idle.sockets) == len(gone.sockets) == EACH, "on their side they are open"
        until(lambda: scene.pulse.ids == ids)


def test_who_vanishes_while_nothing_happens_is_missed_as_well_and_who_lives_is_not_taken_for_dead(
    server: ServerProcess, until: Until
) -> None:
    with ExitStack() as things:
        scene = Scene(server, things, until)
        quiet = things.enter_context(Stream(server.url, "/channels/a/stream"))
        poll = things.enter_context(Connection(server.url))
        poll.ask("/channels/a/events?after=now&wait=60")
        until(lambda: scene.waiting() == 3)
        scene.dead(30).vanish()
        scene.within_two_heartbeats(lambda: scene.waiting() == 3)
        beats = scene.pulse.beats + 2
        until(lambda: scene.pulse.beats >= beats)
        assert scene.waiting() == 3
        sent = scene.publish("here")
        assert poll.answer().json()["cursor"] == sent
        while "data" not in (block := quiet.block()):
            assert set(block) in ({""}, {"id", "retry"})
        assert quiet.data(block)["id"] == sent


def test_polls_that_are_held_together_share_a_large_answer(server: ServerProcess, until: Until) -> None:
    with ExitStack() as things:
        scene = Scene(server, things, until)
        things.enter_context(closing(DeadReaders(scene.port, "/channels/a", ["long"], EACH)))
        reads = things.enter_context(Connection(server.url))
        reads.ask("/channels/a/events?after=now&wait=60")
        until(lambda: scene.waiting() == EACH + 2)
        before = server.rss()
        sent = scene.publish("x" * 900_000)
        answer = reads.answer().json()
        assert (answer["cursor"], answer["events"][0]["data"]) == (sent, "x" * 900_000)
        assert server.rss() - before < EACH * 900_000 / 4


def test_the_whole_bench_at_a_small_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_module, "CALM", 0.3)
    outcome = run(Plan(TECHNIQUES, each=30, healthy=2, heartbeat=HEARTBEAT))
    assert outcome.released is not None
    assert outcome.emptied is not None
    assert outcome.connected - outcome.before.files == 60
    assert outcome.peak.buffers > outcome.after.buffers
    assert set(outcome.faults.values()) == {0}
    assert len(outcome.calm) == len(outcome.late) == 3


def test_too_many_for_the_descriptors_is_said_with_what_would_be_right() -> None:
    with pytest.raises(BadInput, match=r"ulimit -n 20000\d+.*--each \d+"):
        Plan(each=100_000_000)


def test_a_technique_that_nobody_waits_with_is_refused() -> None:
    with pytest.raises(BadInput, match="short: give of long"):
        DeadReaders(1, "/channels/a", ["short"], 1)
