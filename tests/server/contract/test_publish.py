"""POST /channels/NAME/events: one event appended, named, to be had again, and not twice for one key."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from ..raw import Connection

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
    10**100,
    True,
    False,
    None,
    {"": {"": ""}, "id": "mine", "time": "mine", "data": 1},
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_any_json_can_be_published_and_comes_back_unchanged(
    value: Any, connection: Connection, channel: str
) -> None:
    published = connection.post(channel + "/events", json.dumps(value))
    assert published.status == 201
    (event,) = connection.get(channel + "/events?after=start").json()["events"]
    assert event["data"] == value
    assert event["id"] == published.json()["id"]


def test_the_answer_names_the_event_and_the_place_where_it_is(
    url: str, channel: str, http: requests.Session
) -> None:
    published = http.post(url + channel + "/events", json={"n": 1}, timeout=10)
    assert published.headers["Content-Type"].startswith("application/json")
    assert list(published.json()) == ["id"]
    identity = published.json()["id"]
    assert published.headers["Location"] == f"{channel}/events/{identity}"
    event = http.get(url + published.headers["Location"], timeout=10)
    assert event.status_code == 200
    assert event.headers["Content-Type"] == "application/json"
    assert event.json()["data"] == {"n": 1}
    assert event.json()["id"] == identity
    assert list(event.json()) == ["id", "time", "data"]


def test_an_events_time_is_utc_in_milliseconds(url: str, channel: str, http: requests.Session) -> None:
    before = datetime.now(timezone.utc)
    location = http.post(url + channel + "/events", json=1, timeout=10).headers["Location"]
    time = http.get(url + location, timeout=10).json()["time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time)
    moment = datetime.fromisoformat(time.replace("Z", "+00:00"))
    assert before.replace(microsecond=before.microsecond // 1000 * 1000) <= moment
    assert moment <= datetime.now(timezone.utc)


def test_ids_of_one_channel_differ_and_belong_to_one_log(publish: Any) -> None:
    ids = publish(*range(20))
    assert len(set(ids)) == 20
    assert len({identity.rpartition(".")[0] for identity in ids}) == 1


def test_a_repeat_with_the_same_key_is_appended_once(url: str, channel: str, http: requests.Session) -> None:
    answers = [
        http.post(url + channel + "/events", json={"n": 1}, headers={"Idempotency-Key": "k-1"}, timeout=10)
        for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(http.get(url + channel + "/events?after=start", timeout=10).json()["events"]) == 1


def test_the_same_data_with_other_spaces_is_the_same_body(connection: Connection, channel: str) -> None:
    key = {"Idempotency-Key": "spaces"}
    assert connection.post(channel + "/events", '{"a":[1,2]}', key).status == 201
    assert connection.post(channel + "/events", ' {"a" : [1, 2] }\n', key).status == 200


def test_a_key_that_comes_back_with_another_body_is_refused(connection: Connection, channel: str) -> None:
    key = {"Idempotency-Key": "k"}
    assert connection.post(channel + "/events", "11", key).status == 201
    for other in ("1", "111", '"11"', "[11]"):
        detail = connection.post(channel + "/events", other, key).problem(422)
        assert "'k'" in detail
    assert len(connection.get(channel + "/events?after=start").json()["events"]) == 1


def test_a_key_belongs_to_one_channel(connection: Connection, channel: str) -> None:
    key = {"Idempotency-Key": "k"}
    assert connection.post(channel + "a/events", "1", key).status == 201
    assert connection.post(channel + "b/events", "2", key).status == 201


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_1_to_255_characters(key: str, connection: Connection, channel: str) -> None:
    assert "key" in connection.post(channel + "/events", "1", {"Idempotency-Key": key}).problem(400)
    assert connection.post(channel + "/events", "1", {"Idempotency-Key": "x" * 255}).status == 201


def test_a_body_may_come_in_chunks(connection: Connection, channel: str) -> None:
    text = json.dumps({"text": "x" * 1000}).encode()
    head = connection.head(
        "POST",
        channel + "/events",
        {"Content-Type": "application/json; charset=utf-8", "Transfer-Encoding": "chunked"},
    )
    connection.send(head)
    for start in range(0, len(text), 100):
        piece = text[start : start + 100]
        connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
    connection.send("0\r\n\r\n")
    assert connection.answer().status == 201
    (event,) = connection.get(channel + "/events?after=start").json()["events"]
    assert event["data"] == {"text": "x" * 1000}


def test_who_expects_to_be_told_to_continue_is_told(connection: Connection, channel: str) -> None:
    given = {"Content-Type": "application/json", "Content-Length": "2", "Expect": "100-continue"}
    connection.ask(channel + "/events", "POST", given)
    assert connection.answer().status == 100
    connection.send("42")
    assert connection.answer().status == 201


def test_requests_sent_without_waiting_are_answered_in_their_order(
    connection: Connection, channel: str
) -> None:
    head = {"Content-Type": "application/json", "Content-Length": "1"}
    asked = "".join(connection.head("POST", channel + "/events", head) + str(n) for n in range(9))
    connection.send(asked + connection.head("GET", channel + "/events?after=start", {}))
    ids = [connection.answer().json()["id"] for _ in range(9)]
    events = connection.answer().json()["events"]
    assert [event["id"] for event in events] == ids
    assert [event["data"] for event in events] == list(range(9))


def test_a_name_may_be_percent_encoded(connection: Connection, channel: str) -> None:
    assert connection.post(channel.replace("test", "%74est") + "/events", "1").status == 201
    assert len(connection.get(channel + "/events?after=start").json()["events"]) == 1


@pytest.mark.parametrize("name", ["a", "A-Z_0.9", "x" * 64, "..", "-"])
def test_names_have_1_to_64_letters_digits_dots_dashes_and_underscores(
    name: str, connection: Connection
) -> None:
    assert connection.post(f"/channels/{name}/events", "1").status in (200, 201)


def test_an_event_is_found_under_its_own_channel_only(
    connection: Connection, channel: str, publish: Any
) -> None:
    (identity,) = publish(1)
    connection.post(channel + "-other/events", "2")
    place = identity.partition(".")[2]
    ahead = re.sub(r"\d+$", lambda number: str(int(number[0]) + 1), identity)
    behind = re.sub(r"\d+$", lambda number: str(int(number[0]) - 1), identity)
    for path in (f"{channel}-other/events/{identity}", f"{channel}-none/events/{identity}"):
        assert identity in connection.get(path).problem(404)
    for missing in (ahead, behind, f"0000.{place}", "new.0"):
        connection.get(f"{channel}/events/{missing}").problem(404)
    assert "cursor" in connection.get(f"{channel}/events/nonsense").problem(400)
