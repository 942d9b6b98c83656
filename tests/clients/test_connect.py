"""`connect`: whatever the path does, some technique gets through, and each event comes once and in order."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from rtlab import connect
from rtlab.clients.connect import AnyPath
from rtlab.clients.reader import Reader
from rtlab.errors import BadInput, InvalidCursor, ServerError, Unavailable
from rtlab.event import Event
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread
from rtlab.wire.middlebox import Middlebox
from rtlab.wire.proxies import Buffers, Refuses, StripsUpgrade
from rtlab.wire.tap import Tap
from rtlab.wire.trouble import HalfOpen

WAIT = 20.0
QUICK = {"silence": 0.5, "patience": 1.0, "retry": 0.2}


class Road:
    """A server, a tap before it, and what stands on the way."""

    def __init__(self, things: ExitStack) -> None:
        self.server = ServerThread(limits=Limits(heartbeat=0.15, missed_beats=10))
        self.tap = things.enter_context(Tap(("127.0.0.1", self.server.server.port)))
        things.callback(lambda: self.server.close())
        self.number = 0

    @property
    def url(self) -> str:
        return "http://{}:{}/channels/a".format(*self.tap.address)

    def publish(self, count: int = 1) -> None:
        for _ in range(count):
            self.number += 1
            self.server.call(lambda: self.server.server.channels.find("a").publish(self.number))

    def restart(self) -> None:
        port = self.server.server.port
        self.server.close()
        self.server = ServerThread(port=port, limits=Limits(heartbeat=0.15, missed_beats=10))


@pytest.fixture
def road() -> Road:  # type: ignore[misc]
    with ExitStack() as things:
        yield Road(things)


def take(reader: AnyPath, count: int) -> list[object]:
    return [item.data for item in reader.events(limit=count, timeout=WAIT) if isinstance(item, Event)]


PATHS: dict[str, tuple[Callable[[], list[Middlebox]], str]] = {
    "an open path": (list, "websocket"),
    "Upgrade is stripped": (lambda: [StripsUpgrade()], "sse"),
    "a firewall forbids the handshake": (lambda: [Refuses(403, only="/socket")], "sse"),
    "a proxy that strips and buffers": (lambda: [StripsUpgrade(), Buffers(1 << 20)], "long"),
    "a gateway that allows short questions only": (
        lambda: [Refuses(502, only="/(stream|socket)"), Refuses(403, only="wait=")],
        "short",
    ),
}


PATHS |= {
    f"a portal answers {status} to what is no poll": (
        lambda status=status: [Refuses(status, only="/(stream|socket)")],
        "long",
    )
    for status in (200, 302)
}


@pytest.mark.parametrize("path", PATHS)
def test_the_best_technique_that_gets_through_reads(road: Road, path: str) -> None:
    boxes, technique = PATHS[path]
    road.tap.middleboxes = boxes()
    road.publish(3)
    with connect(road.url, after="start", **QUICK) as reader:
        first = take(reader, 3)
        road.publish(3)
        assert first + take(reader, 3) == [1, 2, 3, 4, 5, 6]
        assert reader.technique == technique
        assert reader.stats.events == 6


def test_what_worked_is_tried_first_the_next_time(road: Road) -> None:
    road.tap.middleboxes = [StripsUpgrade()]
    with connect(road.url, **QUICK) as reader:
        assert reader.stats.requests >= 2
    with connect(road.url, silence=0.5) as again:
        assert (again.technique, again.stats.requests) == ("sse", 1)


def test_a_path_that_becomes_better_is_used_and_nothing_is_lost(road: Road) -> None:
    road.tap.middleboxes = [StripsUpgrade(), Buffers(1 << 20)]
    with connect(road.url, after="start", **QUICK) as reader:
        road.publish()
        seen = take(reader, 1)
        assert reader.technique == "long"
        road.tap.middleboxes = []
        deadline = time.monotonic() + WAIT
        while reader.technique != "websocket":
            assert time.monotonic() < deadline
            road.publish()
            seen += take(reader, 1)
        road.publish()
        seen += take(reader, 1)
    assert seen == list(range(1, road.number + 1))


def test_a_path_that_becomes_worse_is_left_and_nothing_is_lost(road: Road) -> None:
    with connect(road.url, after="start", silence=0.5, patience=1.0) as reader:
        road.publish(2)
        assert take(reader, 2) == [1, 2]
        road.tap.middleboxes = [StripsUpgrade()]
        road.tap.cut()
        road.publish(2)
        assert take(reader, 2) == [3, 4]
        assert reader.technique == "sse"


def test_a_connection_that_went_silent_is_made_anew_with_the_same_technique(road: Road) -> None:
    road.tap.middleboxes = [HalfOpen(0.05, times=1)]
    with connect(road.url, after="start", silence=0.4) as reader:
        time.sleep(0.1)
        road.publish(2)
        assert take(reader, 2) == [1, 2]
        assert reader.technique == "websocket"
        assert reader.stats.reconnects == 1


def test_a_server_that_is_away_for_a_while_is_waited_for(road: Road) -> None:
    with connect(road.url, after="start", **QUICK) as reader:
        road.publish()
        assert take(reader, 1) == [1]
        road.server.close()
        assert list(reader.events(timeout=0.5)) == []
        road.restart()
        road.publish()
        items = list(reader.events(limit=1, timeout=WAIT))
        assert [type(item).__name__ for item in items] == ["Gap", "Event"]


def test_what_no_path_is_to_blame_for_is_raised(road: Road) -> None:
    road.publish()
    with (
        pytest.raises(ServerError),
        connect(road.url.replace("channels/a", "elsewhere/channels/a")) as reader,
    ):
        list(reader.events(limit=1, timeout=1))


def test_a_portal_that_comes_up_in_the_middle_is_gone_around(road: Road) -> None:
    with connect(road.url, after="start", silence=0.5, patience=1.0) as reader:
        road.publish()
        assert take(reader, 1) == [1]
        road.tap.middleboxes = [Refuses(200, only="/(stream|socket)")]
        road.tap.cut()
        road.publish()
        assert take(reader, 1) == [2]
        assert reader.technique == "long"


@pytest.mark.parametrize(("status", "error"), [("301", ServerError), ("302", Unavailable)])
def test_a_channel_that_has_moved_is_said_where_every_technique_is_told_so(
    say: Any, status: str, error: type[Exception]
) -> None:
    moved = say(say.answer(f"{status} Elsewhere", Location="http://127.0.0.1:1/channels/b/events"))
    with pytest.raises(error, match="has moved: use the one at"), connect(moved.url, patience=0.5):
        pass
    assert len(moved.heads) == 4


def test_sending_where_the_server_is_gone_is_unavailable(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reader, "FIRST_PAUSE", 0.01)
    with connect(road.url, **QUICK) as reader:
        assert reader.technique == "websocket"
        road.server.close()
        road.tap.cut()
        with pytest.raises(Unavailable):
            reader.send(1, key="k")


def test_without_a_server_it_says_so() -> None:
    with Tap(("127.0.0.1", 1)) as tap:
        url = "http://{}:{}/channels/a".format(*tap.address)
        with pytest.raises(Unavailable), connect(url, patience=0.2):
            pass


def test_a_server_that_says_when_to_come_back_is_not_asked_by_another_technique_before(say: Any) -> None:
    busy = say(say.answer("503 Service Unavailable", Retry_After="60"))
    with pytest.raises(Unavailable, match="503"), connect(busy.url, patience=0.2):
        pass
    assert len(busy.heads) == 1


def test_nor_in_the_middle_of_reading(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    road.publish()
    with connect(road.url, after="start", silence=0.5, patience=1.0) as reader:
        assert take(reader, 1) == [1]

        def busy(first: int, deadline: float | None) -> None:
            raise Unavailable("busy", 60.0)

        def wait(seconds: float | None = None) -> bool:
            waits.append(seconds or 0.0)
            return True

        monkeypatch.setattr(reader, "_open", busy)
        monkeypatch.setattr(reader._closed, "wait", wait)
        reader._go_on(0, None)
    assert waits[0] > 59.0


@pytest.mark.parametrize("wrong", [{"silence": 0}, {"patience": -1}, {"retry": 0}])
def test_times_of_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="above 0"):
        connect("http://127.0.0.1:1/channels/a", **wrong)


def test_a_wrong_cursor_or_url_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(InvalidCursor):
        connect("http://127.0.0.1:1/channels/a", after="yesterday")
    with pytest.raises(BadInput):
        connect("http://127.0.0.1:1/news")


def test_closing_ends_the_iteration_from_any_thread(road: Road) -> None:
    with connect(road.url, **QUICK) as reader:
        closing = threading.Timer(0.2, reader.close)
        closing.start()
        assert list(reader.events(timeout=WAIT)) == []
        closing.join()
        reader.close()


def test_it_publishes_on_the_socket_or_by_a_post(road: Road) -> None:
    for boxes in ([], [StripsUpgrade()]):
        road.tap.middleboxes = boxes
        road.tap.cut()
        with connect(road.url, **QUICK) as reader:
            id = reader.send("hello", key=f"k{len(boxes)}")
            assert [item.id for item in reader.events(limit=1, timeout=WAIT) if isinstance(item, Event)] == [
                id
            ]
