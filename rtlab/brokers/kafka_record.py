"""A record of Kafka as an event: anybody may have put it into the topic, so nothing in it is taken on trust.

key: the channel · value: the event's JSON data · header rtlab-key: its idempotency key · time stamp: ms since 1970
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, NamedTuple

from rtlab.errors import RtlabError
from rtlab.event import encode_data, read_json

KEY = "rtlab-key"  # the header of a record with its idempotency key
LAID_OUT = (b"\n", b"\r", b"\xef\xbb\xbf")  # lines, and a byte order mark
LATEST = 253_402_300_799_999  # the last millisecond of the year 9999


class Read(NamedTuple):
    """What a record says: an event's channel, time and data, and its idempotency key, or "" where it has none."""

    channel: str
    time: str
    data: bytes
    key: str


def read_record(record: Any) -> Read | None:
    """The event that a record is; None for somebody else's that is none.

    Anybody can write a header, so every value has to be JSON. One with a key of rtlab's that is one line stays as it
    is: to encode it again takes longer than to read it. Any other is encoded as a publish is: laid out over several
    lines it would end an event of an event stream too early.
    """
    key = next((_text(value) for name, value in record.headers if name == KEY), "")
    data: bytes = record.value or b""
    try:
        read = read_json(data)
        if not key or any(sign in data for sign in LAID_OUT):
            data = encode_data(read)
    except RtlabError:
        return None
    return Read(_text(record.key), time_of(record.timestamp), data, key)


def time_of(milliseconds: int) -> str:
    """A record's time stamp as an event has it.

    One that is too late for milliseconds is of a producer that counts in µs or ns; without one it is 1970.
    """
    while milliseconds > LATEST:
        milliseconds //= 1000
    seconds, rest = divmod(max(0, milliseconds), 1000)
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


def _text(key: bytes | None) -> str:
    return (key or b"").decode(errors="replace")
