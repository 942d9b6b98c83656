"""A network that cuts a connection after N bytes, for every N: nothing is lost, nothing comes twice."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rtlab.clients import Reader, WebSocket
from rtlab.event import Event
from rtlab.server.thread import ServerThread

Make = Callable[..., Reader]
EVENTS = 4


@pytest.mark.limit(120)
@pytest.mark.parametrize("name", ["short", "conditional", "long", "sse", "websocket"])
def test_a_connection_may_be_cut_at_any_byte(
    name: str,
    techniques: dict[str, Make],
    relay: Any,
    publish: Callable[..., list[str]],
    server: ServerThread,
) -> None:
    expected = publish(*[{"n": n, "text": "é" * n} for n in range(EVENTS)])
    port, make = server.server.port, techniques[name]
    with make(f"http://127.0.0.1:{port}/channels/news", "start") as reader:  # how much there is to cut
        list(reader.events(limit=EVENTS, timeout=10))
        size = reader.stats.bytes_down

    def read(cut: int) -> tuple[int, list[str]]:
        # The first connection breaks after `cut` bytes; the second a little later, so that it breaks again.
        cuts: Iterator[int | None] = iter([cut, cut + 7])
        broken = relay(port, lambda _number: next(cuts, None))
        with make(broken.url, "start") as reader:
            return cut, [
                event.id for event in reader.events(limit=EVENTS, timeout=30) if isinstance(event, Event)
            ]

    with ThreadPoolExecutor(24) as pool:
        for cut, got in pool.map(read, range(0, size + 2)):
            assert got == expected, f"cut after {cut} bytes of {size}"


@pytest.mark.limit(120)
def test_a_poll_or_stream_may_be_cut_while_events_are_published(
    make: Make,
    relay: Any,
    publish: Callable[..., list[str]],
    server: ServerThread,
    in_thread: Callable[..., object],
) -> None:
    flaky = relay(server.server.port, lambda number: 397 * number)
    published: list[str] = []
    with make(flaky.url) as reader:
        in_thread(lambda: [published.extend(publish(n)) for n in range(200)])
        got = [event.id for event in reader.events(limit=200, timeout=60) if isinstance(event, Event)]
    assert got == published
    assert reader.stats.reconnects > 0
    assert reader.stats.gaps == 0


@pytest.mark.limit(120)
def test_what_is_sent_with_a_key_is_appended_once_wherever_the_connection_is_cut(
    relay: Any,
    publish: Callable[..., list[str]],
    server: ServerThread,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Reader, "FIRST_PAUSE", 0.01)
    port = server.server.port
    publish("first")

    def send(cut: int) -> str:
        cuts: Iterator[int | None] = iter([cut, cut + 3])
        broken = relay(port, lambda _number: next(cuts, None))
        with WebSocket(broken.url) as socket:
            return socket.send({"cut": cut}, key=f"key-{cut}")

    with ThreadPoolExecutor(24) as pool:
        ids = list(pool.map(send, range(0, 320)))
    with WebSocket(f"http://127.0.0.1:{port}/channels/news", "start") as reader:
        events = [event for event in reader.events(limit=321, timeout=10) if isinstance(event, Event)]
        assert list(reader.events(timeout=0.1)) == []
    assert sorted(event.data["cut"] for event in events[1:]) == list(range(320))
    assert {event.data["cut"]: event.id for event in events[1:]} == dict(enumerate(ids))
