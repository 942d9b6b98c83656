"""What tests/nbval_sanitize.cfg hides from the comparison of notebook outputs, and what it leaves to compare."""

import re
from pathlib import Path

import pytest
from nbval.plugin import get_sanitize_patterns

PATTERNS = get_sanitize_patterns(Path(__file__).with_name("nbval_sanitize.cfg").read_text())


def sanitize(text: str) -> str:
    for pattern, replacement in PATTERNS:
        text = re.sub(pattern, replacement, text)
    return text


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("http://127.0.0.1:43121/channels", "http://127.0.0.1:PORT/channels"),
        ("Host: localhost:8888", "Host: localhost:PORT"),
        ("3f9ac2d1.17", "LOG.17"),
        ("Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==", "Sec-WebSocket-Key: KEY"),
        ("Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=", "Sec-WebSocket-Accept: ACCEPT"),
        ("Date: Tue, 24 Nov 2026 02:36:39 GMT", "Date: DATE"),
        ('"time": "2026-11-24T02:36:39.071Z"', '"time": "DATE"'),
        ("median 40.31 ms, p99 1.2 s", "median DURATION, p99 DURATION"),
    ],
)
def test_what_differs_from_run_to_run_is_not_compared(text: str, compared: str) -> None:
    assert sanitize(text) == compared


@pytest.mark.parametrize(
    "text",
    [
        "20 answers, 19 of them empty, in 10 s at d = 40 ms",
        "new.0",
        "dGhlIHNhbXBsZSBub25jZQ==",
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        "HTTP/1.1 101 Switching Protocols",
        "mean 0.25 requests an event",
    ],
)
def test_what_is_the_same_in_every_run_is_compared(text: str) -> None:
    assert sanitize(text) == text
