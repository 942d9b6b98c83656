"""From start to a graceful stop; and nothing left of a client that has gone, however it went."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from rtlab.errors import BadInput, PortInUse, RtlabError
from rtlab.event import Event
from rtlab.protocol.frames import CloseCode, Opcode
from rtlab.server.app import Server
from rtlab.server.connections import allow_files
from rtlab.server.handler import Handler
from rtlab.server.limits import Limits
from rtlab.server.polling import EventsHandler
from rtlab.server.stream import StreamHandler
from rtlab.server.thread import ServerThread

from .raw import SECONDS, Connection, Socket, Stream

Serve = Callable[..., ServerThread]
PATH = "/channels/a"
EVENTS = PATH + "/events"


def held(server: ServerThread) -> int:
    """How many polls are held."""
    return server.call(lambda: sum(len(c.held) for c in server.server.channels.by_name.values()))


def remains(server: ServerThread) -> list[object]:
    """What the server keeps for clients."""
    own = server.server
    return server.call(
        lambda: [
            *own._open,
            *own.admission._by_address.elements(),
            *(c.name for c in own.channels.by_name.values() if c.readers or c.held or c.log is None),
        ]
    )


class TestStart:
    def test_the_url_says_where_it_listens(self, serve: Serve) -> None:
        server = serve()
        assert server.url == f"http://127.0.0.1:{server.server.port}"
        assert server.server.port > 0

    def test_it_listens_on_ipv6(self, serve: Serve) -> None:
        server = serve(host="::1")
        assert server.url == f"http://[::1]:{server.server.port}"
        with socket.create_connection(("::1", server.server.port), SECONDS) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: [::1]\r\n\r\n")
            assert connection.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"

    def test_a_port_in_use_is_said_with_a_remedy(self, serve: Serve) -> None:
        port = serve().server.port
        with pytest.raises(PortInUse, match="--port 0") as caught:
            ServerThread(port=port)
        assert caught.value.port == port

    @pytest.mark.parametrize("port", [-1, 65536])
    def test_a_port_that_cannot_be_is_refused(self, port: int) -> None:
        with pytest.raises(BadInput, match="65535"):
            ServerThread(port=port)

    @pytest.mark.parametrize("host", ["203.0.113.1", "not a host", "x" * 70, "192.168.300.1"])
    def test_a_host_that_is_not_this_machines_is_refused(self, host: str) -> None:
        with pytest.raises(BadInput, match="cannot listen"):
            ServerThread(host)

    def test_its_owner_hears_of_each_append(self, serve: Serve) -> None:
        heard: list[tuple[str, Event]] = []
        server = serve(on_append=lambda channel, event: heard.append((channel, event)))
        with Connection(server.url) as connection:
            ids = [
                connection.post(EVENTS, "1", {"Idempotency-Key": "k"}).json()["id"],
                connection.post(EVENTS, "2").json()["id"],
            ]
            connection.post(EVENTS, "1", {"Idempotency-Key": "k"})
        assert [(channel, event.id, event.data) for channel, event in heard] == [
            ("a", ids[0], 1),
            ("a", ids[1], 2),
        ]

    def test_a_hint_is_told_to_pollers(self, serve: Serve) -> None:
        with Connection(serve(hint=3).url) as connection:
            assert connection.get(EVENTS).headers["cache-control"] == "private, max-age=3"

    def test_files_are_allowed_as_far_as_the_system_lets_it(self) -> None:
        assert allow_files(1) >= 1
        assert allow_files(1 << 60) >= allow_files(1)


class TestStop:
    def test_streams_end_held_polls_are_answered_sockets_close_with_1001(
        self, serve: Serve, until: Any
    ) -> None:
        server = serve()
        with (
            Stream(server.url, PATH + "/stream") as stream,
            Stream(server.url, PATH + "/stream", version="1.0") as plain,
            Connection(server.url) as poll,
            Connection(server.url) as conditional,
            Socket(server.url, PATH + "/socket") as peer,
            Connection(server.url) as idle,
        ):
            idle.get("/healthz")
            poll.ask(EVENTS + "?wait=60")
            conditional.ask(EVENTS + "?wait=60", headers={"If-None-Match": '"new.0"'})
            until(lambda: held(server) == 2)
            stream.block(), plain.block(), peer.message()
            closing = threading.Thread(target=server.close)
            closing.start()
            assert stream.chunk() == b"", "the last chunk"
            assert stream.ended()
            assert plain.ended()
            assert poll.answer().json() == {"events": [], "cursor": "new.0", "gap": None}
            assert conditional.answer().status == 304
            code, reason = peer.close_code()
            assert (code, bool(reason)) == (1001, True)
            peer.say(Opcode.CLOSE, b"\x03\xe9")
            assert peer.ended()
            assert idle.ended()
            closing.join(SECONDS)
            assert not closing.is_alive()

    def test_what_was_published_before_the_stop_is_delivered_before_the_end(self, serve: Serve) -> None:
        server = serve()
        with Stream(server.url, PATH + "/stream") as stream, Socket(server.url, PATH + "/socket") as peer:
            stream.block(), peer.message()

            async def publish_and_stop() -> None:
                server.server.channels.find("a").publish("last words")
                await server.server.stop()

            stopping = asyncio.run_coroutine_threadsafe(publish_and_stop(), server._loop)
            assert "last words" in stream.block()["data"]
            assert stream.chunk() == b""
            assert peer.message()["data"] == "last words"
            assert peer.close_code()[0] == 1001
            peer.say(Opcode.CLOSE, b"\x03\xe9")
            stopping.result(SECONDS)

    def test_who_polls_again_is_not_held_but_told_that_the_server_stops(
        self, serve: Serve, until: Any
    ) -> None:
        server = serve()
        with (
            Connection(server.url) as poll,
            Socket(server.url, PATH + "/socket") as peer,  # does not answer the close: the stop waits for it
        ):
            peer.message()
            poll.ask(EVENTS + "?wait=60")
            until(lambda: held(server) == 1)
            stopping = asyncio.run_coroutine_threadsafe(server.server.stop(), server._loop)
            assert poll.answer().status == 200
            answer = poll.get(EVENTS + "?wait=60")
            assert "stops" in answer.problem(503)
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["connection"] == "close"
            assert poll.ended()
            stopping.result(SECONDS)

    def test_the_port_is_free_again_at_once(self, serve: Serve) -> None:
        port = 0
        for _ in range(3):
            server = serve(port=port)
            port = server.server.port
            with Connection(server.url) as connection, Stream(server.url, PATH + "/stream") as stream:
                connection.post(EVENTS, "1")
                stream.block()
                server.close()
                assert connection.ended()
            with pytest.raises(ConnectionRefusedError):
                Connection(server.url)

    def test_a_hundred_readers_that_do_not_read_do_not_hold_it_up(
        self, serve: Serve, things: Any, until: Any
    ) -> None:
        server = serve(Limits(events=50, socket_bytes=4096), debug=False)
        for kind, path in ((Stream, "/stream"), (Socket, "/socket")):
            for _ in range(50):
                things.enter_context(kind(server.url, PATH + path, receive_bytes=4096))
        until(lambda: len(server.server._open) == 100)

        def fill() -> None:
            for _ in range(60):
                server.server.channels.find("a").publish("x" * 50_000)

        server.call(fill)
        until(lambda: server.call(lambda: not any(reader.at_rest for reader in server.server._open)))
        server.close()
        assert not server._thread.is_alive()

    def test_it_may_be_stopped_twice_and_from_any_thread(self, serve: Serve) -> None:
        server = serve()
        threads = [threading.Thread(target=server.close) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
        server.close()
        with pytest.raises(RtlabError, match="closed"):
            server.call(lambda: None)

    def test_a_server_that_never_started_can_be_stopped(self) -> None:
        asyncio.run(Server().stop())

    def test_no_task_is_left(self) -> None:
        async def live() -> None:
            server = Server()
            await server.start()
            before = asyncio.all_tasks()
            peers = await asyncio.to_thread(
                lambda: [
                    Stream(server.url, PATH + "/stream"),
                    Socket(server.url, PATH + "/socket"),
                    Connection(server.url),
                    Connection(server.url),
                ]
            )
            peers[2].ask(EVENTS + "?wait=60")
            peers[3].send("POST /channels/a/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n")
            while not any(channel.held for channel in server.channels.by_name.values()):
                await asyncio.sleep(0.005)
            await server.stop(grace=0.2)
            for _ in range(5):
                await asyncio.sleep(0)
            assert asyncio.all_tasks() == before
            assert not server._open
            assert server.admission.open == 0
            for peer in peers:
                peer.close()

        asyncio.run(live(), debug=True)


class TestLeaving:
    @pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
    @pytest.mark.parametrize("path", ["/events?wait=60", "/stream", "/socket"])
    def test_a_client_that_leaves_leaves_nothing_behind(
        self, path: str, reset: bool, serve: Serve, until: Any
    ) -> None:
        server = serve()
        for _ in range(5):
            if path == "/socket":
                client: Connection = Socket(server.url, PATH + path)
            else:
                client = Connection(server.url)
                client.ask(PATH + path)
            until(lambda: len(server.server._open) + held(server) == 1)
            if reset:
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            until(lambda: not remains(server))

    @pytest.mark.parametrize(
        ("handler", "path"), [(EventsHandler, "/events?wait=60"), (StreamHandler, "/stream")]
    )
    def test_a_client_that_is_gone_before_its_request_is_looked_at_leaves_nothing_behind(
        self,
        handler: type[Handler],
        path: str,
        serve: Serve,
        until: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        get: Any = handler.get
        asked = []

        async def cut(self: Handler, name: str) -> None:
            # As when a reset has come with the request: the stream is closed, and has told nobody.
            self.iostream.set_close_callback(None)
            self.iostream.close()
            asked.append(self)
            await get(self, name)

        monkeypatch.setattr(handler, "get", cut)
        server = serve()
        with Connection(server.url) as client:
            client.ask(PATH + path)
            assert client.ended()
        until(lambda: asked)
        until(lambda: not remains(server))

    def test_many_clients_that_reset_at_once_leave_nothing_behind(self, serve: Serve, until: Any) -> None:
        server = serve(debug=False)
        handshake = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        handshake += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        for path in ("/events?wait=60", "/stream", "/socket", "/events?after=start"):
            for _ in range(100):
                client = Connection(server.url)
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.send(f"GET {PATH}{path} HTTP/1.1\r\nHost: localhost\r\n{handshake}\r\n")
                client.close()
        until(lambda: not remains(server))

    def test_reading_unknown_channels_leaves_nothing_behind(self, serve: Serve, until: Any) -> None:
        server = serve()
        with Connection(server.url) as connection:
            for number in range(50):
                connection.get(f"/channels/n{number}/events?after=start")
                connection.get(f"/channels/w{number}/events?wait=0.001")
            for number in range(20):
                with Stream(server.url, f"/channels/s{number}/stream") as stream:
                    stream.block()
                with Socket(server.url, f"/channels/k{number}/socket") as peer:
                    peer.message()
        until(lambda: not server.server.channels.by_name)

    def test_a_client_that_talks_during_its_stream_is_missed_at_the_heartbeat(
        self, serve: Serve, until: Any
    ) -> None:
        server = serve(Limits(heartbeat=0.02))
        with Stream(server.url, PATH + "/stream") as stream:
            stream.block()
            stream.send("GET / HTTP/1.1\r\n" + "x" * 100_000)
            server.call(lambda: server.server.channels.find("a").publish("for all that"))
            while "data" not in (block := stream.block()):
                pass
            assert "for all that" in block["data"]
        until(lambda: not [left for left in remains(server) if left != "a"])

    def test_after_the_close_frame_nothing_is_said(self, serve: Serve) -> None:
        server = serve(Limits(heartbeat=0.01))
        with Socket(server.url, PATH + "/socket") as peer:
            peer.message()
            peer.say(Opcode.BINARY, b"x")
            while (frame := peer.frame()).opcode is Opcode.PING:
                pass
            assert frame.opcode is Opcode.CLOSE
            server.call(lambda: server.server.channels.find("a").publish("too late"))
            assert peer.ended()  # when the server has waited for our Close


class Greeting(Handler):
    def get(self, name: str) -> None:
        self.finish({"hello": name, "server": self.server.url})


class Greeter:
    """An extension that notes what is asked of it."""

    routes: ClassVar = [(r"/greetings/([a-z]+)", Greeting, {}), (r"/channels/([^/]+)/events", Greeting, {})]

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def start(self, server: Server) -> None:
        self.calls.append(f"start with {server.url}")

    async def stop(self) -> None:
        self.calls.append("stop")


class TestExtensions:
    def test_one_is_served_beside_the_channels_and_takes_none_of_their_paths(self, serve: Serve) -> None:
        server = serve(extensions=[Greeter()])
        with Connection(server.url) as connection:
            assert connection.get("/greetings/world").json() == {"hello": "world", "server": server.url}
            assert connection.get(EVENTS).json()["events"] == []

    def test_it_starts_when_the_server_listens_and_stops_with_it(self, serve: Serve) -> None:
        server = serve(extensions=[greeter := Greeter()])
        assert greeter.calls == [f"start with {server.url}"]
        server.close()
        assert greeter.calls[1:] == ["stop"]


@pytest.mark.parametrize("error", [ValueError("no room in the notebook"), OSError("no room on the disk")])
def test_a_mistake_of_the_server_closes_the_socket_with_1011_and_is_in_the_log(
    serve: Serve, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def fail(_channel: str, _event: Event) -> None:
        raise error

    with Socket(serve(on_append=fail).url, "/channels/a/socket") as peer:
        assert peer.message()["type"] == "open"
        peer.say(Opcode.TEXT, b'{"type": "publish", "data": 1}')
        code, reason = peer.close_code()
        assert code == CloseCode.INTERNAL_ERROR
        assert "the server failed" in reason
    (said,) = [record for record in caplog.records if record.name == "rtlab.server"]
    assert said.exc_info is not None
    assert said.exc_info[1] is error
    caplog.clear()
