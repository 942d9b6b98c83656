"""One notification in three formats: what each service's documentation calls the same thing."""

import json

import pytest

from rtlab.errors import BadInput
from rtlab.push.headers import Urgency
from rtlab.push.mobile import LONGEST, Notification, apns, fcm, web_push

NOW = 1_700_000_000.5
SCORE = Notification("Goal", "3 : 1 – Müller", 3600, Urgency.LOW, "match-7")


def test_the_same_notification_for_a_browser():
    headers, text = web_push(SCORE)
    assert headers == {"TTL": "3600", "Urgency": "low", "Topic": "match-7"}
    assert json.loads(text) == {"title": "Goal", "body": "3 : 1 – Müller"}


def test_the_same_notification_for_android():
    message = fcm(SCORE, "TOKEN")["message"]
    assert message["token"] == "TOKEN"
    assert message["notification"] == {"title": "Goal", "body": "3 : 1 – Müller"}
    assert message["android"] == {"ttl": "3600s", "priority": "NORMAL", "collapse_key": "match-7"}


def test_the_same_notification_for_ios():
    headers, document = apns(SCORE, "org.example.app", NOW)
    assert headers == {
        "apns-topic": "org.example.app",
        "apns-push-type": "alert",
        "apns-priority": "5",
        "apns-expiration": "1700003600",
        "apns-collapse-id": "match-7",
    }
    assert json.loads(document) == {"aps": {"alert": {"title": "Goal", "body": "3 : 1 – Müller"}}}


def test_now_or_never_is_a_ttl_of_0_and_an_expiration_of_0():
    call = Notification("Call", "Mother", 0, Urgency.HIGH)
    assert web_push(call)[0] == {"TTL": "0", "Urgency": "high"}
    assert fcm(call, "T")["message"]["android"] == {"ttl": "0s", "priority": "HIGH"}
    assert apns(call, "b", NOW)[0]["apns-expiration"] == "0"


@pytest.mark.parametrize(
    ("urgency", "android", "ios"),
    [("very-low", "NORMAL", "1"), ("low", "NORMAL", "5"), ("normal", "NORMAL", "10"), ("high", "HIGH", "10")],
)
def test_four_urgencies_are_two_priorities_at_one_and_three_at_the_other(urgency, android, ios):
    one = Notification("t", "b", 60, Urgency.parse(urgency))
    assert fcm(one, "T")["message"]["android"]["priority"] == android
    assert apns(one, "b", NOW)[0]["apns-priority"] == ios


def test_what_one_service_keeps_for_a_year_another_keeps_for_28_days():
    assert fcm(Notification("t", "b", 365 * 86400), "T")["message"]["android"]["ttl"] == f"{LONGEST}s"


def test_too_long_is_told_and_a_browser_has_room_for_the_least():
    room = 3993 - len('{"title":"","body":""}')
    assert web_push(Notification("", "x" * room, 0))
    longer = Notification("", "x" * (room + 1), 0)
    with pytest.raises(BadInput, match="3993"):
        web_push(longer)
    assert fcm(longer, "T")
    assert apns(longer, "b", NOW)
    for write in (lambda one: fcm(one, "T"), lambda one: apns(one, "b", NOW)):
        with pytest.raises(BadInput, match="4096"):
            write(Notification("", "x" * 4096, 0))


@pytest.mark.parametrize(("ttl", "topic"), [(-1, None), (0, "a b"), (0, "x" * 33)])
def test_slips_are_told(ttl, topic):
    with pytest.raises(BadInput):
        Notification("t", "b", ttl, topic=topic)
