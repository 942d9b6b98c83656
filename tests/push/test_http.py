"""The push service over HTTP: statuses and headers of RFC 8030 and RFC 8292, a problem document for each fault."""

from __future__ import annotations

import json
import time

import pytest
import requests

from rtlab.push.encryption import encrypt
from rtlab.push.headers import PUSH, RECEIPT, SET, link, read_links
from rtlab.push.keys import new_key, point, to_text
from rtlab.push.limits import PushLimits
from rtlab.push.vapid import authorization, key_text
from rtlab.server.limits import Limits

KEY = new_key()
BODY = encrypt(b"hello", point(new_key()), bytes(16))
ENCRYPTED = {"TTL": "60", "Content-Encoding": "aes128gcm"}


@pytest.fixture
def http(server):
    """Requests to the server, by path."""
    with requests.Session() as session:
        session.trust_env = False

        def ask(method, path, **options):
            return session.request(method, server.url + path, timeout=10, **options)

        yield ask


def subscribe(http, key=KEY, **options):
    """A subscription: its own path, the sender's, the set's."""
    answer = http("POST", "/push/subscribe", json={"vapid": key_text(key)} if key else None, **options)
    assert answer.status_code == 201, answer.text
    links = read_links([answer.headers["Link"]])
    return answer.headers["Location"], links[PUSH], links[SET]


def signed(server, key=KEY, **claims):
    return {"Authorization": authorization(key, server.url + "/push/p/x", "mailto:a@example.org", **claims)}


def stream(http, path, **headers):
    """The first events of a stream, as they arrive."""
    with http("GET", path, headers=headers, stream=True) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        for line in answer.iter_lines():
            if line.startswith(b"data: "):
                yield json.loads(line[6:])["data"]


def check_problem(answer, status, says=""):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert says in answer.json()["detail"]


def test_a_message_from_subscription_to_acknowledgement(server, http):
    _, push, device = subscribe(http)
    sent = http("POST", push, data=BODY, headers=ENCRYPTED | signed(server))
    assert (sent.status_code, sent.headers["TTL"], sent.text) == (201, "60", "")
    messages = stream(http, f"{device}/stream")
    got = next(messages)
    assert got == {"message": sent.headers["Location"], "push": push, "body": to_text(BODY)}
    messages.close()
    assert [http("DELETE", got["message"]).status_code for _ in range(2)] == [204, 404]


def test_a_subscription_joins_the_set_that_it_names(http):
    _, _, device = subscribe(http)
    own, push, same = subscribe(http, headers={"Link": link(device, SET)})
    assert same == device
    assert len({own.rpartition("/")[2], push.rpartition("/")[2], device.rpartition("/")[2]}) == 3
    check_problem(
        http("POST", "/push/subscribe", headers={"Link": link("/push/set/nobody", SET)}), 400, "no device"
    )


def test_a_receipt_is_told_when_the_device_has_the_message(server, http):
    _, push, device = subscribe(http)
    headers = ENCRYPTED | signed(server) | {"Prefer": "respond-async"}
    sent = http("POST", push, data=BODY, headers=headers)
    assert sent.status_code == 202
    receipts = read_links([sent.headers["Link"]])[RECEIPT]
    again = http("POST", push, data=BODY, headers=headers | {"Link": link(receipts, RECEIPT)})
    assert read_links([again.headers["Link"]])[RECEIPT] == receipts
    messages = stream(http, f"{device}/stream")
    assert http("DELETE", next(messages)["message"]).status_code == 204
    told = stream(http, f"{receipts}/stream")
    assert next(told) == {"message": sent.headers["Location"], "status": 204}
    told.close()
    messages.close()
    assert [http("DELETE", receipts).status_code for _ in range(2)] == [204, 404]


def test_a_message_without_a_body_is_a_message_too(server, http):
    _, push, device = subscribe(http)
    assert http("POST", push, headers={"TTL": "60"} | signed(server)).status_code == 201
    messages = stream(http, f"{device}/stream")
    assert next(messages)["body"] == ""
    messages.close()


def test_urgency_and_topic_are_not_told_to_the_device(server, http):
    _, push, device = subscribe(http)
    http("POST", push, data=BODY, headers=ENCRYPTED | signed(server) | {"Topic": "secret", "Urgency": "high"})
    messages = stream(http, f"{device}/stream", Urgency="high")
    assert set(next(messages)) == {"message", "push", "body"}
    messages.close()


class TestBadInput:
    @pytest.mark.parametrize(
        ("headers", "body", "status", "says"),
        [
            ({"TTL": None}, BODY, 400, "TTL is missing"),
            ({"TTL": "soon"}, BODY, 400, "whole seconds"),
            ({"Urgency": "now"}, BODY, 400, "very-low"),
            ({"Topic": "a" * 33}, BODY, 400, "1 to 32"),
            ({"Authorization": None}, BODY, 401, "wants to know who sends"),
            ({"Authorization": "vapid t=a.b.c, k=d"}, BODY, 403, "cannot be read"),
            ({}, bytes(4097), 413, "3993 before encryption"),
            ({"Content-Encoding": None}, b"plain", 415, "aes128gcm"),
        ],
    )
    def test_each_fault_has_the_status_of_the_rfc_and_says_what_would_be_right(
        self, server, http, headers, body, status, says
    ):
        _, push, _ = subscribe(http)
        answer = http("POST", push, data=body, headers=ENCRYPTED | signed(server) | headers)
        check_problem(answer, status, says)
        assert answer.headers.get("WWW-Authenticate") == ("vapid" if status == 401 else None)

    def test_a_token_of_another_key_for_another_service_or_of_yesterday_is_403(self, server, http):
        _, push, _ = subscribe(http)
        for wrong, says in (
            (signed(server, key=new_key()), "its key is not yours"),
            (
                {"Authorization": authorization(KEY, "https://push.example.net/x", "mailto:a@b.c")},
                "its aud has to be",
            ),
            (signed(server, now=lambda: time.time() - 24 * 3600), "expired"),
        ):
            check_problem(http("POST", push, data=BODY, headers=ENCRYPTED | wrong), 403, says)

    def test_what_has_ended_is_410_and_what_never_was_404(self, server, http):
        own, push, device = subscribe(http)
        assert http("DELETE", own).status_code == 204
        headers = ENCRYPTED | signed(server)
        check_problem(http("POST", push, data=BODY, headers=headers), 410, "has ended")
        check_problem(http("POST", "/push/p/nobody", data=BODY, headers=headers), 404)
        assert http("DELETE", device).status_code == 204
        check_problem(http("GET", f"{device}/stream"), 404, "subscribe again")
        check_problem(http("DELETE", device), 404)
        check_problem(http("GET", "/push/receipts/nobody/stream"), 404)

    @pytest.mark.parametrize("body", [b"[]", b"{", b'{"vapid": 1}', b'{"vapid": "abc"}', b"\xff"])
    def test_a_subscription_with_options_that_are_none_is_400(self, http, body):
        check_problem(http("POST", "/push/subscribe", data=body), 400)

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("GET", "/push/p/x", "POST, OPTIONS"),
            ("GET", "/push/subscribe", "POST, OPTIONS"),
            ("POST", "/push/message/x", "DELETE, OPTIONS"),
            ("POST", "/push/set/x/stream", "GET, OPTIONS"),
        ],
    )
    def test_another_method_is_405_and_says_which_there_are(self, http, method, path, allowed):
        answer = http(method, path)
        check_problem(answer, 405, allowed)
        assert answer.headers["Allow"] == allowed

    def test_a_look_at_the_head_does_not_end_a_devices_connection(self, server, http):
        _, push, device = subscribe(http)
        http("POST", push, data=BODY, headers=ENCRYPTED | signed(server))
        messages = stream(http, f"{device}/stream")
        next(messages)
        assert http("HEAD", f"{device}/stream").status_code == 405
        sent = http("POST", push, data=BODY, headers=ENCRYPTED | signed(server))
        assert next(messages)["message"] == sent.headers["Location"]
        messages.close()

    def test_a_page_of_another_origin_may_not_use_it(self, http):
        check_problem(http("POST", "/push/subscribe", headers={"Origin": "https://evil.example"}), 403)


def test_the_servers_own_limits_hold_here_too(serve, things):
    server = serve(on=Limits(body_bytes=1000, publish_rate=1), limits=PushLimits(waiting=1))
    with requests.Session() as session:
        session.trust_env = False

        def http(method, path, **options):
            return session.request(method, server.url + path, timeout=10, **options)

        _, push, _ = subscribe(http)
        headers = ENCRYPTED | signed(server)
        check_problem(http("POST", push, data=bytes(1001), headers=headers), 413, "at most 1000")
        check_problem(http("POST", push, data=bytes(5000), headers=headers), 413)
        http("POST", push, data=BODY, headers=headers)
        answer = http("POST", push, data=BODY, headers=headers)
        check_problem(answer, 429)
        assert "Retry-After" in answer.headers
