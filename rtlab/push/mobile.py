"""The same notification for a browser, for FCM (Android) and for APNs (iOS): three formats, nothing is sent.

    Web Push   POST to the subscription's endpoint; headers of RFC 8030, body encrypted (RFC 8291)
    FCM        POST https://fcm.googleapis.com/v1/projects/PROJECT/messages:send; all in one JSON document
    APNs       POST https://api.push.apple.com/3/device/TOKEN over HTTP/2; headers, and a JSON document

Sources, read in 2026: "Set the lifespan of a message", "Message priority", "Collapsible message types" and "Best
practices for FCM registration token management" at firebase.google.com/docs/cloud-messaging; "Sending notification
requests to APNs" and "Handling notification responses from APNs", developer.apple.com/documentation/usernotifications.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from rtlab.errors import BadInput
from rtlab.push.encryption import MAX_PLAINTEXT
from rtlab.push.headers import Urgency, read_topic

MAX_PAYLOAD = 4096  # bytes of JSON that FCM and APNs take; a browser's plaintext has 3,993
LONGEST = 28 * 24 * 3600  # seconds that FCM keeps a message at most


@dataclass(frozen=True)
class Notification:
    """What is to be told, how long it is worth telling, how urgent it is, and what it replaces. `ttl` in seconds."""

    title: str
    body: str
    ttl: int
    urgency: Urgency = Urgency.NORMAL
    topic: str | None = None

    def __post_init__(self) -> None:
        if self.ttl < 0:
            raise BadInput(f"a TTL of {self.ttl}: give whole seconds, 0 or more")
        read_topic(self.topic)


def web_push(one: Notification) -> tuple[dict[str, str], bytes]:
    """Headers, and the text that is to be encrypted. Raises BadInput if it is too long."""
    headers = {"TTL": str(one.ttl), "Urgency": one.urgency.text}
    if one.topic is not None:
        headers["Topic"] = one.topic
    return headers, _within(_compact({"title": one.title, "body": one.body}), MAX_PLAINTEXT)


def fcm(one: Notification, token: str) -> dict[str, Any]:
    """FCM's document (HTTP v1). It knows two priorities; a topic is a `collapse_key`. Raises BadInput if too long.

    The text is readable to Google: FCM itself does not encrypt from end to end.
    """
    android: dict[str, Any] = {
        "ttl": f"{min(one.ttl, LONGEST)}s",
        "priority": "HIGH" if one.urgency is Urgency.HIGH else "NORMAL",
    }
    if one.topic is not None:
        android["collapse_key"] = one.topic
    notification = {"title": one.title, "body": one.body}
    _within(_compact(notification), MAX_PAYLOAD)
    return {"message": {"token": token, "notification": notification, "android": android}}


def apns(one: Notification, bundle: str, now: float) -> tuple[dict[str, str], bytes]:
    """APNs' headers and document. It wants a date, not a duration, and knows three priorities. Raises BadInput.

    An expiration of 0 is "now or never"; a topic is a `apns-collapse-id`, and `apns-topic` is the application's name.
    """
    priority = {Urgency.HIGH: 10, Urgency.NORMAL: 10, Urgency.LOW: 5, Urgency.VERY_LOW: 1}[one.urgency]
    headers = {
        "apns-topic": bundle,
        "apns-push-type": "alert",
        "apns-priority": str(priority),
        "apns-expiration": str(int(now) + one.ttl if one.ttl else 0),
    }
    if one.topic is not None:
        headers["apns-collapse-id"] = one.topic
    return headers, _within(_compact({"aps": {"alert": {"title": one.title, "body": one.body}}}), MAX_PAYLOAD)


def _compact(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _within(payload: bytes, most: int) -> bytes:
    if len(payload) > most:
        raise BadInput(f"the payload has {len(payload)} bytes, {most} at most: say where the rest is")
    return payload
