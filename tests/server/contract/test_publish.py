"""POST /channels/NAME/events: one event appended, named, to be had again, and not twice for one key."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from ..raw import Connection


def test_an_events_time_is_utc_in_milliseconds(url: str, channel: str, http: requests.Session) -> None:
    before = datetime.now(timezone.utc)
    location = http.post(url + channel + "/events", json=1, timeout=10).headers["Location"]
    time = http.get(url + location, timeout=10).json()["time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time)
    moment = datetime.fromisoformat(time.replace("Z", "+00:00"))
    assert before.replace(microsecond=before.microsecond // 1000 * 1000) <= moment
    assert moment <= datetime.now(timezone.utc)


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_1_to_255_characters(key: str, connection: Connection, channel: str) -> None:
    assert "key" in connection.post(channel + "/events", "1", {"Idempotency-Key": key}).problem(400)
    assert connection.post(channel + "/events", "1", {"Idempotency-Key": "x" * 255}).status == 201


def test_a_name_may_be_percent_encoded(connection: Connection, channel: str) -> None:
    assert connection.post(channel.replace("test", "%74est") + "/events", "1").status == 201
    assert len(connection.get(channel + "/events?after=start").json()["events"]) == 1


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
