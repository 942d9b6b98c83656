"""What holds for every technique: the place in the log, the limits of reading, the way out."""

import contextlib
import email.utils
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from itertools import cycle
from typing import Any

import pytest

from rtlab.clients import Reader, ShortPolling
from rtlab.errors import BadInput, InvalidCursor, ServerError, Unavailable
from rtlab.event import Event, Gap
from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread

Make = Callable[..., Reader]
Publish = Callable[..., list[str]]
REFUSALS = [
    "400 Bad Request",
    "403 Forbidden",
    "404 Not Found",
    "405 Method Not Allowed",
    "426 Upgrade Required",
]
BUSY = ["429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"]


def ids(items: list[Event | Gap]) -> list[str]:
    assert all(isinstance(item, Event) for item in items), items
    return [item.id for item in items if isinstance(item, Event)]


def test_an_event_published_after_the_with_is_never_missed(make: Make, url: str, publish: Publish) -> None:
    publish("before")
    with make(url) as reader:
        published = publish("after", "again")
        assert ids(list(reader.events(limit=2, timeout=10))) == published


def test_the_first_event_of_a_channel_that_did_not_exist_is_read(
    make: Make, url: str, publish: Publish
) -> None:
    with make(url) as reader:
        assert reader.cursor == "new.0"
        published = publish("first")
        assert ids(list(reader.events(limit=1, timeout=10))) == published


def test_start_last_and_a_cursor_say_where_to_begin(make: Make, url: str, publish: Publish) -> None:
    published = publish(*range(5))
    for after, expected in (("start", published), ("last", published[4:]), (published[2], published[3:])):
        with make(url, after) as reader:
            assert ids(list(reader.events(limit=len(expected), timeout=10))) == expected
            assert reader.cursor == published[-1]


def test_an_event_has_its_id_its_time_and_its_data(make: Make, url: str, publish: Publish) -> None:
    data = {"text": "naïve \u2028 line\r\nend 🎈", "list": [1, None, 2.5, {}]}
    (id,) = publish(data)
    with make(url, "last") as reader:
        (event,) = reader.events(limit=1, timeout=10)
    assert isinstance(event, Event)
    assert (event.id, event.data) == (id, data)
    assert event.time.endswith("Z")


def test_limit_ends_an_iteration_and_the_next_goes_on(make: Make, url: str, publish: Publish) -> None:
    published = publish(*range(7))
    with make(url, "start") as reader:
        assert ids(list(reader.events(limit=3, timeout=10))) == published[:3]
        assert reader.cursor == published[2]
        assert list(reader.events(limit=0)) == []
        assert ids(list(reader.events(limit=4, timeout=10))) == published[3:]
        assert reader.stats.events == 7


def test_leaving_an_iteration_early_loses_nothing(make: Make, url: str, publish: Publish) -> None:
    published = publish(*range(5))
    with make(url, "start") as reader:
        for event in reader.events():
            assert isinstance(event, Event)
            if event.data == 1:
                break
        assert reader.cursor == published[1]
        assert ids(list(reader.events(limit=3, timeout=10))) == published[2:]


def test_timeout_ends_an_iteration_and_the_next_goes_on(make: Make, url: str, publish: Publish) -> None:
    with make(url) as reader:
        for _ in range(3):
            assert list(reader.events(timeout=0.05)) == []
            published = publish(*range(3))
            assert ids(list(reader.events(limit=3, timeout=10))) == published
        assert reader.stats.reconnects == 0


def test_a_stream_outlives_a_timeout(url: str, techniques: dict[str, Make]) -> None:
    for name in ("sse", "websocket"):
        with techniques[name](url) as reader:
            for _ in range(3):
                assert list(reader.events(timeout=0.02)) == []
            assert reader.stats.connections == 1


def test_timeout_zero_gives_what_is_there_already(make: Make, url: str, publish: Publish) -> None:
    publish(*range(4))
    with make(url, "start") as reader:
        first = list(reader.events(limit=1, timeout=10))
        rest = list(reader.events(timeout=0))
        assert ids(first + rest + list(reader.events(limit=3 - len(rest), timeout=10)))


def test_reading_without_with_opens_by_itself(make: Make, url: str, publish: Publish) -> None:
    published = publish("a", "b")
    with contextlib.closing(make(url, "start")) as reader:
        assert ids(list(reader.events(limit=2, timeout=10))) == published


def test_a_large_burst_comes_whole_and_in_order(make: Make, url: str, publish: Publish) -> None:
    published = publish(*["x" * 1000] * 2500)
    with make(url, "start") as reader:
        assert ids(list(reader.events(limit=2500, timeout=30))) == published


def test_close_from_another_thread_ends_a_waiting_iteration(
    make: Make, url: str, in_thread: Callable[..., threading.Thread]
) -> None:
    with make(url) as reader:
        iterating = in_thread(lambda: list(reader.events()))
        time.sleep(0.05)  # most likely it is waiting by now; whatever it does, it must end
        closing = in_thread(reader.close)
        closing.join(1.0)
        iterating.join(1.0)
        assert not closing.is_alive()
        assert not iterating.is_alive()
        assert list(reader.events()) == []


def test_close_ends_an_attempt_to_get_through(
    make: Make, relay: Any, in_thread: Callable[..., threading.Thread]
) -> None:
    silent = relay(1, lambda _number: 0)  # nobody listens on port 1: every connection ends at once
    reader = make(silent.url)
    entering = in_thread(reader.__enter__)
    deadline = time.monotonic() + 10
    while not silent.accepted and time.monotonic() < deadline:
        time.sleep(0.005)
    reader.close()
    entering.join(1.0)
    assert not entering.is_alive()


def test_close_in_the_middle_of_a_silent_connection(
    make: Make, peer: Any, in_thread: Callable[..., threading.Thread]
) -> None:
    arrived = threading.Event()

    def hold(connection: object, _number: int) -> None:
        connection.recv(65536)
        arrived.set()
        connection.recv(65536)

    reader = make(peer(hold).url)
    entering = in_thread(reader.__enter__)
    assert arrived.wait(10)
    closing = in_thread(reader.close)
    for thread in (closing, entering):
        thread.join(1.0)
        assert not thread.is_alive()


def test_close_is_idempotent_and_a_closed_reader_is_not_opened_again(make: Make, url: str) -> None:
    reader = make(url)
    with reader:
        reader.close()
        reader.close()
    with pytest.raises(BadInput, match="make a new one with after="), reader:
        pass
    make(url).close()  # never opened


def test_closing_inside_the_loop_ends_it(make: Make, url: str, publish: Publish) -> None:
    publish(*range(5))
    with make(url, "start") as reader:
        seen = []
        for event in reader.events():
            seen.append(event)
            reader.close()
        assert len(seen) == 1


def test_a_restart_on_the_same_port_is_a_gap_and_then_reading_goes_on(make: Make) -> None:
    old = ServerThread()
    url, port = f"{old.url}/channels/news", old.server.port
    append = old.server.channels.find
    with contextlib.ExitStack() as stack:
        stack.callback(old.close)
        old.call(lambda: [append("news").publish(n) for n in range(3)])
        reader = stack.enter_context(make(url, "start"))
        assert len(list(reader.events(limit=3, timeout=10))) == 3
        old.close()
        new = ServerThread(port=port)
        stack.callback(new.close)
        published = new.call(lambda: [new.server.channels.find("news").publish(n)[0].id for n in range(2)])
        items = list(reader.events(limit=2, timeout=20))
        # Who came back between the start and the first event was told of the gap on the empty channel.
        assert isinstance(items[0], Gap)
        assert items[0].missed is None
        assert [item.id for item in items if isinstance(item, Event)] == published
        assert reader.stats.connections >= 2
        assert reader.stats.gaps == 1


def test_a_cursor_that_fell_out_of_the_window_is_a_gap_that_counts(make: Make) -> None:
    with contextlib.closing(ServerThread(limits=Limits(events=3))) as server:
        find = server.server.channels.find
        published = server.call(lambda: [find("news").publish(n)[0].id for n in range(10)])
        with make(f"{server.url}/channels/news", published[1]) as reader:
            gap, *events = reader.events(limit=3, timeout=10)
            assert gap == Gap(5, published[6])
            assert ids(events) == published[7:]
            assert reader.stats.gaps == 1
            assert reader.stats.events == 3


def test_switching_from_technique_to_technique_loses_nothing_and_repeats_nothing(
    techniques: dict[str, Make], server: ServerThread, url: str, in_thread: Callable[..., threading.Thread]
) -> None:
    def append_all() -> None:
        for n in range(2000):
            server.call(lambda n=n: server.server.channels.find("news").publish(n))

    cursor, seen = "start", []
    in_thread(append_all)
    for name in cycle(["short", "sse", "websocket", "long", "adaptive", "conditional"]):
        with techniques[name](url, cursor) as reader:
            for event in reader.events(limit=97, timeout=0.5):
                assert isinstance(event, Event)
                seen.append(event.data)
            cursor = reader.cursor
        if len(seen) >= 2000:
            break
    assert seen == list(range(2000))


def test_a_reader_waits_for_a_server_that_starts_late(
    make: Make, in_thread: Callable[..., threading.Thread]
) -> None:
    with contextlib.closing(ServerThread()) as first:
        port = first.server.port
    reader = make(f"http://127.0.0.1:{port}/channels/news")
    entered = threading.Event()

    def enter() -> None:
        with reader:
            entered.set()

    in_thread(enter)
    with contextlib.closing(ServerThread(port=port)):
        assert entered.wait(10)


def test_nobody_there_is_said_when_patience_is_over(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reader, "PATIENCE", 0.1)
    with (
        pytest.raises(Unavailable, match=r"no answer from 127\.0\.0\.1:1: .*refused"),
        make("http://127.0.0.1:1/channels/news"),
    ):
        pass


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_says_why(make: Make, say: Any, status: str) -> None:
    problem = b'{"status": %d, "title": "Wrong thing", "detail": "do it so"}' % int(status[:3])
    refusing = say(say.answer(status, problem, Content_Type="application/problem+json"))
    with pytest.raises(ServerError, match="Wrong thing: do it so") as caught, make(refusing.url):
        pass
    assert caught.value.status == int(status[:3])
    assert len(refusing.heads) == 1


def test_a_refusal_without_a_problem_document_is_told_too(make: Make, say: Any) -> None:
    refusing = say(say.answer("404 Not Found", b"<html>"))
    with (
        pytest.raises(ServerError, match=r"404 Not Found: no reason given \((http|ws)://127"),
        make(refusing.url),
    ):
        pass


def test_something_else_that_speaks_http_is_not_taken_for_a_channel(make: Make, say: Any) -> None:
    other = say(say.answer("200 OK", b"hello", Content_Type="text/plain"))
    with pytest.raises(ServerError), make(other.url):
        pass


def test_a_channel_that_moved_is_not_followed_but_told(make: Make, say: Any) -> None:
    moved = say(say.answer("301 Moved Permanently", Location="http://example.org/channels/news"))
    with (
        pytest.raises(ServerError, match="moved: use the one at http://example") as caught,
        make(moved.url),
    ):
        pass
    assert caught.value.status == 301


@pytest.mark.parametrize("as_date", [False, True])
@pytest.mark.parametrize("status", BUSY)
def test_an_overloaded_server_is_asked_again_not_before_it_says(
    make: Make, say: Any, status: str, as_date: bool
) -> None:
    later = email.utils.format_datetime(datetime.now(timezone.utc) + timedelta(seconds=9), usegmt=True)
    busy = say(say.answer(status, Retry_After=later if as_date else "1"))
    with contextlib.closing(make(busy.url)) as reader:
        began = time.monotonic()
        assert list(reader.events(timeout=0.3)) == []
        assert reader.stats.requests == 1
        assert reader._not_before >= began + 1.0
        assert list(reader.events(timeout=0.01)) == []  # a new iteration does not ask sooner
        assert reader.stats.requests == 1


def test_pauses_grow_to_a_cap_and_have_full_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = ShortPolling("http://127.0.0.1:1/channels/news")
    spans: list[tuple[float, float]] = []
    monkeypatch.setattr("random.uniform", lambda low, high: spans.append((low, high)) or high)
    assert reader._pause(2.0) == 2.1
    for _ in range(2000):
        reader._pause(0.0)
    reader.close()
    assert spans[:8] == [(0, span) for span in (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0)]
    assert set(spans[8:]) == {(0, 10.0)}


@pytest.mark.parametrize("after", ["", "soon", "NOW", "1", None, 5, "a.1\r\nHost: evil"])
def test_a_wrong_after_is_refused_at_once(make: Make, url: str, after: Any) -> None:
    with pytest.raises(InvalidCursor, match="give start, last, now, or an id"):
        make(url, after)


@pytest.mark.parametrize(("limit", "timeout"), [(-1, None), (None, -0.1), (None, float("nan"))])
def test_wrong_limits_are_refused_at_once(
    make: Make, url: str, limit: int | None, timeout: float | None
) -> None:
    with contextlib.closing(make(url)) as reader, pytest.raises(BadInput, match="numbers from 0"):
        reader.events(limit, timeout)
