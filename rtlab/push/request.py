"""What an application server asks for with one message (RFC 8030 §5), read from its headers and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rtlab.errors import Refused
from rtlab.push.encryption import MAX_BODY, MAX_PLAINTEXT
from rtlab.push.headers import RECEIPT, Urgency, read_links, read_topic, read_ttl, wants_receipt


class Wanted(NamedTuple):
    """How a message is to be handled. `receipts`: the receipt subscription that is named, or "" for a new one."""

    ttl: int
    urgency: Urgency
    topic: str | None
    receipts: str | None


def read_request(headers: Mapping[str, str], body: bytes, longest: int) -> Wanted:
    """Read a request; `longest` is the largest TTL in seconds. Raises BadInput (400), Refused (413, 415)."""
    ttl, topic = read_ttl(headers.get("TTL"), longest), read_topic(headers.get("Topic"))
    urgency = Urgency.parse(headers.get("Urgency", "normal"))
    check_body(body, headers.get("Content-Encoding", ""))
    receipts = None
    if wants_receipt(headers.get("Prefer", "")):
        receipts = read_links([headers.get("Link", "")]).get(RECEIPT, "").rpartition("/")[2]
    return Wanted(ttl, urgency, topic, receipts)


def check_body(body: bytes, encoding: str) -> None:
    """Refuse what is too large, or can be read by everybody on its way. Raises Refused (413, 415)."""
    if len(body) > MAX_BODY:
        fits = f"{MAX_BODY} at most, which is {MAX_PLAINTEXT} before encryption"
        raise Refused(413, f"the message has {len(body)} bytes: {fits}")
    if body and encoding.strip().lower() != "aes128gcm":
        ask = "encrypt the message (RFC 8291) and send aes128gcm"
        raise Refused(
            415, f"the Content-Encoding is {encoding or 'missing'}: {ask}", {"Accept-Encoding": "aes128gcm"}
        )
