"""POST /channels/NAME/events: one event appended, named, to be had again, and not twice for one key."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from rtlab.conformance.conftest import Publish
from rtlab.conformance.raw import Connection

line = pytest.mark.contract
VALUES: list[Any] = [
    {"headline": "hello"},
    {},
    [],
    [1, [2, [3]]],
    "text",
    "",
    'ä €  ❤\U0001f600  \x00\x1f\x7f \\ " /',
    0,
    -1.5e-300,
    2**53 + 1,
    True,
    False,
    None,
    {"": {"": ""}, "id": "mine", "time": "mine", "data": 1},
]


@line("publish")
def test_the_answer_names_the_event_and_the_place_where_it_is(connection: Connection, channel: str) -> None:
    published = connection.post(channel + "/events", '{"n": 1}')
    assert published.status == 201
    identity = published.json()["id"]
    assert isinstance(identity, str)
    place = urlsplit(urljoin(f"{connection.base}{channel}/events", published.headers["location"])).path
    assert place.endswith(f"{channel}/events/{identity}")
    event = connection.get(place.removeprefix(connection.base))
    assert event.status == 200
    assert event.json()["data"] == {"n": 1}
    assert event.json()["id"] == identity


@line("publish")
def test_a_body_may_come_in_chunks(connection: Connection, channel: str) -> None:
    given = {"Content-Type": "application/json; charset=utf-8", "Transfer-Encoding": "chunked"}
    connection.ask(channel + "/events", "POST", given)
    for piece in (b'{"te', b'xt": "in ', b'pieces"}'):
        connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
    connection.send("0\r\n\r\n")
    assert connection.answer().status == 201
    (event,) = connection.get(channel + "/events?after=start").json()["events"]
    assert event["data"] == {"text": "in pieces"}


@line("publish")
def test_who_expects_to_be_told_to_continue_is_told(connection: Connection, channel: str) -> None:
    given = {"Content-Type": "application/json", "Content-Length": "2", "Expect": "100-continue"}
    connection.ask(channel + "/events", "POST", given)
    assert connection.answer().status == 100
    connection.send("42")
    assert connection.answer().status == 201


@line("publish")
def test_requests_sent_without_waiting_are_answered_in_their_order(
    connection: Connection, channel: str
) -> None:
    given = {"Content-Type": "application/json", "Content-Length": "1"}
    connection.send("".join(connection.head("POST", channel + "/events", given) + str(n) for n in range(9)))
    ids = [connection.answer().json()["id"] for _ in range(9)]
    events = connection.get(channel + "/events?after=start").json()["events"]
    assert [event["id"] for event in events] == ids
    assert [event["data"] for event in events] == list(range(9))


@line("data")
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_any_json_can_be_published_and_comes_back_unchanged(
    value: Any, connection: Connection, channel: str
) -> None:
    identity = connection.publish(channel, value)
    (event,) = connection.get(channel + "/events?after=start").json()["events"]
    assert event["data"] == value
    assert event["id"] == identity


@line("data")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b"1 2",
        b"hello",
        b"NaN",
        b"[Infinity]",
        b'{"a": -Infinity}',
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'"\xed\xa0\x80"',
        b'"\xff"',
    ],
    ids=repr,
)
def test_what_is_not_json_is_refused_and_not_appended(
    body: bytes, connection: Connection, channel: str
) -> None:
    connection.post(channel + "/events", body).problem(400)
    assert connection.get(channel + "/events?after=start").json()["events"] == []


@line("data")
@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_is_refused(kind: str | None, connection: Connection, channel: str) -> None:
    given = {"Content-Length": "1"} | ({} if kind is None else {"Content-Type": kind})
    connection.send(connection.head("POST", channel + "/events", given) + "1")
    connection.answer().problem(415)


@line("event")
def test_an_event_has_an_id_a_time_and_its_data(
    connection: Connection, channel: str, publish: Publish
) -> None:
    publish(1)
    (event,) = connection.get(channel + "/events?after=start").json()["events"]
    assert set(event) == {"id", "time", "data"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"])
    datetime.fromisoformat(event["time"].replace("Z", "+00:00"))


@line("event")
def test_ids_of_one_channel_differ_and_belong_to_one_log(publish: Publish) -> None:
    ids = publish(*range(20))
    assert len(set(ids)) == 20
    assert len({identity.partition(".")[0] for identity in ids}) == 1


@line("key")
def test_a_repeat_with_the_same_key_is_appended_once(connection: Connection, channel: str) -> None:
    answers = [
        connection.post(channel + "/events", body, {"Idempotency-Key": "k-1"})
        for body in ('{"n":1}', '{"n":1}', ' {"n" : 1}\n')
    ]
    assert [answer.status for answer in answers] == [201, 200, 200]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(connection.get(channel + "/events?after=start").json()["events"]) == 1


@line("key")
def test_a_key_belongs_to_one_channel(connection: Connection, channel: str) -> None:
    key = {"Idempotency-Key": "k"}
    assert connection.post(channel + "a/events", "1", key).status == 201
    assert connection.post(channel + "b/events", "2", key).status == 201


@line("key reused")
@pytest.mark.parametrize("other", ["1", "111", '"11"', "[11]"])
def test_a_key_that_comes_back_with_another_body_is_refused(
    other: str, connection: Connection, channel: str
) -> None:
    key = {"Idempotency-Key": "k"}
    assert connection.post(channel + "/events", "11", key).status == 201
    connection.post(channel + "/events", other, key).problem(422)
    assert len(connection.get(channel + "/events?after=start").json()["events"]) == 1


@line("names")
@pytest.mark.parametrize("name", ["a", "A-Z_0.9", "x" * 64, "-"])
def test_names_that_are_good(name: str, connection: Connection) -> None:
    assert connection.post(f"/channels/{name}/events", "1").status == 201


@line("names")
@pytest.mark.parametrize("place", ["/events", "/stream", "/socket"])
@pytest.mark.parametrize("name", ["a%20b", "%C3%A4", "x" * 65, "a%0A", "a:b", "a+b", "~"])
def test_names_that_are_not(name: str, place: str, connection: Connection) -> None:
    handshake = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    given = handshake if place == "/socket" else {}
    connection.get(f"/channels/{name}{place}", headers=given).problem(400)
    if place == "/events":
        connection.post(f"/channels/{name}{place}", "1").problem(400)


@line("404")
def test_an_event_is_found_under_its_own_channel_only(
    connection: Connection, channel: str, publish: Publish
) -> None:
    (identity,) = publish(1)
    connection.publish(channel + "-other", 2)
    ahead = re.sub(r"\d+$", lambda number: str(int(number[0]) + 1), identity)
    for path in (f"{channel}-other/events/{identity}", f"{channel}-none/events/{identity}"):
        connection.get(path).problem(404)
    connection.get(f"{channel}/events/{ahead}").problem(404)
    connection.get(f"{channel}/events/nonsense").problem(400)
