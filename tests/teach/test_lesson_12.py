"""Lesson 12's own parts: what the tap saw becomes arrows between four parties, and a day passes in no time."""

import time

import pytest

from rtlab import Lab
from rtlab.errors import BadInput
from rtlab.push.application import ApplicationServer
from rtlab.push.device import Device
from rtlab.push.encryption import derive
from rtlab.push.keys import from_text, new_key, private_key
from rtlab.push.service import PushService
from rtlab.push.vapid import Token, authorization, find_fault
from rtlab.teach.lesson_12 import content_key, token
from rtlab.teach.lesson_12.clock import Clock
from rtlab.teach.lesson_12.kept import kept_for
from rtlab.teach.lesson_12.parties import APPLICATION, DEVICE, SERVER, SERVICE, Parties, Seen


@pytest.fixture
def scene():
    """A lab with a push service, a sender and a device; the clock can be moved."""
    clock = Clock()
    service = PushService(clock=clock)
    with (
        Lab(extensions=[service]) as lab,
        ApplicationServer(clock=clock) as sender,
        Device(lab.url) as device,
    ):
        yield lab, service, sender, device, clock


def test_the_four_parties_of_a_message_are_found_in_what_the_tap_saw(scene):
    lab, _, sender, device, _ = scene
    parties = Parties()
    target = device.subscribe(sender.public_key)
    parties.hand_over()
    sender.send(target, "dropped", ttl=0)
    sender.send(target, "kept", ttl=60)
    time.sleep(0.08)  # long enough to be drawn as a bar
    assert [message.text for message in parties.read(device.messages(limit=1, timeout=20))] == ["kept"]
    seen = Seen(lab.wire.messages)
    told = [(one.sender, one.receiver, one.label) for one in seen.crossings]
    assert told[:2] == [(DEVICE, SERVICE, "subscribe"), (SERVICE, DEVICE, "two names")]
    for crossing in (
        (SERVER, SERVICE, "message 1, TTL 0"),
        (SERVICE, SERVER, "201"),
        (SERVER, SERVICE, "message 2, TTL 60"),
        (DEVICE, SERVICE, "awake"),
        (SERVICE, DEVICE, "message 2"),
        (DEVICE, SERVICE, "I have 2"),
    ):
        assert crossing in told
    assert (SERVICE, DEVICE, "message 1") not in told
    assert [(bar.label, bar.lost) for bar in seen.held()] == [("dropped", True), ("keeps 2", False)]
    assert [(field.one, field.other) for field in seen.opened] == [(DEVICE, SERVICE)]
    counted = parties.connections(lab.wire.messages)
    assert counted.keys() == {(SERVER, SERVICE), (DEVICE, SERVICE)}
    assert counted.total() == lab.wire.counts.opened  # each has one end at the service, and none both others
    picture = parties.picture(lab.wire.messages, "A message")
    assert f"{APPLICATION} to {SERVER}: subscription." in picture.description
    assert f"{DEVICE} to {APPLICATION}: message 2." in picture.description


def test_a_day_passes_for_service_and_sender_alike(scene):
    _, service, sender, device, clock = scene
    target = device.subscribe(sender.public_key)
    sender.send(target, "a day", ttl=86_400)
    sender.send(target, "two days", ttl=172_800, topic="t")
    assert [message.topic for message in kept_for(service, target)] == [None, "t"]
    clock.skip(86_401)
    sender.send(target, "now", ttl=60)  # a token of a day ago would be refused
    assert [message.text for message in device.messages(limit=2, timeout=20)] == ["two days", "now"]
    device.unsubscribe(target)
    assert kept_for(service, target) == []


def test_the_exercises_example_is_the_rfcs():
    values = {name: from_text(text) for name, text in content_key.EXAMPLE.items()}
    device = private_key(from_text("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), values["device"])
    steps = derive(device, values["sender"], values["auth"], values["salt"])
    assert steps.ecdh_secret == values["secret"]
    assert content_key._derive(**values) == steps.cek


def test_the_token_of_the_exercise_breaks_two_rules_of_a_service_and_has_a_contact_nobody_could_use():
    origin = "https://push.example.net"
    given = Token(token.HEADER, token.CLAIMS, b"", b"")
    assert "its aud has to be" in find_fault(given, {origin}, token.NOW)
    given = Token(token.HEADER, token.CLAIMS | {"aud": origin}, b"", b"")
    assert "48.0 more hours" in find_fault(given, {origin}, token.NOW)
    with pytest.raises(BadInput, match="mailto:"):
        authorization(new_key(), origin, token.CLAIMS["sub"])
