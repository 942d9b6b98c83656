"""What lesson 04 brings along: the missed windows, a proxy that gives up, many channels at once, a server apart."""

import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import psutil
import pytest
import requests

from rtlab.errors import BadInput
from rtlab.lab import Lab
from rtlab.measure import models, simulate, workload
from rtlab.measure.network import Network
from rtlab.teach.lesson_04.apart import ServerApart
from rtlab.teach.lesson_04.listen import listen
from rtlab.teach.lesson_04.proxy import ImpatientProxy
from rtlab.teach.lesson_04.windows import scene
from rtlab.teach.lesson_04.windows_widget import MissedWindows


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as made:
        yield made


class TestWindows:
    def test_an_event_alone_takes_one_transit_and_leaves_a_window_of_two(self) -> None:
        seen = scene([0.5], 0.1, 1.0)
        assert seen.latencies == pytest.approx([0.1])
        (window,) = seen.windows
        assert (window.start, window.end, window.missed) == (0.5, pytest.approx(0.7), False)
        assert seen.missed == 0

    @pytest.mark.parametrize(("behind", "transits"), [(0.001, 2.99), (0.1, 2.0), (0.199, 1.01), (0.201, 1.0)])
    def test_an_event_behind_another_waits_for_the_next_request(self, behind: float, transits: float) -> None:
        seen = scene([0.3, 0.3 + behind], 0.1, 1.0)
        assert seen.latencies[1] / 0.1 == pytest.approx(transits)
        assert seen.windows[0].missed is (behind < 0.2)

    def test_latencies_stand_in_the_order_of_the_events_as_given(self) -> None:
        assert scene([0.35, 0.3], 0.1, 1.0).latencies == pytest.approx([0.25, 0.1])

    def test_events_at_one_moment_share_an_answer(self) -> None:
        assert scene([0.3, 0.3], 0.1, 1.0).latencies == pytest.approx([0.1, 0.1])

    def test_windows_and_holds_fill_the_time_without_overlap(self) -> None:
        seen = scene([0.1, 0.25, 0.3, 0.8], 0.1, 1.0)
        spans = sorted([*seen.holds, *((each.start, each.end) for each in seen.windows)])
        assert spans[0][0] == 0
        assert spans[-1][1] == pytest.approx(seen.end)
        for (_, end), (start, _) in pairwise(spans):
            assert end == pytest.approx(start)

    def test_no_event_no_delay_and_a_moment_outside(self) -> None:
        assert scene([], 0.1, 1.0).words() == "No event: the request is held."
        assert scene([0.2, 0.2001], 0.0, 1.0).missed == 0
        with pytest.raises(BadInput):
            scene([1.5], 0.1, 1.0)

    def test_the_picture_says_what_it_shows(self) -> None:
        windows = MissedWindows([0.3, 0.301], 0.1)
        assert "1 in a missed window" in repr(windows.picture())
        assert windows.picture().png.startswith(b"\x89PNG")
        windows.delay = 0.05
        assert "d = 50 ms" in repr(windows)
        with pytest.raises(BadInput):
            windows.events = [7.0]
        assert windows.events == (0.3, 0.301)

    def test_the_canvas_tells_where_an_event_was_dragged_and_gets_the_scene_for_it(self) -> None:
        windows = MissedWindows([0.3, 0.5], 0.1)
        slider, view = windows.widget().children
        view.events = [0.3, 0.35]
        assert windows.scene.missed == 1
        assert view.scene["latencies"] == pytest.approx([0.1, 0.25])
        view.events = [0.3, 99.0]
        assert windows.events == (0.3, windows.duration)
        slider.value = 50
        assert windows.delay == 0.05
        windows.delay = 0.02
        assert slider.value == 20
        bundle = windows._repr_mimebundle_()
        assert {"image/png", "text/plain", "application/vnd.jupyter.widget-view+json"} <= bundle.keys()


class TestProxy:
    def test_it_passes_on_what_comes_in_time_and_keeps_the_connection(self, lab: Lab) -> None:
        lab.publish("news", "first")
        with ImpatientProxy(lab.server_url) as proxy, requests.Session() as session:
            for _ in range(3):
                answer = session.get(proxy.url + "/channels/news/events?after=start", timeout=10)
                assert [event["data"] for event in answer.json()["events"]] == ["first"]
            assert session.get(proxy.url + "/channels/news/events?after=x", timeout=10).status_code == 400
            assert proxy.gave_up == 0

    def test_it_answers_504_itself_and_lets_the_server_go(self, lab: Lab) -> None:
        with ImpatientProxy(lab.server_url, patience=0.2) as proxy:
            answer = requests.get(proxy.url + "/channels/quiet/events?after=now&wait=30", timeout=10)
            assert (answer.status_code, proxy.gave_up) == (504, 1)
            for _ in range(500):
                metrics = requests.get(lab.server_url + "/metrics", timeout=10).text
                if re.search(r"^rtlab_held_polls 0", metrics, re.MULTILINE):
                    break
            else:
                pytest.fail("the server still holds the request")

    def test_it_ends_with_a_request_under_way(self, lab: Lab) -> None:
        with ThreadPoolExecutor() as pool:
            with ImpatientProxy(lab.server_url) as proxy:
                url = proxy.url + "/channels/quiet/events?after=now&wait=30"
                held = pool.submit(requests.get, url, timeout=10)
                while "rtlab_held_polls 1" not in requests.get(lab.server_url + "/metrics", timeout=10).text:
                    pass
            assert isinstance(held.exception(10), requests.ConnectionError)
        assert not [each for each in threading.enumerate() if each.name == "impatient proxy"]


def test_many_channels_lose_nothing_and_come_together_in_one_figure(lab: Lab) -> None:
    lab.network(delay=0.01)
    before = threading.active_count()
    heard = listen(lab, [(5, 8, ["long", "websocket"]), (40, 1, ["long"])], seconds=0.5)
    assert [(h.technique, h.rate, h.channels) for h in heard] == [
        ("long", 5, 8),
        ("websocket", 5, 8),
        ("long", 40, 1),
    ]
    for h in heard:
        assert len(set(h.ids)) == len(h.ids) == len(h.latencies) == h.events > 0
        assert min(h.latencies) >= 0.01
        low, high = h.interval()
        assert low <= h.mean <= high
        assert h.connections == h.channels
    assert sorted(heard[0].ids) == sorted(heard[1].ids)
    assert heard[0].answers <= heard[0].events
    assert threading.active_count() <= before


def test_a_reader_that_cannot_begin_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_name: str) -> str:
        raise BadInput("no such place")

    monkeypatch.setattr(lab, "channel", fails)
    with pytest.raises(BadInput, match="no such place"):
        listen(lab, [(5, 1, ["long"])], seconds=0.2)


def test_a_server_apart_counts_what_it_holds_and_is_gone_when_nobody_has_it() -> None:
    server = ServerApart()
    pid, descriptors = server.process.pid, server.descriptors
    host, port = server.url.removeprefix("http://").split(":")
    crowd = [socket.create_connection((host, int(port))) for _ in range(5)]
    for client in crowd:
        client.sendall(b"GET /channels/crowd/events?after=now&wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert server.wait_until_held(5) == 5
    assert server.descriptors >= descriptors + 5
    assert server.memory > 0
    for client in crowd:
        client.close()
    assert server.wait_until_held(0) == 0
    del server
    assert not psutil.pid_exists(pid)


def test_the_step_of_periodic_events_is_where_theory_has_it() -> None:
    beat = workload.steady(4, 400, phase=0.37)
    for delay in (0.05, 0.12, 0.13, 0.2):
        theory = models.periodic_long_polling(0.25, delay)
        mean = simulate.long_polling(beat, Network(delay)).mean_latency
        assert theory.lowest_mean * 0.99 <= mean <= theory.highest_mean * 1.01
