"""The Lab: what a notebook holds in one object."""

import os
import subprocess
import sys
import threading
import time

import pytest

from rtlab import Event, Gap, Lab, LongPolling, ServerSentEvents, ShortPolling, WebSocket, publish
from rtlab.errors import BadInput, InvalidData, InvalidName, Missing, RtlabError, ServerError
from rtlab.wire.proxies import StripsUpgrade


@pytest.fixture
def lab():
    with Lab() as lab:
        yield lab


def rtlab_threads():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("rtlab")]


def test_the_first_lesson_in_ten_lines_works(lab):
    lab.network(delay=0.005)
    lab.publish("news", {"headline": "hello"})
    with LongPolling(lab.channel("news"), after="start") as client:
        assert [event.data for event in client.events(limit=1)] == [{"headline": "hello"}]
    assert client.stats.events == 1
    assert client.stats.bytes_down == lab.wire.counts.down
    picture = lab.space_time()
    assert "Long polling: 1 event" in picture.description
    assert "one-way delay is 5 ms" in picture.description


def test_a_reader_goes_from_technique_to_technique_and_has_each_event_once(lab):
    url, total, got, cursor = lab.channel("relay"), 2000, [], "start"
    ways = [
        lambda after: ShortPolling(url, interval=0.01, after=after),
        lambda after: ServerSentEvents(url, after=after),
        lambda after: WebSocket(url, after=after),
        lambda after: LongPolling(url, after=after),
    ]
    publishing = threading.Thread(target=lambda: [lab.publish("relay", number) for number in range(total)])
    publishing.start()
    for way in ways:
        with way(cursor) as reader:
            for event in reader.events(limit=total // len(ways), timeout=20):
                assert isinstance(event, Event)
                got.append(event.data)
            cursor = reader.cursor
    publishing.join(20)
    assert got == list(range(total))


def test_the_appends_of_one_channel_are_told_apart_from_the_others(lab):
    first, other, second = (lab.publish(name, 1) for name in ("news", "weather", "news"))
    assert list(lab.appended("news")) == [first, second]
    assert lab.appended("news", since=lab.appends[second]) == {second: lab.appends[second]}
    assert list(lab.appended("weather")) == [other]
    assert lab.appended("nothing") == {}


def test_a_new_lab_takes_the_place_of_the_old_one():
    old = Lab()
    with Lab() as new:
        assert len(rtlab_threads()) == 2  # one server, one tap
        new.publish("a", 1)
        with pytest.raises(RtlabError, match="closed"):
            old.publish("a", 1)
    old.close()
    assert rtlab_threads() == []


def test_close_may_come_twice_and_from_another_thread():
    lab = Lab()
    closing = threading.Thread(target=lab.close)
    closing.start()
    lab.close()
    closing.join(10)
    assert rtlab_threads() == []


def test_a_lab_that_is_not_closed_goes_with_the_interpreter():
    code = "from rtlab import Lab; lab = Lab(); lab.source('random', rate=50); print(lab.publish('a', 1))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().endswith(".1")


def test_the_tap_adds_the_delay_that_the_lab_asks_for(lab):
    lab.network(delay=0.03)
    with WebSocket(lab.channel("news")) as reader:
        id = lab.publish("news", 1)
        (event,) = reader.events(limit=1, timeout=5)
        arrived = time.monotonic_ns()
    assert event.id == id
    assert arrived - lab.appends[id] >= 0.03e9  # a transit cannot be undercut


def test_what_stands_on_the_path_is_put_there_and_taken_away_again(lab):
    lab.middleboxes(StripsUpgrade())
    with pytest.raises(ServerError, match="426"), WebSocket(lab.channel("news")):
        pass
    lab.middleboxes()
    with WebSocket(lab.channel("news")) as reader:
        assert reader.cursor == "new.0"


def test_what_is_published_at_the_lab_does_not_cross_the_wire(lab):
    lab.publish("news", 1)
    assert lab.wire.counts.up == 0
    publish(lab.channel("news"), 2)
    assert lab.wire.counts.up > 0
    assert [m.kind for m in lab.wire.messages if m.kind in ("request", "response")] == ["request", "response"]


def test_clearing_the_wire_begins_a_new_picture(lab):
    lab.publish("news", 1)
    with ShortPolling(lab.channel("news"), after="start") as reader:
        list(reader.events(limit=1, timeout=5))
    lab.wire.clear()
    assert lab.wire.messages == []
    assert "Nothing crossed" in lab.space_time().description


def test_a_stream_that_stays_open_keeps_its_lane_after_the_wire_is_cleared(lab):
    with ServerSentEvents(lab.channel("news")) as stream, WebSocket(lab.channel("news")) as socket:
        lab.wire.clear()
        lab.publish("news", 1)
        for reader in (stream, socket):
            assert len(list(reader.events(limit=1, timeout=5))) == 1
        description = lab.space_time(channel="news").description
    assert "Server-sent events: 1 event" in description
    assert "WebSocket: 1 event" in description


def test_events_are_numbered_or_some_of_them_are_named(lab):
    first, second = lab.publish("people", 1), lab.publish("people", 2)
    with LongPolling(lab.channel("people"), after="start") as reader:
        list(reader.events(limit=2, timeout=5))
    lane, appends = [m for m in lab.wire.messages if m.channel == "people"], {first: 1, second: 2}
    assert lab._labels(lane, appends, None) == {first: "1", second: "2"}
    assert lab._labels(lane, appends, {first: "Ada"}) == {first: "Ada", second: ""}


def test_each_technique_has_its_own_lane(lab):
    for reader_class in (WebSocket, ServerSentEvents, LongPolling):
        with reader_class(lab.channel("news"), after="start") as reader:
            lab.publish("news", reader_class.__name__)
            list(reader.events(limit=1, timeout=5))
    description = lab.space_time().description
    for name in ("Long polling:", "Server-sent events:", "WebSocket:"):
        assert name in description


def test_a_restarted_server_has_a_new_epoch_and_its_readers_are_told(lab):
    lab.publish("news", "before")
    with ServerSentEvents(lab.channel("news"), after="start") as reader:
        (before,) = reader.events(limit=1, timeout=5)
        lab.restart_server()
        lab.publish("news", "after")
        items = list(reader.events(limit=1, timeout=20))
    assert before.data == "before"
    assert [type(item) for item in items] == [Gap, Event]
    assert items[0].missed is None
    assert items[1].data == "after"


@pytest.mark.parametrize("reader_class", [LongPolling, ServerSentEvents, WebSocket])
def test_a_cut_connection_costs_a_reader_nothing(lab, reader_class):
    with reader_class(lab.channel("news")) as reader:
        lab.publish("news", 1)
        first = list(reader.events(limit=1, timeout=5))
        lab.cut()
        lab.publish("news", 2)
        second = list(reader.events(limit=1, timeout=20))
    assert [event.data for event in first + second] == [1, 2]
    assert reader.stats.connections >= 2
    assert any(message.label == "rst" for message in lab.wire.messages)


def test_a_source_publishes_this_machines_metrics_until_the_lab_closes(lab):
    lab.source("machine", rate=50)
    with LongPolling(lab.channel("machine"), after="start") as reader:
        first, second = reader.events(limit=2, timeout=10)
    assert set(first.data) >= {"cpu", "memory", "received"}
    assert first.data["memory"] > 0
    assert second.id != first.id


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda lab: lab.channel("no spaces"), InvalidName, "1 to 64"),
        (lambda lab: lab.publish("no/slash", 1), InvalidName, "1 to 64"),
        (lambda lab: lab.publish("news", float("nan")), InvalidData, "JSON cannot carry"),
        (lambda lab: lab.publish("news", object()), InvalidData, "JSON cannot carry"),
        (lambda lab: lab.network(delay=-1), BadInput, "0 or more"),
        (lambda lab: lab.source("weather"), BadInput, "machine, random"),
        (lambda lab: lab.source("random", rate=0), BadInput, "above 0"),
    ],
)
def test_a_students_slip_gets_a_sentence(lab, call, error, says):
    with pytest.raises(error, match=says):
        call(lab)
    lab.publish("news", "and it goes on")


def test_without_the_extra_a_picture_says_what_to_install(lab, monkeypatch):
    monkeypatch.setitem(sys.modules, "rtlab.view.space_time", None)
    with pytest.raises(Missing, match=r"rtlab\[lab\]"):
        lab.space_time()


def test_a_browser_reaches_the_lab_directly_or_through_the_hubs_proxy(lab, monkeypatch):
    assert lab.browser_url("/channels") == f"{lab.url}/channels"
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    port = lab.url.rpartition(":")[2]
    assert lab.browser_url("channels") == f"/user/ada/proxy/{port}/channels"


def test_a_lab_behind_a_hub_answers_to_the_hubs_name(monkeypatch):
    import requests

    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    with Lab() as lab, requests.Session() as session:
        own = {"Host": "hub.example", "Origin": "https://hub.example"}
        assert session.get(f"{lab.server_url}/channels", headers=own).status_code == 200
        foreign = {"Host": "hub.example", "Origin": "https://evil.example"}
        assert session.get(f"{lab.server_url}/channels", headers=foreign).status_code == 403
    assert "JUPYTERHUB_SERVICE_PREFIX" in os.environ


def test_with_a_broker_a_reader_goes_on_where_it_was_after_the_server_was_restarted() -> None:
    with Lab(broker="embedded-redis") as lab, LongPolling(lab.channel("news"), after="start") as reader:
        lab.publish("news", 1)
        first = next(reader.events(limit=1, timeout=10))
        lab.restart_server()
        lab.publish("news", 2)
        assert [event.data for event in reader.events(limit=1, timeout=10)] == [2]
        assert lab.appends.keys() >= {first.id}
        assert lab.broker is not None
        assert lab.broker.startswith("redis://127.0.0.1:")
