"""The tap over real sockets: every byte arrives, counted, recorded and late by the delay, whatever happens."""

import random
import resource
import selectors
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from rtlab.errors import BadInput, PortInUse
from rtlab.tcp import reset_on_close
from rtlab.wire.process import TapProcess
from rtlab.wire.record import RECORD_COST, Chunk, Closed, Counts, Opened, Record, Traffic
from rtlab.wire.tap import Tap

AnyTap = Tap | TapProcess
StartAny = Callable[..., AnyTap]
Start = Callable[..., Tap]
Connect = Callable[[AnyTap], tuple[socket.socket, socket.socket]]
Until = Callable[[Callable[[], object]], None]

WAIT = 10.0


def send_in_pieces(sock: socket.socket, data: bytes, seed: int) -> None:
    """Pieces of 1 byte to 100 KB, then FIN."""
    chance = random.Random(seed)
    rest = memoryview(data)
    while rest:
        size = int(10 ** chance.uniform(0, 5))
        sock.sendall(rest[:size])
        rest = rest[size:]
    sock.shutdown(socket.SHUT_WR)


def read_to_the_end(sock: socket.socket, seed: int = 0) -> bytes:
    """What comes until FIN, read in pieces."""
    chance, data = random.Random(seed), bytearray()
    while more := sock.recv(int(10 ** chance.uniform(1, 5))):
        data += more
    return bytes(data)


def read_exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := sock.recv(size - len(data))):
        data += more
    return data


def carried(records: list[Record], direction: str, connection: int = 1) -> bytes:
    """The bytes of one direction, as recorded."""
    chunks = [record for record in records if isinstance(record, Chunk) and record.connection == connection]
    return b"".join(chunk.data for chunk in chunks if chunk.direction == direction)


def ends(records: list[Record]) -> list[tuple[str, str]]:
    """Direction and manner of each end, as recorded."""
    return [(record.direction, record.how) for record in records if isinstance(record, Closed)]


class TestBytes:
    def test_all_arrive_unchanged_both_ways_while_the_delay_changes(
        self, either: StartAny, connect: Connect, until: Until
    ) -> None:
        tap = either()
        client, server = connect(tap)
        up, down = random.Random(1).randbytes(3_000_000), random.Random(2).randbytes(2_000_000)
        with ThreadPoolExecutor(4) as pool:
            pool.submit(send_in_pieces, client, up, seed=3)
            pool.submit(send_in_pieces, server, down, seed=4)
            at_server = pool.submit(read_to_the_end, server, seed=5)
            at_client = pool.submit(read_to_the_end, client, seed=6)
            chance = random.Random(7)
            while not (at_server.done() and at_client.done()):
                tap.delay = chance.choice([0, 0.0005, 0.003, 0.02])
        assert at_server.result() == up
        assert at_client.result() == down
        until(lambda: tap.counts.open == 0)
        assert tap.counts == Counts(len(up), len(down), opened=1)
        assert tap.connections == {1: Traffic(len(up), len(down))}
        assert carried(tap.record, "up") == up
        assert carried(tap.record, "down") == down

    def test_are_counted_by_the_time_they_are_received(self, either: StartAny, connect: Connect) -> None:
        tap = either()
        client, server = connect(tap)
        for number in range(1, 201):
            client.sendall(b"12345")
            assert read_exactly(server, 5) == b"12345"
            server.sendall(b"123")
            assert read_exactly(client, 3) == b"123"
            if number % 50 == 0:
                assert tap.counts == Counts(up=5 * number, down=3 * number, opened=1, open=1)

    def test_are_counted_for_each_connection(self, either: StartAny, connect: Connect) -> None:
        tap = either()
        for size in (10, 20, 30):
            client, server = connect(tap)
            client.sendall(bytes(size))
            assert len(read_exactly(server, size)) == size
        assert tap.connections == {1: Traffic(10, 0), 2: Traffic(20, 0), 3: Traffic(30, 0)}

    def test_that_a_slow_receiver_does_not_take_stop_the_sender(self, start: Start, connect: Connect) -> None:
        tap = start()
        client, server = connect(tap)
        client.setblocking(False)
        block, sent = bytes(range(256)) * 256, 0
        with selectors.DefaultSelector() as writable:
            writable.register(client, selectors.EVENT_WRITE)
            while writable.select(timeout=0.5):
                sent += client.send(block[sent % len(block) :])
        assert sent < 200_000_000  # the kernel has windows, too; but an end there is
        client.setblocking(True)
        client.shutdown(socket.SHUT_WR)
        received = read_to_the_end(server)
        assert received == (block * (sent // len(block) + 1))[:sent]
        assert tap.counts.up == sent

    def test_of_a_thousand_connections_at_once_all_arrive(
        self, start: Start, upstream: socket.socket
    ) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 16_384), most))
        tap = start(delay=0.01)
        clients = [socket.create_connection(tap.address, timeout=WAIT) for _ in range(1000)]
        servers = [upstream.accept()[0] for _ in clients]
        try:
            for number, client in enumerate(clients):
                client.sendall(b"%06d" % number)
            heard = [read_exactly(server, 6) for server in servers]
            assert sorted(heard) == [b"%06d" % number for number in range(1000)]
            for server, what in zip(servers, heard, strict=True):
                server.sendall(what)
            assert [read_exactly(client, 6) for client in clients] == sorted(heard)
            assert tap.counts == Counts(up=6000, down=6000, opened=1000, open=1000)
        finally:
            for sock in clients + servers:
                sock.close()


class TestDelay:
    def test_is_between_the_two_ends_of_every_chunk(self, either: StartAny, connect: Connect) -> None:
        tap = either(delay=0.02)
        client, server = connect(tap)
        for _ in range(5):
            client.sendall(b"ping")
            read_exactly(server, 4)
            server.sendall(b"pong")
            read_exactly(client, 4)
        chunks = [record for record in tap.record if isinstance(record, Chunk)]
        assert [chunk.direction for chunk in chunks] == ["up", "down"] * 5
        assert all(chunk.arrived - chunk.left >= 20_000_000 for chunk in chunks)

    def test_makes_the_first_bytes_wait_for_the_handshake(self, start: Start, connect: Connect) -> None:
        tap = start(delay=0.02)
        client, server = connect(tap)
        client.sendall(b"first")
        read_exactly(server, 5)
        opened, chunk = tap.record
        assert isinstance(opened, Opened)
        assert isinstance(chunk, Chunk)
        assert opened.established == opened.at + 40_000_000
        assert chunk.left >= opened.established
        assert chunk.arrived >= opened.established + 20_000_000

    def test_makes_a_server_that_speaks_first_wait_for_the_handshake(
        self, start: Start, connect: Connect
    ) -> None:
        tap = start(delay=0.02)
        client, server = connect(tap)
        server.sendall(b"220 hello")
        read_exactly(client, 9)
        opened, chunk = tap.record
        assert isinstance(opened, Opened)
        assert isinstance(chunk, Chunk)
        assert chunk.left >= opened.at + 60_000_000

    def test_that_becomes_shorter_lets_nothing_overtake(self, start: Start, connect: Connect) -> None:
        tap = start()
        client, server = connect(tap)
        for number, delay in enumerate((0.3, 0.2, 0.1, 0.0)):
            tap.delay = delay
            client.sendall(b"%d" % number)
            time.sleep(0.01)  # the next is a chunk of its own
        assert read_exactly(server, 4) == b"0123"
        arrivals = [record.arrived for record in tap.record if isinstance(record, Chunk)]
        assert arrivals == sorted(arrivals)

    def test_holds_for_both_kinds_of_end(self, start: Start, connect: Connect, until: Until) -> None:
        tap = start(delay=0.02)
        client, server = connect(tap)
        client.shutdown(socket.SHUT_WR)
        assert server.recv(1) == b""
        reset_on_close(server)
        server.close()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        closed = [record for record in tap.record if isinstance(record, Closed)]
        assert ends(tap.record) == [("up", "fin"), ("down", "rst")]
        assert all(record.arrived - record.left >= 20_000_000 for record in closed)

    @pytest.mark.parametrize("wrong", [-0.001, float("nan"), float("inf")])
    def test_that_no_path_has_is_refused(self, wrong: float) -> None:
        with pytest.raises(BadInput, match="0 or more"):
            Tap(("127.0.0.1", 1), delay=wrong)


class TestEnds:
    def test_a_half_closed_connection_still_carries_the_other_half(
        self, either: StartAny, connect: Connect, until: Until
    ) -> None:
        tap = either()
        client, server = connect(tap)
        client.sendall(b"all I have")
        client.shutdown(socket.SHUT_WR)
        assert read_to_the_end(server) == b"all I have"
        server.sendall(b"and the answer")
        assert read_exactly(client, 14) == b"and the answer"
        assert tap.counts.open == 1
        server.close()
        assert client.recv(1) == b""
        until(lambda: tap.counts.open == 0)
        assert ends(tap.record) == [("up", "fin"), ("down", "fin")]

    @pytest.mark.parametrize("delay", [0.0, 0.01])
    def test_a_reset_by_the_client_is_one_for_the_server(
        self, start: Start, connect: Connect, until: Until, delay: float
    ) -> None:
        tap = start(delay=delay)
        client, server = connect(tap)
        client.sendall(b"last words")
        assert read_exactly(server, 10) == b"last words"
        reset_on_close(client)
        client.close()
        with pytest.raises(ConnectionResetError):
            server.recv(1)
        until(lambda: tap.counts.open == 0)
        assert ends(tap.record) == [("up", "rst")]

    def test_an_upstream_that_refuses_is_a_reset_for_the_client(
        self, either: StartAny, upstream: socket.socket, until: Until
    ) -> None:
        tap = either(delay=0.01)
        upstream.close()
        with socket.create_connection(tap.address, timeout=WAIT) as client:
            client.sendall(b"anybody?")
            with pytest.raises(ConnectionResetError):
                client.recv(1)
        until(lambda: tap.counts.open == 0)
        opened, closed = tap.record
        assert isinstance(opened, Opened)
        assert isinstance(closed, Closed)
        assert (closed.direction, closed.how) == ("down", "rst")
        assert closed.arrived >= opened.at + 20_000_000

    def test_what_is_written_to_a_client_that_left_comes_back_as_a_reset(
        self, start: Start, connect: Connect, until: Until
    ) -> None:
        tap = start()
        client, server = connect(tap)
        client.close()
        assert server.recv(1) == b""

        def write() -> bool:
            try:
                server.send(b"data: too late\n\n")
            except (ConnectionResetError, BrokenPipeError):
                return True
            return False

        until(write)
        until(lambda: tap.counts.open == 0)
        assert ends(tap.record) == [("up", "fin"), ("up", "rst")]
        assert tap.counts.down == len(carried(tap.record, "down"))


class TestRecord:
    def test_is_bounded_and_says_what_fell_out(self, start: Start, connect: Connect) -> None:
        tap = start(keep_bytes=20_000)
        client, server = connect(tap)
        for number in range(100):
            client.sendall(bytes([number]) * 1000)
            read_exactly(server, 1000)
        kept, counts = tap.record, tap.counts
        assert sum(RECORD_COST + len(chunk.data) for chunk in kept if isinstance(chunk, Chunk)) <= 20_000
        assert counts.up == 100_000 == counts.dropped_bytes + len(carried(kept, "up"))
        assert counts.dropped_records + len(kept) == 101  # 100 chunks, and the opening
        assert carried(kept, "up").endswith(bytes([99]) * 1000)

    def test_is_a_copy(self, start: Start, connect: Connect) -> None:
        tap = start()
        connect(tap)
        tap.record.clear()
        assert len(tap.record) == 1

    def test_begins_anew_when_cleared_and_so_do_the_counts(self, either: StartAny, connect: Connect) -> None:
        tap = either()
        client, server = connect(tap)
        client.sendall(b"before")
        read_exactly(server, 6)
        tap.clear()
        assert (tap.record, tap.counts) == ([], Counts(open=1))
        client.sendall(b"after")
        read_exactly(server, 5)
        assert carried(tap.record, "up") == b"after"
        assert tap.counts == Counts(up=5, open=1)


class TestClosing:
    def test_ends_every_connection_and_what_was_on_its_way(self, either: StartAny, connect: Connect) -> None:
        tap = either()
        pairs = [connect(tap) for _ in range(20)]
        tap.delay = 30.0
        for client, server in pairs:
            client.sendall(b"will not arrive")
            server.sendall(b"neither")
        closing = threading.Thread(target=tap.close)
        closing.start()
        closing.join(timeout=1.0)
        assert not closing.is_alive()
        for end in (sock for pair in pairs for sock in pair):
            with suppress(ConnectionResetError):
                assert end.recv(100) == b""
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(tap.address, timeout=WAIT)
        assert (tap.counts.up, tap.counts.down) == (0, 0)

    def test_in_the_middle_of_a_transfer_counts_what_was_handed_over(
        self, start: Start, connect: Connect, until: Until
    ) -> None:
        tap = start()
        client, _ = connect(tap)
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(client.sendall, bytes(200_000_000))
            until(
                lambda: tap.counts.up > 1_000_000
            )  # then the server's window is full: a chunk is in part there
            tap.close()
            assert isinstance(sending.exception(WAIT), OSError)
        counts = tap.counts
        assert counts.up == counts.dropped_bytes + len(carried(tap.record, "up"))

    def test_may_be_done_from_many_threads_and_again(self, either: StartAny, connect: Connect) -> None:
        tap = either()
        connect(tap)
        with ThreadPoolExecutor(8) as pool:
            for closed in [pool.submit(tap.close) for _ in range(8)]:
                closed.result(WAIT)
        tap.close()
        assert tap.counts.opened == 1

    def test_before_the_start_does_nothing(self, upstream: socket.socket) -> None:
        Tap(upstream.getsockname()).close()
        assert TapProcess(upstream.getsockname()).close() is None


class TestStarting:
    def test_on_a_port_in_use_says_so(self, either: StartAny, upstream: socket.socket) -> None:
        port = upstream.getsockname()[1]
        with pytest.raises(PortInUse) as caught:
            either(port=port)
        assert (caught.value.host, caught.value.port) == ("127.0.0.1", port)

    @pytest.mark.parametrize("kind", [Tap, TapProcess])
    @pytest.mark.parametrize("upstream", [("no.such.host.invalid", 80), ("127.0.0.1", 70_000)])
    def test_before_an_upstream_without_an_address_says_so(
        self, kind: type[AnyTap], upstream: tuple[str, int]
    ) -> None:
        with pytest.raises(BadInput, match="give HOST:PORT"):
            kind(upstream).start()

    def test_again_is_of_no_effect_and_after_close_opens_anew(self, start: Start, connect: Connect) -> None:
        tap = start()
        address = tap.address
        assert tap.start().address == address
        tap.close()
        tap.start()
        client, server = connect(tap)
        client.sendall(b"again")
        assert read_exactly(server, 5) == b"again"

    def test_without_descriptors_left_it_waits_for_some(self, start: Start, upstream: socket.socket) -> None:
        tap = start()
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        with socket.socket() as client:
            client.settimeout(WAIT)
            resource.setrlimit(resource.RLIMIT_NOFILE, (client.fileno() + 1, limits[1]))
            try:
                client.connect(tap.address)
                client.sendall(b"patience")
                threading.Event().wait(0.1)  # long enough to find none
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            with upstream.accept()[0] as server:
                server.settimeout(WAIT)
                assert read_exactly(server, 8) == b"patience"
