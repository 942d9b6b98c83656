"""A device and an application server over a real push service, and an independent sender, `pywebpush`."""

from __future__ import annotations

import itertools
import json
import logging
import stat
import threading
from contextlib import closing

import pytest
from pywebpush import webpush

from rtlab import Lab
from rtlab.errors import BadInput, ServerError, Unavailable
from rtlab.push.application import ApplicationServer
from rtlab.push.device import Device
from rtlab.push.encryption import MAX_PLAINTEXT
from rtlab.push.keys import new_key, private_bytes, to_text
from rtlab.push.limits import PushLimits
from rtlab.push.service import PushService
from rtlab.push.subscriptions import Subscriptions, Target
from rtlab.push.vapid import key_text
from rtlab.server.access import Access
from rtlab.server.thread import ServerThread
from rtlab.server.tls import development


def texts(device, limit=None, **options):
    return [message.text for message in device.messages(limit, timeout=20 if limit else 0.2, **options)]


def test_what_is_sent_while_the_device_sleeps_is_there_when_it_wakes_and_only_once(device, sender):
    target = device.subscribe(sender.public_key)
    for number in range(3):
        assert sender.send(target, f"message {number}").status == 201
    assert texts(device, 3) == ["message 0", "message 1", "message 2"]
    assert texts(device) == []


def test_a_device_that_is_awake_is_told_at_once(device, sender):
    target = device.subscribe(sender.public_key)
    messages = device.messages(limit=2, timeout=20)
    sender.send(target, "first")
    assert next(messages).text == "first"
    assert sender.send(target, "second", ttl=0).status == 201
    assert next(messages).text == "second"
    messages.close()


def test_twenty_applications_share_one_connection(device, things):
    servers = [things.enter_context(ApplicationServer()) for _ in range(20)]
    targets = [device.subscribe(server.public_key, f"app {n}") for n, server in enumerate(servers)]
    for server, target in zip(servers, targets, strict=True):
        server.send(target, "hello")
    got = list(device.messages(20, timeout=20))
    assert sorted(message.application for message in got) == sorted(f"app {n}" for n in range(20))
    assert device.stream_stats.connections == 1


def test_whoever_leaves_in_the_middle_gets_the_message_again(device, sender):
    target = device.subscribe(sender.public_key)
    sender.send(target, "once more")
    for message in device.messages(timeout=20):
        assert message.text == "once more"
        break
    assert texts(device, 1) == ["once more"]


def test_with_a_low_battery_only_what_is_urgent_wakes_the_device(device, sender):
    target = device.subscribe(sender.public_key)
    sender.send(target, "your mother calls", urgency="high")
    sender.send(target, "buy more shoes", urgency="very-low")
    assert texts(device, urgency="high") == ["your mother calls"]
    assert texts(device) == ["buy more shoes"]


def test_the_largest_message_arrives_and_one_byte_more_is_never_sent(device, sender):
    target = device.subscribe(sender.public_key)
    sender.send(target, b"\xff" * MAX_PLAINTEXT)
    (message,) = device.messages(1, timeout=20)
    assert message.data == b"\xff" * MAX_PLAINTEXT
    with pytest.raises(BadInput, match="3993"):
        sender.send(target, bytes(MAX_PLAINTEXT + 1))


def test_receipts_come_back_through_one_subscription_for_all_messages(device, sender):
    target = device.subscribe(sender.public_key)
    one, two = (sender.send(target, "x", receipt=True) for _ in range(2))
    assert (one.status, one.receipts) == (202, two.receipts)
    assert len(texts(device, 2)) == 2
    told = list(sender.receipts(one.receipts, limit=2, timeout=20))
    assert told == [(one.message, 204), (two.message, 204)]


def test_a_message_that_nobody_fetched_in_time_gives_a_receipt_too(device, sender):
    sent = sender.send(device.subscribe(sender.public_key), "x", ttl=1, receipt=True)
    assert list(sender.receipts(sent.receipts, limit=1, timeout=20)) == [(sent.message, 410)]


class TestTheIndependentSender:
    def test_pywebpush_delivers_to_our_service_and_our_device_reads_it(self, device, server):
        key = new_key()
        target = device.subscribe(key_text(key))
        for number in range(3):
            answer = webpush(
                target.to_json(),
                json.dumps({"number": number, "title": "Grüße"}),
                vapid_private_key=to_text(private_bytes(key)),
                vapid_claims={"sub": "mailto:a@example.org"},
                ttl=60,
                headers={"Urgency": "high", "Topic": f"t{number}"},
                timeout=10,
            )
            assert answer.status_code == 201
        assert [json.loads(text)["number"] for text in texts(device, 3)] == [0, 1, 2]

    def test_it_is_told_when_it_is_not_the_one(self, device):
        target = device.subscribe(key_text(new_key()))
        with pytest.raises(Exception, match="403"):
            webpush(
                target.to_json(),
                "x",
                vapid_private_key=to_text(private_bytes(new_key())),
                vapid_claims={"sub": "mailto:a@example.org"},
                timeout=10,
            )


class TestWhatIsGone:
    def test_a_sender_that_is_told_410_forgets_the_subscription(self, device, sender):
        target = sender.subscriptions.add(device.subscribe(sender.public_key).to_json())
        device.unsubscribe(target)
        with pytest.raises(ServerError, match="410"):
            sender.send(target, "are you there?")
        assert target.endpoint not in sender.subscriptions

    def test_one_that_is_gone_does_not_keep_the_others_from_theirs(self, device, server, sender, things):
        other = things.enter_context(Device(server.url))
        gone, stays = (sender.subscriptions.add(one.subscribe(sender.public_key)) for one in (device, other))
        device.unsubscribe(gone)
        results = sender.send_to_all("news")
        assert results[gone.endpoint].status == 410
        assert results[stays.endpoint].status == 201
        assert list(sender.subscriptions) == [stays]
        assert texts(other, 1) == ["news"]

    def test_another_refusal_or_an_absent_service_keeps_it(self, device, sender, things):
        target = sender.subscriptions.add(device.subscribe(key_text(new_key())))
        with pytest.raises(ServerError, match="403"):
            sender.send(target, "x")
        absent = sender.subscriptions.add(target._replace(endpoint="http://127.0.0.1:1/push/p/x"))
        with pytest.raises(Unavailable):
            sender.send(absent, "x")
        assert len(sender.subscriptions) == 2

    def test_a_device_whose_service_has_forgotten_it_is_told_to_subscribe_again(self, device, server):
        device.subscribe()
        service = server.server.extensions[0]
        server.call(
            lambda: [service.forget(name) for (name,) in service.store._db.execute("SELECT id FROM devices")]
        )
        with pytest.raises(ServerError, match="subscribe again"):
            texts(device, 1)


def test_a_message_that_was_spoiled_is_dropped_counted_and_not_sent_again(device, sender, server, caplog):
    good, bad = device.subscribe(sender.public_key, "good"), device.subscribe(sender.public_key, "bad")
    sender.send(bad._replace(auth=bytes(16)), "nobody can read this")
    sender.send(good, "but this")
    with caplog.at_level(logging.WARNING, "rtlab.push"):
        assert texts(device, 1) == ["but this"]
    assert device.spoiled == 1
    assert "bad was dropped" in caplog.text
    service = server.server.extensions[0]
    assert server.call(lambda: service.store._count("messages")) == 0


def test_a_device_that_wakes_after_a_restart_of_its_own_knows_its_keys(server, sender, tmp_path, things):
    path = tmp_path / "device.json"
    with Device(server.url, path) as before:
        target = before.subscribe(sender.public_key, "mail")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sender.send(target, "you have mail")
    with Device(keep=path) as after:
        assert after.targets == {"mail": target}
        assert texts(after, 1) == ["you have mail"]


def test_a_restart_of_the_service_loses_nothing_that_was_acknowledged(serve, kept, sender, things):
    server = serve(path=kept)
    port = server.server.port
    device = things.enter_context(Device(server.url))
    target = device.subscribe(sender.public_key)
    sent = [sender.send(target, f"{n}", ttl=3600).message for n in range(20)]
    messages = device.messages(timeout=40)
    got = [next(messages).text for _ in range(5)]  # the fifth is in hand, not acknowledged
    server.close()
    server = serve(path=kept, port=port)
    sent += [sender.send(target, f"{n}", ttl=3600).message for n in range(20, 25)]
    got += [message.text for message in itertools.islice(messages, 20)]
    messages.close()
    assert got == [str(n) for n in range(25)]
    assert len(set(sent)) == 25


def test_a_lab_that_restarts_its_server_keeps_its_push_service(kept, sender, things):
    lab = things.enter_context(Lab(extensions=[PushService(kept)]))
    device = things.enter_context(Device(lab.url))
    target = device.subscribe(sender.public_key)
    sender.send(target, "before")
    lab.restart_server()
    sender.send(target, "after")
    assert texts(device, 2) == ["before", "after"]


def test_all_of_it_over_tls_as_the_rfc_wants_it(things):
    made = things.enter_context(development())
    server = things.enter_context(closing(ServerThread(extensions=[PushService()], tls=made.tls)))
    sender = things.enter_context(ApplicationServer(cacert=made.cacert))
    device = things.enter_context(Device(server.url, cacert=made.cacert))
    target = device.subscribe(sender.public_key)
    assert target.endpoint.startswith("https://")
    sent = sender.send(target, "for your eyes only", receipt=True)
    assert texts(device, 1) == ["for your eyes only"]
    assert list(sender.receipts(sent.receipts, limit=1, timeout=20)) == [(sent.message, 204)]


def test_a_server_that_wants_tokens_for_its_channels_wants_none_for_push(sender, things):
    access = Access(token="a-token-for-channels")
    server = things.enter_context(closing(ServerThread(extensions=[PushService()], access=access)))
    device = things.enter_context(Device(server.url))
    sent = sender.send(device.subscribe(sender.public_key), "hello", receipt=True)
    assert texts(device, 1) == ["hello"]
    assert list(sender.receipts(sent.receipts, limit=1, timeout=20)) == [(sent.message, 204)]


def test_two_subscribers_on_two_threads_get_their_own(server, sender, things):
    devices = [things.enter_context(Device(server.url)) for _ in range(2)]
    targets = [device.subscribe(sender.public_key) for device in devices]
    got: dict[int, list[str]] = {}

    def wake(number: int) -> None:
        got[number] = texts(devices[number], 5)

    threads = [threading.Thread(target=wake, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for n in range(5):
        for number, target in enumerate(targets):
            sender.send(target, f"{number}.{n}")
    for thread in threads:
        thread.join(30)
    assert got == {number: [f"{number}.{n}" for n in range(5)] for number in range(2)}


class TestSubscriptions:
    def test_they_are_kept_in_a_file_for_nobody_else(self, device, tmp_path):
        path = tmp_path / "subscriptions.json"
        target = Subscriptions(path).add(device.subscribe().to_json())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        again = Subscriptions(path)
        assert list(again) == [target]
        again.remove(target.endpoint)
        assert len(Subscriptions(path)) == 0

    @pytest.mark.parametrize(
        "given",
        [
            {},
            None,
            "https://push.example.net/x",
            {"endpoint": "https://a.b/c", "keys": {}},
            {"endpoint": "ftp://a.b/c", "keys": {"p256dh": key_text(new_key()), "auth": "A" * 22}},
            {"endpoint": "https://a.b/c", "keys": {"p256dh": key_text(new_key()), "auth": "AA"}},
            {"endpoint": "https://a.b/c", "keys": {"p256dh": "BAAA", "auth": "A" * 22}},
            {"endpoint": 5, "keys": {"p256dh": key_text(new_key()), "auth": "A" * 22}},
        ],
    )
    def test_what_is_no_subscription_is_told(self, given):
        with pytest.raises(BadInput):
            Target.parse(given)

    def test_a_file_that_is_none_is_told(self, tmp_path):
        path = tmp_path / "x.json"
        path.write_text("{")
        with pytest.raises(BadInput, match="not a file of subscriptions"):
            Subscriptions(path)


def test_no_secret_is_in_what_is_printed(device, sender):
    target = device.subscribe(sender.public_key, "mail")
    application = device._memory.applications[0]
    secrets = [
        to_text(private_bytes(application.private)),
        to_text(application.auth),
        to_text(private_bytes(sender._key)),
    ]
    printed = " ".join(map(repr, (device, sender, target, application, device._memory, sender.subscriptions)))
    assert not [secret for secret in secrets if secret in printed or from_bytes(secret) in printed]


def from_bytes(secret):
    """The same as Python would print the bytes."""
    from rtlab.push.keys import from_text

    return repr(from_text(secret))


@pytest.mark.parametrize("wrong", ["", "nowhere", "ftp://a.b", "http://", "http://h:0"])
def test_a_device_needs_a_push_service(wrong):
    with pytest.raises(BadInput, match="push service"):
        Device(wrong)


def test_a_devices_file_that_is_none_is_told_without_its_contents(tmp_path):
    path = tmp_path / "device.json"
    path.write_text('{"set": "hunter2"}')
    with pytest.raises(BadInput, match="not a device's file") as refused:
        Device(keep=path)
    assert "hunter2" not in str(refused.value)


def test_slips_of_an_application_server_are_told_before_anything_is_sent(device, sender):
    target = device.subscribe(sender.public_key)
    for wrong in ({"ttl": -1}, {"urgency": "now"}, {"topic": "a b"}):
        with pytest.raises(BadInput):
            sender.send(target, "x", **wrong)
    with pytest.raises(BadInput, match="has no subscription"):
        device.unsubscribe(target._replace(endpoint="http://a.b/c"))
    assert sender.stats.requests == 0


def test_a_server_that_is_no_push_service_is_told(serve, things):
    with pytest.raises(ServerError):
        things.enter_context(Device(serve(limits=PushLimits()).url + "/nothing/here")).subscribe()
