"""The chat's event source over a real server: what it says in a room, and what it refuses."""

import pytest

from rtlab import Lab, ServerSentEvents, publish
from rtlab.apps.chat import LONGEST, Chat
from rtlab.apps.chat.leases import Leases
from rtlab.apps.site import Applications
from rtlab.errors import ServerError
from rtlab.event import Event


@pytest.fixture
def lab():
    with Lab(extensions=[Applications([Chat()])]) as lab:
        yield lab


def here(lab, name, tab=None, room="lobby", **more):
    """Ask for a name, or again for it."""
    publish(lab.channel("chat.here"), {"tab": tab or f"tab of {name}", "name": name, "room": room, **more})


def said(lab, room, wanted):
    """What a room says, until it is what a test waits for."""
    with ServerSentEvents(lab.channel(f"chat.room.{room}"), after="start") as reader:
        for event in reader.events(timeout=15):
            if isinstance(event, Event) and wanted(event.data):
                return event.data
    raise AssertionError(f"{room} never said it")


def test_a_room_says_who_is_here_who_types_and_up_to_where_they_have_seen(lab):
    here(lab, "ada", seen="x.1")
    here(lab, "bob", typing=True, seen="x.1")
    here(lab, "eve", room="kitchen")
    look = said(lab, "lobby", lambda data: data["people"] == ["ada", "bob"])
    assert look["typing"] == ["bob"]
    assert look["seen"] == ["x.1"]
    here(lab, "ada", leaves=True)
    look = said(lab, "lobby", lambda data: data["people"] == ["bob"])
    assert look["rooms"] == {"lobby": 1, "kitchen": 1}


def test_who_falls_silent_is_gone_when_the_lease_is_over(lab, monkeypatch):
    monkeypatch.setattr(Leases, "SECONDS", 0.6)
    here(lab, "ada")
    said(lab, "lobby", lambda data: data["people"] == ["ada"])
    said(lab, "lobby", lambda data: data["people"] == [])
    here(lab, "ada", tab="tab of another")  # free again


def test_a_name_that_is_taken_is_refused_until_it_is_given_back(lab):
    here(lab, "ada")
    said(lab, "lobby", lambda data: data["people"] == ["ada"])
    with pytest.raises(ServerError, match="The name Ada is taken"):
        here(lab, "Ada", tab="tab of another")
    here(lab, "ada", room="kitchen")  # its holder may move
    here(lab, "ada", room="kitchen", leaves=True)
    said(lab, "kitchen", lambda data: data["people"] == [])
    here(lab, "Ada", tab="tab of another")


def message(**changes):
    return {"kind": "message", "name": "ada", "text": "hello", **changes}


@pytest.mark.parametrize(
    ("channel", "data", "says"),
    [
        ("chat.room.lobby", message(text="  "), "empty: write something"),
        ("chat.room.lobby", message(text="x" * (LONGEST + 1)), "501 characters"),
        ("chat.room.lobby", message(text=None), "empty"),
        ("chat.room.lobby", message(name=""), "say who you are"),
        ("chat.room.lobby", message(name="x" * 25), "1 to 24"),
        ("chat.room.lobby", message(name="<b>"), "1 to 24"),
        ("chat.room.lobby", message(kind="people"), "a kind"),
        ("chat.room.lobby", message(html="<b>"), "nothing else"),
        ("chat.room.lobby", "hello", "publish an object"),
        ("chat.room.Lobby", message(), "a-z"),
        ("chat", message(), "rooms are chat.room.NAME"),
        ("chat.here", {"tab": "short", "name": "ada", "room": "lobby"}, "8 to 64"),
        ("chat.here", {"tab": "long enough", "name": "ada", "room": "no room"}, "a-z"),
        ("chat.here", {"tab": "long enough", "name": "ada", "room": "lobby", "seen": 7}, "id of a message"),
    ],
)
def test_what_is_no_message_and_no_lease_is_refused_with_a_sentence(lab, channel, data, says):
    with pytest.raises(ServerError, match=says):
        publish(lab.channel(channel), data)


def test_a_message_sent_twice_with_its_key_is_said_once(lab):
    first = publish(lab.channel("chat.room.lobby"), message(text="x" * LONGEST), key="k")
    assert publish(lab.channel("chat.room.lobby"), message(text="x" * LONGEST), key="k") == first
