"""The push service in virtual time, without HTTP: what it keeps, for how long, for whom, and in which order."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable

import pytest

from rtlab.errors import BadInput, Refused
from rtlab.push.encryption import encrypt
from rtlab.push.headers import Urgency
from rtlab.push.keys import from_text, new_key, point, to_text
from rtlab.push.limits import DAY, PushLimits
from rtlab.push.service import PushService
from rtlab.push.vapid import authorization, key_text

BODY = encrypt(b"x", point(new_key()), bytes(16))


def in_a_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run a test in asyncio's loop, which the logs of connections need."""

    @functools.wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 50))

    return run


def send(service, subscription, ttl=60, body=BODY, **headers):
    encoding = {"Content-Encoding": "aes128gcm"} if body else {}
    return service.push(subscription.push, {"TTL": str(ttl)} | encoding | headers, body)


def shown(delivery):
    """The messages that a connection has been given, by name."""
    return [event.data["message"].rpartition("/")[2] for event in delivery.channel.log.read("start").events]


def receipts(service, name):
    log = service.receipts.channel(name).log
    return (
        [(e.data["message"].rpartition("/")[2], e.data["status"]) for e in log.read("start").events]
        if log
        else []
    )


@pytest.fixture
def service(clock):
    service = PushService(clock=clock)
    yield service
    asyncio.run(service.stop())


@in_a_loop
async def test_a_message_waits_for_its_device_and_goes_when_it_is_acknowledged(service):
    subscription = service.subscribe()
    first, second = (send(service, subscription).message for _ in range(2))
    delivery = service.connect(subscription.device)
    assert shown(delivery) == [first, second]
    service.acknowledge(first)
    service.disconnect(delivery)
    assert shown(service.connect(subscription.device)) == [second]
    with pytest.raises(Refused) as gone:
        service.acknowledge(first)
    assert gone.value.status == 404


@in_a_loop
async def test_a_device_that_is_awake_gets_it_at_once_on_one_connection_for_all_its_applications(service):
    first = service.subscribe()
    others = [service.subscribe(first.device) for _ in range(19)]
    delivery = service.connect(first.device)
    sent = [send(service, one).message for one in (first, *others)]
    assert shown(delivery) == sent
    assert len(service.awake) == 1


@in_a_loop
@pytest.mark.parametrize(("ttl", "arrives"), [(0, False), (60, False), (DAY - 1, False), (DAY + 1, True)])
async def test_a_device_that_sleeps_for_a_day_gets_what_may_wait_a_day(service, clock, ttl, arrives):
    subscription = service.subscribe()
    sent = send(service, subscription, ttl)
    assert sent.ttl == ttl
    clock.now += DAY
    assert shown(service.connect(subscription.device)) == [sent.message] * arrives


@in_a_loop
async def test_a_ttl_of_0_reaches_a_device_that_is_awake_and_only_once(service):
    subscription = service.subscribe()
    delivery = service.connect(subscription.device)
    sent = send(service, subscription, 0).message
    assert shown(delivery) == [sent]
    service.disconnect(delivery)
    assert shown(service.connect(subscription.device)) == []


@in_a_loop
async def test_a_topic_keeps_the_newest_of_ten_at_the_place_of_the_newest(service):
    subscription, other = service.subscribe(), service.subscribe()
    scores = [send(service, subscription, Topic="score").message for _ in range(10)]
    plain = send(service, subscription).message
    last = send(service, subscription, Topic="score").message
    send(service, other, Topic="score")
    assert shown(service.connect(subscription.device)) == [plain, last]
    with pytest.raises(Refused, match="replaced"):
        service.acknowledge(scores[-1])


@in_a_loop
async def test_a_replacement_brings_its_own_ttl_urgency_and_receipt(service, clock):
    subscription = service.subscribe()
    send(service, subscription, 10 * DAY, Topic="t", Urgency="high")
    send(service, subscription, 60, Topic="t", Urgency="low")
    assert shown(service.connect(subscription.device, Urgency.NORMAL)) == []
    clock.now += 61
    assert shown(service.connect(subscription.device)) == []


@in_a_loop
async def test_with_a_low_battery_only_what_is_urgent_comes_and_the_rest_waits(service):
    subscription = service.subscribe()
    sent = {u: send(service, subscription, Urgency=u).message for u in ("very-low", "low", "normal", "high")}
    delivery = service.connect(subscription.device, Urgency.HIGH)
    assert shown(delivery) == [sent["high"]]
    later = send(service, subscription, Urgency="high").message
    held = send(service, subscription, Urgency="normal").message
    lost = send(service, subscription, 0, Urgency="normal").message
    assert shown(delivery) == [sent["high"], later]
    service.acknowledge(sent["high"])
    service.acknowledge(later)
    charged = shown(service.connect(subscription.device))
    assert charged == [sent["very-low"], sent["low"], sent["normal"], held]
    assert lost not in charged


@in_a_loop
async def test_a_device_is_sent_no_more_than_it_can_acknowledge(clock):
    service = PushService(clock=clock, limits=PushLimits(in_flight=2))
    subscription = service.subscribe()
    sent = [send(service, subscription).message for _ in range(5)]
    delivery = service.connect(subscription.device)
    assert shown(delivery) == sent[:2]
    service.acknowledge(sent[1])
    assert shown(delivery) == sent[:3]
    service.acknowledge(sent[0])
    service.acknowledge(sent[2])
    assert shown(delivery) == sent
    await service.stop()


@in_a_loop
async def test_a_second_connection_ends_the_first_and_gets_what_was_not_acknowledged(service):
    subscription = service.subscribe()
    sent = send(service, subscription).message
    first = service.connect(subscription.device)
    second = service.connect(subscription.device)
    assert shown(second) == [sent]
    service.disconnect(first)
    assert service.awake == {subscription.device: second}


@in_a_loop
async def test_receipts_say_what_arrived_and_what_did_not(service, clock):
    subscription = service.subscribe()
    one = send(service, subscription, Prefer="respond-async")
    link = f'</push/receipts/{one.receipts}>; rel="urn:ietf:params:push:receipt"'
    two = send(service, subscription, Prefer="respond-async", Link=link)
    silent = send(service, subscription)
    assert (two.receipts, silent.receipts) == (one.receipts, None)
    service.connect(subscription.device)
    service.acknowledge(one.message)
    clock.now += 61
    service.sweep()
    assert receipts(service, one.receipts) == [(one.message, 204), (two.message, 410)]


@in_a_loop
async def test_a_message_that_was_replaced_gives_no_receipt(service, clock):
    subscription = service.subscribe()
    old = send(service, subscription, Topic="t", Prefer="respond-async")
    send(service, subscription, Topic="t")
    clock.now += 61
    service.sweep()
    assert receipts(service, old.receipts) == []


@in_a_loop
async def test_what_has_ended_is_410_and_what_was_forgotten_404(service):
    subscription = service.subscribe()
    other = service.subscribe(subscription.device)
    send(service, subscription)
    service.unsubscribe(subscription.id)
    assert shown(service.connect(subscription.device)) == []
    service.forget(other.device)
    for push, status in ((subscription, 404), (other, 404)):
        with pytest.raises(Refused) as refused:
            send(service, push)
        assert refused.value.status == status
    assert service.awake == {}


@in_a_loop
async def test_an_ended_subscription_is_told_apart_from_an_unknown_one(service):
    subscription = service.subscribe()
    service.unsubscribe(subscription.id)
    with pytest.raises(Refused) as refused:
        send(service, subscription)
    assert refused.value.status == 410
    with pytest.raises(Refused) as again:
        service.unsubscribe(subscription.id)
    assert again.value.status == 404


@in_a_loop
async def test_a_device_that_nobody_has_seen_for_long_is_forgotten_and_one_that_is_awake_is_not(
    service, clock
):
    gone, awake = service.subscribe(), service.subscribe()
    service.connect(awake.device)
    for _ in range(20):
        clock.now += service.limits.idle / 10
        service.sweep()
    with pytest.raises(Refused, match="404"):
        send(service, gone)
    assert send(service, awake)


class TestSenders:  # RFC 8292
    key = new_key()
    origin = "http://127.0.0.1:8765"

    def signed(self, clock, key=None, origin=None):
        endpoint = f"{origin or self.origin}/push/p/x"
        return {"TTL": "0", "Authorization": authorization(key or self.key, endpoint, "mailto:a@b.c", clock)}

    def status(self, service, subscription, headers):
        with pytest.raises(Refused) as refused:
            service.push(subscription.push, headers, b"", {self.origin})
        return refused.value.status

    def test_only_who_has_the_private_key_can_send(self, service, clock):
        subscription = service.subscribe(key=key_text(self.key))
        assert service.push(subscription.push, self.signed(clock), b"", {self.origin})
        assert self.status(service, subscription, {"TTL": "0"}) == 401
        assert self.status(service, subscription, self.signed(clock, key=new_key())) == 403
        assert (
            self.status(service, subscription, self.signed(clock, origin="https://push.example.net")) == 403
        )
        old = self.signed(clock)
        clock.now += DAY
        assert self.status(service, subscription, old) == 403

    def test_without_a_key_anybody_who_knows_it_can_but_a_wrong_token_is_still_wrong(self, service, clock):
        subscription = service.subscribe()
        assert service.push(subscription.push, {"TTL": "0"}, b"", {self.origin})
        assert service.push(subscription.push, self.signed(clock), b"", {self.origin})
        assert self.status(service, subscription, self.signed(clock, origin="https://a.b")) == 403

    def test_a_key_off_the_curve_is_no_key_to_subscribe_with(self, service):
        off = from_text(key_text(self.key))[:-1] + b"\0"
        for key in (to_text(off), "abc", ""):
            with pytest.raises(BadInput):
                service.subscribe(key=key)


class TestBadInput:
    @pytest.mark.parametrize(
        "headers",
        [{}, {"TTL": "x"}, {"TTL": "1", "Urgency": "now"}, {"TTL": "1", "Topic": "a b"}],
    )
    def test_headers_that_are_missing_or_wrong_are_bad_input(self, service, headers):
        with pytest.raises(BadInput):
            service.push(service.subscribe().push, headers, b"")

    def test_4096_bytes_are_taken_and_one_more_is_413(self, service):
        subscription = service.subscribe()
        assert send(service, subscription, body=bytes(4096))
        with pytest.raises(Refused) as refused:
            send(service, subscription, body=bytes(4097))
        assert refused.value.status == 413
        assert "3993 before encryption" in refused.value.detail

    @pytest.mark.parametrize("encoding", ["", "gzip", "aesgcm"])
    def test_what_is_not_encrypted_is_415(self, service, encoding):
        headers = {"TTL": "1", "Content-Encoding": encoding}
        with pytest.raises(Refused) as refused:
            service.push(service.subscribe().push, headers, b"hello")
        assert refused.value.status == 415

    def test_an_unknown_device_or_receipt_subscription_is_400(self, service):
        link = '</push/receipts/nobody>; rel="urn:ietf:params:push:receipt"'
        for wrong in (
            lambda: service.subscribe("nobody"),
            lambda: send(service, service.subscribe(), Prefer="respond-async", Link=link),
        ):
            with pytest.raises(Refused) as refused:
                wrong()
            assert refused.value.status == 400


class TestLimits:
    def refused(self, call):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.status == 429
        assert "Retry-After" in refused.value.headers

    def service(self, things, clock, **limits):
        service = PushService(clock=clock, limits=PushLimits(**limits))
        things.callback(lambda: asyncio.run(service.stop()))
        return service

    def test_a_ttl_beyond_the_limit_is_shortened_and_the_sender_told(self, things, clock):
        service = self.service(things, clock, ttl=60)
        assert send(service, service.subscribe(), 61).ttl == 60

    def test_one_message_too_many_is_refused_unless_it_takes_the_place_of_another(self, things, clock):
        service = self.service(things, clock, waiting=2)
        subscription = service.subscribe()
        send(service, subscription)
        send(service, subscription, Topic="t")
        self.refused(lambda: send(service, subscription))
        assert send(service, subscription, Topic="t")
        clock.now += 61
        assert send(service, subscription)

    def test_devices_subscriptions_and_receipt_subscriptions_have_a_limit_each(self, things, clock):
        service = self.service(things, clock, devices=2, subscriptions=2, receipts=1)
        one = service.subscribe()
        service.subscribe(one.device)
        self.refused(lambda: service.subscribe(one.device))
        service.subscribe()
        self.refused(service.subscribe)
        send(service, one, Prefer="respond-async")
        self.refused(lambda: send(service, one, Prefer="respond-async"))
        assert (service.store.devices(), service.store.receipts()) == (2, 1)

    def test_a_limit_of_nothing_is_refused(self):
        with pytest.raises(BadInput, match="above 0"):
            PushLimits(waiting=0)


def test_no_name_can_be_guessed_or_computed_from_another(service):
    made = [service.subscribe() for _ in range(200)]
    names = {name for one in made for name in (one.id, one.push, one.device)}
    assert len(names) == 600
    assert min(map(len, names)) == 22  # 128 bits


def test_a_file_that_is_no_store_is_told(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes, and there are many of them " * 100)
    with pytest.raises(BadInput, match="cannot be the push service's store"):
        PushService(path)
