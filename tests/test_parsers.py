"""Whatever comes from outside, each reader of it gives a result or its own error: none fails in another way.

The handshake, frames, messages, the event stream, problem documents and recorded exchanges have properties of their
own, beside their tests; here are the small ones.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rtlab.brokers.entries import minimum, pages
from rtlab.clients.channel import Channel
from rtlab.clients.connection import LONGEST_WAIT, retry_after
from rtlab.clients.reader import is_cursor
from rtlab.errors import BadInput, RtlabError
from rtlab.event import Cursor, read_json
from rtlab.protocol.closing import read_close
from rtlab.protocol.deflate import Inflater
from rtlab.push.headers import Urgency, read_links, read_topic, read_ttl, wants_receipt
from rtlab.push.keys import from_text, public_key, to_text
from rtlab.push.records import decrypt_records, read_head, record_keys
from rtlab.push.request import read_request
from rtlab.push.vapid import read_token, verify
from rtlab.server.access import Access

KEYS = record_keys(b"secret", b"0123456789abcdef")
NAMES = ("TTL", "Topic", "Urgency", "Content-Encoding", "Prefer", "Link")
OF_TEXT: dict[str, Callable[[str], object]] = {
    "a cursor": Cursor.parse,
    "what Redis is asked for": minimum,
    "a channel's URL": Channel.parse,
    "Retry-After": retry_after,
    "base64url": from_text,
    "a token": read_token,
    "a VAPID header": lambda text: verify(text, ["http://127.0.0.1"], 0.0),
    "VAPID credentials": lambda text: verify(f"vapid t={text}, k={text}", ["http://127.0.0.1"], 0.0),
    "a bearer": lambda text: Access("the right one").grant(text),
    "Urgency": Urgency.parse,
    "TTL": lambda text: read_ttl(text, 60),
    "Topic": read_topic,
    "Link": lambda text: read_links([text]),
    "Prefer": wants_receipt,
    "JSON": read_json,
}
OF_BYTES: dict[str, Callable[[bytes], object]] = {
    "a close frame's payload": read_close,
    "a deflated message": Inflater(1000).inflate,
    "a public key": public_key,
    "the head of a record": read_head,
    "records": lambda data: decrypt_records(data, 18, KEYS),
    "JSON": read_json,
}
# Text that is nearly right is more of a danger than any text.
NEARLY = st.lists(
    st.sampled_from(
        [
            *"0129az.-_=/:;,<>\"'%[]{} \t\r\n\0é\u0661\u2028",
            "new",
            "vapid",
            "wait=",
            "http://",
            "e9",
            "9" * 30,
        ]
    )
).map("".join)
TEXT = st.text() | NEARLY


@pytest.mark.parametrize("what", OF_TEXT)
@given(text=TEXT)
@example(text="9" * 5000)
@example(text="[" * 5000)
@example(text="Fri, 31 Dec 9999 23:59:59 -2359")
@example(text="http://[::1")
def test_any_text_is_read_or_refused(what: str, text: str) -> None:
    with contextlib.suppress(RtlabError):
        OF_TEXT[what](text)


@pytest.mark.parametrize("what", OF_BYTES)
@given(data=st.binary(max_size=200))
@example(data=b"\x04" + b"\xff" * 64)
@example(data=b"\0" * 21)
def test_any_bytes_are_read_or_refused(what: str, data: bytes) -> None:
    with contextlib.suppress(RtlabError):
        OF_BYTES[what](data)


@given(TEXT)
def test_a_cursor_that_was_read_is_written_the_same_and_readers_take_it_for_one(text: str) -> None:
    with contextlib.suppress(BadInput):
        cursor = Cursor.parse(text)
        assert Cursor.parse(str(cursor)) == cursor
        assert is_cursor(str(cursor))
        assert is_cursor(text)


@given(TEXT)
def test_a_pause_that_a_server_asks_for_is_one_that_can_be_made(text: str) -> None:
    assert 0 <= retry_after(text) <= LONGEST_WAIT


@given(st.binary(max_size=100))
def test_base64url_comes_back_as_it_went(data: bytes) -> None:
    assert from_text(to_text(data)) == data


@given(st.dictionaries(st.sampled_from(NAMES), TEXT), st.binary(max_size=50))
def test_any_headers_of_a_message_are_read_or_refused(headers: dict[str, str], body: bytes) -> None:
    with contextlib.suppress(RtlabError):
        assert 0 <= read_request(headers, body, 60).ttl <= 60


ENTRIES = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 9)), max_size=8)


@given(ENTRIES, st.sampled_from(["1", "2", "new", "0badcafe"]), st.integers(0, 9))
def test_entries_of_a_stream_are_in_one_page_each_and_no_page_has_a_hole(
    entries: list[tuple[int, int]], log: str, number: int
) -> None:
    raw = [(f"{epoch}-{at}".encode(), {b"t": b"1700000000000", b"d": b"{}"}) for epoch, at in entries]
    made = pages(log, number, raw)
    assert [record.id for page in made for record in page.records] == [
        f"{epoch}.{at}" for epoch, at in entries
    ]
    for page in made:
        places = [int(record.id.partition(".")[2]) for record in page.records]
        begin = int(page.after.partition(".")[2])
        assert places == list(range(begin + 1, begin + 1 + len(places)))


SECRET = "a shared secret of more than thirty-two bytes"
ACCESS = Access(key=SECRET)
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(), st.lists
)
CLAIMS = st.dictionaries(st.sampled_from(["sub", "exp", "rtlab", "nbf", "iat", "aud"]), JSON)


@settings(max_examples=40)
@given(claims=CLAIMS)
@example(claims={"sub": "ann", "exp": 10**30})
@example(claims={"sub": "ann", "exp": 1e308, "rtlab": {"read": [["x"], 1]}})
def test_any_claims_of_a_token_that_is_signed_are_read_or_refused(claims: dict[str, Any]) -> None:
    with contextlib.suppress(RtlabError):
        grant = ACCESS.grant(jwt.api_jws.encode(json.dumps(claims).encode(), SECRET, "HS256"))
        assert grant.subject == claims["sub"]
