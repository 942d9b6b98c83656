"""Towards a browser vendor's push service: what we send, and what we make of its answers.

There is no vendor here. What we send is held against the example requests of the RFCs; the answers are written down in
the forms that vendors document, and come from a server that knows nothing else.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from rtlab.errors import ServerError, Unavailable
from rtlab.push.application import ApplicationServer
from rtlab.push.encryption import decrypt
from rtlab.push.keys import from_text, new_key, point
from rtlab.push.subscriptions import Target
from rtlab.push.vapid import verify

DEVICE, AUTH = new_key(), bytes(range(16))


class Vendor:
    """Answers every request with the same bytes, and remembers what it was sent."""

    def __init__(self, answer: bytes) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._answer = answer
        self.head, self.body = "", b""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def target(self) -> Target:
        """A subscription at this service, as its browser would give it."""
        return Target(
            f"http://127.0.0.1:{self._listening.getsockname()[1]}/wpush/v2/abc", point(DEVICE), AUTH
        )

    def _serve(self) -> None:
        try:
            connection, _ = self._listening.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as file:
            head = b"".join(iter(file.readline, b"\r\n"))
            self.head = head.decode("latin-1")
            length = re.search(r"content-length: (\d+)", self.head, re.IGNORECASE)
            self.body = file.read(int(length[1]) if length else 0)
            connection.sendall(self._answer)

    def close(self) -> None:
        """End."""
        self._listening.close()
        self._thread.join(5)


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.fixture
def vendor(request: pytest.FixtureRequest) -> Iterator[Vendor]:
    with closing(Vendor(request.param)) as vendor:
        yield vendor


CREATED = answer("201 Created", b"", "Location: https://updates.push.services.example/m/gAAAAAB", "TTL: 60")
BARE = answer("201 Created")


@pytest.mark.parametrize("vendor", [CREATED], indirect=True)
def test_what_we_send_is_the_request_of_the_rfcs_examples(vendor, sender):
    sent = sender.send(vendor.target, "hello", ttl=60, urgency="low", topic="upd")
    request_line, *lines = vendor.head.splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    assert request_line == "POST /wpush/v2/abc HTTP/1.1"
    assert {name: headers[name] for name in ("TTL", "Content-Encoding", "Urgency", "Topic")} == {
        "TTL": "60",
        "Content-Encoding": "aes128gcm",
        "Urgency": "low",
        "Topic": "upd",
    }
    assert re.fullmatch(r"vapid t=[\w-]+\.[\w-]+\.[\w-]+,k=[\w-]{87}", headers["Authorization"])
    origin = vendor.target.endpoint.removesuffix("/wpush/v2/abc")
    assert verify(headers["Authorization"], {origin}, sender.clock()) == from_text(sender.public_key)
    assert decrypt(vendor.body, DEVICE, AUTH) == b"hello"
    assert sent == (201, "https://updates.push.services.example/m/gAAAAAB", 60, None)


@pytest.mark.parametrize("vendor", [BARE], indirect=True)
def test_an_answer_without_a_ttl_or_a_place_is_taken_as_it_is(vendor, sender):
    assert sender.send(vendor.target, "x", ttl=30, receipt=True) == (201, vendor.target.endpoint, 30, None)


GONE = json.dumps(
    {"code": 410, "errno": 106, "error": "Gone", "message": "Request did not validate"}
).encode()


@pytest.mark.parametrize(
    ("vendor", "forgotten"),
    [
        (answer("410 Gone", GONE, "Content-Type: application/json"), True),
        (answer("404 Not Found", b"push subscription has unsubscribed or expired.\n"), True),
        (answer("413 Payload Too Large", b"too large"), False),
        (answer("403 Forbidden", b"the VAPID credentials do not correspond"), False),
        (answer("301 Moved Permanently", b"", "Location: https://elsewhere.example/"), False),
    ],
    indirect=["vendor"],
)
def test_a_refusal_is_told_and_only_what_is_gone_is_forgotten(vendor, forgotten, sender):
    target = sender.subscriptions.add(vendor.target)
    with pytest.raises(ServerError):
        sender.send(target, "x")
    assert (target.endpoint not in sender.subscriptions) is forgotten


@pytest.mark.parametrize("vendor", [answer("429 Too Many Requests", b"", "Retry-After: 7")], indirect=True)
def test_too_many_requests_says_when_to_come_back(vendor, sender: ApplicationServer):
    with pytest.raises(Unavailable) as refused:
        sender.send(vendor.target, "x")
    assert refused.value.retry_after == 7
