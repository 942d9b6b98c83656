"""Every limit, crossed: who crosses it is told so as the contract says, and the server goes on."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rtlab.errors import BadInput, LimitExceeded
from rtlab.protocol.frames import Frame, Opcode, encode
from rtlab.server import limits as limits_module
from rtlab.server.connections import CountedHTTPServer
from rtlab.server.limits import STATUS, Admission, Limits
from rtlab.server.thread import ServerThread

from .raw import Answer, Connection, Socket, Stream, check_document
from .readers import READERS

Serve = Callable[..., ServerThread]
PATH = "/channels/a"
EVENTS = PATH + "/events"
START = EVENTS + "?after=start"


def publish(connection: Connection, *data: Any, path: str = EVENTS) -> list[str]:
    """Publish each; their ids."""
    answers = [connection.post(path, json.dumps(one)) for one in data]
    assert {answer.status for answer in answers} <= {201}
    return [answer.json()["id"] for answer in answers]


def told(answer: Answer, status: int, limit: str, retry: bool = False) -> Any:
    """Check what is said of a crossed limit; returns the limit's value as told."""
    answer.problem(status)
    assert answer.json()["limit"] == limit
    assert ("retry-after" in answer.headers) is retry
    if retry:
        assert int(answer.headers["retry-after"]) > 0
    return answer.json()["value"]


def test_each_limit_has_a_test_here() -> None:
    source = Path(__file__).read_text()
    assert [limit.name for limit in fields(Limits) if f"Limits({limit.name}=" not in source] == []


def test_each_limit_is_in_the_table_of_the_docs() -> None:
    table = (Path(__file__).parents[2] / "docs/security.md").read_text().partition("## The limits")[2]
    assert [limit.name for limit in fields(Limits) if f"`{limit.name}`" not in table] == []
    tests = set(re.findall(r"`(Test\w+|tests/\S+\.py)`", table))
    here = Path(__file__).read_text()
    root = Path(__file__).parents[2]
    assert [name for name in tests if f"class {name}:" not in here and not (root / name).is_file()] == []


@pytest.mark.parametrize("name", [limit.name for limit in fields(Limits)])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_limit_is_a_number_above_0(name: str, value: float) -> None:
    with pytest.raises(BadInput, match=f"{name}.*above 0"):
        Limits(**{name: value})


def test_each_limit_says_what_it_is_for() -> None:
    assert all(len(limit.metadata["help"]) > 15 for limit in fields(Limits))


class TestWindow:
    @pytest.mark.parametrize("technique", READERS)
    def test_events_beyond_the_window_are_a_gap_of_exactly_their_number(
        self, technique: str, serve: Serve
    ) -> None:
        server = serve(Limits(events=5))
        with Connection(server.url) as connection:
            ids = publish(connection, *range(12))
        for place, missed in (("new.0", 7), (ids[0], 6), (ids[5], 1)):
            with READERS[technique](server.url, PATH, place) as late:
                assert late.gap() == {"missed": missed, "cursor": ids[6]}
                assert [late.event() for _ in range(5)] == list(range(7, 12))
        for place, first in ((ids[6], 7), (ids[7], 8), ("start", 7), ("last", 11)):
            with READERS[technique](server.url, PATH, place) as reader:
                assert reader.event() == first

    def test_bytes_beyond_the_window_are_a_gap_too(self, serve: Serve) -> None:
        server = serve(Limits(bytes=1000))
        with Connection(server.url) as connection:
            ids = publish(connection, *["x" * 300] * 5)
            answer = connection.get(f"{EVENTS}?after={ids[0]}").json()
            assert answer["gap"] == {"missed": 2, "cursor": ids[2]}
            assert [event["id"] for event in answer["events"]] == ids[3:]
            (row,) = connection.get("/channels").json()["channels"]
            assert row["events"] == 2
            assert 600 < row["bytes"] <= 1000

    def test_an_event_larger_than_the_window_is_refused(self, serve: Serve) -> None:
        with Connection(serve(Limits(bytes=1000)).url) as connection:
            assert told(connection.post(EVENTS, json.dumps("x" * 1000)), 413, "bytes") == 1000
            assert connection.get("/channels").json() == {"channels": []}
            publish(connection, "x" * 900)

    def test_an_event_that_has_left_the_window_is_gone(self, serve: Serve) -> None:
        with Connection(serve(Limits(events=2)).url) as connection:
            ids = publish(connection, "a", "b", "c")
            assert "newer" in connection.get(f"{EVENTS}/{ids[0]}").problem(410)
            assert connection.get(f"{EVENTS}/{ids[1]}").json()["data"] == "b"

    def test_a_key_is_known_for_as_long_as_its_event(self, serve: Serve) -> None:
        with Connection(serve(Limits(events=2)).url) as connection:
            key = {"Idempotency-Key": "k"}
            assert connection.post(EVENTS, "1", key).status == 201
            publish(connection, 2)
            assert connection.post(EVENTS, "1", key).status == 200
            publish(connection, 3)
            assert connection.post(EVENTS, "9", key).status == 201

    def test_an_answer_has_at_most_so_many_events(self, serve: Serve) -> None:
        with Connection(serve(Limits(answer_events=3)).url) as connection:
            ids = publish(connection, *range(5))
            for query in ("", "&limit=4", "&limit=999999999"):
                answer = connection.get(START + query).json()
                assert [event["id"] for event in answer["events"]] == ids[:3]
                assert answer["cursor"] == ids[2]
            assert len(connection.get(START + "&limit=2").json()["events"]) == 2


class TestChannels:
    def test_one_channel_too_many_is_503_and_the_others_go_on(self, serve: Serve) -> None:
        server = serve(Limits(channels=2))
        with Connection(server.url) as connection:
            publish(connection, 1, path="/channels/a/events")
            publish(connection, 1, path="/channels/b/events")
            assert told(connection.post("/channels/c/events", "1"), 503, "channels", retry=True) == 2
            publish(connection, 2, path="/channels/b/events")
            assert connection.get("/channels/c/events?after=start").json()["cursor"] == "new.0"
            with Socket(server.url, "/channels/c/socket") as peer:
                peer.message()
                peer.tell({"type": "publish", "data": 1, "ref": 5})
                error = peer.message()
                assert (error["type"], error["ref"]) == ("error", 5)
                check_document(error["problem"], 503)

    def test_reading_does_not_count(self, serve: Serve) -> None:
        server = serve(Limits(channels=1))
        with Connection(server.url) as connection, Stream(server.url, "/channels/x/stream") as stream:
            stream.block()
            for number in range(5):
                connection.get(f"/channels/r{number}/events?after=start")
            publish(connection, 1)

    def test_an_idle_channel_expires_and_its_next_publish_makes_a_new_log(
        self, serve: Serve, until: Any
    ) -> None:
        server = serve(Limits(expiry=0.05))
        with Connection(server.url) as connection:
            (old,) = publish(connection, "old")
            until(lambda: connection.get("/channels").json() == {"channels": []})
            (new,) = publish(connection, "new")
            assert new.partition(".")[0] != old.partition(".")[0]
            answer = connection.get(f"{EVENTS}?after={old}").json()
            assert answer["gap"] == {"missed": None, "cursor": new.replace(".1", ".0")}
            assert [event["data"] for event in answer["events"]] == ["new"]

    @pytest.mark.parametrize("technique", ["long", "sse", "websocket"])
    def test_a_channel_that_is_read_does_not_expire(self, technique: str, serve: Serve, until: Any) -> None:
        server = serve(Limits(expiry=0.05))
        with Connection(server.url) as connection:
            poll = Connection(server.url)
            reader = READERS["sse" if technique == "long" else technique](server.url, PATH)
            publish(connection, "old", path="/channels/witness/events")
            (old,) = publish(connection, "old")
            if technique == "long":
                poll.ask(f"{EVENTS}?after={old}&wait=30")
                until(lambda: any(row["held"] for row in connection.get("/channels").json()["channels"]))
                reader.connection.close()
            until(lambda: [row["name"] for row in connection.get("/channels").json()["channels"]] == ["a"])
            poll.close()
            reader.connection.close()
            until(lambda: connection.get("/channels").json() == {"channels": []})


class TestSizes:
    @pytest.mark.parametrize("size", [101, 400_000])
    def test_a_body_too_large_is_413(self, size: int, serve: Serve) -> None:
        with Connection(serve(Limits(body_bytes=100)).url) as connection:
            assert told(connection.post(EVENTS, "1" * size), 413, "body_bytes") == 100
            publish(connection, "x" * 98)

    def test_a_body_too_large_in_chunks_is_413_too(self, serve: Serve) -> None:
        with Connection(serve(Limits(body_bytes=100)).url) as connection:
            head = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
            connection.send(connection.head("POST", EVENTS, head) + ("32\r\n" + "1" * 50 + "\r\n") * 5)
            connection.send("0\r\n\r\n")
            told(connection.answer(), 413, "body_bytes")
            publish(connection, 1)

    @pytest.mark.parametrize("length", [101, 10**12])
    def test_who_asks_before_sending_too_much_is_told_at_once(self, length: int, serve: Serve) -> None:
        head = {
            "Content-Type": "application/json",
            "Content-Length": str(length),
            "Expect": "100-continue",
        }
        with Connection(serve(Limits(body_bytes=100)).url) as connection:
            told(connection.get(EVENTS, "POST", head), 413, "body_bytes")
            assert connection.ended()

    def test_far_too_much_is_not_even_taken(self, serve: Serve) -> None:
        with Connection(serve().url) as connection:
            head = {"Content-Type": "application/json", "Content-Length": str(10**12)}
            told(connection.get(EVENTS, "POST", head), 413, "body_bytes")
            assert connection.ended()

    def test_elsewhere_a_large_body_is_not_taken_either(self, serve: Serve) -> None:
        with Connection(serve(Limits(body_bytes=100)).url) as connection:
            connection.ask("/healthz", "POST", {"Content-Length": "101"})
            assert connection.rest() == b"HTTP/1.1 400 Bad Request\r\n\r\n"

    @pytest.mark.parametrize("pieces", [1, 4])
    def test_a_message_too_large_is_1009(self, pieces: int, serve: Serve) -> None:
        with Socket(serve(Limits(message_bytes=100)).url, PATH + "/socket") as peer:
            peer.message()
            for number in range(pieces):
                opcode = Opcode.TEXT if number == 0 else Opcode.CONTINUATION
                peer.say(opcode, b" " * (101 // pieces + 1), fin=number == pieces - 1)
            code, reason = peer.close_code()
            assert code == 1009
            assert "at most" in reason
            assert peer.ended()

    def test_a_message_of_just_the_size_is_taken(self, serve: Serve) -> None:
        with Socket(serve(Limits(message_bytes=100)).url, PATH + "/socket") as peer:
            peer.message()
            peer.tell('{"type":"publish","data":1}'.ljust(100))
            assert {peer.message()["type"], peer.message()["type"]} == {"published", "event"}

    def test_a_head_too_large_is_431_and_a_far_too_large_one_the_end(self, serve: Serve) -> None:
        server = serve(Limits(header_bytes=2000))
        with Connection(server.url) as connection:
            assert connection.get("/healthz", headers={"X": "x" * 1500}).status == 200
            answer = connection.get("/healthz", headers={"X": "x" * 3000})
            assert told(answer, 431, "header_bytes") == 2000
            assert "2000" in connection.get("/healthz?" + "x" * 2000).problem(414)
            assert connection.post(EVENTS, "1", {"X": "x" * 3000}).status == 431
            assert connection.get("/healthz").status == 200, "the connection can still be used"
        with Connection(server.url) as connection:
            connection.send("GET /" + "x" * 10_000)  # no end of the head in sight
            assert connection.ended()

    def test_what_is_written_at_once_is_bounded(self, serve: Serve) -> None:
        server = serve(Limits(send_bytes=10_000))
        with Connection(server.url) as connection:
            publish(connection, *["x" * 900] * 40)
            with Stream(server.url, PATH + "/stream?after=start") as stream:
                sizes, events = [], 0
                while events < 40:
                    sizes.append(len(chunk := stream.chunk()))
                    events += chunk.count(b"data: ")
                assert max(sizes) <= 10_000
                assert len(sizes) <= 6, "and it is not written event by event"
            cursor, answers = "start", []
            while cursor.partition(".")[2] != "40":
                answers.append(connection.get(f"{EVENTS}?after={cursor}"))
                cursor = answers[-1].json()["cursor"]
            assert max(len(answer.body) for answer in answers) <= 10_200
            assert sum(len(answer.json()["events"]) for answer in answers) == 40

    def test_an_event_larger_than_a_write_is_written_alone(self, serve: Serve) -> None:
        server = serve(Limits(send_bytes=1000))
        with Connection(server.url) as connection:
            publish(connection, "x" * 5000, "y" * 5000)
            for technique in READERS.values():
                with technique(server.url, PATH, "start") as reader:
                    assert [reader.event(), reader.event()] == ["x" * 5000, "y" * 5000]

    def test_the_kernel_keeps_no_more_for_a_slow_reader(self, serve: Serve, until: Any) -> None:
        server = serve(Limits(socket_bytes=20_000))
        with Stream(server.url, PATH + "/stream"):
            until(lambda: server.server._open)
            (reader,) = server.server._open
            kept = reader.stream.socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
            assert kept in (20_000, 40_000)  # Linux doubles it, for its own book-keeping
            assert reader.stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


class TestTimes:
    def test_a_poll_is_held_no_longer_than_the_limit(self, serve: Serve) -> None:
        with Connection(serve(Limits(hold=0.05)).url) as connection:
            assert connection.get(EVENTS + "?wait=3600").json()["events"] == []
            answer = connection.get(EVENTS, headers={"Prefer": "wait=3600"})
            assert answer.headers["preference-applied"] == "wait=0.05"
            assert "0.05" in connection.get(EVENTS + "?wait=x").problem(400)

    def test_a_silent_stream_and_socket_give_a_sign_of_life(self, serve: Serve) -> None:
        server = serve(Limits(heartbeat=0.02, missed_beats=100))
        with (
            Stream(server.url, PATH + "/stream") as stream,
            Stream(server.url, PATH + "/stream", version="1.0") as plain,
            Socket(server.url, PATH + "/socket") as peer,
        ):
            for events in (stream, plain):
                assert "retry" in events.block()
                assert events.file.read1(1 if events.chunked else 2) in (b"2", b":\n")
            peer.message()
            frame = peer.frame()
            assert (frame.opcode, frame.payload) == (Opcode.PING, b"")
            peer.say(Opcode.PONG)
            assert peer.frame().opcode is Opcode.PING

    def test_a_socket_that_answers_no_ping_is_ended_and_one_that_does_stays(self, serve: Serve) -> None:
        server = serve(Limits(missed_beats=3, heartbeat=0.05))
        with Socket(server.url, PATH + "/socket") as dead, Socket(server.url, PATH + "/socket") as alive:
            for peer in (dead, alive):
                peer.message()
            for _ in range(10):
                assert alive.frame().opcode is Opcode.PING
                alive.say(Opcode.PONG)
            assert set(dead.rest()) == {0x89, 0}  # pings, and the end
            assert len(server.server._open) == 1

    def test_a_stream_that_takes_nothing_is_ended_and_one_that_is_only_slow_stays(
        self, serve: Serve, until: Any
    ) -> None:
        server = serve(Limits(missed_beats=3, heartbeat=0.1, send_bytes=1 << 16))
        with (
            Stream(server.url, PATH + "/stream", receive_bytes=4096) as dead,
            Stream(server.url, PATH + "/stream") as slow,
        ):
            dead.block()
            slow.block()
            for _ in range(20):
                server.call(lambda: server.server.channels.find("a").publish("x" * 100_000))
            until(lambda: (slow.file.read1(200_000), len(server.server._open) < 2)[1])
            assert len(server.server._open) == 1

    def test_the_kernel_is_told_to_notice_a_peer_that_is_gone_without_a_word(
        self, serve: Serve, until: Any
    ) -> None:
        server = serve(Limits(heartbeat=5))
        with Stream(server.url, PATH + "/stream"):
            until(lambda: server.server._open)
            (reader,) = server.server._open
            sock = reader.stream.socket
            assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            for name, seconds in {"TCP_KEEPIDLE": 3, "TCP_USER_TIMEOUT": 7_500}.items():
                if hasattr(socket, name):
                    assert sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) == seconds

    def test_a_head_that_does_not_come_ends_the_connection(self, serve: Serve) -> None:
        server = serve(Limits(head_seconds=0.05))
        for begun in ("", "GET / HTTP/1.1\r\nHos"):
            with Connection(server.url) as connection:
                connection.send(begun)
                assert connection.ended()
        with Connection(server.url) as connection:
            assert connection.get("/healthz").status == 200
            connection.send("GET / HTTP/1.1\r\nHos")
            assert connection.ended()

    def test_a_body_that_does_not_come_ends_the_connection(self, serve: Serve) -> None:
        with Connection(serve(Limits(body_seconds=0.05)).url) as connection:
            head = {"Content-Type": "application/json", "Content-Length": "9"}
            connection.send(connection.head("POST", EVENTS, head) + "1")
            assert connection.ended()

    def test_a_connection_that_asks_nothing_is_ended(self, serve: Serve) -> None:
        server = serve(Limits(idle_seconds=0.1))
        with Connection(server.url) as silent:
            assert silent.ended()
        with Connection(server.url) as slow:
            slow.send("GET / HTTP/1.1\r\nHos")  # and never goes on
            assert slow.ended()
        with Connection(server.url) as idle:
            assert idle.get("/healthz").status == 200
            assert idle.ended()

    def test_a_stream_and_a_held_poll_are_not_idle(self, serve: Serve) -> None:
        server = serve(Limits(idle_seconds=0.05))
        with Stream(server.url, PATH + "/stream") as stream, Connection(server.url) as poll:
            stream.block()
            assert poll.get(EVENTS + "?wait=0.3").status == 200
            with Connection(server.url) as connection:
                publish(connection, 1)
            assert "data" in stream.block()


class TestConnections:
    def test_one_too_many_is_503_and_who_was_here_before_is_not_disturbed(
        self, serve: Serve, until: Any
    ) -> None:
        server = serve(Limits(connections=2))
        with Connection(server.url) as first, Socket(server.url, PATH + "/socket") as second:
            assert first.get("/healthz").status == 200
            second.message()
            for path in ("/healthz", PATH + "/stream", PATH + "/socket", "/nothing"):
                with Connection(server.url) as third:
                    answer = third.get(path)
                    assert told(answer, 503, "connections", retry=True) == 2
                    assert answer.headers["connection"] == "close"
                    assert first.get("/healthz").status == 200
            with Connection(server.url) as third:
                told(third.post(EVENTS, "1"), 503, "connections", retry=True)
            assert server.server.admission.open == 2
        until(lambda: server.server.admission.open == 0)
        with Connection(server.url) as later:
            assert later.get("/healthz").status == 200

    def test_one_too_many_that_says_nothing_is_hung_up_on(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(CountedHTTPServer, "EXCESS_SECONDS", 0.05)
        server = serve(Limits(connections=1))
        with Connection(server.url) as first, Connection(server.url) as second:
            first.get("/healthz")
            assert second.ended()
            assert first.get("/healthz").status == 200

    def test_a_flood_of_them_is_hung_up_on_at_once(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch, things: Any, until: Any
    ) -> None:
        monkeypatch.setattr(CountedHTTPServer, "EXCESS", 3)
        server = serve(Limits(connections=1))
        first = things.enter_context(Connection(server.url))
        first.get("/healthz")
        flood = [things.enter_context(Connection(server.url)) for _ in range(10)]
        assert all(connection.ended() for connection in flood[3:])
        assert flood[0].get("/healthz").status == 503
        assert len(server.server.admission.excess) == 3
        for connection in flood:
            connection.close()
        until(lambda: not server.server.admission.excess)

    def test_connections_of_one_address_are_429(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits_module, "is_loopback", lambda _address: False)
        server = serve(Limits(connections_per_address=2))
        with Connection(server.url) as first, Connection(server.url) as second:
            assert first.get("/healthz").status == second.get("/healthz").status == 200
            with Connection(server.url) as third:
                assert told(third.get("/healthz"), 429, "connections_per_address", retry=True) == 2
            assert first.get("/healthz").status == 200

    def test_loopback_is_excepted(self, serve: Serve, things: Any) -> None:
        server = serve(Limits(connections_per_address=1))
        for _ in range(5):
            assert things.enter_context(Connection(server.url)).get("/healthz").status == 200

    def test_addresses_are_counted_each_for_itself(self) -> None:
        admission = Admission(Limits(connections_per_address=2))
        for address in ("10.0.0.1", "10.0.0.2") * 2 + ("127.0.0.1", "::1") * 5:
            admission.connect(address)
        with pytest.raises(LimitExceeded, match="close one"):
            admission.connect("10.0.0.1")
        assert admission.open == 14
        admission.disconnected("10.0.0.1")
        admission.connect("10.0.0.1")
        with admission.connection("10.0.0.2"):  # a WebSocket, which was let in before
            assert admission.open == 15
        assert admission.open == 14

    def test_addresses_that_are_gone_are_forgotten(self) -> None:
        admission = Admission(Limits())
        for number in range(100):
            with admission.connection(f"10.0.0.{number}"):
                pass
        assert not admission._by_address


def clock(monkeypatch: pytest.MonkeyPatch, monotonic: Callable[[], float]) -> None:
    """Give the limits a clock of our own."""
    monkeypatch.setattr(limits_module, "time", SimpleNamespace(monotonic=monotonic))


class TestPublishRate:
    def test_too_many_publishes_are_429(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        clock(monkeypatch, lambda: 5.0)
        with Connection(serve(Limits(publish_rate=3)).url) as connection:
            publish(connection, 1, 2, 3)
            assert told(connection.post(EVENTS, "4"), 429, "publish_rate", retry=True) == 3
            assert len(connection.get(START).json()["events"]) == 3

    def test_on_a_socket_it_is_1008(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        clock(monkeypatch, lambda: 5.0)
        with Socket(serve(Limits(publish_rate=3)).url, PATH + "/socket") as peer:
            peer.message()
            message = encode(Frame(Opcode.TEXT, b'{"type":"publish","data":1}', mask=b"\0\0\0\0"))
            peer.send(message * 6)
            kinds = []
            while (frame := peer.frame()).opcode is Opcode.TEXT:
                kinds.append(json.loads(frame.payload)["type"])
            assert kinds.count("published") == 3
            assert int.from_bytes(frame.payload[:2], "big") == 1008
            assert b"more slowly" in frame.payload

    @pytest.mark.parametrize("rate", [0.5, 1.0, 3.0, 1000.0])
    def test_who_keeps_trying_gets_the_rate_and_no_less(
        self, rate: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admission, at, done = Admission(Limits(publish_rate=rate)), [0.0], 0
        clock(monkeypatch, lambda: at[0])
        seconds, tries = 16, 4
        for step in range(int(seconds * rate) * tries):
            at[0] = step / (rate * tries)
            try:
                admission.check_publish("10.0.0.1")
                done += 1
            except LimitExceeded:
                pass
        depth = max(rate, 1)
        assert seconds * rate - 1 <= done <= seconds * rate + depth

    def test_a_pause_earns_one_seconds_worth_and_no_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        admission, at = Admission(Limits(publish_rate=10)), [0.0]
        clock(monkeypatch, lambda: at[0])
        for moment in (0.0, 3600.0):
            at[0] = moment
            for _ in range(10):
                admission.check_publish("10.0.0.1")
            with pytest.raises(LimitExceeded):
                admission.check_publish("10.0.0.1")
            admission.check_publish("10.0.0.2")

    def test_only_so_many_addresses_are_remembered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Admission, "ADDRESSES", 10)
        admission = Admission(Limits())
        for number in range(50):
            admission.check_publish(f"10.0.0.{number}")
        assert len(admission._tokens) == 10


def test_each_limit_that_is_told_has_a_status() -> None:
    names = {limit.name for limit in fields(Limits)}
    assert set(STATUS) <= names
    assert {status for status, _ in STATUS.values()} == {413, 429, 431, 503}
    assert all(again is not None for status, again in STATUS.values() if status in (429, 503))
