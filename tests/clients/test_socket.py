"""WebSocket: both directions, several threads, and what the other side may say."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import websockets.sync.client
import websockets.sync.server
from websockets.exceptions import ConnectionClosed

from rtlab.clients import Reader, WebSocket
from rtlab.clients import socket as socket_module
from rtlab.errors import BadInput, InvalidData, ServerError, Unavailable
from rtlab.event import Event, Gap
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread

Talk = Callable[[websockets.sync.server.ServerConnection, int], None]


@pytest.fixture
def talking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Talk], str]]:
    """A server of the `websockets` library that says what a test wants; the URL of its channel."""
    monkeypatch.setattr(Reader, "FIRST_PAUSE", 0.01)
    with contextlib.ExitStack() as stack:

        def start(talk: Talk) -> str:
            count = iter(range(1, 1000))

            def handle(connection: websockets.sync.server.ServerConnection) -> None:
                with contextlib.suppress(ConnectionClosed):
                    talk(connection, next(count))

            server = websockets.sync.server.serve(handle, "127.0.0.1", 0, compression=None)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.socket.getsockname()[1]}/channels/news"

        yield start


def opening(cursor: str = "a.1") -> str:
    return json.dumps({"type": "open", "cursor": cursor})


def event(n: int) -> str:
    return json.dumps({"type": "event", "id": f"a.{n}", "time": "t", "data": n})


def test_send_returns_the_id_that_the_event_has_for_everybody(url: str) -> None:
    with WebSocket(url) as one, WebSocket(url) as other:
        id = one.send({"text": "hello"})
        for reader in (one, other):
            (received,) = reader.events(limit=1, timeout=10)
            assert isinstance(received, Event)
            assert (received.id, received.data) == (id, {"text": "hello"})


def test_send_while_nobody_iterates_keeps_the_events_that_come_in_between(url: str) -> None:
    with WebSocket(url) as socket:
        sent = [socket.send(n) for n in range(50)]
        assert [item.id for item in socket.events(limit=50, timeout=10) if isinstance(item, Event)] == sent
        assert socket.stats.connections == 1


def test_many_threads_send_while_another_iterates(
    url: str, in_thread: Callable[..., threading.Thread]
) -> None:
    seen: list[str] = []
    with WebSocket(url) as socket:
        iterating = in_thread(lambda: seen.extend(item.id for item in socket.events(limit=200)))  # type: ignore[union-attr]
        with ThreadPoolExecutor(8) as pool:
            sent = list(pool.map(socket.send, range(200)))
        iterating.join(20)
        assert not iterating.is_alive()
    assert sorted(seen) == sorted(sent)
    assert len(set(seen)) == 200


def test_many_threads_send_while_nobody_iterates(url: str) -> None:
    with WebSocket(url) as socket:
        with ThreadPoolExecutor(8) as pool:
            sent = list(pool.map(socket.send, range(200)))
        assert {item.id for item in socket.events(limit=200, timeout=10) if isinstance(item, Event)} == set(
            sent
        )


def test_a_key_is_appended_once(url: str) -> None:
    with WebSocket(url) as socket:
        assert socket.send("x", key="k") == socket.send("x", key="k")
        with pytest.raises(ServerError, match=r"422 .*the idempotency key 'k' was used"):
            socket.send("y", key="k")
        assert len(list(socket.events(timeout=0.1))) == 1


def test_data_that_json_cannot_carry_is_refused_before_it_is_sent(url: str) -> None:
    with WebSocket(url) as socket:
        for data in (float("nan"), {1, 2}, "\ud800"):
            with pytest.raises(InvalidData):
                socket.send(data)
        assert socket.send("fine")


def test_a_close_for_what_was_sent_is_told_to_who_sent_it_and_reading_goes_on(
    in_thread: Callable[..., threading.Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Reader, "FIRST_PAUSE", 0.01)
    seen: list[Any] = []
    with (
        contextlib.closing(ServerThread(limits=Limits(message_bytes=1000))) as server,
        WebSocket(f"{server.url}/channels/news") as socket,
    ):
        iterating = in_thread(lambda: seen.extend(item.data for item in socket.events(limit=1)))  # type: ignore[union-attr]
        with pytest.raises(ServerError, match="1009"):
            socket.send("x" * 2000)
        socket.send("small")
        iterating.join(10)
        assert not iterating.is_alive()
    assert seen == ["small"]


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1008, 1009, 1010])
def test_a_close_that_says_we_did_wrong_is_an_error(talking: Callable[[Talk], str], code: int) -> None:
    def talk(connection: websockets.sync.server.ServerConnection, _number: int) -> None:
        connection.send(opening())
        connection.close(code, "because")

    url = talking(talk)
    with WebSocket(url) as socket, pytest.raises(ServerError, match=f"{code}: because") as caught:
        list(socket.events(timeout=10))
    assert caught.value.status == code


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 1013, 1014, 4000, None])
def test_after_any_other_end_it_comes_back(talking: Callable[[Talk], str], code: int | None) -> None:
    asked: list[str] = []

    def talk(connection: websockets.sync.server.ServerConnection, number: int) -> None:
        assert connection.request is not None
        asked.append(connection.request.path)
        connection.send(opening("a.9"))  # which only counts the first time
        if number == 1:
            if code is None:
                connection.socket.close()  # no Close at all: 1006
            else:
                connection.close(code)
        else:
            connection.send(event(10))
            connection.recv()

    with WebSocket(talking(talk)) as socket:
        assert [item.data for item in socket.events(limit=1, timeout=10) if isinstance(item, Event)] == [10]
    assert asked == ["/channels/news/socket?after=now", "/channels/news/socket?after=a.9"]


def test_fragments_pings_and_unknown_messages(talking: Callable[[Talk], str]) -> None:
    pongs: list[bool] = []

    def talk(connection: websockets.sync.server.ServerConnection, _number: int) -> None:
        connection.send(opening())
        connection.send(iter([event(2)[:9], event(2)[9:20], event(2)[20:]]))
        pongs.append(connection.ping().wait(10))
        connection.send('{"type": "weather"}')
        connection.send('{"type": "gap", "missed": null, "cursor": "b.3"}')
        connection.send(event(3))
        connection.recv()

    with WebSocket(talking(talk)) as socket:
        assert list(socket.events(limit=2, timeout=10)) == [
            Event("a.2", "t", 2),
            Gap(None, "b.3"),
            Event("a.3", "t", 3),
        ]
    assert pongs == [True]


@pytest.mark.parametrize("message", ["hello", b"\x00", '"\xff', "{"])
def test_what_is_no_message_is_an_error_or_ignored(
    talking: Callable[[Talk], str], message: str | bytes
) -> None:
    def talk(connection: websockets.sync.server.ServerConnection, _number: int) -> None:
        connection.send(opening())
        connection.send(message)
        connection.send(event(2))
        connection.recv()

    with WebSocket(talking(talk)) as socket:
        if isinstance(message, bytes):
            assert len(list(socket.events(limit=1, timeout=10))) == 1
        else:
            with pytest.raises(ServerError, match="what is no message"):
                list(socket.events(timeout=10))


def test_a_lost_connection_before_the_acknowledgement_is_told_or_with_a_key_tried_again(
    talking: Callable[[Talk], str],
) -> None:
    received: list[dict[str, Any]] = []

    def talk(connection: websockets.sync.server.ServerConnection, number: int) -> None:
        connection.send(opening())
        message = json.loads(connection.recv())
        received.append(message)
        if number % 2:
            connection.socket.close()
        else:
            connection.send(json.dumps({"type": "published", "ref": message["ref"], "id": "a.2"}))
            connection.recv()

    url = talking(talk)
    with WebSocket(url) as socket:
        assert socket.send("x", key="k") == "a.2"
    assert [message["key"] for message in received] == ["k", "k"]
    with WebSocket(url) as socket, pytest.raises(Unavailable, match="send it with a key"):
        socket.send("y")
    assert "key" not in received[2]


def test_no_acknowledgement_in_time_is_told(talking: Callable[[Talk], str]) -> None:
    def talk(connection: websockets.sync.server.ServerConnection, _number: int) -> None:
        connection.send(opening())
        connection.recv()
        connection.recv()

    with WebSocket(talking(talk)) as socket, pytest.raises(Unavailable, match=r"not acknowledged in 0\.05 s"):
        socket.send("x", timeout=0.05)


def test_close_ends_a_waiting_send(
    talking: Callable[[Talk], str], in_thread: Callable[..., threading.Thread]
) -> None:
    arrived = threading.Event()

    def talk(connection: websockets.sync.server.ServerConnection, _number: int) -> None:
        connection.send(opening())
        connection.recv()
        arrived.set()
        connection.recv()

    def send() -> None:
        with pytest.raises(Unavailable, match="closed before"):
            socket.send("x", timeout=60)

    with WebSocket(talking(talk)) as socket:
        sending = in_thread(send)
        assert arrived.wait(10)
    sending.join(1.0)
    assert not sending.is_alive()


def test_closing_shakes_hands(talking: Callable[[Talk], str]) -> None:
    closed = threading.Event()
    codes: list[int | None] = []

    def talk(connection: websockets.sync.server.ServerConnection, _number: int) -> None:
        connection.send(opening())
        with pytest.raises(ConnectionClosed):
            connection.recv()
        codes.append(connection.close_code)
        closed.set()

    with WebSocket(talking(talk)):
        pass
    assert closed.wait(10)
    assert codes == [1000]


def test_who_only_sends_keeps_a_bounded_number_of_events_and_reads_the_rest_again(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_module, "KEPT", 10)
    with WebSocket(url) as socket:
        sent = [socket.send(n) for n in range(40)]
        assert len(socket._ready) <= 10
        assert [item.id for item in socket.events(limit=40, timeout=10) if isinstance(item, Event)] == sent
        assert socket.stats.reconnects == 0


def test_reading_again_what_was_not_kept_waits_until_no_acknowledgement_is_due(
    url: str, monkeypatch: pytest.MonkeyPatch, in_thread: Callable[..., threading.Thread]
) -> None:
    monkeypatch.setattr(socket_module, "KEPT", 5)
    sent: list[str] = []
    with WebSocket(url) as socket:
        in_thread(lambda: sent.extend(socket.send(n) for n in range(300)))
        seen = [item.id for item in socket.events(limit=300, timeout=30) if isinstance(item, Event)]
    assert seen == sorted(seen, key=lambda id: int(id.partition(".")[2]))
    assert len(set(seen)) == 300


def test_a_silent_connection_counts_as_dead(talking: Callable[[Talk], str]) -> None:
    def talk(connection: websockets.sync.server.ServerConnection, number: int) -> None:
        connection.send(opening())
        if number == 2:
            connection.send(event(2))
        connection.recv()

    with WebSocket(talking(talk), silence=0.05) as socket:
        assert len(list(socket.events(limit=1, timeout=10))) == 1
        assert socket.stats.connections == 2


def test_a_handshake_that_is_none_is_an_error(say: Any) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Accept": "x"}
    peer = say(say.answer("101 Switching Protocols", **upgrade))
    with pytest.raises(ServerError, match="not a WebSocket handshake"), WebSocket(peer.url):
        pass
    assert b"GET /channels/news/socket?after=now HTTP/1.1\r\n" in peer.heads[0]
    assert b"Origin" not in peer.heads[0]


def test_another_client_reads_and_writes_the_same_channel(url: str) -> None:
    with (
        WebSocket(url) as socket,
        websockets.sync.client.connect(url.replace("http", "ws") + "/socket", proxy=None) as other,
    ):
        assert json.loads(other.recv(10))["type"] == "open"
        id = socket.send("ours")
        assert json.loads(other.recv(10))["id"] == id
        other.send(json.dumps({"type": "publish", "data": "theirs", "ref": 1}))
        assert [item.data for item in socket.events(limit=2, timeout=10) if isinstance(item, Event)] == [
            "ours",
            "theirs",
        ]


def test_sending_on_a_closed_socket_is_told(url: str) -> None:
    socket = WebSocket(url)
    socket.close()
    with pytest.raises(Unavailable, match="closed before"):
        socket.send("x")
    with pytest.raises(BadInput), socket:
        pass
