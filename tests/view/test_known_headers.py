import re

import pytest

from rtlab.view.known_headers import (
    EITHER,
    METHODS,
    REQUEST,
    RESPONSE,
    SOURCES,
    STATUSES,
    VALUES,
    explain,
    link,
)

KNOWN = {**REQUEST, **RESPONSE, **EITHER}
ALL = [*REQUEST.items(), *RESPONSE.items(), *EITHER.items(), *METHODS.items(), *STATUSES.items()]


@pytest.mark.parametrize(("name", "known"), ALL)
def test_each_entry_is_a_sentence_with_a_source_that_can_be_found(name: str, known: tuple[str, str]):
    sentence, source = known
    assert sentence.endswith(".")
    assert len(sentence) <= 120
    assert re.fullmatch(r"RFC \d{4} §(\d+(\.\d+)*|[A-Z](\.\d+)*)", source) or source in SOURCES
    assert (link(source) or "").startswith("https://")


def test_every_field_that_occurs_is_known():
    occurring = """host user-agent accept accept-encoding accept-language connection upgrade sec-websocket-key
        sec-websocket-version sec-websocket-accept sec-websocket-protocol sec-websocket-extensions origin
        cookie set-cookie etag if-none-match cache-control content-type content-length transfer-encoding
        date server last-event-id prefer preference-applied retry-after location vary x-accel-buffering
        access-control-allow-origin authorization pragma access-control-allow-methods
        access-control-allow-headers access-control-max-age access-control-request-method
        access-control-expose-headers allow sec-fetch-site sec-fetch-mode sec-fetch-dest sec-ch-ua
        idempotency-key ttl urgency topic"""
    assert not set(occurring.split()) - set(KNOWN)


def test_keys_are_lower_case_and_values_belong_to_known_fields():
    assert all(name == name.lower() for name in KNOWN)
    assert all(field in KNOWN for field, _ in VALUES)
    assert not set(EITHER) & (set(REQUEST) | set(RESPONSE))


@pytest.mark.parametrize(
    ("name", "value", "is_request", "said"),
    [
        ("Connection", "keep-alive", True, "keep-alive: the next"),
        ("Connection", "close", False, "close: it ends"),
        ("Content-Type", "text/event-stream; charset=utf-8", False, "An event stream"),
        ("Cache-Control", "private, max-age=3", False, "max-age: for so many"),
        ("Prefer", "wait=25", True, "hold the answer"),
        ("X-Unknown", "1", True, "Not a field that this table knows"),
        ("Host", "x", False, "Belongs in a request"),
    ],
)
def test_values_add_to_the_sentence(name: str, value: str, is_request: bool, said: str):
    assert said in explain(name, value, is_request)[0]


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("RFC 9110 §7.2", "https://www.rfc-editor.org/rfc/rfc9110#section-7.2"),
        ("RFC 9112 §C.2.2", "https://www.rfc-editor.org/rfc/rfc9112#appendix-C.2.2"),
        ("RFC 7692", "https://www.rfc-editor.org/rfc/rfc7692"),
        ("hearsay", None),
    ],
)
def test_a_source_has_its_address(source: str, address: str | None):
    assert link(source) == address
