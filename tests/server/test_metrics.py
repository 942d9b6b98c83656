"""/metrics counts what happened, in words that stay few whatever a client asks for."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from rtlab.server.limits import Limits
from rtlab.server.thread import ServerThread

from .raw import Connection, Socket, Stream

PATH = "/channels/a"
LABELS = ("resource", "method", "status")
Samples = dict[tuple[str, tuple[str, ...]], float]


def samples(url: str) -> Samples:
    """Every sample, by its name and the values of its labels."""
    with Connection(url) as connection:
        answer = connection.get("/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.body.decode())
    return {
        (sample.name, tuple(sample.labels[name] for name in LABELS if name in sample.labels)): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def server(serve: Callable[..., ServerThread]) -> ServerThread:
    return serve()


def test_each_count_counts_what_it_says(server: ServerThread, until: Any) -> None:
    def value(name: str, *labels: str) -> float:
        return samples(server.url)[f"rtlab_{name}", labels]

    with (
        Connection(server.url) as connection,
        Connection(server.url) as poll,
        Stream(server.url, PATH + "/stream") as stream,
        Socket(server.url, PATH + "/socket") as peer,
    ):
        poll.ask(PATH + "/events?wait=30")
        until(lambda: value("held_polls") == 1)
        assert value("readers") == 2
        assert value("connections") == 5  # with the one that asks
        assert value("channels") == value("log_bytes") == 0
        body = '{"n": 1}'
        assert connection.post(PATH + "/events", body).status == 201
        assert len(poll.answer().json()["events"]) == 1
        stream.block()
        size = len(stream.block()["data"])
        assert peer.message()["type"] == "open"
        assert peer.message()["type"] == "event"
        assert value("events_published_total") == 1
        assert value("events_delivered_total") == value("batches_written_total") == 2
        assert value("log_bytes") == size
        assert value("channels") == 1
        assert value("held_polls") == 0
        assert value("requests_total", "events", "POST", "201") == 1
        assert value("requests_total", "events", "GET", "200") == 1
        assert value("requests_total", "socket", "GET", "101") == 1
    until(lambda: value("readers") == 0)
    until(lambda: value("connections") == 1)
    until(lambda: value("requests_total", "stream", "GET", "200") == 1)


def test_a_burst_costs_each_reader_one_write(server: ServerThread) -> None:
    with Stream(server.url, PATH + "/stream") as stream, Socket(server.url, PATH + "/socket") as peer:
        stream.block()
        peer.message()

        def burst() -> None:
            channel = server.server.channels.find("a")
            for number in range(1000):
                channel.publish(number)

        server.call(burst)
        for number in range(1000):
            assert f'"data":{number}}}' in stream.block()["data"]
            assert peer.message()["data"] == number
        counted = samples(server.url)
        assert counted["rtlab_events_delivered_total", ()] == 2000
        assert counted["rtlab_batches_written_total", ()] == 2


def test_what_fell_out_of_the_window_was_not_delivered(serve: Callable[..., ServerThread]) -> None:
    server = serve(Limits(events=2))
    with Socket(server.url, PATH + "/socket") as peer:
        assert peer.message()["type"] == "open"

        def burst() -> None:
            for number in range(5):
                server.server.channels.find("a").publish(number)

        server.call(burst)
        assert peer.message()["missed"] == 3
        assert [peer.message()["data"] for _ in range(2)] == [3, 4]
        assert samples(server.url)["rtlab_events_delivered_total", ()] == 2


def test_what_a_client_thinks_of_does_not_become_a_label(server: ServerThread) -> None:
    with Connection(server.url) as connection:
        for number in range(30):
            connection.get(f"/path{number}")
            connection.get(f"/host{number}", headers={"Host": "evil.example"})
            connection.get(f"/method{number}", method=f"BREW{number}")
            connection.get(f"/channels/a/kind{number}", headers={"Host": "evil.example"})
            connection.get(f"/channels/name{number}/events?after=start")
            connection.get("/healthz", method=f"BREW{number}")
    counted = [labels for name, labels in samples(server.url) if name == "rtlab_requests_total"]
    assert len(counted) < 10
    known = {"events", "health", "notfound"}
    for resource, method, status in counted:
        assert resource in known
        assert method in {"GET", "other"}
        assert int(status) in http.client.responses
    assert sum(v for (name, _), v in samples(server.url).items() if name == "rtlab_requests_total") > 180
